"""GetTrail, DescribeTrails, ListTrails, GetTrailStatus, GetEventSelectors, ListPublicKeys, ListTags."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from trailseal_lab.answers import Answer, Forward, answers
from trailseal_lab.call import Call
from trailseal_lab.cloudtrail.changes import is_named, selectors_answer
from trailseal_lab.cloudtrail.digest import SigningKeys
from trailseal_lab.cloudtrail.status import PlaceStatus, TrailState, TrailStates
from trailseal_lab.cloudtrail.trails import describe, find_trail, visible, visible_in
from trailseal_lab.world import World

KEY_LIFE = timedelta(days=400)
"""Before and after the lab's start, so that the key also covers a scenario's history."""


@answers("cloudtrail", "GetTrail")
def get_trail(world: World, call: Call, forward: Forward) -> Answer:
    """Return one trail."""
    del world, forward
    return {"Trail": describe(find_trail(call, str(call.params.get("Name", ""))))}


@answers("cloudtrail", "ListTrails")
def list_trails(world: World, call: Call, forward: Forward) -> Answer:
    """Return every trail of the account, wherever its home is."""
    del world, forward
    found = sorted(visible(call.caller.account), key=lambda t: t.arn)
    return {"Trails": [{"TrailARN": t.arn, "Name": t.trail_name, "HomeRegion": t.region_name} for t in found]}


@answers("cloudtrail", "DescribeTrails")
def describe_trails(world: World, call: Call, forward: Forward) -> Answer:
    """Return the trails of this Region, shadows included unless told otherwise."""
    del world, forward
    account, shadows = call.caller.account, call.params.get("includeShadowTrails", True)
    found = visible_in(account, call.region)
    if names := call.params.get("trailNameList"):
        found = [t for t in found if any(is_named(call, t, str(n)) for n in names)]
    if shadows is False:
        found = [t for t in found if t.region_name == call.region and t.account_id == account]
    return {"trailList": [describe(t) for t in sorted(found, key=lambda t: t.arn)]}


@answers("cloudtrail", "GetEventSelectors")
def get_event_selectors(world: World, call: Call, forward: Forward) -> Answer:
    """Return a trail's event selectors."""
    del world, forward
    trail = find_trail(call, str(call.params.get("TrailName", "")))
    return {"TrailARN": trail.arn, **selectors_answer(trail)}


@answers("cloudtrail", "GetTrailStatus")
def get_trail_status(world: World, call: Call, forward: Forward) -> Answer:
    """Return what this Region's deliveries of this account have come to."""
    del forward
    trail = find_trail(call, str(call.params.get("Name", "")))
    state = world.part(TrailStates).of(trail.arn)
    return _status(state, (call.caller.account, call.region))


def _status(state: TrailState, place: tuple[str, str]) -> dict[str, Any]:
    here = state.places.get(place, PlaceStatus())
    found: dict[str, Any] = {
        "IsLogging": state.logging,
        "StartLoggingTime": state.started,
        "StopLoggingTime": state.stopped,
        "LatestDeliveryTime": here.delivered,
        "LatestDeliveryError": here.error,
        "LatestDigestDeliveryTime": here.digest_delivered,
        "LatestDigestDeliveryError": here.digest_error,
        "LatestCloudWatchLogsDeliveryTime": here.group_delivered,
        "LatestCloudWatchLogsDeliveryError": here.group_error,
        "LatestDeliveryAttemptTime": here.tried.isoformat() if here.tried else "",
        "LatestDeliveryAttemptSucceeded": here.delivered.isoformat() if here.delivered else "",
    }
    return {name: value for name, value in found.items() if value not in (None, "")}


@answers("cloudtrail", "ListPublicKeys")
def list_public_keys(world: World, call: Call, forward: Forward) -> Answer:
    """Return the Region's public key, when its window meets the time asked for."""
    del forward
    start, end = world.started - KEY_LIFE, world.started + KEY_LIFE
    asked_start = _moment(call.params.get("StartTime"), start)
    asked_end = _moment(call.params.get("EndTime"), end)
    if asked_end < start or asked_start > end:
        return {"PublicKeyList": []}
    keys = world.part(SigningKeys)
    key = {
        "Value": keys.public(call.region),
        "Fingerprint": keys.fingerprint(call.region),
        "ValidityStartTime": start,
        "ValidityEndTime": end,
    }
    return {"PublicKeyList": [key]}


def _moment(given: datetime | None, otherwise: datetime) -> datetime:
    if given is None:
        return otherwise
    return given if given.tzinfo else given.replace(tzinfo=otherwise.tzinfo)
