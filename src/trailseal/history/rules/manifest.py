"""
The manifest: every object (or version) of a bucket with all facts that re-encryption needs.

One JSON document a line: a header, then rows. It is read and written as a stream, so its size does not
matter, and nothing is asked again of S3: the ETag in a row guards what is written. Only the bare rows of an
inventory are asked about first.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from enum import StrEnum
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from trailseal.errors import UsageProblem
from trailseal.messages import message
from trailseal.model.reading import FORMAT, Kind, decode

NULL = "null"
"""The version ID of what was there before its bucket had versions."""
UNKNOWN = "unknown"
"""The encryption of an object that nobody described."""


class Source(StrEnum):
    """Where a census got its facts."""

    LISTING = "listing"
    INVENTORY = "inventory"
    METADATA = "s3-metadata"


class Header(Struct, frozen=True, kw_only=True):
    """The first line: which bucket, for which trail, when, and what is missing from the rows."""

    format: int = FORMAT
    bucket: str
    region: str = ""
    prefix: str = ""
    trail_arn: str = ""
    source: Source = Source.LISTING
    made_at: datetime
    versions: bool = False
    """Whether rows are versions, so that older ones are there too."""
    acls: bool = False
    """Whether objects of this bucket can have ACLs; then rows hold them."""
    locks: bool = False
    """Whether objects of this bucket can have Object Lock; then rows hold it, or that it was not shown."""
    complete: bool = True
    """False when rows are bare (S3 Inventory has neither the key nor metadata)."""


class Row(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """
    One object or version. Values at their default are left out of the file.

    `encryption` is "" for an object from before 2023 that has none. `grants` holds the headers that
    give the ACL again; `tags` counts the object's tags.
    """

    key: str
    version_id: str = ""
    latest: bool = True
    size: int = 0
    etag: str = ""
    modified: Annotated[datetime, Meta(tz=True)] | None = None
    storage_class: str = "STANDARD"
    encryption: str = "AES256"
    kms_key_id: str = ""
    bucket_key: bool = False
    customer_key: bool = False
    lock_mode: str = ""
    lock_until: str = ""
    legal_hold: bool = False
    event_hold: dict[str, str] = {}
    """The headers that give an event hold again."""
    tags: int = 0
    grants: dict[str, str] = {}
    archived: bool = False
    """In an archive tier of Intelligent-Tiering, whatever the storage class says."""
    redirect: str = ""
    acl_unread: bool = False
    """Objects have ACLs here, and this one's could not be read: a copy would lose it."""
    lock_unread: bool = False
    """Objects can be locked here, and whether this one is could not be read: a copy would lack the lock."""
    bare: bool = False
    """S3 was not asked about it: key, tags, ACL, lock and redirect are not known, and are asked for first."""


_ENCODER = msgspec.json.Encoder()
_ROWS = msgspec.json.Decoder(Row)


def write_line(value: Header | Row) -> bytes:
    """Return the value as one line."""
    return _ENCODER.encode(value) + b"\n"


def read_header(line: bytes, *, name: str) -> Header:
    """
    Return the manifest's header.

    Raises:
        UsageProblem: it is not a manifest that this version reads.
    """
    return decode(line, Header, kind=Kind.MANIFEST, name=name)


def read_rows(lines: Iterable[bytes], *, name: str, first: int = 1) -> Iterator[tuple[int, Row]]:
    """
    Yield each row with its number; `first` is that of the first line.

    Raises:
        UsageProblem: a line is damaged or cut short.
    """
    for number, line in enumerate(lines, start=first):
        try:
            yield number, _ROWS.decode(line)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as problem:
            raise UsageProblem(
                message("row {number} of `{name}` is damaged", number=number, name=name),
                message("make the manifest again: trailseal history census --manifest FILE"),
            ) from problem
