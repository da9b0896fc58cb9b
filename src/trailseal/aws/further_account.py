"""
Another account beside the one that was looked at: its principals, and what is its own of the trails' things.

An organization's trail has its bucket, and may have its key, in other accounts than its own, and only those
may look at all of them.

Only an organization's management account and its delegated administrators may read the organization's
policies, so that one account's may have to be asked for with the credentials of another.
Source: https://docs.aws.amazon.com/organizations/latest/userguide/orgs_reference_available-policies.html
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from msgspec import structs

from trailseal.aws.accounts import owns
from trailseal.aws.copies import CopyFinder
from trailseal.aws.inventory import read_guardrails, read_inventory
from trailseal.aws.key_reader import read_key
from trailseal.aws.newest_objects import newest_objects
from trailseal.aws.organization import read_organization
from trailseal.aws.session import AwsSession
from trailseal.aws.threads import each, together
from trailseal.aws.trail_bucket import look_at_bucket
from trailseal.model.arn import Arn
from trailseal.model.bucket import Bucket, UnreadBucket
from trailseal.model.copies import Copies
from trailseal.model.key import KmsKey, UnreadKey
from trailseal.model.organization import NoOrganization, Organization
from trailseal.model.principal import Inventory
from trailseal.model.snapshot import Snapshot
from trailseal.model.trail import Trail
from trailseal.model.unreadable import Unreadable
from trailseal.run.events import Observer
from trailseal.run.ports import SnapshotScope


def look_from(session: AwsSession, first: Snapshot, scope: SnapshotScope, *, observe: Observer) -> Snapshot:
    """
    Return the account of `session`: those keys and buckets of `first` that it owns, with what lies in them.

    Its principals are there too where `scope` asks for principals.

    Raises:
        TrailsealError: there are no usable credentials, or the endpoint does not answer.
    """
    account, caller = session.caller()
    organization = read_organization(session.client("organizations"), administrators=scope.settings)
    own_keys = [key.arn for key in first.keys if Arn.parse(key.arn).account == account]
    own_buckets = [bucket.name for bucket in first.buckets if owns(session, bucket.name)]
    trails = [t for t in first.trails if isinstance(t, Trail) and t.s3_bucket_name in own_buckets]

    def inventories() -> tuple[Inventory | Unreadable, ...]:
        return _inventories(session, account, organization) if scope.principals else ()

    def look(name: str) -> Bucket | UnreadBucket:
        return look_at_bucket(
            session, name, account=account, trails=(), organization=organization, scope=scope
        )

    def stored() -> tuple[Any, ...]:
        buckets = each(look, own_buckets)
        if not scope.deliveries:
            return buckets, (), ()
        return buckets, *newest_objects(session, trails, buckets, first.organization, observe=observe)

    found: tuple[Any, ...] = together(
        inventories, lambda: each(lambda arn: _key(session, arn), own_keys), stored
    )
    principals, keys, (buckets, deliveries, strays) = found
    finder = CopyFinder(session, account, organization, scope)
    copies = _copies(finder, first, account, buckets) if scope.copies else None
    return Snapshot(
        taken_at=datetime.now(UTC),
        account=account,
        caller_arn=caller,
        partition=Arn.parse(caller).partition,
        region=session.region,
        keys=keys,
        buckets=buckets,
        deliveries=deliveries,
        passed_over=strays,
        organization=organization,
        inventories=principals,
        copies=copies,
    )


def _inventories(
    session: AwsSession, account: str, organization: Organization | NoOrganization | Unreadable
) -> tuple[Inventory | Unreadable, ...]:
    iam, organizations = session.client("iam"), session.client("organizations")
    return (read_inventory(iam, organizations, account=account, organization=organization),)


def _copies(
    finder: CopyFinder, first: Snapshot, account: str, buckets: tuple[Bucket | UnreadBucket, ...]
) -> Copies:
    own = [t for t in first.trails if isinstance(t, Trail) and t.account == account]
    return finder.read(own, buckets, {key.arn for key in first.keys}, found=first.copies)


def _key(session: AwsSession, arn: str) -> KmsKey | UnreadKey:
    return read_key(session.client("kms", Arn.parse(arn).region), arn)


def with_guardrails(snapshot: Snapshot, sessions: Sequence[AwsSession]) -> Snapshot:
    """Return the snapshot with the organization's policies that one account may not read and another may."""
    organization = snapshot.organization
    if not isinstance(organization, Organization):
        return snapshot
    return structs.replace(
        snapshot,
        inventories=tuple(_guarded(inventory, organization, sessions) for inventory in snapshot.inventories),
    )


def _guarded(
    inventory: Inventory | Unreadable, organization: Organization, sessions: Sequence[AwsSession]
) -> Inventory | Unreadable:
    if not isinstance(inventory, Inventory) or inventory.account not in organization.accounts:
        return inventory
    for session in sessions if inventory.guardrails else ():
        scp, rcp, unread = read_guardrails(
            session.client("organizations"), account=inventory.account, organization=organization
        )
        if unread is None:
            return structs.replace(
                inventory, service_control_policies=scp, resource_control_policies=rcp, guardrails=None
            )
    return inventory
