"""Concerns about a key that already exists: whether CloudTrail can use it for this bucket at all."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from trailseal.messages import Message, message
from trailseal.model.arn import Arn, is_arn
from trailseal.model.key import KeyPolicies, KeyState, KmsKey, UnreadKey
from trailseal.model.moment import in_utc
from trailseal.model.unreadable import Unreadable
from trailseal.plan.concern import Concern, Weight
from trailseal.plan.document import fits, parse


def key_concerns(
    key: KmsKey | UnreadKey, *, bucket_region: str, account: str, trails: tuple[str, ...]
) -> Iterator[Concern]:
    """Yield what stands against `key` for trails that deliver to a bucket in `bucket_region`."""
    if isinstance(key, UnreadKey):
        foreign = Arn.parse(key.arn).account not in {"", account} if is_arn(key.arn) else False
        yield _of_other_account(key.arn, trails) if foreign and not key.is_missing else _unread(key, trails)
        return
    for code, text, remedy in _unfit(key, bucket_region=bucket_region, account=account):
        yield Concern(
            code=code, weight=Weight.REFUSED, subject=key.arn, text=text, remedy=remedy, trails=trails
        )
    if key.origin == "EXTERNAL" and key.valid_to:
        yield _material_expires(key.arn, key.valid_to)
    if isinstance(key.policies, Unreadable) and key.account == account:
        yield Concern(
            code="key-policy-unreadable",
            weight=Weight.UNKNOWN,
            subject=key.arn,
            text=message(
                "the policy of {key} could not be read ({code}), so nothing can be merged into it: "
                "{call} is needed",
                key=key.arn,
                code=key.policies.code,
                call=key.policies.call,
            ),
            trails=trails,
        )
    elif key.account == account and isinstance(key.policies, KeyPolicies):
        yield from _no_document(key.arn, key.policies.default, trails)


def _material_expires(arn: str, when: datetime) -> Concern:
    return Concern(
        code="key-material-expires",
        weight=Weight.WARNING,
        subject=arn,
        text=message(
            "the imported material of {key} expires at {when}: from then on CloudTrail cannot deliver and "
            "nobody can read",
            key=arn,
            when=in_utc(when),
        ),
        remedy=message("import the same material again before that: trailseal key import"),
    )


def _no_document(arn: str, policy: str, trails: tuple[str, ...]) -> Iterator[Concern]:
    """A name that stands twice has no one meaning: whatever is written back could be another policy."""
    if not policy:
        return
    try:
        parse(policy)
    except ValueError as problem:
        yield Concern(
            code="key-policy-unreadable",
            weight=Weight.UNKNOWN,
            subject=arn,
            text=message(
                "the policy of {key} is no document that something can be merged into: {problem}",
                key=arn,
                problem=str(problem),
            ),
            trails=trails,
        )


def _of_other_account(arn: str, trails: tuple[str, ...]) -> Concern:
    """Return the refusal of a key that this account may not even describe."""
    return Concern(
        code="key-in-other-account",
        weight=Weight.REFUSED,
        subject=arn,
        text=message(
            "key {key} belongs to account {owner} and could not be described from here",
            key=arn,
            owner=Arn.parse(arn).account,
        ),
        remedy=message(
            "plan it there with --also-for {trail}, apply that, then take this on here", trail=trails[0]
        ),
        trails=trails,
    )


def _unread(key: UnreadKey, trails: tuple[str, ...]) -> Concern:
    if key.is_missing:
        return Concern(
            code="key-missing",
            weight=Weight.REFUSED,
            subject=key.arn,
            text=message("there is no key {key}", key=key.arn),
            remedy=message("name another with --key, or let one be made with --key create"),
            trails=trails,
        )
    return Concern(
        code="key-unreadable",
        weight=Weight.UNKNOWN,
        subject=key.arn,
        text=message(
            "key {key} could not be described ({code}): {call} is needed",
            key=key.arn,
            code=key.reason.code,
            call=key.reason.call,
        ),
        trails=trails,
    )


def _unfit(key: KmsKey, *, bucket_region: str, account: str) -> Iterator[tuple[str, Message, Message | None]]:
    if key.region != bucket_region:
        yield (
            "key-in-other-region",
            message(
                "key {key} lies in {region} and the bucket in {bucket_region}; CloudTrail needs a key in the "
                "bucket's Region",
                key=key.arn,
                region=key.region,
                bucket_region=bucket_region,
            ),
            message("name the multi-Region key's replica in {region}", region=bucket_region)
            if key.multi_region
            else message("choose a key of {region}, or --key create", region=bucket_region),
        )
    if not key.is_symmetric:
        yield (
            "key-not-symmetric",
            message("key {key} is {spec} for {usage}; CloudTrail uses symmetric encryption keys only",
                    key=key.arn, spec=key.key_spec, usage=key.key_usage),
            message("choose a SYMMETRIC_DEFAULT key for ENCRYPT_DECRYPT"),
        )  # fmt: skip
    if key.key_manager != "CUSTOMER":
        yield (
            "key-managed-by-aws",
            message("key {key} is managed by AWS and its policy cannot be changed", key=key.arn),
            message("choose a customer managed key"),
        )
    if not key.state.is_usable:
        yield (
            "key-unusable",
            message("key {key} is {state}", key=key.arn, state=key.state.value),
            _mend(key),
        )
    if key.account != account:
        yield (
            "key-in-other-account",
            message(
                "key {key} belongs to account {owner}: its policy can be changed only there",
                key=key.arn,
                owner=key.account,
            ),
            message("plan it there with --also-for TRAIL-ARN, apply that, then take this on here"),
        )


def _mend(key: KmsKey) -> Message:
    match key.state:
        case KeyState.DISABLED:
            return message("enable it with aws kms enable-key, or choose another")
        case KeyState.PENDING_DELETION:
            return message("cancel its deletion with aws kms cancel-key-deletion, or choose another")
        case KeyState.PENDING_IMPORT:
            return message("import its material first: trailseal key import {key}", key=key.arn)
        case _:
            return message("wait until it is Enabled, or choose another")


def policy_concerns(
    policy: str, *, denied_by: tuple[str, ...], key: str, trails: tuple[str, ...]
) -> Iterator[Concern]:
    """Yield what stands against the policy that a merge came to."""
    if denied_by:
        yield Concern(
            code="key-policy-denies",
            weight=Weight.REFUSED,
            subject=key,
            text=message(
                "the policy of {key} denies CloudTrail whatever is added: {statements}",
                key=key,
                statements=", ".join(denied_by),
            ),
            remedy=message("change that statement first; trailseal never removes one that it did not write"),
            trails=trails,
        )
    if not fits(policy):
        yield Concern(
            code="key-policy-too-long",
            weight=Weight.REFUSED,
            subject=key,
            text=message("the policy of {key} would be longer than the 32 KB that KMS takes", key=key),
            remedy=message("shorten it first, or let another key be made with --key create"),
            trails=trails,
        )
