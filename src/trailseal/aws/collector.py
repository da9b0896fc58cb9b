"""
Reading an account into a snapshot: ListTrails once, then each trail in its home Region.

What is denied is `Unreadable` inside the snapshot; what stops everything is raised. For each trail
GetTrail, GetEventSelectors where the trail has selectors of its own, and GetTrailStatus for each Region
that it delivers from; tags of up to twenty trails at once; the rest once per key, bucket and folder.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from msgspec import structs

from trailseal.aws import key_reader
from trailseal.aws.bucket_owner import Membership
from trailseal.aws.delivered import Looker
from trailseal.aws.hub import read_hub
from trailseal.aws.inventory import read_inventory
from trailseal.aws.organization import read_organization
from trailseal.aws.session import AwsSession
from trailseal.aws.stacks import owning_stack
from trailseal.aws.threads import each, together
from trailseal.aws.trail_bucket import look_at_bucket
from trailseal.aws.trail_status import trail_status
from trailseal.aws.trails import list_trails, owners, read_trail
from trailseal.messages import N_, message
from trailseal.model.arn import Arn
from trailseal.model.bucket import Bucket, UnreadBucket
from trailseal.model.key import KmsKey, UnreadKey
from trailseal.model.passed_over import PassedOver, sentences
from trailseal.model.principal import Inventory
from trailseal.model.securityhub import NoSecurityHub, SecurityHub
from trailseal.model.snapshot import Delivery, Snapshot
from trailseal.model.trail import Trail, TrailStatus, UnreadTrail
from trailseal.model.unreadable import Unreadable
from trailseal.run.events import Observer, Told, ignore
from trailseal.run.ports import SnapshotScope

Described = tuple[Trail | UnreadTrail, ...]
Lying = tuple[tuple[Bucket | UnreadBucket, ...], tuple[Delivery, ...], tuple[PassedOver, ...]]
"""Buckets, what lies in them, and the folders that were passed over."""
TRAILS, STATUSES = N_("reading trails"), N_("asking for the trails' status")
KEYS, BUCKETS, OBJECTS = N_("reading keys"), N_("reading buckets"), N_("looking at delivered objects")


class AwsCollector:
    """Reads one account."""

    def __init__(self, session: AwsSession, *, observe: Observer = ignore, tells: bool = True) -> None:
        self._session = session
        self._observe = observe
        self._tells = tells
        """Whether folders that are passed over are told, for an answer that does not name them."""

    def collect(self, scope: SnapshotScope) -> Snapshot:
        """
        Return what could be read.

        Raises:
            TrailsealError: there are no usable credentials, or the endpoint does not answer.
        """
        found: tuple[Any, ...] = together(self._session.caller, lambda: self._listed(scope))
        (account, caller), (listed, unread) = found
        described = self._trails(listed, account, owners_too=scope.owners)
        trails = [trail for trail in described if isinstance(trail, Trail)]
        organization = self._organization(trails, account, scope)
        homes = tuple(dict.fromkeys(entry["HomeRegion"] for entry in listed)) or (self._session.region,)
        hubs_in = tuple(dict.fromkeys((*homes, self._session.region))) if scope.hub else ()
        stood_on = self._stood_on(trails, hubs_in, account, organization, scope)
        keys, hubs, (buckets, deliveries, strays) = stood_on
        for sentence in sentences(strays) if self._tells else ():
            self._observe(Told(what=sentence))
        return Snapshot(
            taken_at=datetime.now(UTC),
            account=account,
            caller_arn=caller,
            partition=Arn.parse(caller).partition,
            region=self._session.region,
            trails=self._with_statuses(described, deliveries),
            keys=keys,
            buckets=buckets,
            deliveries=deliveries,
            hubs=hubs,
            organization=organization,
            inventories=self._inventories(account, organization) if scope.principals else (),
            unreadable=unread,
            passed_over=strays,
        )

    def _listed(self, scope: SnapshotScope) -> tuple[list[dict[str, str]], tuple[Unreadable, ...]]:
        """Return the trails that are asked for: all, where no name fits."""
        entries, unread = list_trails(self._session.client("cloudtrail"), self._session.region)
        wanted = [e for e in entries if {e["Name"], e["TrailARN"]} & set(scope.trails)]
        return wanted or entries, unread

    def _organization(self, trails: list[Trail], account: str, scope: SnapshotScope) -> Membership:
        """Return the organization, None where nothing that is asked for depends on it."""
        of_organization = any(t.is_organization_trail or t.account != account for t in trails)
        if of_organization or scope.effects or scope.principals:
            return read_organization(self._session.client("organizations"))
        return None

    def _trails(self, listed: list[dict[str, str]], account: str, *, owners_too: bool) -> Described:
        client = self._session.client
        found = each(
            lambda entry: read_trail(client("cloudtrail", entry["HomeRegion"]), entry),
            listed,
            what=message(TRAILS),
            observe=self._observe,
        )
        own = [t for t in found if isinstance(t, Trail) and t.account == account]
        managed = owners(lambda region: client("cloudtrail", region), own)
        if owners_too:
            unowned = [t for t in own if managed.get(t.arn) is None]
            stacks = each(lambda t: owning_stack(client("cloudformation", t.home_region), t), unowned)
            managed |= {trail.arn: stack for trail, stack in zip(unowned, stacks, strict=True)}
        return tuple(
            structs.replace(trail, managed_by=managed.get(trail.arn)) if isinstance(trail, Trail) else trail
            for trail in found
        )

    def _stood_on(
        self,
        trails: list[Trail],
        hubs_in: tuple[str, ...],
        account: str,
        organization: Membership,
        scope: SnapshotScope,
    ) -> tuple[
        tuple[KmsKey | UnreadKey, ...],
        tuple[SecurityHub | NoSecurityHub | Unreadable, ...],
        Lying,
    ]:
        """Return keys, Security Hub's side, and buckets with what lies in them: none waits for another."""
        arns = dict.fromkeys(trail.kms_key_id for trail in trails if trail.is_sealed)
        names = dict.fromkeys(trail.s3_bucket_name for trail in trails)

        def look(name: str) -> Bucket | UnreadBucket:
            return look_at_bucket(
                self._session, name, account=account, trails=trails, organization=organization, scope=scope
            )

        def stored() -> Lying:
            buckets = each(look, names)
            if not scope.deliveries:
                return buckets, (), ()
            return buckets, *self._deliveries(trails, buckets, organization)

        found: tuple[Any, ...] = together(
            lambda: each(self._key, arns, what=message(KEYS), observe=ignore),
            lambda: each(lambda region: self._hub(account, region), hubs_in),
            stored,
        )
        keys, hubs, lying = found
        return keys, hubs, lying

    def _hub(self, account: str, region: str) -> SecurityHub | NoSecurityHub | Unreadable:
        return read_hub(self._session.client("securityhub", region), account=account, region=region)

    def _with_statuses(self, described: Described, deliveries: tuple[Delivery, ...]) -> Described:
        asked = [(t.arn, r) for t in described if isinstance(t, Trail) for r in _regions(t, deliveries)]
        answers = each(lambda ask: self._status(*ask), asked, what=message(STATUSES), observe=self._observe)
        by_trail: dict[str, list[TrailStatus | Unreadable]] = {}
        for (arn, _), answer in zip(asked, answers, strict=True):
            by_trail.setdefault(arn, []).append(answer)
        return tuple(
            structs.replace(t, statuses=tuple(by_trail[t.arn])) if isinstance(t, Trail) else t
            for t in described
        )

    def _status(self, arn: str, region: str) -> TrailStatus | Unreadable:
        return trail_status(self._session.client("cloudtrail", region), arn, region)

    def _key(self, arn: str) -> KmsKey | UnreadKey:
        return key_reader.read_key(self._session.client("kms", Arn.parse(arn).region), arn)

    def _inventories(self, account: str, organization: Membership) -> tuple[Inventory | Unreadable, ...]:
        """Return the principals of the account at hand."""
        iam, organizations = self._session.client("iam"), self._session.client("organizations")
        return (read_inventory(iam, organizations, account=account, organization=organization),)

    def _deliveries(
        self,
        trails: list[Trail],
        buckets: tuple[Bucket | UnreadBucket, ...],
        organization: Membership,
    ) -> tuple[tuple[Delivery, ...], tuple[PassedOver, ...]]:
        """Return the newest objects of each folder, those that trails share once, and what is passed over."""
        regions = {b.name: b.region for b in buckets if isinstance(b, Bucket) and isinstance(b.region, str)}
        folders = {
            (t.s3_bucket_name, t.s3_key_prefix, t.is_organization_trail, t.account): t
            for t in trails
            if t.s3_bucket_name in regions
        }
        known = self._session.regions() | {trail.home_region for trail in trails}
        lookers = {
            name: Looker(self._session.client("s3", regions[name]), name, regions=known)
            for name in dict.fromkeys(bucket for bucket, *_ in folders)
        }
        accounts = each(
            lambda t: [
                (lookers[t.s3_bucket_name], *place)
                for place in lookers[t.s3_bucket_name].accounts(t, organization)
            ],
            folders.values(),
        )
        places = each(
            lambda each_one: each_one[0].places(each_one[1], each_one[2]),
            {(id(p[0]), p[1]): p for found in accounts for p in found}.values(),
        )
        now = datetime.now(UTC)
        seen = each(
            lambda place: place.look(now),
            sorted((p for found in places for p in found), key=lambda p: p.order),
            what=message(OBJECTS),
            observe=self._observe,
        )
        strays = sorted(stray for looker in lookers.values() for stray in looker.strays)
        return (*seen, *_out_of_sight(trails, buckets)), tuple(strays)


def _out_of_sight(trails: list[Trail], buckets: tuple[Bucket | UnreadBucket, ...]) -> list[Delivery]:
    """Return what is delivered into buckets that cannot be looked into: not known, which is not nothing."""
    reasons = {b.name: b.reason if isinstance(b, UnreadBucket) else b.region for b in buckets}
    return [
        Delivery(bucket=t.s3_bucket_name, account=t.account, region=t.home_region, log_file=reason)
        for t in trails
        if isinstance(reason := reasons.get(t.s3_bucket_name), Unreadable)
    ]


def _regions(trail: Trail, deliveries: tuple[Delivery, ...]) -> list[str]:
    """Return the Regions that the trail delivers from, as far as its bucket shows."""
    seen = {d.region for d in deliveries if d.bucket == trail.s3_bucket_name and d.region}
    return sorted({trail.home_region} | (seen if trail.is_multi_region_trail else set()))
