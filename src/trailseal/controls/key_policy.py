"""TS105: the key's policy lets CloudTrail in."""

from __future__ import annotations

from collections.abc import Iterator

from trailseal.access.cloudtrail.answers import CloudTrailAnswer
from trailseal.access.cloudtrail.trail_answers import key_answers
from trailseal.access.decision import Effect
from trailseal.access.parse.kind import PolicyKind
from trailseal.controls import remedies
from trailseal.controls.cloudtrail_words import deniers, refused, undecided
from trailseal.controls.estate import described, key_of, unread_trails, unseen_key
from trailseal.controls.finding import Check, Finding, Severity, Verdict
from trailseal.controls.mended_policy import mended_policy
from trailseal.controls.typed import typed
from trailseal.messages import N_, Message, message
from trailseal.model.key import KmsKey
from trailseal.model.snapshot import Snapshot
from trailseal.model.trail import Trail
from trailseal.model.unreadable import Unreadable

CHECK = Check(
    id="TS105",
    title=N_("The key's policy lets CloudTrail encrypt for this trail"),
    severity=Severity.CRITICAL,
    what=N_(
        "The key's policy allows CloudTrail, with this trail as source and encryption context, to call "
        "kms:GenerateDataKey and kms:DescribeKey, and kms:Decrypt where the bucket uses an S3 Bucket Key."
    ),
    why=N_("If the policy denies CloudTrail, deliveries stop; they do not fall back to SSE-S3."),
    remedy=N_("add what is missing, keeping what is there"),
    page="https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-kms-key-policy-for-cloudtrail.html",
)


def check(snapshot: Snapshot) -> Iterator[Finding]:
    """Yield one finding per trail with a key."""
    yield from unread_trails(CHECK, snapshot)
    for trail in described(snapshot):
        if not trail.is_sealed:
            continue
        key = key_of(trail, snapshot)
        if isinstance(key, KmsKey):
            yield _judge(trail, key, snapshot)
        else:
            yield unseen_key(CHECK, key, (trail.arn,), trail.arn)


def _judge(trail: Trail, key: KmsKey, snapshot: Snapshot) -> Finding:
    about = (trail.arn,)
    if isinstance(key.policies, Unreadable):
        return CHECK.unknown(trail.arn, key.policies, trails=about)
    found = key_answers(trail, key, key.policies, snapshot)
    if any(each.is_denied for each in found):
        is_explicit = any(each.effect is Effect.EXPLICITLY_DENIED for each in found)
        if isinstance(key.grants, Unreadable) and not is_explicit:
            return CHECK.unknown(trail.arn, key.grants, trails=about)
        remedy = _mend(trail, key, deniers(found), snapshot)
        return CHECK.failed(trail.arn, refused(found, subject=key.arn), trails=about, remedy=remedy)
    if any(each.effect is not Effect.ALLOWED for each in found):
        text = undecided(found, subject=key.arn, document=key.policies.default, kind=PolicyKind.KEY)
        return CHECK.found(Verdict.UNKNOWN, trail.arn, text, trails=about)
    return CHECK.passed(trail.arn, _let_in(found, key), trails=about)


def _let_in(found: tuple[CloudTrailAnswer, ...], key: KmsKey) -> Message:
    if any(reason.layer == "grant" for each in found for reason in each.decision.reasons):
        return message("the policy of {key} and the grants on it let CloudTrail in", key=key.arn)
    return message("the policy of {key} lets CloudTrail in", key=key.arn)


def _mend(trail: Trail, key: KmsKey, denying: tuple[str, ...], snapshot: Snapshot) -> Message:
    """Return what lets AWS services past a Deny, or the plan that adds what is missing; else another key."""
    mended = _past(denying, key)
    if key.account != snapshot.account or mended is None:
        return remedies.another_key((trail,), snapshot)
    if denying:
        command = typed(
            "aws kms put-key-policy",
            key_id=key.arn,
            policy_name="default",
            policy=mended,
            region=key.region,
        )
        return message("let the key's policy except AWS services: {command}", command=command)
    command = remedies.plan(trail, key=key.arn)
    remedy = message("add what is missing, keeping what is there: {command}", command=command)
    return remedies.of_trail(remedy, trail, snapshot)


def _past(denying: tuple[str, ...], key: KmsKey) -> str | None:
    policies = key.policies
    return None if isinstance(policies, Unreadable) else mended_policy(policies.default, (), denying)
