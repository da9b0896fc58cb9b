"""
Whether the caller could put a key's policy, under one that stands or one that is to stand.

Source: https://docs.aws.amazon.com/kms/latest/APIReference/API_PutKeyPolicy.html (the lockout safety check)
"""

from __future__ import annotations

from enum import StrEnum

from trailseal.access.caller import caller_kind
from trailseal.access.decision import DENIED, Effect
from trailseal.access.readers.estate import Estate
from trailseal.access.readers.from_snapshot import NEW_KEY, key_facts, not_before
from trailseal.access.readers.log_object import LogObject, Sealing
from trailseal.access.readers.questions import on_key
from trailseal.access.readers.strangers import KINDS
from trailseal.access.readers.subject import (
    Knowledge,
    Subject,
    session_of,
    stranger_of,
    subject_of,
)
from trailseal.access.readers.subject_kind import SubjectKind
from trailseal.model.arn import account_of
from trailseal.model.key import KeyPolicies, KmsKey
from trailseal.model.organization import Organization
from trailseal.model.principal import Inventory
from trailseal.model.snapshot import Snapshot
from trailseal.plan.step import is_new, key_region

PUT = "kms:PutKeyPolicy"


class Lockout(StrEnum):
    """Whether somebody is locked out of a key's policy."""

    NONE = "none"
    CERTAIN = "certain"
    NOT_KNOWN = "not known"


def lockout_of(snapshot: Snapshot, key: str, policy: str, *, by_iam: bool) -> Lockout:
    """
    Return whether the snapshot's caller may not put the policy of `key` (`new:REGION` too) under `policy`.

    Without `by_iam` only that counts which no IAM policy of the caller could make good.
    """
    if not snapshot.caller_arn:
        return Lockout.NOT_KNOWN
    estate = _estate(snapshot, key, policy)
    target = _target(snapshot, key)
    caller = _caller(snapshot.caller_arn, estate)
    if on_key(estate, target, caller.worst_case(), PUT).effect in DENIED:
        return Lockout.CERTAIN
    if not by_iam:
        return Lockout.NONE
    found = on_key(estate, target, caller, PUT).effect
    if found is Effect.ALLOWED:
        return Lockout.NONE
    return Lockout.CERTAIN if found in DENIED and caller.knowledge is Knowledge.READ else Lockout.NOT_KNOWN


def _estate(snapshot: Snapshot, key: str, policy: str) -> Estate:
    organization = snapshot.organization if isinstance(snapshot.organization, Organization) else None
    held = snapshot.key(key)
    return Estate(
        key_policies=KeyPolicies(default=policy),
        inventories=tuple(i for i in snapshot.inventories if isinstance(i, Inventory)),
        organization=organization.organization_id if organization else "",
        management=organization.management_account if organization else "",
        members=frozenset({snapshot.account, *organization.accounts}) if organization else frozenset(),
        now=not_before(snapshot),
        key_facts=key_facts(held) if isinstance(held, KmsKey) else {},
    )


def _target(snapshot: Snapshot, key: str) -> LogObject:
    """Return any object under the key: only the key is asked about."""
    region = key_region(key)
    made = f"arn:{snapshot.partition}:kms:{region}:{snapshot.account}:key/{NEW_KEY}"
    return LogObject(
        bucket="",
        key="",
        sealing=Sealing.DELIVERED,
        region=region,
        partition=snapshot.partition,
        kms_key=made if is_new(key) else key,
    )


def _caller(arn: str, estate: Estate) -> Subject:
    """Return the caller; whoever is not in an account that was read has no policy that allows anything."""
    if known := estate.by_arn.get(arn):
        return subject_of(known, estate)
    if roles := estate.roles_of_session(arn):
        return session_of(arn, roles[0], estate)
    kind = caller_kind(arn)
    account = account_of(arn)
    if account in estate.by_account:
        return Subject(arn=arn, asks_as=arn, kind=SubjectKind.USER, account=account)
    return stranger_of(arn, KINDS[kind] if kind else SubjectKind.USER, account, estate)
