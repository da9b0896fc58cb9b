from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from history_estate import BUCKET, MemoryObjects, Thing, estate
from trailseal.errors import TrailsealError
from trailseal.history.census.by_listing import ListingCensus
from trailseal.history.reencrypt.shard_place import Prefix
from trailseal.objects.calls import ObjectRequest, ObjectResponse, Then, list_versions
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
    answer = ObjectResponse(call=list_versions("logs", "p/"), status=200)
    (call,) = next_page(answer, Page(key_marker="k", version_marker="v"))

    assert call.query.endswith("&key-marker=k&version-id-marker=v")
    assert next_page(answer, Page()) == ()


def listing(names: Iterable[str], token: str = "", *, versions: bool = False) -> bytes:
    """Return a page of a listing; each name is a key, or a folder where it ends in `/`."""
    root, item = ("ListVersionsResult", "Version") if versions else ("ListBucketResult", "Contents")
    inner = "".join(
        f"<CommonPrefixes><Prefix>{name}</Prefix></CommonPrefixes>"
        if name.endswith("/")
        else f"<{item}><Key>{name}</Key></{item}>"
        for name in names
    )
    marker = "NextKeyMarker" if versions else "NextContinuationToken"
    more = f"<IsTruncated>true</IsTruncated><{marker}>{token}</{marker}>" if token else ""
    return f"<{root}>{inner}{more}</{root}>".encode()


class Endless(MemoryObjects):
    """A server whose listings never end: page by page what `page` says of its number."""

    def __init__(self, page: Callable[[int], tuple[tuple[str, ...], str]]) -> None:
        super().__init__()
        self.page_of = page

    def each(self, calls: Iterable[ObjectRequest], then: Then | None = None) -> Iterator[ObjectResponse]:
        waiting = deque(calls)
        while waiting:
            self.sent.append(waiting.popleft())
            answer = self.answer(self.sent[-1])
            waiting.extend(then(answer) if then else ())
            yield answer

    def answer(self, call: ObjectRequest) -> ObjectResponse:
        names, token = self.page_of(len(self.sent))
        body = listing(names, token, versions="versions" in call.query)
        return ObjectResponse(call=call, status=200, body=body)


ENDLESS = {
    "the same token": lambda number: ((f"p/k{number:09}",), "t"),
    "the same page under new tokens": lambda number: (("p/a", "p/b"), f"t{number}"),
    "pages that come round": lambda number: ((f"p/{number % 7}",), f"t{number}"),
    "pages that go back": lambda number: ((f"p/{10**9 - number}",), f"t{number}"),
    "empty pages": lambda number: ((), f"t{number}"),
    "the same folders": lambda number: (("p/a/", "p/b/"), f"t{number}"),
}
WAYS = {
    "list_many": lambda objects: list_many(objects, "logs", [("p/", "")]),
    "subfolders": lambda objects: subfolders(objects, "logs", "p/"),
    "more_than": lambda objects: more_than(objects, "logs", ("p/",), 10**9),
    "census": lambda objects: ListingCensus(objects=objects, bucket="logs").run(("p/",)),
    "ledger": lambda objects: list(Prefix(objects, "logs", "p").names()),
}


@pytest.mark.sweep
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("kind", ENDLESS)
def test_a_listing_that_does_not_go_on_ends(kind: str, way: str) -> None:
    objects = Endless(ENDLESS[kind])

    with pytest.raises(TrailsealError, match="the listing of `logs` does not go on"):
        WAYS[way](objects)

    assert len([call for call in objects.sent if call.method == "GET"]) <= 1100


@pytest.mark.parametrize(
    "kind", ["the same token", "the same page under new tokens", "pages that come round"]
)
def test_a_listing_of_versions_that_does_not_go_on_ends(kind: str) -> None:
    page = ENDLESS[kind]
    marked = Endless(lambda number: (page(number)[0], "k" if kind == "the same token" else f"k{number % 7}"))

    with pytest.raises(TrailsealError, match="does not go on"):
        more_than(marked, "logs", ("p/",), 10**9, versions=True)


@pytest.mark.parametrize("order", [str, lambda key: key.split("/")], ids=["of S3", "folder by folder"])
@given(st.lists(st.text("ab-/.", min_size=1, max_size=6), unique=True), st.integers(1, 4))
def test_a_listing_that_goes_on_is_read_whole(
    order: Callable[[str], object], names: list[str], size: int
) -> None:
    keys = sorted((f"p/{name}x" for name in names), key=order)  # type: ignore[type-var,arg-type]
    pages = [tuple(keys[start : start + size]) for start in range(0, len(keys), size)] or [()]
    objects = Endless(lambda number: (pages[number - 1], f"t{number}" if number < len(pages) else ""))

    assert list_many(objects, "logs", [("p/", "")])["p/"] == sorted(keys)


def test_an_answer_that_is_no_listing_stops_and_says_of_which_bucket() -> None:
    with pytest.raises(TrailsealError, match="`logs` answered with no listing: <html>"):
        subfolders(Told(b"<html></html>"), "logs", "p/")
