"""
S3 calls on objects, as values: what the object plane sends and what came back.

Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_Operations_Amazon_Simple_Storage_Service.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Protocol
from urllib.parse import quote

from msgspec import Struct

from trailseal.model.foreign import LARGEST, MIB

NOT_FOUND = 404
ANSWER = 16 * MIB
"""Bytes; a page of a listing has a thousand keys of 1024 bytes, each of which may be written as three."""
TOO_LARGE = "TooLarge"
"""Our word for an answer of which there is more than was to be taken."""
PRECONDITION_FAILED = 412
UNSUPPORTED = frozenset({"NotImplemented", "MethodNotAllowed"})
"""The codes of servers that do not have what was asked for at all."""
UNSUPPORTED_STATUS = frozenset({405, 501})


class ObjectRequest(Struct, frozen=True, kw_only=True, eq=False):
    """One request. `about` is the caller's own and comes back with the answer."""

    method: str
    bucket: str
    key: str = ""
    query: str = ""
    """Already encoded, without the question mark."""
    headers: dict[str, str] = {}
    body: bytes = b""
    most: int = ANSWER
    """Bytes of an answer's body that are taken; one that has more is an error."""
    about: Any = None
    reached: Any = None
    """How far the listing that it is a page of has come; `moving_on` keeps it."""


class ObjectResponse(Struct, frozen=True, kw_only=True, eq=False):
    """
    What came back, headers by their lower-case names. `status` is 0 when no answer came at all.

    `error` is S3's code, or the status of a HEAD, whose errors have no body; "" when the call worked. A
    CopyObject that answers 200 with an error in its body has an error here.
    """

    call: ObjectRequest
    status: int
    headers: Mapping[str, str] = {}
    body: bytes = b""
    error: str = ""
    message: str = ""


Then = Callable[[ObjectResponse], Iterable[ObjectRequest]]


class Objects(Protocol):
    """The object plane: many calls under way at once, answers in the order in which they come."""

    def each(self, calls: Iterable[ObjectRequest], then: Then | None = None) -> Iterator[ObjectResponse]:
        """
        Yield one answer for each call; throttling is waited out, what stays wrong is in the answer.

        `then` may return further calls for an answer; they go out before the next of `calls`.
        """
        ...


def one(objects: Objects, call: ObjectRequest) -> ObjectResponse:
    """Return the answer of a single call."""
    return next(iter(objects.each((call,))))


def head(bucket: str, key: str, version_id: str = "", *, about: Any = None) -> ObjectRequest:
    """Return HeadObject. It never asks for checksums, which would need kms:Decrypt."""
    return ObjectRequest(method="HEAD", bucket=bucket, key=key, query=_version(version_id), about=about)


def get(
    bucket: str, key: str, version_id: str = "", *, most: int = LARGEST, about: Any = None
) -> ObjectRequest:
    """Return GetObject, of an object of so many bytes at the most."""
    query = _version(version_id)
    return ObjectRequest(method="GET", bucket=bucket, key=key, query=query, most=most, about=about)


def get_part(bucket: str, key: str, part: str, version_id: str = "", *, about: Any = None) -> ObjectRequest:
    """Return GetObjectTagging, GetObjectAcl, GetObjectRetention… by its sub-resource."""
    query = part + "&" + _version(version_id) if version_id else part
    return ObjectRequest(method="GET", bucket=bucket, key=key, query=query, about=about)


def list_objects(
    bucket: str,
    prefix: str,
    *,
    token: str = "",
    after: str = "",
    delimiter: str = "",
    limit: int = 1000,
    about: Any = None,
) -> ObjectRequest:
    """Return ListObjectsV2."""
    query = f"encoding-type=url&list-type=2&max-keys={limit}&prefix={quote(prefix, safe='')}"
    if token:
        query += f"&continuation-token={quote(token, safe='')}"
    if after:
        query += f"&start-after={quote(after, safe='')}"
    if delimiter:
        query += f"&delimiter={quote(delimiter, safe='')}"
    return ObjectRequest(method="GET", bucket=bucket, query=query, about=about)


def list_versions(
    bucket: str, prefix: str, *, key_marker: str = "", version_marker: str = ""
) -> ObjectRequest:
    """Return ListObjectVersions."""
    query = f"encoding-type=url&max-keys=1000&prefix={quote(prefix, safe='')}&versions="
    if key_marker:
        query += f"&key-marker={quote(key_marker, safe='')}"
    if version_marker:
        query += f"&version-id-marker={quote(version_marker, safe='')}"
    return ObjectRequest(method="GET", bucket=bucket, query=query)


def put(bucket: str, key: str, body: bytes, *, headers: dict[str, str]) -> ObjectRequest:
    """Return PutObject."""
    return ObjectRequest(method="PUT", bucket=bucket, key=key, body=body, headers=headers)


def delete(bucket: str, key: str, version_id: str = "") -> ObjectRequest:
    """Return DeleteObject. Only the probe's own object is ever deleted."""
    return ObjectRequest(method="DELETE", bucket=bucket, key=key, query=_version(version_id))


def _version(version_id: str) -> str:
    return f"versionId={quote(version_id, safe='')}" if version_id else ""
