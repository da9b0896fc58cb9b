from __future__ import annotations

from pathlib import Path

import pytest

from history_estate import MemoryObjects, Thing
from trailseal.errors import TrailsealError
from trailseal.objects import download as module
from trailseal.objects.calls import ObjectRequest, ObjectResponse
from trailseal.objects.download import download


class Ranged(MemoryObjects):
    """A server that gives parts, of one ETag."""

    def answer(self, call: ObjectRequest) -> ObjectResponse:
        found = super().answer(call)
        if found.error:
            return found
        if call.method == "HEAD":
            headers = {"content-length": str(len(found.body)), "etag": '"e"'}
            return ObjectResponse(call=call, status=200, headers=headers)
        assert call.headers["if-match"] == '"e"'
        first, last = map(int, call.headers["range"].removeprefix("bytes=").split("-"))
        return ObjectResponse(call=call, status=206, body=found.body[first : last + 1])


@pytest.fixture(autouse=True)
def _small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PART", 4)
    monkeypatch.setattr(module, "AT_ONCE", 2)


@pytest.mark.parametrize("length", [0, 1, 4, 7, 8, 9, 33])
def test_an_object_of_any_size_comes_whole(length: int, tmp_path: Path) -> None:
    body = bytes(range(length))
    objects = Ranged(b={"k": Thing(body=body, headers={})})
    download(objects, "b", "k", tmp_path / "file")

    assert (tmp_path / "file").read_bytes() == body


def test_what_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(TrailsealError, match="s3://b/k cannot be read: 404"):
        download(Ranged(b={}), "b", "k", tmp_path / "file")


def test_a_server_that_gives_no_parts_is_not_believed(tmp_path: Path) -> None:
    class Whole(Ranged):
        def answer(self, call: ObjectRequest) -> ObjectResponse:
            found = super().answer(call)
            return (
                found if call.method == "HEAD" else ObjectResponse(call=call, status=200, body=b"0123456789")
            )

    with pytest.raises(TrailsealError, match="IncompleteBody"):
        download(Whole(b={"k": Thing(body=b"0123456789", headers={})}), "b", "k", tmp_path / "file")


def test_a_length_that_is_not_told_is_not_taken_for_none(tmp_path: Path) -> None:
    class Silent(MemoryObjects):
        def answer(self, call: ObjectRequest) -> ObjectResponse:
            return ObjectResponse(call=call, status=200)

    with pytest.raises(TrailsealError, match="MissingContentLength"):
        download(Silent(), "b", "k", tmp_path / "file")


def test_where_no_etag_is_told_none_is_asked_for(tmp_path: Path) -> None:
    class Plain(MemoryObjects):
        def answer(self, call: ObjectRequest) -> ObjectResponse:
            assert "if-match" not in call.headers
            return ObjectResponse(call=call, status=200, headers={"content-length": "3"}, body=b"abc")

    download(Plain(), "b", "k", tmp_path / "file")

    assert (tmp_path / "file").read_bytes() == b"abc"


@pytest.mark.parametrize(
    ("length", "said"),
    [("", "MissingContentLength"), ("-1", "MissingContentLength"), ("x", "MissingContentLength"),
     ("\u0663", "MissingContentLength"), ("11", "TooLarge"), ("9" * 5000, "TooLarge")],
)  # fmt: skip
def test_a_length_that_is_none_or_too_much_is_not_believed(length: str, said: str, tmp_path: Path) -> None:
    class Lying(Ranged):
        def answer(self, call: ObjectRequest) -> ObjectResponse:
            return ObjectResponse(call=call, status=200, headers={"content-length": length} if length else {})

    with pytest.raises(TrailsealError, match=said):
        download(Lying(b={}), "b", "k", tmp_path / "file", most=10)
