"""Several accounts in one snapshot: each sees its own principals, keys and buckets best."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

from msgspec import structs

from trailseal.errors import UsageProblem
from trailseal.messages import message
from trailseal.model.bucket import Bucket, UnreadBucket
from trailseal.model.key import KmsKey, UnreadKey
from trailseal.model.organization import NoOrganization, Organization
from trailseal.model.principal import Inventory
from trailseal.model.snapshot import Snapshot
from trailseal.model.unreadable import Unreadable

Membership = Organization | NoOrganization | Unreadable | None
Settings = TypeVar("Settings", Bucket, KmsKey)


def join_accounts(first: Snapshot, others: Iterable[Snapshot]) -> Snapshot:
    """
    Return `first` with the other accounts' principals, and with what `first` could not read filled in.

    Its trails stay the ones in question, and what it did read stays as it was read.

    Raises:
        UsageProblem: an account is of another partition, where none of these principals can be, or
            nobody asked for its principals.
    """
    joined = first
    for other in others:
        _fits(first, other)
        joined = _joined(joined, other)
    return joined


def _fits(first: Snapshot, other: Snapshot) -> None:
    if other.partition != first.partition:
        raise UsageProblem(
            message(
                "account {account} is in partition {other}, the trails are in {first}",
                account=other.account,
                other=other.partition,
                first=first.partition,
            )
        )
    if not other.inventories:
        raise UsageProblem(
            message("the snapshot of account {account} holds no principals", account=other.account),
            message("`trailseal who --save FILE` saves one that does"),
        )


def _joined(first: Snapshot, other: Snapshot) -> Snapshot:
    return structs.replace(
        first,
        inventories=_inventories(first, other),
        keys=tuple(_key(key, other) for key in first.keys),
        buckets=tuple(_bucket(bucket, other) for bucket in first.buckets),
        organization=_organization(first, other),
    )


def _inventories(first: Snapshot, other: Snapshot) -> tuple[Inventory | Unreadable, ...]:
    found = {_account(inventory): inventory for inventory in first.inventories}
    for inventory in other.inventories:
        if not isinstance(found.get(_account(inventory)), Inventory):
            found[_account(inventory)] = inventory
    return tuple(found.values())


def _account(inventory: Inventory | Unreadable) -> str:
    return inventory.account if isinstance(inventory, Inventory) else inventory.where


def _key(own: KmsKey | UnreadKey, other: Snapshot) -> KmsKey | UnreadKey:
    seen = other.key(own.arn)
    if not isinstance(seen, KmsKey):
        return own
    return _filled(own, seen) if isinstance(own, KmsKey) else seen


def _bucket(own: Bucket | UnreadBucket, other: Snapshot) -> Bucket | UnreadBucket:
    seen = other.bucket(own.name)
    if not isinstance(seen, Bucket):
        return own
    if isinstance(own, UnreadBucket):
        return seen
    return structs.replace(_filled(own, seen), account=own.account or seen.account)


def _filled(own: Settings, seen: Settings) -> Settings:
    """Return the settings with those that could not be read as `seen` has them."""
    unread = [name for name in own.__struct_fields__ if isinstance(getattr(own, name), Unreadable)]
    return structs.replace(own, **{name: getattr(seen, name) for name in unread})


def _organization(first: Snapshot, other: Snapshot) -> Membership:
    """Return the first account's organization, with the other account where it is a member too."""
    own, seen = first.organization, other.organization
    if not isinstance(own, Organization) or not isinstance(seen, Organization):
        return own
    if own.organization_id != seen.organization_id:
        return own
    members = dict.fromkeys((*own.accounts, first.account, *seen.accounts, other.account))
    return structs.replace(own, accounts=tuple(members))
