"""CloudTrail.7: reads of the bucket with the log files are logged."""

from __future__ import annotations

from collections.abc import Iterator

from trailseal.controls import bucket_remedies
from trailseal.controls.estate import by_bucket, elsewhere, no_bucket, region_of
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
    why=N_("Access logs show who read the log files, also where no data events are recorded."),
    remedy=N_("have access logged into another bucket, which stays on SSE-S3"),
    page="https://docs.aws.amazon.com/securityhub/latest/userguide/cloudtrail-controls.html#cloudtrail-7",
)


def check(snapshot: Snapshot) -> Iterator[Finding]:
    """Yield one finding per bucket that trails deliver to."""
    for bucket, trails in by_bucket(snapshot):
        if isinstance(bucket, UnreadBucket):
            yield no_bucket(CHECK, bucket, trails)
        else:
            yield elsewhere(CHECK, bucket, snapshot, trails) or _judge(bucket, trails, snapshot)


def _judge(bucket: Bucket, trails: tuple[str, ...], snapshot: Snapshot) -> Finding:
    match bucket.logging_target:
        case Unreadable() as reason:
            return CHECK.unknown(bucket.name, reason, trails=trails)
        case "":
            text = message("access to {bucket} is not logged", bucket=bucket.name)
            command = bucket_remedies.log_access(
                bucket.name, region_of(bucket), account=snapshot.account, partition=snapshot.partition
            )
            remedy = message("have it logged into a bucket of its own, on SSE-S3: {command}", command=command)
            return CHECK.failed(bucket.name, text, trails=trails, remedy=remedy)
        case target:
            text = message("access to {bucket} is logged to {target}", bucket=bucket.name, target=target)
            return CHECK.passed(bucket.name, text, trails=trails)
