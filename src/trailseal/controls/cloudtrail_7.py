"""CloudTrail.7: reads of the bucket with the log files are logged."""

from __future__ import annotations

from collections.abc import Iterator

from trailseal.controls.estate import by_bucket, elsewhere, no_bucket
from trailseal.controls.finding import Check, Finding, Severity
from trailseal.messages import N_, message
from trailseal.model.bucket import Bucket, UnreadBucket
from trailseal.model.snapshot import Snapshot
from trailseal.model.unreadable import Unreadable

CHECK = Check(
    id="CloudTrail.7",
    title=N_("Access to the bucket with the log files is logged"),
    severity=Severity.LOW,
    what=N_("S3 server access logging is on for the bucket."),
    why=N_("Access logs tell who read the log files, also where no data events are recorded."),
    remedy=N_("turn it on, into another bucket that stays on SSE-S3: aws s3api put-bucket-logging"),
    page="https://docs.aws.amazon.com/securityhub/latest/userguide/cloudtrail-controls.html#cloudtrail-7",
)


def check(snapshot: Snapshot) -> Iterator[Finding]:
    """Yield one finding per bucket that trails deliver to."""
    for bucket, trails in by_bucket(snapshot):
        if isinstance(bucket, UnreadBucket):
            yield no_bucket(CHECK, bucket, trails)
        else:
            yield elsewhere(CHECK, bucket, snapshot, trails) or _judge(bucket, trails)


def _judge(bucket: Bucket, trails: tuple[str, ...]) -> Finding:
    match bucket.logging_target:
        case Unreadable() as reason:
            return CHECK.unknown(bucket.name, reason, trails=trails)
        case "":
            text = message("access to {bucket} is not logged", bucket=bucket.name)
            return CHECK.failed(bucket.name, text, trails=trails)
        case target:
            text = message("access to {bucket} is logged to {target}", bucket=bucket.name, target=target)
            return CHECK.passed(bucket.name, text, trails=trails)
