"""TS107: the newest delivered object of each account and Region is encrypted under the trail's key."""

from __future__ import annotations

from collections.abc import Iterator

from trailseal.controls.estate import described, missing_bucket
from trailseal.controls.finding import Check, Finding, Severity
from trailseal.messages import N_, message
from trailseal.model.log_file import StoredObject, parse_log_file_key
from trailseal.model.moment import in_utc
from trailseal.model.organization import Organization
from trailseal.model.snapshot import Delivery, Snapshot
from trailseal.model.trail import Trail
from trailseal.model.unreadable import Unreadable

CHECK = Check(
    id="TS107",
    title=N_("The newest delivered object is encrypted under the trail's key"),
    severity=Severity.HIGH,
    what=N_(
        "HeadObject of the newest log file or digest file of each account and Region shows aws:kms and the "
        "very key that the trail names."
    ),
    why=N_("A trail's setting says what was asked for. Only the objects show what was done."),
    remedy=N_(
        "right after a switch the next delivery shows it, about five minutes later, longer in a quiet "
        "Region: trailseal verify --wait"
    ),
    page="https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-log-file-encryption-cli.html",
)


def check(snapshot: Snapshot) -> Iterator[Finding]:
    """Yield one finding per account and Region that a trail with a key delivers for."""
    for trail in described(snapshot):
        if not trail.is_sealed:
            continue
        if text := missing_bucket(trail, snapshot):
            yield CHECK.failed(trail.arn, text, trails=(trail.arn,))
        else:
            yield from _of_trail(trail, snapshot)


def _of_trail(trail: Trail, snapshot: Snapshot) -> Iterator[Finding]:
    places = [
        d for d in snapshot.deliveries if d.bucket == trail.s3_bucket_name and _is_for(d, trail, snapshot)
    ]
    keys = _keys(trail, snapshot)
    for place in places:
        newest = _newest(place)
        if isinstance(newest, Unreadable) or newest is None or _is_of(newest, trail):
            yield _judge(trail, place, newest, keys)


def _is_for(place: Delivery, trail: Trail, snapshot: Snapshot) -> bool:
    """Whether the trail delivers for that account: its own, or any of the organization's."""
    if place.account == trail.account or not place.account:
        return True
    return trail.is_organization_trail and isinstance(snapshot.organization, Organization)


def _is_of(newest: StoredObject, trail: Trail) -> bool:
    parsed = parse_log_file_key(newest.key)
    return parsed is not None and parsed.prefix == trail.s3_key_prefix


def _keys(trail: Trail, snapshot: Snapshot) -> frozenset[str]:
    """
    Return the keys that an object in the trail's folders may be under.

    Trails that share folders deliver files whose names do not tell them apart.
    """
    same = (
        other
        for other in described(snapshot)
        if (other.s3_bucket_name, other.s3_key_prefix) == (trail.s3_bucket_name, trail.s3_key_prefix)
    )
    return frozenset(other.kms_key_id for other in same) | {trail.kms_key_id}


def _newest(place: Delivery) -> StoredObject | Unreadable | None:
    """Return the newer of the newest log file and digest file; what could not be read comes first."""
    both = (place.log_file, place.digest_file)
    if unread := [each for each in both if isinstance(each, Unreadable)]:
        return unread[0]
    seen = [each for each in both if isinstance(each, StoredObject)]
    return max(seen, key=lambda each: each.last_modified, default=None)


def _judge(
    trail: Trail, place: Delivery, newest: StoredObject | Unreadable | None, keys: frozenset[str]
) -> Finding:
    where = {"trails": (trail.arn,), "region": place.region, "account": place.account}
    if isinstance(newest, Unreadable):
        return CHECK.unknown(trail.arn, newest, **where)
    if newest is None:
        text = message("nothing is delivered for {region} yet", region=place.region)
        return CHECK.no_data(trail.arn, text, **where)
    facts = {"region": place.region, "when": in_utc(newest.last_modified)}
    if newest.encryption == "aws:kms" and newest.kms_key_id in keys:
        text = message("the newest object of {region}, of {when}, is under the key", **facts)
        return CHECK.passed(trail.arn, text, **where)
    text = message(
        "the newest object of {region}, of {when}, is {encryption} {key}",
        **facts,
        encryption=newest.encryption or "unencrypted",
        key=newest.kms_key_id,
    )
    return CHECK.failed(trail.arn, text, **where)
