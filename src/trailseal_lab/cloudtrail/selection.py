"""
Which events a trail's selectors ask for.

Source: https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_AdvancedFieldSelector.html
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from moto.cloudtrail.models import Trail

from trailseal_lab.cloudtrail.recorder import Recorded
from trailseal_lab.cloudtrail.trails import selectors_of

CHECKS: dict[str, Callable[[str, str], bool]] = {
    "Equals": str.__eq__,
    "StartsWith": str.startswith,
    "EndsWith": str.endswith,
}


def wants(trail: Trail, event: Recorded) -> bool:
    """Whether the trail delivers this event, its Region included."""
    if event.is_global:
        if not trail.include_global_service_events:
            return False
    elif not trail.is_multi_region and event.region != trail.region_name:
        return False
    basic, advanced = selectors_of(trail)
    return any(_basic(s, event.record) for s in basic) or any(_advanced(s, event.record) for s in advanced)


def _basic(selector: dict[str, Any], record: dict[str, Any]) -> bool:
    wanted = selector.get("ReadWriteType", "All")
    if wanted != "All" and (wanted == "ReadOnly") is not record["readOnly"]:
        return False
    if record["managementEvent"]:
        excluded = selector.get("ExcludeManagementEventSources") or []
        return bool(selector.get("IncludeManagementEvents", True)) and record["eventSource"] not in excluded
    arns = [r["ARN"] for r in record.get("resources", ())]
    resources = selector.get("DataResources") or []
    prefixes = [p for r in resources if r.get("Type") == "AWS::S3::Object" for p in r.get("Values", ())]
    return any(arn.startswith(prefix) for arn in arns for prefix in prefixes)


def _advanced(selector: dict[str, Any], record: dict[str, Any]) -> bool:
    return all(_field(each, record) for each in selector.get("FieldSelectors", ()))


def _field(field: dict[str, Any], record: dict[str, Any]) -> bool:
    values = _values(field.get("Field", ""), record)
    for name, check in CHECKS.items():
        if (wanted := field.get(name)) and not any(check(v, w) for v in values for w in wanted):
            return False
        if (unwanted := field.get(f"Not{name}")) and any(check(v, w) for v in values for w in unwanted):
            return False
    return True


def _values(name: str, record: dict[str, Any]) -> list[str]:
    match name:
        case "eventCategory" | "eventName" | "eventSource":
            return [str(record[name])]
        case "readOnly":
            return [str(record["readOnly"]).lower()]
        case "resources.type":
            return [r["type"] for r in record.get("resources", ())]
        case "resources.ARN":
            return [r["ARN"] for r in record.get("resources", ())]
        case _:
            return []
