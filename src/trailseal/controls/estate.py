"""Who is judged: each trail once with its bucket and key, and the trails that nobody would describe."""

from __future__ import annotations

from collections.abc import Iterator

from trailseal.controls.finding import Check, Finding
from trailseal.messages import Message, message
from trailseal.model.bucket import Bucket, UnreadBucket
from trailseal.model.key import KmsKey, UnreadKey
from trailseal.model.snapshot import Snapshot
from trailseal.model.trail import Trail, UnreadTrail
from trailseal.model.unreadable import Unreadable


def described(snapshot: Snapshot) -> tuple[Trail, ...]:
    """Return the trails whose settings are known, in ARN order."""
    return tuple(sorted((t for t in snapshot.trails if isinstance(t, Trail)), key=lambda t: t.arn))


def unread_trails(check: Check, snapshot: Snapshot) -> Iterator[Finding]:
    """Yield one UNKNOWN for each trail whose settings are not known."""
    for trail in snapshot.trails:
        if isinstance(trail, UnreadTrail):
            yield check.unknown(trail.arn, trail.reason, trails=(trail.arn,))


def by_bucket(snapshot: Snapshot) -> Iterator[tuple[Bucket | UnreadBucket, tuple[str, ...]]]:
    """Yield each bucket with the ARNs of the trails that deliver to it; a bucket that was not read too."""
    names: dict[str, list[str]] = {}
    for trail in described(snapshot):
        names.setdefault(trail.s3_bucket_name, []).append(trail.arn)
    for name, trails in names.items():
        yield snapshot.bucket(name) or UnreadBucket(name=name, reason=_not_read(name)), tuple(trails)


def by_key(snapshot: Snapshot) -> Iterator[tuple[KmsKey | UnreadKey, tuple[Trail, ...]]]:
    """Yield each key with the trails that name it; a key that was not read too."""
    trails: dict[str, list[Trail]] = {}
    for trail in described(snapshot):
        if trail.is_sealed:
            trails.setdefault(trail.kms_key_id, []).append(trail)
    for arn, users in trails.items():
        unread = UnreadKey(arn=arn, reason=Unreadable(call="kms:DescribeKey", code="NotRead", where=arn))
        yield snapshot.key(arn) or unread, tuple(users)


def elsewhere(check: Check, bucket: Bucket, snapshot: Snapshot, trails: tuple[str, ...]) -> Finding | None:
    """
    Return NO_DATA for a bucket of another account, None for one of this account.

    Security Hub judges a bucket only in the account and Region that it lies in.
    Source: https://docs.aws.amazon.com/securityhub/latest/userguide/cloudtrail-controls.html
    """
    if bucket.account in {"", snapshot.account}:
        return None
    text = message(
        "{bucket} belongs to account {owner}, and is judged there", bucket=bucket.name, owner=bucket.account
    )
    return check.no_data(bucket.name, text, trails=trails)


def no_bucket(check: Check, bucket: UnreadBucket, trails: tuple[str, ...]) -> Finding:
    """
    Return why a bucket cannot be judged: S3 does not tell of it, or says that there is none.

    Security Hub judges buckets that there are; that trails deliver into one there is not, TS106 says.
    """
    if not bucket.is_missing:
        return check.unknown(bucket.name, bucket.reason, trails=trails)
    text = message("there is no bucket {bucket} that could be judged", bucket=bucket.name)
    return check.no_data(bucket.name, text, trails=trails)


def missing_bucket(trail: Trail, snapshot: Snapshot) -> Message | None:
    """Return what follows where S3 says that a trail's bucket does not exist, None where it does not."""
    bucket = snapshot.bucket(trail.s3_bucket_name)
    if not isinstance(bucket, UnreadBucket) or not bucket.is_missing:
        return None
    return message(
        "{trail} delivers nothing: there is no bucket {bucket}, and whoever makes one of that name gets the "
        "log files",
        trail=trail.name,
        bucket=bucket.name,
    )


def _not_read(name: str) -> Unreadable:
    return Unreadable(call="s3:GetBucketLocation", code="NotRead", where=name)
