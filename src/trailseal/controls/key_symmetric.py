"""TS103: the key is a symmetric encryption key."""

from __future__ import annotations

from collections.abc import Iterator

from trailseal.controls import remedies
from trailseal.controls.estate import by_key, unseen_key
from trailseal.controls.finding import Check, Finding, Severity
from trailseal.messages import N_, message
from trailseal.model.key import KmsKey
from trailseal.model.snapshot import Snapshot

CHECK = Check(
    id="TS103",
    title=N_("The trail's KMS key is a symmetric encryption key"),
    severity=Severity.HIGH,
    what=N_("The key is SYMMETRIC_DEFAULT, for ENCRYPT_DECRYPT."),
    why=N_("CloudTrail and S3 can use no other kind."),
    remedy=N_("let the trail use another key"),
    page="https://docs.aws.amazon.com/awscloudtrail/latest/userguide/how-kms-works-with-cloudtrail.html",
)


def check(snapshot: Snapshot) -> Iterator[Finding]:
    """Yield one finding per key that a trail names."""
    for key, users in by_key(snapshot):
        trails = tuple(trail.arn for trail in users)
        if not isinstance(key, KmsKey):
            yield unseen_key(CHECK, key, trails)
            continue
        text = message("{key} is {spec} for {usage}", key=key.arn, spec=key.key_spec, usage=key.key_usage)
        if key.is_symmetric:
            yield CHECK.passed(key.arn, text, trails=trails)
        else:
            remedy = remedies.another_key(users, snapshot)
            yield CHECK.failed(key.arn, text, trails=trails, remedy=remedy)
