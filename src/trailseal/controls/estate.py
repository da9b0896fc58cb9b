"""Who is judged: each trail once with its bucket and key, and the trails that nobody would describe."""

from __future__ import annotations

from collections.abc import Iterator

from trailseal.controls.finding import Check, Finding
from trailseal.messages import message
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


def _not_read(name: str) -> Unreadable:
    return Unreadable(call="s3:GetBucketLocation", code="NotRead", where=name)
