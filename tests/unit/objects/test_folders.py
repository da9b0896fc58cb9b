from __future__ import annotations

import pytest

from history_estate import BUCKET, MemoryObjects, Thing, estate
from trailseal.errors import TrailsealError
from trailseal.objects.calls import ObjectRequest, ObjectResponse
from trailseal.objects.folders import list_many, more_than, next_page, subfolders, subfolders_of
from trailseal.objects.pages import Page


def test_listings_go_on_page_after_page() -> None:
    s3 = MemoryObjects(**{BUCKET: estate(hours=3)})
    s3.page = 2
    folder = "AWSLogs/123456789012/CloudTrail/ap-northeast-1/"

    assert [len(keys) for keys in list_many(s3, BUCKET, [(folder, ""), ("none/", "")]).values()] == [6, 0]
    assert subfolders(s3, BUCKET, "AWSLogs/123456789012/") == ("CloudTrail", "CloudTrail-Digest")
    assert subfolders_of(s3, BUCKET, ("AWSLogs/", "none/", "AWSLogs/123456789012/")) == {
        "AWSLogs/": ("123456789012",),
        "none/": (),
        "AWSLogs/123456789012/": ("CloudTrail", "CloudTrail-Digest"),
    }


def test_no_more_is_listed_than_needs_to_be() -> None:
    things = {f"AWSLogs/{number}": Thing(body=b"", headers={}) for number in range(50)}
    objects = MemoryObjects(logs=things)
    objects.page = 10

    assert more_than(objects, "logs", ("AWSLogs/",), 25)
    assert len(objects.sent) == 3
    assert not more_than(objects, "logs", ("AWSLogs/",), 50)


class Told(MemoryObjects):
    """A server that answers what it is told to, one page after the other."""

    def __init__(self, *bodies: bytes) -> None:
        super().__init__()
        self.bodies = list(bodies)

    def answer(self, call: ObjectRequest) -> ObjectResponse:
        return ObjectResponse(call=call, status=200, body=self.bodies.pop(0))


FOLDER = b"<CommonPrefixes><Prefix>p/%s/</Prefix></CommonPrefixes></ListBucketResult>"


def test_folders_go_on_page_after_page() -> None:
    more = b"<IsTruncated>true</IsTruncated><NextContinuationToken>t</NextContinuationToken>"
    s3 = Told(b"<ListBucketResult>" + more + FOLDER % b"b", b"<ListBucketResult>" + FOLDER % b"a")

    assert subfolders(s3, "logs", "p/") == ("a", "b")
    assert "continuation-token=t" in s3.sent[1].query


def test_after_a_page_of_versions_comes_the_next_version() -> None:
    page = Page(key_marker="k", version_marker="v")

    assert next_page("logs", "p/", page).query.endswith("&key-marker=k&version-id-marker=v")
    assert next_page("logs", "p/", Page()) is None


def test_an_answer_that_is_no_listing_stops_and_says_of_which_bucket() -> None:
    with pytest.raises(TrailsealError, match="`logs` answered with no listing: <html>"):
        subfolders(Told(b"<html></html>"), "logs", "p/")
