"""
Reading an account into a snapshot: ListTrails once, then each trail in its home Region.

What is denied is `Unreadable` inside the snapshot; what stops everything is raised. For each trail
GetTrail, GetEventSelectors where the trail has selectors of its own, and GetTrailStatus for each Region
that it delivers from; tags of up to twenty trails at once; the rest once per key, bucket and folder. Where
digest files are late, LookupEvents once per home Region.

What most looks do without (principals, copies, further accounts, stacks) is loaded where it is asked for.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from msgspec import structs

from trailseal.aws import key_reader
from trailseal.aws.bucket_owner import Membership
from trailseal.aws.hubs import read_hubs
from trailseal.aws.newest_objects import newest_objects
from trailseal.aws.organization import read_organization
from trailseal.aws.session import AwsSession
from trailseal.aws.threads import each, load, together
from trailseal.aws.trail_bucket import look_at_bucket
from trailseal.aws.trail_status import trail_status
from trailseal.aws.trails import list_trails, owners, read_trail
from trailseal.messages import N_, message
from trailseal.model.arn import Arn
from trailseal.model.bucket import Bucket, UnreadBucket
from trailseal.model.copies import Copies
from trailseal.model.key import KmsKey, UnreadKey
from trailseal.model.passed_over import PassedOver, sentences
from trailseal.model.principal import Inventory
from trailseal.model.securityhub import NoSecurityHub, SecurityHub
from trailseal.model.snapshot import Delivery, Snapshot
from trailseal.model.trail import DIGEST_FILE_DUE, Trail, TrailStatus, UnreadTrail
from trailseal.model.unreadable import Unreadable
from trailseal.run.events import Observer, Told, ignore
from trailseal.run.ports import SnapshotScope

Described = tuple[Trail | UnreadTrail, ...]
Lying = tuple[tuple[Bucket | UnreadBucket, ...], tuple[Delivery, ...], tuple[PassedOver, ...]]
"""Buckets, what lies in them, and the folders that were passed over."""
TRAILS, STATUSES = N_("reading trails"), N_("asking for the trails' status")
KEYS = N_("reading keys")


class AwsCollector:
    """Reads one account, and of further ones what is theirs of its trails' things, and their principals."""

    def __init__(
        self,
        session: AwsSession,
        *,
        further: Sequence[AwsSession] = (),
        observe: Observer = ignore,
        tells: bool = True,
        meanwhile: str = "",
    ) -> None:
        self._session = session
        self._further = tuple(further)
        self._observe = observe
        self._tells = tells
        """Whether folders that are passed over are told, for an answer that does not name them."""
        self._meanwhile = meanwhile
        """A module that is imported while AWS is waited for, "" for none."""

    def collect(self, scope: SnapshotScope) -> Snapshot:
        """
        Return what could be read.

        Raises:
            TrailsealError: there are no usable credentials, or the endpoint does not answer.
        """
        found: tuple[Any, ...] = together(
            self._session.caller, lambda: self._listed(scope), lambda: self._make_ready(scope)
        )
        (account, caller), (listed, unread), _ = found
        described = self._trails(listed, account, scope)
        trails = [trail for trail in described if isinstance(trail, Trail)]
        organization = self._organization(trails, account, scope)
        homes = tuple(dict.fromkeys(entry["HomeRegion"] for entry in listed)) or (self._session.region,)
        hubs_in = tuple(dict.fromkeys((*homes, self._session.region))) if scope.hub else ()
        stood_on = self._stood_on(trails, hubs_in, account, organization, scope)
        keys, hubs, (buckets, deliveries, strays) = stood_on
        now = datetime.now(UTC)
        seen = Snapshot(
            taken_at=now,
            account=account,
            caller_arn=caller,
            partition=Arn.parse(caller).partition,
            region=self._session.region,
            trails=described,
            keys=keys,
            buckets=buckets,
            deliveries=deliveries,
            hubs=hubs,
            organization=organization,
            inventories=self._inventories(account, organization) if scope.principals else (),
            unreadable=unread,
            passed_over=strays,
            copies=self._copies(trails, buckets, keys, organization, scope) if scope.copies else None,
        )
        seen = self._with_further(seen, scope)
        for sentence in sentences(seen.passed_over) if self._tells else ():
            self._observe(Told(what=sentence))
        told = self._with_statuses(seen.trails, seen.deliveries) if scope.asks_of_trails else seen.trails
        if scope.validation:
            told = self._with_validation(told, account, now)
        return structs.replace(seen, trails=told)

    def _make_ready(self, scope: SnapshotScope) -> None:
        """Make the clients that are asked next, while the first calls are under way; theirs come first."""
        for service in ("cloudtrail", "s3", *(("securityhub",) if scope.hub else ())):
            self._session.client(service)
        if self._meanwhile:
            load(self._meanwhile)

    def _with_further(self, seen: Snapshot, scope: SnapshotScope) -> Snapshot:
        """Return the snapshot with what further accounts see of its trails' things, and their principals."""
        if not self._further:
            return seen
        from trailseal.aws.further_account import look_from, with_guardrails
        from trailseal.run.who_accounts import join_accounts

        others = [look_from(session, seen, scope, observe=self._observe) for session in self._further]
        joined = join_accounts(seen, others)
        return with_guardrails(joined, (self._session, *self._further))

    def _listed(self, scope: SnapshotScope) -> tuple[list[dict[str, str]], tuple[Unreadable, ...]]:
        """Return the trails that are asked for: all, where no name fits."""
        entries, unread = list_trails(self._session.client("cloudtrail"), self._session.region)
        wanted = [e for e in entries if {e["Name"], e["TrailARN"]} & set(scope.trails)]
        return wanted or entries, unread

    def _organization(self, trails: list[Trail], account: str, scope: SnapshotScope) -> Membership:
        """Return the organization, None where nothing that is asked for depends on it."""
        of_organization = any(t.is_organization_trail or t.account != account for t in trails)
        if of_organization or (scope.settings and scope.effects) or scope.principals:
            organizations = self._session.client("organizations")
            return read_organization(organizations, administrators=scope.settings)
        return None

    def _trails(self, listed: list[dict[str, str]], account: str, scope: SnapshotScope) -> Described:
        client = self._session.client
        found = each(
            lambda entry: read_trail(
                client("cloudtrail", entry["HomeRegion"]), entry, selectors=scope.asks_of_trails
            ),
            listed,
            what=message(TRAILS),
            observe=self._observe,
        )
        if not scope.asks_of_trails:
            return found
        own = [t for t in found if isinstance(t, Trail) and t.account == account]
        managed = owners(lambda region: client("cloudtrail", region), own)
        if scope.owners:
            from trailseal.aws.stacks import owning_stack

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
        arns = dict.fromkeys(trail.kms_key_id for trail in trails if trail.is_sealed and scope.settings)
        of_buckets = scope.settings or scope.deliveries
        names = dict.fromkeys(trail.s3_bucket_name for trail in trails if of_buckets)

        def look(name: str) -> Bucket | UnreadBucket:
            return look_at_bucket(
                self._session, name, account=account, trails=trails, organization=organization, scope=scope
            )

        def stored() -> Lying:
            buckets = each(look, names)
            if not scope.deliveries:
                return buckets, (), ()
            return buckets, *newest_objects(
                self._session, trails, buckets, organization, observe=self._observe
            )

        found: tuple[Any, ...] = together(
            lambda: each(self._key, arns, what=message(KEYS), observe=ignore),
            lambda: read_hubs(self._session, hubs_in, account=account),
            stored,
        )
        keys, hubs, lying = found
        return keys, hubs, lying

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

    def _with_validation(self, described: Described, account: str, now: datetime) -> Described:
        """Return the trails, those whose digest files are late with when validation was turned on."""
        late: dict[str, list[Trail]] = {}
        for trail in described:
            if isinstance(trail, Trail) and trail.log_file_validation_enabled and _is_late(trail, now):
                late.setdefault(trail.home_region, []).append(trail)
        if not late:
            return described
        from trailseal.aws.trail_history import validation_turned_on

        since = now - DIGEST_FILE_DUE
        answers = each(
            lambda region: validation_turned_on(
                self._session.client("cloudtrail", region), late[region], account=account, since=since
            ),
            late,
        )
        told = {arn: at for found in answers for arn, at in found.items()}
        return tuple(
            structs.replace(t, validation_turned_on=told[t.arn])
            if isinstance(t, Trail) and t.arn in told
            else t
            for t in described
        )

    def _status(self, arn: str, region: str) -> TrailStatus | Unreadable:
        return trail_status(self._session.client("cloudtrail", region), arn, region)

    def _key(self, arn: str) -> KmsKey | UnreadKey:
        return key_reader.read_key(self._session.client("kms", Arn.parse(arn).region), arn)

    def _copies(
        self,
        trails: list[Trail],
        buckets: tuple[Bucket | UnreadBucket, ...],
        keys: tuple[KmsKey | UnreadKey, ...],
        organization: Membership,
        scope: SnapshotScope,
    ) -> Copies:
        from trailseal.aws.copies import CopyFinder

        account, _ = self._session.caller()
        looking = CopyFinder(self._session, account, organization, scope)
        return looking.read(trails, buckets, {key.arn for key in keys})

    def _inventories(self, account: str, organization: Membership) -> tuple[Inventory | Unreadable, ...]:
        """Return the principals of the account at hand."""
        from trailseal.aws.inventory import read_inventory

        iam, organizations = self._session.client("iam"), self._session.client("organizations")
        return (read_inventory(iam, organizations, account=account, organization=organization),)


def _is_late(trail: Trail, now: datetime) -> bool:
    home = trail.home_status
    return home is not None and home.has_late_digest(now)


def _regions(trail: Trail, deliveries: tuple[Delivery, ...]) -> list[str]:
    """Return the Regions that the trail delivers from, as far as its bucket shows."""
    seen = {d.region for d in deliveries if d.bucket == trail.s3_bucket_name and d.region}
    return sorted({trail.home_region} | (seen if trail.is_multi_region_trail else set()))
