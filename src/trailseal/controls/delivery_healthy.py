"""TS106: the trail is logging and its deliveries arrive."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from trailseal.controls.estate import described, missing_bucket, unread_trails, vanished
from trailseal.controls.finding import Check, Finding, Severity, Verdict
from trailseal.messages import N_, Message, message
from trailseal.model.moment import in_utc
from trailseal.model.snapshot import Snapshot
from trailseal.model.trail import Trail, TrailStatus
from trailseal.model.unreadable import Unreadable

CHECK = Check(
    id="TS106",
    title=N_("The trail delivers"),
    severity=Severity.CRITICAL,
    what=N_(
        "The trail is logging, and GetTrailStatus tells of no failed delivery in any Region it delivers from."
    ),
    why=N_("A trail that does not deliver passes CloudTrail.2. After 30 days of failing, events are lost."),
    remedy=N_(
        "look at the bucket's policy, the key's state and the key's policy; the checks above say which"
    ),
    page="https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_GetTrailStatus.html",
)
NO_BUCKET = message(
    "make the bucket again in an account of yours, with the policy that CloudTrail needs, or name another "
    "one: aws cloudtrail update-trail"
)
FIRST_DELIVERY = timedelta(hours=1)
"""A trail that has logged for so long and never delivered does not deliver."""


def check(snapshot: Snapshot) -> Iterator[Finding]:
    """
    Yield findings per trail: one for each Region that fails or is not known, else one for all.

    Only the home Region says whether the trail is logging at all.
    """
    yield from unread_trails(CHECK, snapshot)
    for trail in described(snapshot):
        if text := missing_bucket(trail, snapshot):
            yield CHECK.failed(trail.arn, text, trails=(trail.arn,), remedy=NO_BUCKET)
            continue
        found = [finding for status in trail.statuses if (finding := _in_region(trail, status, snapshot))]
        if not trail.statuses:
            reason = Unreadable(call="cloudtrail:GetTrailStatus", code="NotRead", where=trail.arn)
            found = [CHECK.unknown(trail.arn, reason, trails=(trail.arn,))]
        yield from found or (_well(trail),)


def _in_region(trail: Trail, status: TrailStatus | Unreadable, snapshot: Snapshot) -> Finding | None:
    """Return what is wrong or not known in one Region, None when nothing is."""
    if isinstance(status, Unreadable):
        return CHECK.unknown(trail.arn, status, trails=(trail.arn,), region=status.where)
    found = _judge(trail, status, snapshot)
    if found is None and status.is_logging and (gone := vanished(trail, status, snapshot)):
        return CHECK.found(Verdict.UNKNOWN, trail.arn, gone, trails=(trail.arn,), region=status.region)
    return found


def _judge(trail: Trail, status: TrailStatus, snapshot: Snapshot) -> Finding | None:
    """Return what CloudTrail says is wrong in one Region, None when nothing is."""
    if not status.is_logging:
        return _stopped(trail) if status.region == trail.home_region else None
    if error := status.latest_delivery_error or status.latest_digest_delivery_error:
        text = message(
            "{trail} fails to deliver from {region}: {error} (last delivery: {when})",
            trail=trail.name,
            region=status.region,
            error=error,
            when=_time(status),
        )
        return _failed(trail, status, text)
    if status.latest_delivery_time is None and status.start_logging_time is not None:
        if snapshot.taken_at - status.start_logging_time > FIRST_DELIVERY:
            text = message(
                "{trail} has logged since {since} and delivered nothing from {region}",
                trail=trail.name,
                since=in_utc(status.start_logging_time),
                region=status.region,
            )
            return _failed(trail, status, text)
        text = message("{trail} has not delivered from {region} yet", trail=trail.name, region=status.region)
        return CHECK.no_data(trail.arn, text, trails=(trail.arn,), region=status.region)
    return None


def _stopped(trail: Trail) -> Finding:
    text = message("{trail} is stopped: nothing is recorded", trail=trail.name)
    remedy = message("start it: aws cloudtrail start-logging --name {trail}", trail=trail.arn)
    return CHECK.failed(trail.arn, text, trails=(trail.arn,), region=trail.home_region, remedy=remedy)


def _failed(trail: Trail, status: TrailStatus, text: Message) -> Finding:
    return CHECK.failed(trail.arn, text, trails=(trail.arn,), region=status.region)


def _well(trail: Trail) -> Finding:
    text = message("{trail} is logging and delivers", trail=trail.name)
    return CHECK.passed(trail.arn, text, trails=(trail.arn,))


def _time(status: TrailStatus) -> str:
    return in_utc(status.latest_delivery_time) if status.latest_delivery_time else "-"
