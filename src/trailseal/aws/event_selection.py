"""Which events a trail records, from basic or advanced event selectors."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from trailseal.aws.errors import unreadable
from trailseal.model.trail import EventSelection
from trailseal.model.unreadable import Unreadable

Wire = Mapping[str, Any]
KMS = "kms.amazonaws.com"


DEFAULT = EventSelection(read_management=True, write_management=True)
"""What a trail without selectors of its own records: all management events."""


def read_event_selection(cloudtrail: Any, trail_arn: str) -> EventSelection | Unreadable:
    """Return what the trail records, as far as readers and KMS are concerned."""
    try:
        raw = cloudtrail.get_event_selectors(TrailName=trail_arn)
    except (ClientError, BotoCoreError) as error:
        return unreadable(error, call="cloudtrail:GetEventSelectors", where=trail_arn)
    if advanced := raw.get("AdvancedEventSelectors"):
        return _from_advanced(advanced)
    return _from_basic(raw.get("EventSelectors", []))


def _from_basic(selectors: list[Wire]) -> EventSelection:
    managing = [s for s in selectors if s.get("IncludeManagementEvents")]
    kinds = {s.get("ReadWriteType", "All") for s in managing}
    resources = [
        r["Type"]
        for s in selectors
        if s.get("ReadWriteType") != "WriteOnly"
        for r in s.get("DataResources", [])
    ]
    return EventSelection(
        read_management=bool(kinds & {"All", "ReadOnly"}),
        write_management=bool(kinds & {"All", "WriteOnly"}),
        data_resources=tuple(dict.fromkeys(resources)),
        excludes_kms=bool(managing)
        and all(KMS in s.get("ExcludeManagementEventSources", []) for s in managing),
        excluded_sources=_in_all([s.get("ExcludeManagementEventSources", []) for s in managing]),
    )


def _from_advanced(selectors: list[Wire]) -> EventSelection:
    fields = [{f["Field"]: f for f in s.get("FieldSelectors", [])} for s in selectors]
    managing = [f for f in fields if "Management" in f.get("eventCategory", {}).get("Equals", [])]
    data = [f for f in fields if "Data" in f.get("eventCategory", {}).get("Equals", [])]
    resources = [r for f in data if _reads(f) for r in f.get("resources.type", {}).get("Equals", [])]
    return EventSelection(
        read_management=any(_reads(f) for f in managing),
        write_management=any(f.get("readOnly", {}).get("Equals", []) != ["true"] for f in managing),
        data_resources=tuple(dict.fromkeys(resources)),
        excludes_kms=bool(managing)
        and all(KMS in f.get("eventSource", {}).get("NotEquals", []) for f in managing),
        excluded_sources=_in_all([f.get("eventSource", {}).get("NotEquals", []) for f in managing]),
    )


def _reads(fields: Mapping[str, Wire]) -> bool:
    return bool(fields.get("readOnly", {}).get("Equals", []) != ["false"])


def _in_all(lists: list[list[str]]) -> tuple[str, ...]:
    """Return what every list holds: an event source is left out only when no selector takes it in."""
    first = lists[0] if lists else []
    return tuple(sorted(set(first).intersection(*lists)))
