"""
What others wrote, read in bounds: gzip in pieces, JSON and XML of no other size and depth than is usual.

Whoever may put an object, or answer a request, can send a few thousand bytes that unpack to gigabytes, or a
hundred thousand brackets. That costs the one answer, so it is an error of its own kind and nothing else.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from typing import Any, TypeVar
from xml.etree import ElementTree as ET

import msgspec

from trailseal.model.json_text import depth

Form = TypeVar("Form")
MIB = 1 << 20
DEEPEST = 100
"""Levels of objects and lists; no document of ours has as many as twenty."""
LARGEST = 64 * MIB
"""
Bytes of one file that are held at once, packed or not.

CloudTrail begins another log file at 50 MB, before it packs them.
Source: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/WhatIsCloudTrail-Limits.html
"""
LONGEST = 4 * LARGEST
"""Bytes that a file which is only hashed may unpack to."""
PIECE = MIB
PARTS = 1 << 20
"""
Objects and lists in one JSON text, each of which takes a hundred bytes or more of memory.

The largest log file has a fifth of that.
"""
TAGS = 1 << 18
"""In one XML answer; a page of a listing has a thousand objects with some twenty tags each."""
GZIP = zlib.MAX_WBITS | 16


class ForeignError(ValueError):
    """What somebody else wrote is not what it should be."""


class TooLargeError(ForeignError):
    """It unpacks to more than anything of its kind has."""


class TooDeepError(ForeignError):
    """Its objects and lists lie in one another more often than in anything of its kind."""


class Unpacking:
    """
    One gzip file that is unpacked: iterate over its content, piece by piece.

    Afterwards `is_whole` says whether its end was there, and `has_more` whether anything stands after it.
    """

    def __init__(self, body: bytes, *, most: int) -> None:
        self._body = body
        self._most = most
        self.is_whole = False
        self.has_more = False

    def __iter__(self) -> Iterator[bytes]:
        """
        Yield pieces of a mebibyte at the most.

        Raises:
            TooLargeError: there are more than `most` bytes of them.
            ForeignError: it is no gzip file, or is damaged.
        """
        inflater, size = zlib.decompressobj(GZIP), 0
        for start in range(0, len(self._body), PIECE):
            left: bytes | memoryview = memoryview(self._body)[start : start + PIECE]
            while piece := _next(inflater, left):
                size += len(piece)
                if size > self._most:
                    raise TooLargeError(size)
                yield piece
                left = inflater.unconsumed_tail
            if inflater.eof:
                self.is_whole = True
                self.has_more = bool(inflater.unused_data) or start + PIECE < len(self._body)
                return


def _next(inflater: zlib._Decompress, left: bytes | memoryview) -> bytes:
    try:
        return inflater.decompress(left, PIECE)
    except zlib.error as problem:
        raise ForeignError(str(problem)) from None


def unpacked(body: bytes, *, most: int = LARGEST) -> bytes:
    """
    Return the content of a gzip file; what stands after its end is left.

    Raises:
        TooLargeError: it is more than `most` bytes.
        ForeignError: it is no gzip file, is damaged, or cut short.
    """
    found = Unpacking(body, most=most)
    content = b"".join(found)
    if not found.is_whole:
        raise ForeignError("cut short")
    return content


def json_in(text: str | bytes, form: type[Form], *, parts: int = PARTS) -> Form:
    """
    Return the JSON value in `text` as a value of a form, or as it is where the form is `Any`.

    Raises:
        TooLargeError: it has more than so many objects and lists, or four times as many values.
        TooDeepError: it is nested too deeply.
        ForeignError: it is not JSON, or not of that form; msgspec's own words say where.
    """
    raw = text.encode(errors="surrogatepass") if isinstance(text, str) else text
    if raw.count(b"[") + raw.count(b"{") > parts or raw.count(b",") > 4 * parts:
        raise TooLargeError("too many parts")
    try:
        value = msgspec.json.decode(raw, type=form)
    except RecursionError:
        raise TooDeepError("nested too deeply") from None
    except (msgspec.MsgspecError, UnicodeError) as problem:
        raise ForeignError(str(problem)) from problem
    if depth(value) > DEEPEST:
        raise TooDeepError("nested too deeply")
    return value


def json_value_in(text: str | bytes, *, parts: int = PARTS) -> Any:
    """
    Return the JSON value in `text`.

    Raises:
        TooLargeError: it has more than so many objects and lists, or four times as many values.
        TooDeepError: it is nested too deeply.
        ForeignError: it is not JSON; msgspec's own words say where.
    """
    value: Any = json_in(text, object, parts=parts)
    return value


def xml_in(body: bytes) -> ET.Element:
    """
    Return the root of an XML answer. Entities that stand for a great deal are refused by expat itself.

    Raises:
        TooLargeError: it has more tags than any answer.
        ForeignError: it is no XML.
    """
    if body.count(b"<") > TAGS:
        raise TooLargeError("too many tags")
    try:
        return ET.fromstring(body)  # noqa: S314 - in bounds, and expat limits what entities stand for
    except (ET.ParseError, UnicodeError, LookupError) as problem:  # an encoding that Python lacks
        raise ForeignError(str(problem)) from problem
