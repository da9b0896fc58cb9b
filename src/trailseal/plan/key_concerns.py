"""Concerns about a key that already exists: whether CloudTrail can use it for this bucket at all."""

from __future__ import annotations

from collections.abc import Iterator

from trailseal.access.cloudtrail.answers import by_network
from trailseal.access.parse.kind import PolicyKind
from trailseal.model.arn import Arn
from trailseal.model.given import is_key_arn
from trailseal.model.key import KmsKey, UnreadKey
from trailseal.model.unreadable import Unreadable
from trailseal.plan.concern import Concern, concern, why_unread
from trailseal.plan.concern_facts import Code, Details
from trailseal.plan.document import labels, parse
from trailseal.plan.merge import Merged
from trailseal.plan.names import word
from trailseal.plan.rescue import can_be_rescued


def key_concerns(
    key: KmsKey | UnreadKey, *, bucket_region: str, account: str, trails: tuple[str, ...], serves: bool
) -> Iterator[Concern]:
    """
    Yield what stands against `key` for trails that deliver to a bucket in `bucket_region`.

    A key of another account that `serves` them all needs no change, which could be made only there.
    """
    if isinstance(key, UnreadKey):
        yield _unread(key, account, trails)
        return
    for code, facts in _unfit(key, bucket_region=bucket_region, account=account, serves=serves):
        yield concern(code, key.arn, facts, trails=trails)
    if key.origin == "EXTERNAL" and key.valid_to:
        yield concern(Code.MATERIAL_EXPIRES, key.arn, Details(key=key.arn, expires=key.valid_to))
    if key.account != account:
        return
    if isinstance(key.policies, Unreadable):
        facts = why_unread(key.policies, Details(key=key.arn))
        yield concern(Code.KEY_POLICY_UNREADABLE, key.arn, facts, trails=trails)
    elif not _is_document(key.policies.default):
        yield concern(Code.KEY_POLICY_UNREADABLE, key.arn, Details(key=key.arn), trails=trails)


def _is_document(policy: str) -> bool:
    """A name that stands twice has no one meaning: whatever is written back could be another policy."""
    try:
        parse(policy)
    except ValueError:
        return not policy
    return True


def _unread(key: UnreadKey, account: str, trails: tuple[str, ...]) -> Concern:
    # Which key an alias of another account names nobody can tell without asking: it is no key to switch to.
    owner = Arn.parse(key.arn).account if is_key_arn(key.arn) else ""
    if key.is_missing:
        return concern(Code.KEY_MISSING, key.arn, Details(key=key.arn), trails=trails)
    if owner not in {"", account}:
        facts = Details(key=key.arn, owner=owner, trail=trails[0])
        return concern(Code.KEY_ELSEWHERE, key.arn, facts, trails=trails)
    return concern(Code.KEY_UNREADABLE, key.arn, why_unread(key.reason, Details(key=key.arn)), trails=trails)


def _unfit(key: KmsKey, *, bucket_region: str, account: str, serves: bool) -> Iterator[tuple[Code, Details]]:
    if key.region != bucket_region:
        facts = Details(
            key=key.arn,
            region=key.region,
            bucket_region=bucket_region,
            multi_region=key.multi_region,
        )
        yield Code.KEY_IN_OTHER_REGION, facts
    if not key.is_symmetric:
        yield (
            Code.KEY_NOT_SYMMETRIC,
            Details(key=key.arn, spec=word(key.key_spec), usage=word(key.key_usage)),
        )
    if key.key_manager != "CUSTOMER":
        yield Code.KEY_OF_AWS, Details(key=key.arn)
    if not key.state.is_usable and not can_be_rescued(key, account):
        facts = Details(key=key.arn, state=key.state, owner=key.account, region=key.region)
        yield Code.KEY_UNUSABLE, facts
    if key.account != account and not serves:
        yield Code.KEY_ELSEWHERE, Details(key=key.arn, owner=key.account)


def policy_concerns(policy: str, *, merged: Merged, key: str, trails: tuple[str, ...]) -> Iterator[Concern]:
    """Yield what stands against the policy that a merge came to; `policy` is the one that is planned."""
    if merged.denied_by:
        facts = Details(key=key, statements=labels(merged.denied_by, policy))
        yield concern(Code.KEY_POLICY_DENIES, key, facts, trails=trails)
    if network := by_network(policy, PolicyKind.KEY, merged.open_by):
        facts = Details(key=key, statements=labels(network, policy))
        yield concern(Code.KEY_POLICY_BY_NETWORK, key, facts)
    elif merged.is_open:
        facts = Details(key=key, statements=labels(merged.open_by, policy))
        yield concern(Code.KEY_POLICY_UNDECIDED, key, facts)
