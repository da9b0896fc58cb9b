"""
HTTP/1.1 requests, read strictly: what is none is refused with 400 or its like, and the connection closed.

Source: https://www.rfc-editor.org/rfc/rfc9112
"""

from __future__ import annotations

import re
from io import BufferedIOBase
from urllib.parse import urlsplit

from msgspec import Struct

LONGEST_HEAD = 64 * 1024
TOKEN = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
LINE = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+) ([\x21-\x7e\x80-\xff]+) HTTP/1\.([01])")
DIGITS = re.compile(r"[0-9]{1,18}")
SIZE = re.compile(rb"([0-9A-Fa-f]{1,15})[ \t]*(;.*)?")
LONGEST_LINE = 4096


class BadRequestError(Exception):
    """What came is no request that can be answered; `status` says how it is refused."""

    def __init__(self, what: str, status: int = 400) -> None:
        super().__init__(what)
        self.status = status


class Head(Struct, frozen=True, kw_only=True):
    """The request line and the header fields, names as they came."""

    method: str
    path: str
    query: str
    host: str
    keeps_open: bool
    is_chunked: bool
    length: int
    expects: bool
    fields: tuple[tuple[str, str], ...]


def read_head(stream: BufferedIOBase) -> Head | None:
    """
    Return the head of the next request, None when the client has no more.

    Raises:
        BadRequestError: it is none.
    """
    lines = _lines(stream)
    if not lines:
        return None
    matched = LINE.fullmatch(lines[0])
    if matched is None:
        raise BadRequestError("the request line is malformed")
    method, target, minor = matched[1].decode(), matched[2].decode("latin-1"), matched[3]
    fields = tuple(_field(line) for line in lines[1:])
    host, path, query = _target(target, _only(fields, "host"))
    if minor == b"1" and not host:
        raise BadRequestError("a request must name its host")
    coding = ",".join(_all(fields, "transfer-encoding")).strip().lower()
    if coding and coding != "chunked":
        raise BadRequestError("no other transfer coding than chunked is known", 501)
    lengths = _all(fields, "content-length")
    if coding and lengths:
        raise BadRequestError("a body has a length or comes in chunks, not both")
    connection = ",".join(_all(fields, "connection")).lower()
    return Head(
        method=method,
        path=path,
        query=query,
        host=host,
        keeps_open="close" not in connection if minor == b"1" else "keep-alive" in connection,
        is_chunked=bool(coding),
        length=_length(lengths),
        expects=minor == b"1" and _only(fields, "expect").lower() == "100-continue",
        fields=fields,
    )


def read_body(stream: BufferedIOBase, head: Head, most: int) -> bytes:
    """
    Return the body of a request whose head was read.

    Raises:
        BadRequestError: its chunks are malformed, or there are too many of them.
        ConnectionAbortedError: the client went away before its end.
    """
    if head.is_chunked:
        return _chunks(stream, most)
    return _exactly(stream, head.length)


def _lines(stream: BufferedIOBase) -> list[bytes]:
    found: list[bytes] = []
    left = LONGEST_HEAD
    while True:
        line = stream.readline(left)
        left -= len(line)
        if not line and not found:
            return []
        if not line.endswith(b"\n"):
            what = "the header fields are too large" if left <= 0 else "the request ends in its header"
            raise BadRequestError(what, 431 if left <= 0 else 400)
        line = line[:-2] if line.endswith(b"\r\n") else line[:-1]
        if line:
            found.append(line)
        elif found:  # an empty line before the request is passed over, as RFC 9112 asks
            return found


def _field(line: bytes) -> tuple[str, str]:
    name, colon, value = line.partition(b":")
    if not colon or TOKEN.fullmatch(name) is None or b"\r" in value or b"\0" in value:
        raise BadRequestError("a header field is malformed")
    return name.decode(), value.strip(b" \t").decode("latin-1")


def _all(fields: tuple[tuple[str, str], ...], wanted: str) -> list[str]:
    return [value for name, value in fields if name.lower() == wanted]


def _only(fields: tuple[tuple[str, str], ...], wanted: str) -> str:
    found = _all(fields, wanted)
    if len(found) > 1:
        raise BadRequestError(f"there is more than one field {wanted}")
    return found[0] if found else ""


def _target(target: str, host: str) -> tuple[str, str, str]:
    """Return host, path and query of a request's target; of a whole URL its own host counts."""
    if not target.startswith("/"):
        try:
            parts = urlsplit(target)
        except ValueError as problem:
            raise BadRequestError("the request's target is malformed") from problem
        if parts.scheme not in {"http", "https"} or not parts.netloc:
            raise BadRequestError("the request's target is malformed")
        return parts.netloc, parts.path or "/", parts.query
    path, _, query = target.partition("#")[0].partition("?")
    return host, path, query


def _length(given: list[str]) -> int:
    if not given:
        return 0
    if len(set(given)) > 1 or DIGITS.fullmatch(given[0]) is None:
        raise BadRequestError("the length of the body is no number")
    return int(given[0])


def _exactly(stream: BufferedIOBase, length: int) -> bytes:
    body = stream.read(length) if length else b""
    if len(body) < length:
        raise ConnectionAbortedError("the client went away")
    return body


def _chunks(stream: BufferedIOBase, most: int) -> bytes:
    found: list[bytes] = []
    while True:
        line = stream.readline(LONGEST_LINE)
        matched = SIZE.fullmatch(line.rstrip(b"\r\n"))
        if matched is None or not line.endswith(b"\n"):
            raise BadRequestError("the size of a chunk is no number")
        size = int(matched[1], 16)
        most -= size
        if most < 0:
            raise BadRequestError("the body is too large", 413)
        if not size:
            break
        found.append(_exactly(stream, size))
        if stream.readline(3).strip(b"\r\n"):
            raise BadRequestError("a chunk is longer than it says")
    while line := stream.readline(LONGEST_LINE).rstrip(b"\r\n"):
        _field(line)
    return b"".join(found)
