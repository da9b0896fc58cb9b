"""Who is judged: each trail once with its bucket and key, and the trails that nobody would describe."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from trailseal.controls.finding import Check, Finding
from trailseal.messages import Message, message
from trailseal.model.arn import Arn
from trailseal.model.bucket import Bucket, UnreadBucket
from trailseal.model.key import KmsKey, UnreadKey, unread_key
from trailseal.model.log_file import StoredObject, parse_log_file_key
from trailseal.model.moment import age, in_utc
from trailseal.model.organization import Organization
from trailseal.model.snapshot import Delivery, Snapshot
from trailseal.model.trail import EventSelection, Trail, TrailStatus, UnreadTrail
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
        yield snapshot.key(arn) or unread_key(arn), tuple(users)


def region_of(bucket: Bucket) -> str:
    """Return where a bucket lies, "" where that is not known."""
    return bucket.region if isinstance(bucket.region, str) else ""


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


def unseen_key(check: Check, key: UnreadKey, trails: tuple[str, ...], subject: str = "") -> Finding:
    """Return why a key cannot be judged; that there is none of that name, TS101 says."""
    if not key.is_missing:
        return check.unknown(subject or key.arn, key.reason, trails=trails)
    text = message("there is no key {key} that could be judged", key=key.arn)
    return check.no_data(subject or key.arn, text, trails=trails)


def key_of(trail: Trail, snapshot: Snapshot) -> KmsKey | UnreadKey:
    """Return the key that a trail names; one that was not read too."""
    return snapshot.key(trail.kms_key_id) or unread_key(trail.kms_key_id)


def status_at_home(trail: Trail) -> TrailStatus | Unreadable:
    """Return a trail's status at home, or why it is not known: AWS's refusal there, or that nobody asked."""
    if trail.home_status is not None:
        return trail.home_status
    refused = (each for each in trail.statuses if isinstance(each, Unreadable))
    unasked = Unreadable(call="cloudtrail:GetTrailStatus", code="NotRead", where=trail.home_region)
    return next((each for each in refused if each.where == trail.home_region), unasked)


def records_reads(trail: Trail) -> bool:
    """Whether a look at the trail is itself an event that it delivers."""
    return isinstance(trail.events, EventSelection) and trail.events.read_management


def age_of(at: datetime | None, now: datetime) -> str:
    """Return how long ago something was, `-` for never."""
    return age(at, now) if at else "-"


def time_and_age(at: datetime | None, now: datetime) -> str:
    """Return when something was and how long ago, `-` for never."""
    return f"{in_utc(at)}, {age(at, now)}" if at else "-"


def changed_in(arn: str, snapshot: Snapshot) -> str:
    """Return the account that a trail has to be changed in, "" for this one."""
    owner = Arn.parse(arn).account
    return "" if snapshot.may_change_trails_of(owner) else owner


def vanished(trail: Trail, status: TrailStatus, snapshot: Snapshot) -> Message | None:
    """Return what follows where CloudTrail says that it delivered and nothing lies there, None elsewhere."""
    if status.latest_delivery_time is None:
        return None
    if any(_may_hold(each, trail, status.region) for each in snapshot.deliveries):
        return None
    return message(
        "CloudTrail says that {trail} delivered from {region} at {when}, and nothing of it lies in {bucket}",
        trail=trail.name,
        region=status.region,
        when=in_utc(status.latest_delivery_time),
        bucket=trail.s3_bucket_name,
    )


def is_of(stored: StoredObject, trail: Trail) -> bool:
    """Whether a delivered object lies where a trail delivers."""
    parsed = parse_log_file_key(stored.key)
    return parsed is not None and parsed.prefix == trail.s3_key_prefix


def newest_from(trail: Trail, region: str, snapshot: Snapshot) -> datetime | None:
    """Return when the newest object of the trail's own account in a Region's folder came, None for none."""
    return max(
        (
            stored.last_modified
            for place in snapshot.deliveries
            if (place.bucket, place.account, place.region) == (trail.s3_bucket_name, trail.account, region)
            for stored in (place.log_file, place.digest_file)
            if isinstance(stored, StoredObject) and is_of(stored, trail)
        ),
        default=None,
    )


def delivered_for(trail: Trail, snapshot: Snapshot) -> tuple[Delivery, ...]:
    """Return what was seen where a trail delivers: of its own account, and of any of its organization."""
    has_members = trail.is_organization_trail and isinstance(snapshot.organization, Organization)
    return tuple(
        place
        for place in snapshot.deliveries
        if place.bucket == trail.s3_bucket_name and (has_members or place.account in {"", trail.account})
    )


def _may_hold(place: Delivery, trail: Trail, region: str) -> bool:
    """Whether something of the trail's own account lies in a Region's folder, or may do unseen."""
    if (place.bucket, place.account) != (trail.s3_bucket_name, trail.account):
        return False
    if place.region not in {"", region}:
        return False
    both = (each for each in (place.log_file, place.digest_file) if each is not None)
    return any(isinstance(each, Unreadable) or is_of(each, trail) for each in both)


def _not_read(name: str) -> Unreadable:
    return Unreadable(call="s3:GetBucketLocation", code="NotRead", where=name)
