from __future__ import annotations

from datetime import UTC, datetime

import pytest

from trailseal.model.foreign import ForeignError
from trailseal.objects.calls import delete, get, get_part, head, list_objects, list_versions
from trailseal.objects.pages import Listed, outermost, read_page

NOW = datetime(2026, 11, 23, tzinfo=UTC)


def test_calls_encode_what_they_ask() -> None:
    assert list_objects("b", "a/", token="t+", after="a b", delimiter="/").query == (
        "encoding-type=url&list-type=2&max-keys=1000&prefix=a%2F&continuation-token=t%2B&start-after=a%20b&delimiter=%2F"
    )
    assert list_objects("b", "a").query.endswith("prefix=a")
    assert list_versions("b", "", key_marker="k", version_marker="v").query == (
        "encoding-type=url&max-keys=1000&prefix=&versions=&key-marker=k&version-id-marker=v"
    )
    assert list_versions("b", "").query.endswith("versions=")
    assert head("b", "k", "v1").query == delete("b", "k", "v1").query == "versionId=v1"
    assert get("b", "k").query == ""
    assert (get_part("b", "k", "acl").query, get_part("b", "k", "acl", "v").query) == (
        "acl",
        "acl&versionId=v",
    )


def test_a_page_of_versions_is_read() -> None:
    page = read_page(
        b"<ListVersionsResult><IsTruncated>true</IsTruncated><NextKeyMarker>k</NextKeyMarker>"
        b"<NextVersionIdMarker>v</NextVersionIdMarker><Version><Key>a+b</Key><VersionId>1</VersionId>"
        b"<IsLatest>false</IsLatest><Size>3</Size><StorageClass/></Version><DeleteMarker/></ListVersionsResult>"
    )

    assert page.objects == (Listed(key="a+b", size=3, version_id="1", is_latest=False),)
    assert (page.delete_markers, page.key_marker, page.version_marker, page.token) == (1, "k", "v", "")


def test_a_page_of_objects_is_decoded() -> None:
    page = read_page(
        b'<ListBucketResult xmlns="x"><EncodingType>url</EncodingType>'
        b'<Contents><Key>a%20b</Key><ETag>"e"</ETag>'
        b"<LastModified>2026-11-23T00:00:00Z</LastModified></Contents>"
        b"<CommonPrefixes><Prefix>p/</Prefix></CommonPrefixes></ListBucketResult>"
    )

    assert page.objects == (Listed(key="a b", etag="e", last_modified=NOW),)
    assert page.folders == ("p/",)


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ((), ()),
        (("b", "a"), ("a", "b")),
        (("a/b", "a/", "a/", "a0", "a/c/d"), ("a/", "a0")),
        (("x", ""), ("",)),
    ],
)
def test_nothing_is_listed_twice(given: tuple[str, ...], kept: tuple[str, ...]) -> None:
    assert outermost(given) == kept


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"<html><body/></html>", id="another-answer"),
        pytest.param(b"<ListBucketResult><IsTruncated>true</IsTruncated></ListBucketResult>", id="no-token"),
        pytest.param(
            b"<ListVersionsResult><IsTruncated>true</IsTruncated><NextKeyMarker/></ListVersionsResult>",
            id="no-marker",
        ),
    ],
)
def test_a_listing_that_is_none_or_cut_is_refused(body: bytes) -> None:
    with pytest.raises(ValueError, match=r"html|IsTruncated"):
        read_page(body)


def test_a_key_that_none_can_be_is_refused_before_it_is_decoded() -> None:
    part = "<EncodingType>url</EncodingType><Contents><Key>{}</Key></Contents>"
    (longest,) = read_page(
        f"<ListBucketResult>{part}</ListBucketResult>".format("%41" * 1024).encode()
    ).objects

    assert longest.key == "A" * 1024
    with pytest.raises(ValueError, match="a key longer than any"):
        read_page(f"<ListBucketResult>{part}</ListBucketResult>".format("%41" * 1025).encode())


@pytest.mark.parametrize(
    "part",
    [
        "<Size>-1</Size>",
        f"<Size>{'9' * 30}</Size>",
        f"<Size>{'9' * 5000}</Size>",
        "<LastModified>soon</LastModified>",
        "<LastModified>9999-12-31T23:59:59-12:00</LastModified>",
    ],
)
def test_a_size_and_a_time_that_no_object_has_are_refused(part: str) -> None:
    with pytest.raises(ForeignError):
        read_page(f"<ListBucketResult><Contents>{part}</Contents></ListBucketResult>".encode())


def test_a_time_without_a_zone_can_be_compared_with_others() -> None:
    time = "<LastModified>2026-11-20T00:00:00</LastModified>"
    page = read_page(f"<ListBucketResult><Contents>{time}</Contents></ListBucketResult>".encode())

    assert page.objects[0].last_modified == datetime(2026, 11, 20, tzinfo=UTC)


def test_what_is_no_listing_is_refused() -> None:
    with pytest.raises(ValueError, match="no element"):
        read_page(b"")
