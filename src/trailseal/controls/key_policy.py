"""TS105: the key's policy lets CloudTrail in."""

from __future__ import annotations

from collections.abc import Iterator

from trailseal.access.cloudtrail.answers import answers
from trailseal.access.cloudtrail.destination import destination_of
from trailseal.access.cloudtrail.requests import Purpose, key_requests
from trailseal.access.decision import Effect
from trailseal.access.parse.kind import PolicyKind
from trailseal.access.readers.from_snapshot import key_facts
from trailseal.access.request import Policies
from trailseal.controls.cloudtrail_words import refused, undecided
from trailseal.controls.estate import described, key_of, unread_trails, unseen_key
from trailseal.controls.finding import Check, Finding, Severity, Verdict
from trailseal.messages import N_, message
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
    why=N_("If the policy shuts CloudTrail out, deliveries stop; they do not fall back to SSE-S3."),
    remedy=N_("let trailseal add what is missing, keeping what is there: trailseal plan --key KEY"),
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
    if isinstance(key.policies, Unreadable):
        return CHECK.unknown(trail.arn, key.policies, trails=(trail.arn,))
    to = destination_of(trail, snapshot)
    asked = key_requests(to, key_arn=key.arn, key_facts=key_facts(key))
    deliveries = (each for each in asked if each.purpose is not Purpose.TRY_KEY)
    shared = key.policies.aws_ram or None
    found = answers(deliveries, Policies(resource=key.policies.default, resource_shared=shared))
    if any(each.is_denied for each in found):
        remedy = message("trailseal plan --trail {trail} --key {key}", trail=trail.arn, key=key.arn)
        return CHECK.failed(trail.arn, refused(found, subject=key.arn), trails=(trail.arn,), remedy=remedy)
    if any(each.effect is not Effect.ALLOWED for each in found):
        text = undecided(found, subject=key.arn, document=key.policies.default, kind=PolicyKind.KEY)
        return CHECK.found(Verdict.UNKNOWN, trail.arn, text, trails=(trail.arn,))
    text = message("the policy of {key} lets CloudTrail in", key=key.arn)
    return CHECK.passed(trail.arn, text, trails=(trail.arn,))
