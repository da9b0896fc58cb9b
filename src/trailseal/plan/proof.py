"""
The proof table: what the delivered objects themselves show, before a switch and after it.

A trail's setting says what CloudTrail was asked to do. Only the objects say what it did.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Literal

from msgspec import Struct

from trailseal.errors import ExitCode
from trailseal.model.log_file import Delivered, StoredObject
from trailseal.model.unreadable import Unreadable

IN_FLIGHT = timedelta(minutes=15)
"""How long after a switch a file may still arrive as it was begun before it."""


class SwitchSource(StrEnum):
    """How it is known when a trail was turned to its key."""

    JOURNAL = "journal"
    EVENT = "UpdateTrail event"
    OBJECT = "earliest object under the key"
    NONE = "not known"


KnownSwitch = tuple[datetime, SwitchSource]


class GroupMeaning(StrEnum):
    """What one group of objects means."""

    BEFORE = "before the switch"
    UNDER_KEY = "under the key"
    IN_FLIGHT = "under way at the switch"
    NOT_UNDER_KEY = "not under the key"
    ANOTHER_TRAIL = "of this or another trail"


class Place(Struct, frozen=True, kw_only=True):
    """One account's and Region's deliveries of one kind, or why they could not be looked at."""

    account: str
    region: str
    kind: Delivered
    objects: tuple[StoredObject, ...] | Unreadable
    """Newest first."""


class ProofRow(Struct, frozen=True, kw_only=True):
    """The objects of one place that show the same and mean the same."""

    account: str
    region: str
    kind: Delivered
    finding: GroupMeaning
    encryption: str
    kms_key_id: str
    count: int
    oldest: datetime
    newest: datetime
    newest_key: str


class TrailDeliveryProof(Struct, frozen=True, kw_only=True):
    """What the objects of one trail prove. `switched_at` is None when no switch is known."""

    trail_arn: str
    kms_key_id: str
    switched_at: datetime | None
    source: SwitchSource
    rows: tuple[ProofRow, ...] = ()
    unreadable: tuple[Unreadable, ...] = ()
    shared_with: tuple[str, ...] = ()
    listed: int = 0
    looked_at: int = 0
    """Of the objects that were listed; fewer where a sample was taken, or they were gone or unreadable."""
    gone: int = 0
    """Objects that were deleted after they were listed and before they were looked at."""
    is_sampled: bool = False
    """Whether there were so many objects that not each was chosen to be looked at."""

    @property
    def saw_everything(self) -> bool:
        """Whether each object that was delivered was looked at: none left out, none gone before."""
        return not self.is_sampled and not self.gone

    @property
    def is_refuted(self) -> bool:
        """Whether something contradicts the setting: a wrong object, or no key at all."""
        return not self.kms_key_id or any(row.finding is GroupMeaning.NOT_UNDER_KEY for row in self.rows)

    @property
    def is_proven(self) -> bool:
        """Whether a log file shows the key, nothing contradicts it and everything could be read."""
        proving = any(r.finding is GroupMeaning.UNDER_KEY and r.kind is Delivered.LOG_FILE for r in self.rows)
        unclear = any(row.finding is GroupMeaning.ANOTHER_TRAIL for row in self.rows)
        return proving and not self.is_refuted and not self.unreadable and not unclear


class DeliveryProof(Struct, frozen=True, kw_only=True):
    """The proof over all trails asked about."""

    format: Literal[1] = 1
    taken_at: datetime
    account: str
    since: datetime
    trails: tuple[TrailDeliveryProof, ...]
    unreadable: tuple[Unreadable, ...] = ()

    @property
    def has_no_trail(self) -> bool:
        """Whether the account has none, and not only none that could be read."""
        return not self.trails and not self.unreadable

    @property
    def exit_code(self) -> ExitCode:
        """3 when an object is wrong, 4 when something is not known, 0 when all is proven."""
        unknown = bool(self.unreadable) or any(not t.is_proven and not t.is_refuted for t in self.trails)
        if unknown or any(trail.unreadable for trail in self.trails):
            return ExitCode.INCOMPLETE
        return ExitCode.FINDINGS if any(trail.is_refuted for trail in self.trails) else ExitCode.CLEAN


def prove(
    trail_arn: str,
    key: str,
    places: Iterable[Place],
    *,
    switch: KnownSwitch | Unreadable | None,
    shared_with: tuple[str, ...] = (),
) -> TrailDeliveryProof:
    """
    Return what the objects in `places` prove of a trail whose key is `key` ("" for SSE-S3).

    Without a known switch the earliest object under the key stands for it. Where nobody would tell of the
    switch, that proves nothing of what was delivered before: it is one of the things that were not read. What
    is refused alike in several places is told once.
    """
    seen = tuple(places)
    at, source = switch if isinstance(switch, tuple) else _earliest(seen, key)
    rows: list[ProofRow] = []
    unreadable = [switch] if isinstance(switch, Unreadable) else []
    for place in seen:
        if isinstance(place.objects, Unreadable):
            unreadable.append(place.objects)
        else:
            rows += _rows(place, place.objects, key=key, at=at, shared=bool(shared_with))
    return TrailDeliveryProof(
        trail_arn=trail_arn,
        kms_key_id=key,
        switched_at=at,
        source=source,
        rows=tuple(sorted(rows, key=_newest_first)),
        unreadable=tuple(dict.fromkeys(unreadable)),
        shared_with=shared_with,
    )


def _newest_first(row: ProofRow) -> tuple[str, str, str, float]:
    return row.account, row.region, row.kind.value, -row.newest.timestamp()


def _earliest(places: tuple[Place, ...], key: str) -> tuple[datetime | None, SwitchSource]:
    times = [
        each.last_modified
        for place in places
        if not isinstance(place.objects, Unreadable)
        for each in place.objects
        if key and each.kms_key_id == key
    ]
    return (min(times), SwitchSource.OBJECT) if times else (None, SwitchSource.NONE)


def _rows(
    place: Place, objects: tuple[StoredObject, ...], *, key: str, at: datetime | None, shared: bool
) -> list[ProofRow]:
    first = min((o.last_modified for o in objects if _is_under(o, key) and _after(o, at)), default=None)
    grouped: dict[tuple[GroupMeaning, str, str], list[StoredObject]] = {}
    for each in objects:
        finding = _finding(each, key=key, at=at, first=first)
        if finding is GroupMeaning.NOT_UNDER_KEY and shared and place.kind is Delivered.LOG_FILE:
            finding = GroupMeaning.ANOTHER_TRAIL
        grouped.setdefault((finding, each.encryption, each.kms_key_id), []).append(each)
    return [
        ProofRow(
            account=place.account,
            region=place.region,
            kind=place.kind,
            finding=finding,
            encryption=encryption,
            kms_key_id=kms_key_id,
            count=len(members),
            oldest=min(each.last_modified for each in members),
            newest=max(each.last_modified for each in members),
            newest_key=max(members, key=lambda each: each.last_modified).key,
        )
        for (finding, encryption, kms_key_id), members in grouped.items()
    ]


def _finding(stored: StoredObject, *, key: str, at: datetime | None, first: datetime | None) -> GroupMeaning:
    """
    Return what one object means.

    Objects are stamped to the second, so one of the very second of the switch counts as after it only
    when it is under the key.
    """
    if at is None or stored.last_modified < at:
        return GroupMeaning.BEFORE
    if _is_under(stored, key):
        return GroupMeaning.UNDER_KEY
    if stored.last_modified == at:
        return GroupMeaning.BEFORE
    began_before = first is not None and stored.last_modified <= min(first, at + IN_FLIGHT)
    return GroupMeaning.IN_FLIGHT if began_before else GroupMeaning.NOT_UNDER_KEY


def _after(stored: StoredObject, at: datetime | None) -> bool:
    return at is not None and stored.last_modified >= at


def _is_under(stored: StoredObject, key: str) -> bool:
    return bool(key) and stored.encryption == "aws:kms" and stored.kms_key_id == key
