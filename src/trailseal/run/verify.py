"""Verify: look at what was delivered before and after each trail's switch."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Protocol

from msgspec import Struct, structs

from trailseal.messages import message
from trailseal.model.log_file import Delivered, StoredObject
from trailseal.model.named_trails import wanted_named
from trailseal.model.organization import NoOrganization, Organization
from trailseal.model.passed_over import sentences
from trailseal.model.snapshot import Delivery, Snapshot
from trailseal.model.trail import Trail, UnreadTrail
from trailseal.model.unreadable import Unreadable
from trailseal.plan.places import places, shared_with
from trailseal.plan.plan import Watched
from trailseal.plan.proof import DeliveryProof, KnownSwitch, Place, SwitchSource, TrailDeliveryProof, prove
from trailseal.run.arrivals import Switch
from trailseal.run.deliveries import Deliveries, Folder, FoundPlaces, expected_gap
from trailseal.run.events import Observer, Progress, Told
from trailseal.run.journal import Journal
from trailseal.run.outcome import UNDONE, Outcome
from trailseal.run.ports import Clock
from trailseal.run.sampled import Listing, Listings
from trailseal.run.watch import Waiter

BEFORE = timedelta(days=1)
"""How much of the time before a switch is shown beside what came after it."""
LONGEST = timedelta(days=7)
"""How far back is looked when the switch lies longer ago, or is not known."""
BACK = frozenset({UNDONE, Outcome.ROLLED_BACK.value})
"""How a run ended whose turns do not stand."""


Membership = Organization | NoOrganization | Unreadable | None


class TrailHistory(Protocol):
    """Asks CloudTrail itself when a trail was last turned."""

    def switched_at(self, trail_arn: str, home_region: str, key: str) -> datetime | Unreadable | None:
        """Return when the newest event that set `key` happened, None when that is too long ago."""
        ...


class VerifyPorts(Struct, frozen=True, kw_only=True):
    """
    What a verify needs from the outside.

    `find` tells where a trail delivers without looking for the newest object of each place; without it the
    snapshot's deliveries do.
    """

    find: Callable[[Trail, Membership], FoundPlaces] | None = None
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
    every: bool = False
    """Whether each object is looked at, however many there are."""


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
    listings = Listings(every=asked.every)
    unseen = {
        trail.arn: _list(trail, snapshot, listings, ports, since=starts[trail.arn], now=now)
        for trail in trails
    }
    proofs = tuple(
        _prove(trail, snapshot, listings.of(trail.arn), unseen[trail.arn], switches[trail.arn], ports)
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
                (*_saved(trail, snapshot), *_unseen(trail, snapshot), *_unknown_members(trail, snapshot)),
                switch=None,
                shared_with=shared_with(trail, snapshot),
            )
            for trail in trails
        ),
        unreadable=tuple(t.reason for t in chosen if isinstance(t, UnreadTrail)) + snapshot.unreadable,
    )


def _unseen(trail: Trail, snapshot: Snapshot) -> Iterator[Place]:
    """Yield the places of the trail into which nobody would let us look, with what was refused there."""
    for delivery in snapshot.deliveries:
        if delivery.bucket != trail.s3_bucket_name or not isinstance(delivery.log_file, Unreadable):
            continue
        if trail.is_organization_trail or delivery.account == trail.account:
            reason = delivery.log_file
            yield Place(
                account=delivery.account, region=delivery.region, kind=Delivered.LOG_FILE, objects=reason
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


def _switch(trail: Trail, snapshot: Snapshot, ports: VerifyPorts) -> KnownSwitch | Unreadable | None:
    """
    Return when the trail got its key: by the journal, else by CloudTrail's own event.

    None where there is no such event any more, and why it is not known where nobody would tell.
    """
    if not trail.kms_key_id:
        return None
    for record in ports.journal.runs(snapshot.account):
        at = record.switched_at.get(trail.arn)
        if at and record.outcome not in BACK and trail.kms_key_id in record.keys_named:
            return at, SwitchSource.JOURNAL
    found = ports.history.switched_at(trail.arn, trail.home_region, trail.kms_key_id)
    return (found, SwitchSource.EVENT) if isinstance(found, datetime) else found


def _start(switch: KnownSwitch | Unreadable | None, now: datetime) -> datetime:
    return max(switch[0] - BEFORE, now - LONGEST) if isinstance(switch, tuple) else now - BEFORE


def _wait(
    snapshot: Snapshot,
    trails: list[Trail],
    switches: dict[str, KnownSwitch | Unreadable | None],
    timeout: timedelta,
    ports: VerifyPorts,
) -> None:
    found = {
        t.arn: Switch(trail_arn=t.arn, home_region=t.home_region, key=t.kms_key_id, at=switch[0])
        for t in trails
        if isinstance(switch := switches[t.arn], tuple)
    }
    spots = tuple(place for trail in trails for place in places(trail, snapshot) if trail.arn in found)
    if spots:
        gap = expected_gap(ports.deliveries, spots, ports.clock)
        Waiter(ports.deliveries, ports.clock, ports.observe, gap=gap).wait(
            tuple(found.values()), spots, timeout=timeout
        )


def _list(
    trail: Trail,
    snapshot: Snapshot,
    listings: Listings,
    ports: VerifyPorts,
    *,
    since: datetime,
    now: datetime,
) -> tuple[Place, ...]:
    """List what the trail delivered in each place; return the places that would not be shown."""
    spots, unseen = _spots(trail, snapshot, ports)
    for number, place in enumerate(spots):
        ports.observe(Progress(what=message("listing what was delivered"), done=number, total=len(spots)))
        for kind in Delivered:
            folder = Folder(bucket=place.bucket, root=place.root, region=place.region, kind=kind)
            objects = ports.deliveries.listed(folder, since=since, until=now + BEFORE)
            if kind is Delivered.DIGEST_FILE and not isinstance(objects, Unreadable):
                mine = f"_{trail.name}_{trail.home_region}_"
                objects = tuple(each for each in objects if mine in each.key)
            listings.add(Listing(place=place, kind=kind, objects=objects))
    return unseen


def _spots(
    trail: Trail, snapshot: Snapshot, ports: VerifyPorts
) -> tuple[tuple[Watched, ...], tuple[Place, ...]]:
    members = _unknown_members(trail, snapshot)
    if ports.find is None:
        return tuple(places(trail, snapshot)), (*_unseen(trail, snapshot), *members)
    found = ports.find(trail, snapshot.organization)
    for sentence in sentences(found.passed_over):
        ports.observe(Told(what=sentence))
    return found.places, (*(_untold(trail, each) for each in found.refused), *members)


def _unknown_members(trail: Trail, snapshot: Snapshot) -> Iterator[Place]:
    """Yield why it is not known for which accounts an organization's trail delivers."""
    if trail.is_organization_trail and isinstance(snapshot.organization, Unreadable):
        yield _untold(trail, snapshot.organization)


