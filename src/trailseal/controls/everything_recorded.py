"""What lets one trail record all management events in every Region, and keeps its data events."""

from __future__ import annotations

import json
from typing import Any

from trailseal.controls import bucket_remedies
from trailseal.controls.estate import changed_in
from trailseal.controls.remedies import of_trail, update_trail
from trailseal.controls.typed import one_after_another, typed
from trailseal.messages import Message, message
from trailseal.model.foreign import ForeignError, json_value_in
from trailseal.model.snapshot import Snapshot
from trailseal.model.trail import EventSelection, Trail

NAME = "management-events"
Selector = dict[str, Any]
ALL_BASIC: Selector = {"ReadWriteType": "All", "IncludeManagementEvents": True, "DataResources": []}
ALL_ADVANCED: Selector = {
    "Name": "All management events",
    "FieldSelectors": [{"Field": "eventCategory", "Equals": ["Management"]}],
}


def record_everything(trails: tuple[Trail, ...], snapshot: Snapshot) -> Message:
    """Return the commands for the trail that needs the fewest changes, or for a new one."""
    if not trails:
        return message("make a trail: {command}", command=_new_trail(snapshot))
    trail = min(trails, key=lambda each: (_distance(each, snapshot), each.arn))
    commands = []
    if not trail.is_multi_region_trail:
        commands.append(update_trail(trail, is_multi_region_trail=True, include_global_service_events=True))
    if isinstance(trail.events, EventSelection) and not _records_all(trail.events):
        commands.append(_select_all(trail, trail.events))
    remedy = message(
        "let {trail} record all of them: {command}",
        trail=trail.name,
        command=one_after_another(*commands),
    )
    return of_trail(remedy, trail, snapshot)


def _distance(trail: Trail, snapshot: Snapshot) -> tuple[bool, bool, bool]:
    """Return what is least where the fewest changes do, in this account rather than another."""
    events = trail.events
    is_whole = isinstance(events, EventSelection) and _records_all(events)
    return changed_in(trail.arn, snapshot) != "", not is_whole, not trail.is_multi_region_trail


def _records_all(events: EventSelection) -> bool:
    """Whether nothing has to be changed about selectors."""
    is_whole = events.read_management and events.write_management
    return is_whole and not (events.excludes_kms or events.excluded_sources or events.unclear)


def _select_all(trail: Trail, events: EventSelection) -> str:
    """Return the command that adds all management events to a trail, and keeps its data events."""
    kind, given = _given(events.as_given)
    if kind == "AdvancedEventSelectors":
        kept = [each for each in given if not _is_of_management(each)]
        more = {"advanced_event_selectors": json.dumps([ALL_ADVANCED, *kept], separators=(",", ":"))}
    else:
        basic = [each for each in given if each.get("DataResources")]
        data = [
            {**each, "IncludeManagementEvents": False, "ExcludeManagementEventSources": []} for each in basic
        ]
        more = {"event_selectors": json.dumps([ALL_BASIC, *data], separators=(",", ":"))}
    return typed("aws cloudtrail put-event-selectors", trail_name=trail.arn, region=trail.home_region, **more)


def _given(text: str) -> tuple[str, list[Selector]]:
    """Return the selectors that a trail has, with their kind; none for what is no such document."""
    try:
        document_of = json_value_in(text) if text else {}
    except ForeignError:
        return "", []
    held = list(document_of.items()) if isinstance(document_of, dict) else []
    kind, listed = held[0] if held else ("", [])
    return kind, [each for each in listed if isinstance(each, dict)] if isinstance(listed, list) else []


def _is_of_management(selector: Selector) -> bool:
    """Whether an advanced selector is for management events, or may be."""
    fields = (each for each in selector.get("FieldSelectors", ()) if each.get("Field") == "eventCategory")
    categories = [value for each in fields for value in each.get("Equals", ())]
    return not categories or "Management" in categories


def _new_trail(snapshot: Snapshot) -> str:
    """Return the commands for a trail with a bucket of its own."""
    account, region = snapshot.account, snapshot.region
    trail = Trail(
        arn=f"arn:{snapshot.partition}:cloudtrail:{region}:{account}:trail/{NAME}",
        name=NAME,
        home_region=region,
        s3_bucket_name=f"aws-cloudtrail-logs-{account}-{region}",
    )
    create = typed(
        "aws cloudtrail create-trail",
        name=NAME,
        s3_bucket_name=trail.s3_bucket_name,
        is_multi_region_trail=True,
        include_global_service_events=True,
        enable_log_file_validation=True,
        region=region,
    )
    start = typed("aws cloudtrail start-logging", name=trail.arn, region=region)
    return one_after_another(bucket_remedies.make_for(trail, region), create, start)
