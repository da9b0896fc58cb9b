"""
LookupEvents: the last recorded management events of one account and Region, newest first.

Source: https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from trailseal_lab.answers import Answer, Forward, answers
from trailseal_lab.call import Call
from trailseal_lab.cloudtrail.recorder import EventLog, Recorded
from trailseal_lab.errors import ApiError
from trailseal_lab.world import World

PAGE = 50


@answers("cloudtrail", "LookupEvents")
def lookup_events(world: World, call: Call, forward: Forward) -> Answer:
    """Return one page of the events that meet the one attribute and the time range asked for."""
    del forward
    wanted = call.params.get("LookupAttributes") or []
    _check(wanted, call.params)
    found = [
        event
        for event in reversed(world.part(EventLog).events)
        if (event.account, event.region) == (call.caller.account, call.region)
        and event.record["managementEvent"]
        and _in_time(event, call.params)
        and all(_has(event.record, each) for each in wanted)
    ]
    start, size = _offset(call.params.get("NextToken")), int(call.params.get("MaxResults") or PAGE)
    page = found[start : start + size]
    more = {"NextToken": str(start + size)} if len(found) > start + size else {}
    return {"Events": [_shown(event) for event in page], **more}


def _check(wanted: list[dict[str, str]], params: dict[str, Any]) -> None:
    """
    Return when there is one attribute at most, and the time range does not end before it begins.

    Raises:
        ApiError: InvalidLookupAttributesException, InvalidTimeRangeException.
    """
    if len(wanted) > 1:
        raise ApiError("InvalidLookupAttributesException", "Only one lookup attribute can be given.")
    start, end = _aware(params.get("StartTime")), _aware(params.get("EndTime"))
    if start is not None and end is not None and start > end:
        raise ApiError("InvalidTimeRangeException", "The start time is later than the end time.")


def _offset(token: str | None) -> int:
    if token is None:
        return 0
    if not token.isdecimal():
        raise ApiError("InvalidNextTokenException", "The token is not valid.")
    return int(token)


def _in_time(event: Recorded, params: dict[str, Any]) -> bool:
    start, end = _aware(params.get("StartTime")), _aware(params.get("EndTime"))
    return (start is None or event.time >= start) and (end is None or event.time <= end)


def _aware(moment: datetime | None) -> datetime | None:
    return moment.replace(tzinfo=UTC) if moment is not None and moment.tzinfo is None else moment


def _has(record: dict[str, Any], attribute: dict[str, str]) -> bool:
    key, value = attribute["AttributeKey"], attribute["AttributeValue"]
    resources = record.get("resources", ())
    held = {
        "EventId": [record["eventID"]],
        "EventName": [record["eventName"]],
        "EventSource": [record["eventSource"]],
        "ReadOnly": [str(record["readOnly"]).lower()],
        "Username": [_username(record)],
        "AccessKeyId": [record["userIdentity"].get("accessKeyId", "")],
        "ResourceName": [r["ARN"] for r in resources] + [r["ARN"].rpartition(":")[2] for r in resources],
        "ResourceType": [r["type"] for r in resources],
    }
    if key not in held:
        raise ApiError("InvalidLookupAttributesException", f"{key} is not a lookup attribute.")
    return value in held[key]


def _username(record: dict[str, Any]) -> str:
    identity = record["userIdentity"]
    if identity["type"] == "AssumedRole":
        return str(identity["arn"]).rpartition("/")[2]
    return str(identity.get("userName") or ("root" if identity["type"] == "Root" else ""))


def _shown(event: Recorded) -> dict[str, Any]:
    record = event.record
    return {
        "EventId": record["eventID"],
        "EventName": record["eventName"],
        "ReadOnly": str(record["readOnly"]).lower(),
        "AccessKeyId": record["userIdentity"].get("accessKeyId", ""),
        "EventTime": event.time,
        "EventSource": record["eventSource"],
        "Username": _username(record),
        "Resources": [
            {"ResourceType": r["type"], "ResourceName": r["ARN"]} for r in record.get("resources", ())
        ],
        "CloudTrailEvent": json.dumps(record),
    }
