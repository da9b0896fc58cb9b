"""TS104: the key lies in the bucket's Region."""

from __future__ import annotations

from collections.abc import Iterator

from trailseal.controls import remedies
from trailseal.controls.estate import described, key_of, missing_bucket, unread_trails, unseen_key
from trailseal.controls.finding import Check, Finding, Severity
from trailseal.messages import N_, message
from trailseal.model.bucket import UnreadBucket
from trailseal.model.key import KmsKey
from trailseal.model.snapshot import Snapshot
from trailseal.model.trail import Trail
from trailseal.model.unreadable import Unreadable

CHECK = Check(
    id="TS104",
    title=N_("The trail's KMS key is in the Region of the bucket"),
    severity=Severity.HIGH,
    what=N_("The key's Region is the bucket's, which need not be the trail's home Region."),
    why=N_("S3 encrypts with keys of its own Region only, so CloudTrail could deliver nothing."),
    remedy=N_("let the trail use a key of the bucket's Region"),
    page="https://docs.aws.amazon.com/awscloudtrail/latest/userguide/encrypting-cloudtrail-log-files-with-aws-kms.html",
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
    if missing := missing_bucket(trail, snapshot):
        return CHECK.no_data(trail.arn, missing, trails=(trail.arn,))
    region = _region(trail, snapshot)
    if isinstance(region, Unreadable):
        return CHECK.unknown(trail.arn, region, trails=(trail.arn,))
    text = message(
        "the key lies in {key_region}, {bucket} in {region}",
        key_region=key.region,
        bucket=trail.s3_bucket_name,
        region=region,
    )
    if key.region == region:
        return CHECK.passed(trail.arn, text, trails=(trail.arn,))
    remedy = remedies.another_key((trail,), snapshot)
    return CHECK.failed(trail.arn, text, trails=(trail.arn,), remedy=remedy)


def _region(trail: Trail, snapshot: Snapshot) -> str | Unreadable:
    match snapshot.bucket(trail.s3_bucket_name):
        case None:
            return Unreadable(call="s3:GetBucketLocation", code="NotRead", where=trail.s3_bucket_name)
        case UnreadBucket(reason=reason):
            return reason
        case bucket:
            return bucket.region
