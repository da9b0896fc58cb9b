"""
The snapshot: everything that was read, in one document.

It can be saved, compared and decided on with no access to AWS at all.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from msgspec import Struct

from trailseal.model.bucket import Bucket, UnreadBucket
from trailseal.model.key import KmsKey, UnreadKey
from trailseal.model.log_file import StoredObject
from trailseal.model.organization import NoOrganization, Organization
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

    def key(self, arn: str) -> KmsKey | UnreadKey | None:
        """Return the key of that ARN, None when no trail names it."""
        return next((key for key in self.keys if key.arn == arn), None)

    def bucket(self, name: str) -> Bucket | UnreadBucket | None:
        """Return the bucket of that name, None when no trail names it."""
        return next((bucket for bucket in self.buckets if bucket.name == name), None)
