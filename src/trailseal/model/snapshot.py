"""
The snapshot: everything that was read, in one document.

It can be saved, compared and decided on with no access to AWS at all.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Annotated, Literal

from msgspec import Meta, Struct

from trailseal.model.arn import account_of, is_arn
from trailseal.model.bucket import Bucket, UnreadBucket
from trailseal.model.copies import Copies
from trailseal.model.key import KmsKey, UnreadKey
from trailseal.model.log_file import StoredObject
from trailseal.model.organization import NoOrganization, Organization
from trailseal.model.passed_over import PassedOver
from trailseal.model.principal import Inventory
from trailseal.model.securityhub import NoSecurityHub, SecurityHub
from trailseal.model.trail import Trail, UnreadTrail
from trailseal.model.unreadable import Unreadable

MOST_TRAILS = 1_000
"""
A document with more is none of an account: each Region holds five, which no quota raises.

Source: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/WhatIsCloudTrail-Limits.html
"""


class Delivery(Struct, frozen=True, kw_only=True):
    """
    The newest delivered objects of one (bucket, account, Region).

    `log_file` and `digest_file` are None where the folder holds none yet.
    """

    bucket: str
    account: str
    region: str
    log_file: StoredObject | Unreadable | None = None
    digest_file: StoredObject | Unreadable | None = None


class Snapshot(Struct, frozen=True, kw_only=True):
    """What one look at an account showed, and what it could not see."""

    format: Literal[1] = 1
    taken_at: datetime
    account: str
    caller_arn: str
    partition: str
    region: str
    trails: Annotated[tuple[Trail | UnreadTrail, ...], Meta(max_length=MOST_TRAILS)] = ()
    keys: tuple[KmsKey | UnreadKey, ...] = ()
    buckets: tuple[Bucket | UnreadBucket, ...] = ()
    deliveries: tuple[Delivery, ...] = ()
    hubs: tuple[SecurityHub | NoSecurityHub | Unreadable, ...] = ()
    """One per Region in which findings can lie, and why the aggregation Region is not known, if so."""
    organization: Organization | NoOrganization | Unreadable | None = None
    inventories: tuple[Inventory | Unreadable, ...] = ()
    """Empty when nobody asked about principals."""
    unreadable: tuple[Unreadable, ...] = ()
    """What concerns no single entry above: a Region that would not list its trails, say."""
    passed_over: tuple[PassedOver, ...] = ()
    """Folders beside those that CloudTrail makes, in which nothing was looked at."""
    copies: Copies | None = None
    """Where the events lie beside the log files, None when nobody asked."""

    def key(self, arn: str) -> KmsKey | UnreadKey | None:
        """Return the key of that ARN, None when no trail names it."""
        return next((key for key in self.keys if key.arn == arn), None)

    def bucket(self, name: str) -> Bucket | UnreadBucket | None:
        """Return the bucket of that name, None when no trail names it."""
        return next((bucket for bucket in self.buckets if bucket.name == name), None)

    def may_change_trails_of(self, owner: str) -> bool:
        """
        Whether the account at hand may change an account's trails: its own, or those of its organization.

        CloudTrail's delegated administrator may change the organization's trails, which the management
        account owns.
        Source: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-delegated-administrator.html
        """
        if owner == self.account:
            return True
        held = self.organization
        if not isinstance(held, Organization):
            return False
        return held.management_account == owner and self.account in held.administrators

    def untold_whether_it_changes_trails_of(self, owner: str) -> Unreadable | None:
        """Return why it is not known whether the account at hand may, None where that is known."""
        match self.organization:
            case _ if owner == self.account:
                return None
            case Unreadable() as reason:
                return reason
            case Organization(management_account=manager, cloudtrail_administrators=Unreadable() as reason):
                return reason if manager == owner else None
            case _:
                return None


def misnamed(snapshot: Snapshot) -> str:
    """
    Return the place of the first name that AWS would not give, "" for none: no ARN, or of another account.

    A snapshot that was read holds none; one that was written by hand may.
    """
    return next((place for place, is_right in _names(snapshot) if not is_right), "")


def _names(snapshot: Snapshot) -> Iterator[tuple[str, bool]]:
    yield "$.caller_arn", is_arn(snapshot.caller_arn)
    for i, trail in enumerate(snapshot.trails):
        yield f"$.trails[{i}].arn", is_arn(trail.arn)
        if isinstance(trail, Trail):
            yield f"$.trails[{i}].kms_key_id", not trail.kms_key_id or is_arn(trail.kms_key_id)
    for i, key in enumerate(snapshot.keys):
        yield f"$.keys[{i}].arn", isinstance(key, UnreadKey) or is_arn(key.arn)
    for i, inventory in enumerate(snapshot.inventories):
        if isinstance(inventory, Inventory):
            for j, principal in enumerate(inventory.principals):
                own = is_arn(principal.arn) and account_of(principal.arn) == inventory.account
                yield f"$.inventories[{i}].principals[{j}].arn", own
