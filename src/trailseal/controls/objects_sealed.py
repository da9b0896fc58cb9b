"""TS107: the newest delivered object of each account and Region is encrypted under the trail's key."""

from __future__ import annotations

from collections.abc import Iterator

from trailseal.controls.delivery_remedies import a_bucket_again, deliver_under_the_key
from trailseal.controls.estate import (
    delivered_for,
    described,
    is_of,
    missing_bucket,
    status_at_home,
    time_and_age,
    unread_trails,
    vanished,
)
from trailseal.controls.finding import Check, Finding, Severity, Verdict
from trailseal.messages import N_, Message, message
from trailseal.model.log_file import StoredObject
from trailseal.model.snapshot import Delivery, Snapshot
from trailseal.model.trail import Trail, TrailStatus
from trailseal.model.unreadable import Unreadable

CHECK = Check(
    id="TS107",
    title=N_("The newest delivered object is encrypted with the trail's key"),
    severity=Severity.HIGH,
    what=N_(
        "HeadObject of the newest log file or digest file of each account and Region shows aws:kms and the "
        "very key that the trail names."
    ),
    why=N_("A trail's setting says what was asked for. Only the objects show what was done."),
    remedy=N_("wait for the next delivery after a switch, or fix what prevents it"),
    page="https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-log-file-encryption-cli.html",
)


def check(snapshot: Snapshot) -> Iterator[Finding]:
    """
    Yield one finding per account and Region that a trail with a key delivers for.

    Where CloudTrail says that it delivered and nothing lies there, what it was under is not known.
    """
    yield from unread_trails(CHECK, snapshot)
    for trail in described(snapshot):
        if not trail.is_sealed:
            continue
        if text := missing_bucket(trail, snapshot):
            remedy = a_bucket_again(trail, snapshot)
            yield CHECK.failed(trail.arn, text, trails=(trail.arn,), remedy=remedy)
        else:
            yield from _of_trail(trail, snapshot)


def _of_trail(trail: Trail, snapshot: Snapshot) -> Iterator[Finding]:
    places = delivered_for(trail, snapshot)
    keys = _keys(trail, snapshot)
    gone = dict(_gone(trail, snapshot))
    found: list[Finding] = []
    for place in places:
        newest = _newest(place)
        if newest is None and place.account == trail.account and place.region in gone:
            continue
        if newest is None or isinstance(newest, Unreadable) or is_of(newest, trail):
            found.append(_judge(trail, place, newest, keys=keys, snapshot=snapshot))
    yield from found
    for region, text in gone.items():
        where = {"trails": (trail.arn,), "region": region, "account": trail.account}
        yield CHECK.found(Verdict.UNKNOWN, trail.arn, text, **where)
    if not found and not gone:
        yield _nothing(trail)


def _gone(trail: Trail, snapshot: Snapshot) -> Iterator[tuple[str, Message]]:
    for status in trail.statuses:
        if isinstance(status, TrailStatus) and (text := vanished(trail, status, snapshot)):
            yield status.region, text


def _nothing(trail: Trail) -> Finding:
    """Return what is said where there is nothing to look at: nobody knows, or there is none yet."""
    for status in (status_at_home(trail), *trail.statuses):
        if isinstance(status, Unreadable):
            return CHECK.unknown(trail.arn, status, trails=(trail.arn,), region=status.where)
    text = message("nothing is delivered for {region} yet", region=trail.home_region)
    where = {"trails": (trail.arn,), "region": trail.home_region, "account": trail.account}
    return CHECK.no_data(trail.arn, text, **where)


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
    trail: Trail,
    place: Delivery,
    newest: StoredObject | Unreadable | None,
    *,
    keys: frozenset[str],
    snapshot: Snapshot,
) -> Finding:
    where = {"trails": (trail.arn,), "region": place.region, "account": place.account}
    if isinstance(newest, Unreadable):
        return CHECK.unknown(trail.arn, newest, **where)
    if newest is None:
        text = message("nothing is delivered for {region} yet", region=place.region)
        return CHECK.no_data(trail.arn, text, **where)
    facts = {"region": place.region, "when": time_and_age(newest.last_modified, snapshot.taken_at)}
    if newest.encryption == "aws:kms" and newest.kms_key_id in keys:
        text = message("the newest object of {region} ({when} old) is encrypted with the key", **facts)
        return CHECK.passed(trail.arn, text, **where)
    text = message(
        "the newest object of {region} ({when} old) is {encryption} {key}",
        **facts,
        encryption=newest.encryption or "unencrypted",
        key=newest.kms_key_id,
    )
    return CHECK.failed(trail.arn, text, **where, remedy=deliver_under_the_key(trail, snapshot))
