"""CloudTrail.2: the trail names a KMS key."""

from __future__ import annotations

from collections.abc import Iterator

from trailseal.controls import remedies
from trailseal.controls.estate import described, unread_trails
from trailseal.controls.finding import Check, Finding, Severity
from trailseal.messages import N_, message
from trailseal.model.snapshot import Snapshot

CHECK = Check(
    id="CloudTrail.2",
    title=N_("CloudTrail has encryption at rest with a KMS key"),
    severity=Severity.MEDIUM,
    what=N_("Each trail names a KMS key. Nothing else is looked at: not the key, not its policy, no object."),
    why=N_(
        "Log files are encrypted either way. With SSE-S3, whoever may read the bucket reads them; with a key "
        "of your own its policy decides too, each use of the key is recorded, and you decide over its life."
    ),
    remedy=N_("plan the switch, and apply it"),
    page="https://docs.aws.amazon.com/securityhub/latest/userguide/cloudtrail-controls.html#cloudtrail-2",
)


def check(snapshot: Snapshot) -> Iterator[Finding]:
    """
    Yield one finding per trail, in ARN order.

    A key ID proves only what CloudTrail was asked to do; the outcome checks ask the rest.
    """
    yield from unread_trails(CHECK, snapshot)
    for trail in described(snapshot):
        if trail.is_sealed:
            text = message("{trail} names key {key}", trail=trail.name, key=trail.kms_key_id)
            yield CHECK.passed(trail.arn, text, trails=(trail.arn,))
        else:
            text = message("{trail} names no KMS key, so CloudTrail delivers with SSE-S3", trail=trail.name)
            remedy = message("plan the switch: {command}", command=remedies.plan(trail))
            yield CHECK.failed(
                trail.arn, text, trails=(trail.arn,), remedy=remedies.of_trail(remedy, trail, snapshot)
            )
