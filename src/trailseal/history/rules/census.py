"""
The census: how many objects are encrypted how, counted by account, Region, month and what they are.

The context class is told from times, as S3 does not show an object's encryption context: an SSE-KMS log
file written on the day of its folder or the next is as CloudTrail delivered it, or was updated in place;
one written later was copied by someone. Days are what a list of many objects can be grouped by.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum

from msgspec import Struct, convert

from trailseal.history.rules.manifest import Row, Source
from trailseal.model.log_file import parse_log_file_key

LATE = timedelta(days=1)
OTHER = "other object"
CUSTOMER = "customer"
"""Encrypted with a key that the customer hands over with each request (SSE-C)."""


class ContextClass(StrEnum):
    """What is known of an object's encryption context."""

    NONE = "none"
    AS_DELIVERED = "as delivered, or updated in place"
    COPIED = "copied later"


class CensusGroup(Struct, frozen=True, kw_only=True, order=True):
    """What objects are counted by."""

    account: str
    region: str
    month: str
    kind: str
    latest: bool
    storage_class: str
    encryption: str
    kms_key_id: str
    bucket_key: bool
    context: ContextClass


class CensusRow(Struct, frozen=True, kw_only=True, order=True):
    """One group with its numbers."""

    group: CensusGroup
    objects: int
    size: int


class Census(Struct, frozen=True, kw_only=True):
    """The whole count."""

    format: int = 1
    bucket: str
    source: Source
    rows: tuple[CensusRow, ...]
    unreadable: int = 0
    delete_markers: int = 0
    estimate: bool = False
    as_of: datetime | None = None
    """When S3 made the list that was read; None where it was asked about every object."""

    @property
    def objects(self) -> int:
        """All objects counted."""
        return sum(row.objects for row in self.rows)

    def not_under(self, key_arn: str) -> int:
        """Objects that are not SSE-KMS under a key ("" for any key)."""
        return sum(row.objects for row in self.rows if not _is_under(row.group, key_arn))


class Tally:
    """Counts rows as they come; its memory is that of the groups."""

    def __init__(self) -> None:
        self._counts: dict[tuple[object, ...], list[int]] = {}

    def add(self, row: Row) -> None:
        """Count one object."""
        counts = self._counts.setdefault(_group_key(row), [0, 0])
        counts[0] += 1
        counts[1] += row.size

    def rows(self) -> tuple[CensusRow, ...]:
        """Return the groups in order."""
        return tuple(
            sorted(
                CensusRow(
                    group=convert(dict(zip(CensusGroup.__struct_fields__, key, strict=True)), CensusGroup),
                    objects=counts[0],
                    size=counts[1],
                )
                for key, counts in self._counts.items()
            )
        )


def count(rows: Iterable[Row]) -> tuple[CensusRow, ...]:
    """Return the groups of all rows."""
    tally = Tally()
    for row in rows:
        tally.add(row)
    return tally.rows()


def _group_key(row: Row) -> tuple[object, ...]:
    parsed = parse_log_file_key(row.key)
    return (
        parsed.account if parsed else "",
        parsed.region if parsed else "",
        parsed.day[:7].replace("/", "-") if parsed else "",
        str(parsed.kind) if parsed else OTHER,
        row.latest,
        row.storage_class,
        CUSTOMER if row.customer_key else row.encryption,
        row.kms_key_id,
        row.bucket_key,
        context_class(row),
    )


def context_class(row: Row) -> ContextClass:
    """Return what the times say of an object's encryption context."""
    if row.encryption != "aws:kms":
        return ContextClass.NONE
    parsed = parse_log_file_key(row.key)
    if parsed is None or row.modified is None:
        return ContextClass.AS_DELIVERED
    late = row.modified.astimezone(UTC).date() - date.fromisoformat(parsed.day.replace("/", "-")) > LATE
    return ContextClass.COPIED if late else ContextClass.AS_DELIVERED


def _is_under(group: CensusGroup, key_arn: str) -> bool:
    return group.encryption == "aws:kms" and key_arn in {"", group.kms_key_id}
