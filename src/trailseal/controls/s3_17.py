"""S3.17: the bucket's default encryption uses KMS."""

from __future__ import annotations

from collections.abc import Iterator

from trailseal.controls import bucket_remedies, remedies
from trailseal.controls.estate import by_bucket, described, elsewhere, no_bucket, region_of
from trailseal.controls.finding import Check, Finding, Severity
from trailseal.messages import N_, Message, message
from trailseal.model.bucket import Bucket, UnreadBucket
from trailseal.model.securityhub import SecurityHub
from trailseal.model.snapshot import Snapshot
from trailseal.model.unreadable import Unreadable

CHECK = Check(
    id="S3.17",
    title=N_("The bucket's default encryption uses KMS"),
    severity=Severity.MEDIUM,
    what=N_(
        "The default encryption of the bucket is SSE-KMS. It is judged only where an enabled standard of "
        "Security Hub asks for it (NIST 800-53, PCI DSS); the trail's own key is another setting."
    ),
    why=N_("Objects that others put into the bucket are encrypted with a key as well."),
    remedy=N_(
        "encrypt new objects with the trail's key, but never those of a bucket that takes S3 access logs"
    ),
    page="https://docs.aws.amazon.com/securityhub/latest/userguide/s3-controls.html#s3-17",
)


def check(snapshot: Snapshot) -> Iterator[Finding]:
    """Yield one finding per bucket that trails deliver to, if an enabled standard has this control."""
    if not _is_asked_for(snapshot):
        return
    for bucket, trails in by_bucket(snapshot):
        if isinstance(bucket, UnreadBucket):
            yield no_bucket(CHECK, bucket, trails)
        else:
            yield elsewhere(CHECK, bucket, snapshot, trails) or _judge(bucket, trails, snapshot)


def _is_asked_for(snapshot: Snapshot) -> bool:
    return any(
        control.control_id == CHECK.id and control.enabled
        for hub in snapshot.hubs
        if isinstance(hub, SecurityHub)
        for standard in hub.standards
        for control in standard.controls
    )


def _judge(bucket: Bucket, trails: tuple[str, ...], snapshot: Snapshot) -> Finding:
    match bucket.encryption:
        case Unreadable() as reason:
            return CHECK.unknown(bucket.name, reason, trails=trails)
        case encryption if encryption.sse_algorithm == "AES256":
            text = message("new objects of {bucket} get SSE-S3 by default", bucket=bucket.name)
            return CHECK.failed(bucket.name, text, trails=trails, remedy=_mend(bucket, trails, snapshot))
        case _:
            text = message("new objects of {bucket} get SSE-KMS by default", bucket=bucket.name)
            return CHECK.passed(bucket.name, text, trails=trails)


def _mend(bucket: Bucket, trails: tuple[str, ...], snapshot: Snapshot) -> Message:
    """Return how the bucket gets the trail's own key; a trail without one comes first."""
    users = tuple(trail for trail in described(snapshot) if trail.arn in trails)
    if any(isinstance(each, Bucket) and each.logging_target == bucket.name for each in snapshot.buckets):
        return message(
            "{bucket} takes S3 access logs, which S3 delivers to buckets on SSE-S3 alone: whoever manages "
            "them must have them delivered elsewhere first",
            bucket=bucket.name,
        )
    if key := remedies.key_to_seal_with(users, region_of(bucket), snapshot):
        command = bucket_remedies.encrypt_by_default(bucket.name, region_of(bucket), key)
        return message("encrypt new objects with the trail's key: {command}", command=command)
    remedy = message(
        "let the trail use a key first, then look again: {command}", command=remedies.plan(*users)
    )
    return remedies.of_trail(remedy, users[0], snapshot)
