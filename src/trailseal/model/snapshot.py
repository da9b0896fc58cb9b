"""
The snapshot: everything that was read, in one document.

It can be saved, compared and decided on with no access to AWS at all.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Literal

from msgspec import Struct

from trailseal.model.arn import account_of, is_arn
from trailseal.model.bucket import Bucket, UnreadBucket
from trailseal.model.key import KmsKey, UnreadKey
from trailseal.model.log_file import StoredObject
from trailseal.model.organization import NoOrganization, Organization
from trailseal.model.passed_over import PassedOver
from trailseal.model.principal import Inventory
from trailseal.model.securityhub import NoSecurityHub, SecurityHub
from trailseal.model.trail import Trail, UnreadTrail
from trailseal.model.unreadable import Unreadable


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
    trails: tuple[Trail | UnreadTrail, ...] = ()
    keys: tuple[KmsKey | UnreadKey, ...] = ()
    buckets: tuple[Bucket | UnreadBucket, ...] = ()
    deliveries: tuple[Delivery, ...] = ()
    hubs: tuple[SecurityHub | NoSecurityHub | Unreadable, ...] = ()
    """One per Region that holds a trail's home."""
    organization: Organization | NoOrganization | Unreadable | None = None
    inventories: tuple[Inventory | Unreadable, ...] = ()
    """Empty when nobody asked about principals."""
    unreadable: tuple[Unreadable, ...] = ()
    """What concerns no single entry above: a Region that would not list its trails, say."""
    passed_over: tuple[PassedOver, ...] = ()
    """Folders beside those that CloudTrail makes, in which nothing was looked at."""

    def key(self, arn: str) -> KmsKey | UnreadKey | None:
        """Return the key of that ARN, None when no trail names it."""
        return next((key for key in self.keys if key.arn == arn), None)

    def bucket(self, name: str) -> Bucket | UnreadBucket | None:
        """Return the bucket of that name, None when no trail names it."""
        return next((bucket for bucket in self.buckets if bucket.name == name), None)


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
