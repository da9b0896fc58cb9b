"""TS101: the key that the trail names exists."""

from __future__ import annotations

from collections.abc import Iterator

from trailseal.controls import remedies
from trailseal.controls.estate import by_key
from trailseal.controls.finding import Check, Finding, Severity
from trailseal.messages import N_, message
from trailseal.model.key import KmsKey
from trailseal.model.snapshot import Snapshot

CHECK = Check(
    id="TS101",
    title=N_("The trail's KMS key exists"),
    severity=Severity.CRITICAL,
    what=N_("KMS knows the key that the trail names."),
    why=N_("CloudTrail.2 passes for a key that is gone, while CloudTrail delivers nothing any more."),
    remedy=N_("let the trail use another key"),
    page="https://docs.aws.amazon.com/kms/latest/APIReference/API_DescribeKey.html",
)


def check(snapshot: Snapshot) -> Iterator[Finding]:
    """Yield one finding per key that a trail names; other checks say nothing of a key not seen."""
    for key, users in by_key(snapshot):
        trails = tuple(trail.arn for trail in users)
        if isinstance(key, KmsKey):
            yield CHECK.passed(key.arn, message("{key} exists", key=key.arn), trails=trails)
        elif key.is_missing:
            text = message("there is no key {key}", key=key.arn)
            remedy = remedies.another_key(users, snapshot)
            yield CHECK.failed(key.arn, text, trails=trails, remedy=remedy)
        else:
            yield CHECK.unknown(key.arn, key.reason, trails=trails)
