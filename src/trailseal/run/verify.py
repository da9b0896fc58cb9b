"""Verify: look at what was delivered before and after each trail's switch."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Protocol

from msgspec import Struct

from trailseal.model.log_file import Delivered, StoredObject
from trailseal.model.snapshot import Delivery, Snapshot
from trailseal.model.trail import Trail, UnreadTrail
from trailseal.model.unreadable import Unreadable
from trailseal.plan.places import places, shared_with
from trailseal.plan.plan import Watched
from trailseal.plan.proof import DeliveryProof, Place, SwitchSource, TrailDeliveryProof, prove
from trailseal.plan.scope import wanted_named
from trailseal.run.arrivals import Switch
from trailseal.run.deliveries import Deliveries, Folder, expected_gap
from trailseal.run.events import Observer
from trailseal.run.journal import Journal
from trailseal.run.ports import Clock
from trailseal.run.watch import Waiter

BEFORE = timedelta(days=1)
"""How much of the time before a switch is shown beside what came after it."""
LONGEST = timedelta(days=7)
"""How far back is looked when the switch lies longer ago, or is not known."""


class TrailHistory(Protocol):
    """Asks CloudTrail itself when a trail was last turned."""

    def switched_at(self, trail_arn: str, home_region: str, key: str) -> datetime | Unreadable | None:
        """Return when the newest event that set `key` happened, None when that is too long ago."""
        ...


class VerifyPorts(Struct, frozen=True, kw_only=True):
    """What a verify needs from the outside."""

    deliveries: Deliveries
    history: TrailHistory
    journal: Journal
    clock: Clock
    observe: Observer


class VerifyOptions(Struct, frozen=True, kw_only=True):
    """What the user wants to see."""

    trails: tuple[str, ...] = ()
    since: datetime | None = None
    wait: timedelta | None = None
    """How long to wait for deliveries after the switch; None is not at all."""


def verify(snapshot: Snapshot, asked: VerifyOptions, ports: VerifyPorts) -> DeliveryProof:
    """
    Return the proof over the trails asked about, by default all.

    Raises:
        UsageProblem: a trail was named that is not there.
    """
    chosen = wanted_named(snapshot, asked.trails)
    trails = [trail for trail in chosen if isinstance(trail, Trail)]
    switches = {trail.arn: _switch(trail, snapshot, ports) for trail in trails}
    if asked.wait is not None:
        _wait(snapshot, trails, switches, asked.wait, ports)
    now = ports.clock.now()
    starts = {arn: asked.since or _start(switch, now) for arn, switch in switches.items()}
    proofs = tuple(
        _prove(trail, snapshot, switches[trail.arn], since=starts[trail.arn], now=now, ports=ports)
        for trail in trails
    )
    return DeliveryProof(
        taken_at=now,
        account=snapshot.account,
        since=min(starts.values(), default=now),
        trails=proofs,
        unreadable=tuple(t.reason for t in chosen if isinstance(t, UnreadTrail)) + snapshot.unreadable,
    )


def verify_snapshot(snapshot: Snapshot, asked: VerifyOptions) -> DeliveryProof:
    """Return what a saved snapshot proves: the newest object of each place, and no more."""
    chosen = wanted_named(snapshot, asked.trails)
    trails = [trail for trail in chosen if isinstance(trail, Trail)]
    return DeliveryProof(
        taken_at=snapshot.taken_at,
        account=snapshot.account,
        since=snapshot.taken_at,
        trails=tuple(
            prove(
                trail.arn,
                trail.kms_key_id,
                _saved(trail, snapshot),
                switch=None,
                shared_with=shared_with(trail, snapshot),
            )
            for trail in trails
        ),
        unreadable=tuple(t.reason for t in chosen if isinstance(t, UnreadTrail)) + snapshot.unreadable,
    )


def _saved(trail: Trail, snapshot: Snapshot) -> Iterator[Place]:
    spots = {(place.bucket, place.account, place.region) for place in places(trail, snapshot)}
    for delivery in snapshot.deliveries:
        if (delivery.bucket, delivery.account, delivery.region) in spots:
            yield from _saved_place(delivery)


def _saved_place(delivery: Delivery) -> Iterator[Place]:
    for kind, newest in (
        (Delivered.LOG_FILE, delivery.log_file),
        (Delivered.DIGEST_FILE, delivery.digest_file),
    ):
        if newest is not None:
            objects = (newest,) if isinstance(newest, StoredObject) else newest
            yield Place(account=delivery.account, region=delivery.region, kind=kind, objects=objects)


def _switch(trail: Trail, snapshot: Snapshot, ports: VerifyPorts) -> tuple[datetime, SwitchSource] | None:
    """Return when the trail got its key: by the journal, else by CloudTrail's own event."""
    if not trail.kms_key_id:
        return None
    for record in ports.journal.runs(snapshot.account):
        at = record.switched_at.get(trail.arn)
        if at and record.outcome not in {"undone", "rolled back"} and trail.kms_key_id in record.keys_named:
            return at, SwitchSource.JOURNAL
    found = ports.history.switched_at(trail.arn, trail.home_region, trail.kms_key_id)
    return (found, SwitchSource.EVENT) if isinstance(found, datetime) else None


def _start(switch: tuple[datetime, SwitchSource] | None, now: datetime) -> datetime:
    return max(switch[0] - BEFORE, now - LONGEST) if switch else now - BEFORE


def _wait(
    snapshot: Snapshot,
    trails: list[Trail],
    switches: dict[str, tuple[datetime, SwitchSource] | None],
    timeout: timedelta,
    ports: VerifyPorts,
) -> None:
    found = {
        t.arn: Switch(trail_arn=t.arn, home_region=t.home_region, key=t.kms_key_id, at=switch[0])
        for t in trails
        if (switch := switches[t.arn])
    }
    spots = tuple(place for trail in trails for place in places(trail, snapshot) if trail.arn in found)
    if spots:
        gap = expected_gap(ports.deliveries, spots, ports.clock)
        Waiter(ports.deliveries, ports.clock, ports.observe, gap=gap).wait(
            tuple(found.values()), spots, timeout=timeout
        )


def _prove(
    trail: Trail,
    snapshot: Snapshot,
    switch: tuple[datetime, SwitchSource] | None,
    *,
    since: datetime,
    now: datetime,
    ports: VerifyPorts,
) -> TrailDeliveryProof:
    return prove(
        trail.arn,
        trail.kms_key_id,
        [
            _look(place, trail, kind, ports, since=since, now=now)
            for place in places(trail, snapshot)
            for kind in Delivered
        ],
        switch=switch,
        shared_with=shared_with(trail, snapshot),
    )


def _look(
    place: Watched, trail: Trail, kind: Delivered, ports: VerifyPorts, *, since: datetime, now: datetime
) -> Place:
    folder = Folder(bucket=place.bucket, root=place.root, region=place.region, kind=kind)
    objects = ports.deliveries.delivered(folder, since=since, until=now + BEFORE)
    if kind is Delivered.DIGEST_FILE and not isinstance(objects, Unreadable):
        mine = f"_{trail.name}_{trail.home_region}_"
        objects = tuple(each for each in objects if mine in each.key)
    return Place(account=place.account, region=place.region, kind=kind, objects=objects)
