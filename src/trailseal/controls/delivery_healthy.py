"""TS106: the trail is logging and its deliveries arrive, by what GetTrailStatus says and how old it is."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from msgspec import structs

from trailseal.controls.delivery_remedies import a_bucket_again, deliver_again, start
from trailseal.controls.estate import (
    age_of,
    described,
    missing_bucket,
    newest_from,
    records_reads,
    status_at_home,
    time_and_age,
    unread_trails,
    vanished,
)
from trailseal.controls.finding import Check, Finding, Severity, Verdict
from trailseal.messages import N_, Message, message
from trailseal.model.moment import age, in_utc
from trailseal.model.region_off import is_as_if_off
from trailseal.model.snapshot import Snapshot
from trailseal.model.trail import DIGEST_FILE_DUE, LOG_FILE_DUE, Trail, TrailStatus, is_within
from trailseal.model.unreadable import Unreadable

CHECK = Check(
    id="TS106",
    title=N_("The trail delivers"),
    severity=Severity.CRITICAL,
    what=N_(
        "The trail is logging, and GetTrailStatus reports no failed delivery that none has followed, in "
        "any Region it delivers from. In the home Region the age counts: with validation on for two hours, "
        "the newest digest file is younger than that, for one comes each hour; without, the newest log "
        "file is younger than 15 minutes, or it is not known. Of other Regions the age is shown."
    ),
    why=N_(
        "A trail that does not deliver passes CloudTrail.2, and AWS reports no error for requests that "
        "time out. After 30 days of failing, events are lost."
    ),
    remedy=N_("fix what prevents it: the bucket's policy, the key's state, or the key's policy"),
    page="https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_GetTrailStatus.html",
)
SHOWN = 4
"""So many other Regions are named with their age, the longest silent first; GetTrailStatus has all."""


def check(snapshot: Snapshot) -> Iterator[Finding]:
    """
    Yield findings per trail: one for the home Region, one for each other that fails or is not known.

    Only the home Region says whether the trail is logging at all. It alone is sure to have events: this
    very look is one there. Of others the age is shown beside it.
    """
    yield from unread_trails(CHECK, snapshot)
    for trail in described(snapshot):
        if text := missing_bucket(trail, snapshot):
            yield CHECK.failed(trail.arn, text, trails=(trail.arn,), remedy=a_bucket_again(trail, snapshot))
        else:
            yield from _by_region(trail, snapshot)


def _by_region(trail: Trail, snapshot: Snapshot) -> Iterator[Finding]:
    home = status_at_home(trail)
    for status in trail.statuses if home in trail.statuses else (home, *trail.statuses):
        if isinstance(status, Unreadable):
            yield _unasked(trail, status, snapshot)
        elif status.region == trail.home_region:
            yield _at_home(trail, status, snapshot)
        elif found := _elsewhere(trail, status, snapshot):
            yield found


def _unasked(trail: Trail, reason: Unreadable, snapshot: Snapshot) -> Finding:
    found = CHECK.unknown(trail.arn, reason, trails=(trail.arn,), region=reason.where)
    return structs.replace(found, text=_off(trail, reason.where, snapshot)) if is_as_if_off(reason) else found


def _off(trail: Trail, region: str, snapshot: Snapshot) -> Message:
    """
    Return what is known of a Region that takes no credentials: what lies in the bucket.

    Source: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-multi-region-trails.html
    """
    newest = newest_from(trail, region, snapshot)
    if newest is None:
        return message(
            "not known: {region} takes no credentials of this account, so that its status cannot be asked; "
            "CloudTrail goes on delivering from a Region that was switched off",
            region=region,
        )
    return message(
        "not known: {region} takes no credentials of this account, so that its status cannot be asked; "
        "CloudTrail goes on delivering from a Region that was switched off, and the newest file is of {when}",
        region=region,
        when=in_utc(newest),
    )


def _at_home(trail: Trail, status: TrailStatus, snapshot: Snapshot) -> Finding:
    """Return the verdict on the home Region, where nothing that passes may have vanished from the bucket."""
    found = _by_the_table(trail, status, snapshot)
    if found.verdict is Verdict.PASS and (gone := vanished(trail, status, snapshot)):
        return _found(Verdict.UNKNOWN, trail, status, gone)
    return found


def _by_the_table(trail: Trail, status: TrailStatus, snapshot: Snapshot) -> Finding:
    """Return what GetTrailStatus shows of the home Region: the one table of it."""
    now = snapshot.taken_at
    if not status.is_logging:
        return _stopped(trail, snapshot)
    if status.standing_error:
        return _failing(trail, status, snapshot)
    if trail.log_file_validation_enabled and not is_within(DIGEST_FILE_DUE, _on_since(trail, status), now):
        if is_within(DIGEST_FILE_DUE, status.latest_digest_delivery_time, now):
            return _found(Verdict.PASS, trail, status, _well_by_digest(trail, status, now))
        if status.has_late_digest(now):
            return _late(trail, status, snapshot)
    return _by_log_file(trail, status, now)


def _on_since(trail: Trail, status: TrailStatus) -> datetime | None:
    """Return since when digest files are due, None where that is long ago or not known."""
    turned_on = trail.validation_turned_on
    times = [status.start_logging_time, turned_on if isinstance(turned_on, datetime) else None]
    return max((at for at in times if at is not None), default=None)


def _late(trail: Trail, status: TrailStatus, snapshot: Snapshot) -> Finding:
    """Return what late digest files say: a failure, unless validation may have been turned on just now."""
    if isinstance(trail.validation_turned_on, Unreadable):
        return CHECK.unknown(
            trail.arn, trail.validation_turned_on, trails=(trail.arn,), region=trail.home_region
        )
    last = status.latest_digest_delivery_time
    if last is None:
        text = message(
            "{trail} has validation on and delivered no digest file of {region}, though one comes each hour",
            trail=trail.name,
            region=status.region,
        )
    else:
        text = message(
            "{trail}: the newest digest file of {region} is {age} old, though one comes each hour",
            trail=trail.name,
            region=status.region,
            age=age(last, snapshot.taken_at),
        )
    return _failed(trail, status, text, snapshot)


def _by_log_file(trail: Trail, status: TrailStatus, now: datetime) -> Finding:
    """Return what the log files say: young ones pass, and old ones alone never fail."""
    last, start = status.latest_delivery_time, status.start_logging_time
    if last is None and is_within(LOG_FILE_DUE, start, now):
        text = message("{trail} has not delivered from {region} yet", trail=trail.name, region=status.region)
        return _found(Verdict.NO_DATA, trail, status, text)
    if is_within(LOG_FILE_DUE, last, now):
        return _found(Verdict.PASS, trail, status, _well_by_log_file(trail, status, now))
    return _found(Verdict.UNKNOWN, trail, status, _silent(trail, status, now))


def _silent(trail: Trail, status: TrailStatus, now: datetime) -> Message:
    """Return that old log files, or none, prove nothing; where this look is an event, when to look again."""
    facts = {"trail": trail.name, "region": status.region, "age": age_of(status.latest_delivery_time, now)}
    if not status.latest_delivery_time:
        if records_reads(trail):
            return message(
                "not known: {trail} has not delivered a log file from {region} yet; this look is an event, "
                "so look again in 15 minutes",
                **facts,
            )
        return message("not known: {trail} has not delivered a log file from {region} yet", **facts)
    if not records_reads(trail):
        return message(
            "not known: the newest log file of {trail} from {region} is {age} old, and where nothing happens "
            "none is written",
            **facts,
        )
    return message(
        "not known: the newest log file of {trail} from {region} is {age} old; this look is an event too, so "
        "look again in 15 minutes",
        **facts,
    )


def _elsewhere(trail: Trail, status: TrailStatus, snapshot: Snapshot) -> Finding | None:
    """Return what is wrong or not known in another Region, None where its age is all that it tells."""
    if not status.is_logging:
        return None
    if status.standing_error:
        return _failing(trail, status, snapshot)
    if gone := vanished(trail, status, snapshot):
        return _found(Verdict.UNKNOWN, trail, status, gone)
    return None


def _failing(trail: Trail, status: TrailStatus, snapshot: Snapshot) -> Finding:
    text = message(
        "{trail} fails to deliver from {region}: {error} (last delivery: {when})",
        trail=trail.name,
        region=status.region,
        error=status.standing_error,
        when=time_and_age(status.latest_delivery_time, snapshot.taken_at),
    )
    return _failed(trail, status, text, snapshot)


def _stopped(trail: Trail, snapshot: Snapshot) -> Finding:
    text = message("{trail} is stopped: nothing is recorded", trail=trail.name)
    about = {"trails": (trail.arn,), "region": trail.home_region}
    return CHECK.failed(trail.arn, text, **about, remedy=start(trail, snapshot))


def _failed(trail: Trail, status: TrailStatus, text: Message, snapshot: Snapshot) -> Finding:
    about = {"trails": (trail.arn,), "region": status.region}
    return CHECK.failed(trail.arn, text, **about, remedy=deliver_again(trail, snapshot))


def _well_by_digest(trail: Trail, status: TrailStatus, now: datetime) -> Message:
    return message(
        "{trail} is logging and delivers: its newest digest file is {age} old, its newest log files: {ages}",
        trail=trail.name,
        age=age_of(status.latest_digest_delivery_time, now),
        ages=_ages(trail, status, now),
    )


def _well_by_log_file(trail: Trail, status: TrailStatus, now: datetime) -> Message:
    return message(
        "{trail} is logging and delivers; the age of its newest log files: {ages}",
        trail=trail.name,
        ages=_ages(trail, status, now),
    )


def _ages(trail: Trail, home: TrailStatus, now: datetime) -> str:
    """
    Return how old the newest log file of each Region is, the home's first and then the longest silent.

    A Region that has had none yet is not silent.
    """
    others = (each for each in trail.statuses if isinstance(each, TrailStatus) and each is not home)
    told = sorted((each.latest_delivery_time, each.region) for each in others if each.latest_delivery_time)
    named = [f"{region} {age(last, now)}" for last, region in told[:SHOWN]]
    at_home = f"{home.region} {age_of(home.latest_delivery_time, now)}"
    return ", ".join((at_home, *named)) + (", …" if len(told) > SHOWN else "")


def _found(verdict: Verdict, trail: Trail, status: TrailStatus, text: Message) -> Finding:
    return CHECK.found(verdict, trail.arn, text, trails=(trail.arn,), region=status.region)
