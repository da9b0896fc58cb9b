"""Several accounts in one snapshot: each sees its own principals, keys and buckets best."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeVar

from msgspec import structs

from trailseal.errors import UsageProblem
from trailseal.messages import message
from trailseal.model.bucket import Bucket, UnreadBucket
from trailseal.model.copies import Copies, LogGroup
from trailseal.model.key import KmsKey, UnreadKey
from trailseal.model.organization import NoOrganization, Organization
from trailseal.model.passed_over import PassedOver
from trailseal.model.principal import Inventory
from trailseal.model.snapshot import Delivery, Snapshot
from trailseal.model.unreadable import Unreadable

Membership = Organization | NoOrganization | Unreadable | None
Settings = TypeVar("Settings", Bucket, KmsKey)


def join_accounts(first: Snapshot, others: Iterable[Snapshot]) -> Snapshot:
    """
    Return `first` with the other accounts' principals, and with what `first` could not read filled in.

    Its trails stay the ones in question, and what it did read stays as it was read.

    Raises:
        UsageProblem: an account is of another partition, where nothing of the first one's can be.
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


def need_principals(snapshots: Iterable[Snapshot]) -> None:
    """
    Return when each snapshot of a further account tells of its principals.

    Raises:
        UsageProblem: nobody asked for one account's.
    """
    for other in snapshots:
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
        deliveries=_deliveries(first, other),
        passed_over=tuple(sorted({*first.passed_over, *_strays(first, other)})),
        organization=_organization(first, other),
        copies=_copies(first, other),
    )


def _copies(first: Snapshot, other: Snapshot) -> Copies | None:
    """
    Return the copies of the first's trails, with what the other account sees of its own.

    A log group is its own account's to tell of. Event data stores of the other account are left out: they
    hold what that account chose.
    """
    own, seen = first.copies, other.copies
    if own is None or seen is None:
        return own
    wide = structs.replace(other, buckets=(*other.buckets, *seen.replicas), keys=(*other.keys, *seen.keys))
    told = {group.arn: group for group in seen.log_groups if isinstance(group, LogGroup)}
    groups = (g if isinstance(g, LogGroup) else told.get(g.where, g) for g in own.log_groups)
    points = [each for each in seen.access_points if each not in own.access_points]
    replicas = [each for each in seen.replicas if each.name not in {r.name for r in own.replicas}]
    keys = [each for each in seen.keys if each.arn not in {k.arn for k in own.keys}]
    return structs.replace(
        own,
        log_groups=tuple(groups),
        access_points=(*own.access_points, *points),
        replicas=(*(_bucket(each, wide) for each in own.replicas), *replicas),
        keys=(*(_key(each, wide) for each in own.keys), *keys),
    )


def _deliveries(first: Snapshot, other: Snapshot) -> tuple[Delivery, ...]:
    """Return what lies in the buckets, of one into which the first could not look as the other sees it."""
    unseen = _unseen(first, other)
    kept = (each for each in first.deliveries if each.bucket not in unseen)
    seen = (each for each in other.deliveries if each.bucket in unseen)
    return tuple(sorted((*kept, *seen), key=lambda each: (each.bucket, each.account, each.region)))


def _strays(first: Snapshot, other: Snapshot) -> Iterator[PassedOver]:
    unseen = _unseen(first, other)
    return (each for each in other.passed_over if each.bucket in unseen)


def _unseen(first: Snapshot, other: Snapshot) -> frozenset[str]:
    """Return the buckets into which the first could not look everywhere, and the other looked."""
    refused = {
        each.bucket
        for each in first.deliveries
        if isinstance(each.log_file, Unreadable) or isinstance(each.digest_file, Unreadable)
    }
    return frozenset(refused & {each.bucket for each in other.deliveries})


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
