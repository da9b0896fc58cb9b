"""What others wrote is read in bounds: whatever it is, it is a value or an error of one kind."""

from __future__ import annotations

import gzip
import json
import resource
import time
import zlib
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trailseal.model.foreign import (
    DEEPEST,
    LARGEST,
    LONGEST,
    MIB,
    ForeignError,
    TooDeepError,
    TooLargeError,
    Unpacking,
    json_in,
    json_value_in,
    unpacked,
    xml_in,
)
from trailseal.objects.pages import Page


def bomb(size: int) -> bytes:
    """So many zeros, without holding them."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    return b"".join(packer.compress(bytes(MIB)) for _ in range(size // MIB)) + packer.flush()


@given(st.binary(max_size=5000), st.integers(0, 9))
def test_what_was_packed_is_unpacked(content: bytes, level: int) -> None:
    assert unpacked(gzip.compress(content, level)) == content


def test_a_large_file_comes_whole_in_pieces() -> None:
    content = json.dumps(list(range(700_000))).encode()
    pieces = list(Unpacking(gzip.compress(content, 0), most=LARGEST))

    assert b"".join(pieces) == content
    assert max(map(len, pieces)) <= MIB


@given(st.binary(max_size=200), st.data())
def test_any_bytes_are_a_content_or_an_error(body: bytes, data: st.DataObject) -> None:
    packed = gzip.compress(body)
    cut = data.draw(st.integers(0, len(packed)))
    for each in (body, packed[:cut], packed + body, packed[:cut] + body):
        try:
            unpacked(each)
        except ForeignError:
            continue


def test_the_end_and_what_stands_after_it_are_told() -> None:
    for more in (b"x", bytes(3 * MIB)):
        found = Unpacking(gzip.compress(b"content") + more, most=LARGEST)
        assert b"".join(found) == b"content"
        assert (found.is_whole, found.has_more) == (True, True)
    cut = Unpacking(gzip.compress(b"content")[:-1], most=LARGEST)
    list(cut)
    assert (cut.is_whole, cut.has_more) == (False, False)


@pytest.mark.sweep
@pytest.mark.parametrize("nested", [1, 2], ids=["zeros", "zeros-within"])
def test_a_bomb_ends_at_the_bound(nested: int) -> None:
    body = bomb(2 * LONGEST)
    before, began = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()

    with pytest.raises(TooLargeError):
        unpacked(body if nested == 1 else gzip.compress(bytes(2 * LARGEST)))

    assert time.process_time() - began < 10
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 300 * 1024


DEEP = 100_000
LARGE = 3_000_000


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        pytest.param("[" * DEEP, TooDeepError, id="brackets"),
        pytest.param("[" * DEEP + "]" * DEEP, TooDeepError, id="brackets-closed"),
        pytest.param('{"a":' * DEEP, TooDeepError, id="objects"),
        pytest.param("[" * (DEEPEST + 1) + "]" * (DEEPEST + 1), TooDeepError, id="one-too-many"),
        pytest.param("[" + "[]," * LARGE + "0]", TooLargeError, id="lists"),
        pytest.param("[" + "{}," * LARGE + "0]", TooLargeError, id="empty-objects"),
        pytest.param("[" + "1e1," * 2 * LARGE + "0]", TooLargeError, id="numbers"),
        pytest.param("9" * LARGE, ForeignError, id="digits"),
        pytest.param("", ForeignError, id="nothing"),
        pytest.param('{"a"', ForeignError, id="cut"),
        pytest.param(b"\xff", ForeignError, id="no-utf-8"),
        pytest.param(b'"\xff"', ForeignError, id="no-utf-8-within"),
        pytest.param('"\ud800"', ForeignError, id="surrogate"),
    ],
)
def test_a_json_text_without_bounds_is_an_error(text: str | bytes, kind: type[Exception]) -> None:
    began = time.process_time()

    with pytest.raises(kind):
        json_value_in(text)

    assert time.process_time() - began < 10


def test_a_form_may_pass_over_what_is_deep_and_still_ends() -> None:
    assert json_in("[" * DEEPEST + "]" * DEEPEST, list[Any])
    with pytest.raises(TooDeepError):
        json_in('{"a":' + "[" * DEEP, dict[str, Any])
    with pytest.raises(ForeignError):
        json_in('{"a":' + "[" * DEEP, dict[str, int])


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"<a>" * 10**6, id="deep"),
        pytest.param(b"<a/>" * 10**6, id="many"),
        pytest.param(b"", id="nothing"),
        pytest.param(b"<a>", id="cut"),
        pytest.param(b"<?xml version='1.0' encoding='no-such'?><a/>", id="encoding"),
        pytest.param(
            b'<!DOCTYPE a [<!ENTITY x "xxxxxxxxxx">'
            + b"".join(b'<!ENTITY x%d "%s">' % (i, b"&x%d;" % (i - 1) * 9) for i in range(1, 20))
            + b"]><a>&x19;</a>",
            id="entities",
        ),
    ],
)
def test_an_xml_text_without_bounds_is_an_error(body: bytes) -> None:
    with pytest.raises(ForeignError):
        xml_in(body)


def test_deep_xml_in_bounds_is_read() -> None:
    assert xml_in(b"<a>" * 100_000 + b"</a>" * 100_000).tag == "a"


READERS: list[Callable[[bytes], object]] = [unpacked, json_value_in, xml_in]


@pytest.mark.parametrize("read", READERS, ids=lambda read: read.__name__)
@given(st.binary(max_size=300))
def test_whatever_comes_is_a_value_or_an_error_of_one_kind(
    read: Callable[[bytes], object], raw: bytes
) -> None:
    with suppress(ForeignError):
        read(raw)


def test_a_page_of_a_listing_is_far_from_the_bounds() -> None:
    from trailseal.objects.pages import read_page

    one = "<Contents><Key>{}</Key><Size>1</Size><Owner><ID>i</ID></Owner><ETag>e</ETag></Contents>"
    keys = "".join(one.format("k" * 3072) for _ in range(1000))
    page = read_page(f"<ListBucketResult>{keys}</ListBucketResult>".encode())

    assert isinstance(page, Page)
    assert len(page.objects) == 1000
