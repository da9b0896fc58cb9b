"""
What a trail delivered before the lab came up: log files and hourly digests, signed and chained.

Scenarios call `write_history`; the deliveries of the running lab continue the same chain.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from moto.cloudtrail.models import Trail

from trailseal_lab.cloudtrail.delivery import write_log_file
from trailseal_lab.cloudtrail.digest_delivery import write_digest
from trailseal_lab.cloudtrail.log_groups import put_events
from trailseal_lab.cloudtrail.record import iso
from trailseal_lab.cloudtrail.status import Place, TrailStates
from trailseal_lab.world import World

HOUR = timedelta(hours=1)


def write_history(
    world: World,
    trail: Trail,
    *,
    hours: int = 48,
    places: Sequence[Place] = (),
    files_an_hour: int = 2,
    events: Sequence[dict[str, Any]] = (),
) -> None:
    """
    Deliver the past `hours` hours of a trail, back-dated, under the trail's settings as they are.

    `places` are accounts and Regions, by default the trail's own. `events` are taken in turn, each with
    a time and an id of its own; without any, the service's own look at the bucket is what was logged.
    """
    state = world.part(TrailStates).of(trail.arn)
    end = world.now().replace(minute=0, second=0, microsecond=0)
    start = end - hours * HOUR
    state.started = start
    for place in places or [(trail.account_id, trail.region_name)]:
        _one_place(world, trail, place, start=start, hours=hours, files_an_hour=files_an_hour, events=events)


def _one_place(
    world: World,
    trail: Trail,
    place: Place,
    *,
    start: datetime,
    hours: int,
    files_an_hour: int,
    events: Sequence[dict[str, Any]],
) -> None:
    status = world.part(TrailStates).of(trail.arn).place(place)
    given = list(events) or [_bucket_look(trail, place)]
    for hour in range(hours):
        since = start + hour * HOUR
        for number in range(files_an_hour):
            at = since + (number + 1) * HOUR / (files_an_hour + 1)
            event = given[(hour * files_an_hour + number) % len(given)]
            write_log_file(world, trail, place, [_dated(event, at - timedelta(minutes=5), place)], at=at)
            status.delivered = status.tried = at
        if trail.log_validation:
            write_digest(world, trail, place, start=since, end=since + HOUR)
            status.digest_delivered = since + HOUR


def write_latest(world: World, trail: Trail, *, minutes_ago: int = 2) -> None:
    """Deliver one log file of a few minutes ago, to the log group too, where the trail names one."""
    at = world.now() - timedelta(minutes=minutes_ago)
    place = str(trail.account_id), str(trail.region_name)
    status = world.part(TrailStates).of(trail.arn).place(place)
    event = _dated(_bucket_look(trail, place), at - timedelta(minutes=5), place)
    write_log_file(world, trail, place, [event], at=at)
    status.delivered = status.tried = at
    if trail.cw_log_group_arn:
        put_events(world, trail, [event])
        status.group_delivered = at


def _dated(event: dict[str, Any], at: datetime, place: Place) -> dict[str, Any]:
    account, region = place
    own = {
        "eventTime": iso(at),
        "eventID": str(uuid.uuid4()),
        "awsRegion": region,
        "recipientAccountId": account,
    }
    return {**event, **own}


def _bucket_look(trail: Trail, place: Place) -> dict[str, Any]:
    return {
        "eventVersion": "1.11",
        "userIdentity": {"type": "AWSService", "invokedBy": "cloudtrail.amazonaws.com"},
        "eventSource": "s3.amazonaws.com",
        "eventName": "GetBucketAcl",
        "awsRegion": place[1],
        "sourceIPAddress": "cloudtrail.amazonaws.com",
        "userAgent": "cloudtrail.amazonaws.com",
        "requestParameters": {"bucketName": trail.bucket_name, "acl": ""},
        "responseElements": None,
        "readOnly": True,
        "eventType": "AwsApiCall",
        "managementEvent": True,
        "eventCategory": "Management",
    }