def _untold(trail: Trail, why: Unreadable) -> Place:
    return Place(account=trail.account, region=trail.home_region, kind=Delivered.LOG_FILE, objects=why)


def _prove(
    trail: Trail,
    snapshot: Snapshot,
    listings: tuple[Listing, ...],
    unseen: tuple[Place, ...],
    switch: KnownSwitch | Unreadable | None,
    ports: VerifyPorts,
) -> TrailDeliveryProof:
    looked = [(listing, _look(listing, ports)) for listing in listings]
    proof = prove(
        trail.arn,
        trail.kms_key_id,
        [*(place for _, place in looked), *unseen],
        switch=switch,
        shared_with=shared_with(trail, snapshot),
    )
    return structs.replace(
        proof,
        listed=sum(listing.listed for listing in listings),
        looked_at=sum(_seen(place) for _, place in looked),
        gone=sum(_gone(listing, place) for listing, place in looked),
        is_sampled=any(listing.chosen < listing.listed for listing in listings),
    )


def _seen(place: Place) -> int:
    """Return how many objects were really looked at: of a place that was refused, none."""
    return 0 if isinstance(place.objects, Unreadable) else len(place.objects)


def _gone(listing: Listing, place: Place) -> int:
    """Return how many objects were deleted after they were listed and before they were looked at."""
    return 0 if isinstance(place.objects, Unreadable) else listing.chosen - len(place.objects)


def _look(listing: Listing, ports: VerifyPorts) -> Place:
    place, objects = listing.place, listing.objects
    shown: tuple[StoredObject, ...] | Unreadable
    if isinstance(objects, Unreadable):
        shown = objects
    else:
        shown = ports.deliveries.look(place.bucket, (each.key for each in objects))
    return Place(account=place.account, region=place.region, kind=listing.kind, objects=shown)
