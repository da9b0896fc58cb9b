"""TS109: what the trail records arrives in its log group, too."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from trailseal.controls import log_groups, remedies
from trailseal.controls.estate import (
    age_of,
    described,
    records_reads,
    status_at_home,
    time_and_age,
    unread_trails,
)
from trailseal.controls.finding import Check, Finding, Severity, Verdict
from trailseal.messages import N_, Message, message
from trailseal.model.snapshot import Snapshot
from trailseal.model.trail import LOG_FILE_DUE, Trail, TrailStatus, is_within
from trailseal.model.unreadable import Unreadable

CHECK = Check(
    id="TS109",
    title=N_("The trail delivers to its log group"),
    severity=Severity.MEDIUM,
    what=N_(
        "Where the trail names a log group and its newest log file is younger than 15 minutes, the newest "
        "delivery to the log group is so, too. Otherwise it is not known."
    ),
    why=N_("An alarm on a log group that gets nothing stays silent, and CloudTrail.5 passes all the same."),
    remedy=N_("let the trail's role write to the log group, as AWS's page shows"),
    page="https://docs.aws.amazon.com/awscloudtrail/latest/userguide/send-cloudtrail-events-to-cloudwatch-logs.html",
)


def check(snapshot: Snapshot) -> Iterator[Finding]:
    """Yield one finding per trail with a log group, which lies in the trail's home Region."""
    yield from unread_trails(CHECK, snapshot)
    for trail in described(snapshot):
        if trail.cloud_watch_logs_log_group_arn:
            yield _judge(trail, snapshot)


def _judge(trail: Trail, snapshot: Snapshot) -> Finding:
    now = snapshot.taken_at
    status = status_at_home(trail)
    if isinstance(status, Unreadable):
        return CHECK.unknown(trail.arn, status, trails=(trail.arn,), region=trail.home_region)
    if not status.is_logging:
        text = message("{trail} is stopped: nothing is recorded", trail=trail.name)
        return _found(Verdict.NO_DATA, trail, text)
    if status.latest_cloud_watch_logs_delivery_error:
        return CHECK.failed(
            trail.arn,
            _failing(trail, status, now),
            trails=(trail.arn,),
            region=trail.home_region,
            remedy=remedies.of_trail(log_groups.let_write(trail), trail, snapshot),
        )
    times = (status.latest_delivery_time, status.latest_cloud_watch_logs_delivery_time)
    if times == (None, None) and is_within(LOG_FILE_DUE, status.start_logging_time, now):
        text = message("{trail} has not delivered from {region} yet", trail=trail.name, region=status.region)
        return _found(Verdict.NO_DATA, trail, text)
    arrives = all(is_within(LOG_FILE_DUE, at, now) for at in times)
    return _found(
        Verdict.PASS if arrives else Verdict.UNKNOWN, trail, _ages(trail, status, now, arrives=arrives)
    )


def _failing(trail: Trail, status: TrailStatus, now: datetime) -> Message:
    """Return the error, of which AWS gives no time: it counts, whatever was delivered before or since."""
    return message(
        "{trail} fails to deliver to {group}: {error} (last delivery: {when})",
        trail=trail.name,
        group=trail.cloud_watch_logs_log_group_arn,
        error=status.latest_cloud_watch_logs_delivery_error,
        when=time_and_age(status.latest_cloud_watch_logs_delivery_time, now),
    )


def _ages(trail: Trail, status: TrailStatus, now: datetime, *, arrives: bool) -> Message:
    facts = {
        "trail": trail.name,
        "group": trail.cloud_watch_logs_log_group_arn,
        "age": age_of(status.latest_cloud_watch_logs_delivery_time, now),
        "log_age": age_of(status.latest_delivery_time, now),
    }
    if arrives:
        return message("{trail} delivers to {group}; the newest delivery is {age} old", **facts)
    if records_reads(trail):
        return message(
            "not known: the newest delivery of {trail} to {group} is {age} old, its newest log file "
            "{log_age}; this look is an event too, so look again in 15 minutes",
            **facts,
        )
    return message(
        "not known: the newest delivery of {trail} to {group} is {age} old, its newest log file {log_age}",
        **facts,
    )


def _found(verdict: Verdict, trail: Trail, text: Message) -> Finding:
    return CHECK.found(verdict, trail.arn, text, trails=(trail.arn,), region=trail.home_region)
