"""
Another account beside the one that was looked at: its principals, and what is its own of the trails' things.

Only an organization's management account and its delegated administrators may read the organization's
policies, so that one account's may have to be asked for with the credentials of another.
Source: https://docs.aws.amazon.com/organizations/latest/userguide/orgs_reference_available-policies.html
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from msgspec import structs

from trailseal.aws.bucket_owner import is_owned_by
from trailseal.aws.inventory import read_guardrails, read_inventory
from trailseal.aws.key_reader import read_key
from trailseal.aws.organization import read_organization
from trailseal.aws.session import AwsSession
from trailseal.aws.threads import each, together
from trailseal.aws.trail_bucket import look_at_bucket
from trailseal.model.arn import Arn
from trailseal.model.key import KmsKey, UnreadKey
from trailseal.model.organization import Organization
from trailseal.model.principal import Inventory
from trailseal.model.snapshot import Snapshot
from trailseal.model.unreadable import Unreadable
from trailseal.run.ports import SnapshotScope


def look_from(session: AwsSession, first: Snapshot, scope: SnapshotScope) -> Snapshot:
    """
    Return the account of `session`: all its principals, and those keys and buckets of `first` that it owns.

    Raises:
        TrailsealError: there are no usable credentials, or the endpoint does not answer.
    """
    account, caller = session.caller()
    organizations = session.client("organizations")
    organization = read_organization(organizations)
    own_keys = [key.arn for key in first.keys if Arn.parse(key.arn).account == account]
    own_buckets = [
        bucket.name
        for bucket in first.buckets
        if is_owned_by(session.client("s3"), bucket.name, account) is True
    ]
    found: tuple[Any, ...] = together(
        lambda: read_inventory(
            session.client("iam"), organizations, account=account, organization=organization
        ),
        lambda: each(lambda arn: _key(session, arn), own_keys),
        lambda: each(
            lambda name: look_at_bucket(
                session, name, account=account, trails=(), organization=organization, scope=scope
            ),
            own_buckets,
        ),
    )
    inventory, keys, buckets = found
    return Snapshot(
        taken_at=datetime.now(UTC),
        account=account,
        caller_arn=caller,
        partition=Arn.parse(caller).partition,
        region=session.region,
        keys=keys,
        buckets=buckets,
        organization=organization,
        inventories=(inventory,),
    )


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
