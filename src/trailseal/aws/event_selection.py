"""Which events a trail records, from basic or advanced event selectors."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from msgspec import structs

from trailseal.aws.errors import unreadable
from trailseal.model.trail import DataSelector, EventSelection, FieldSelector
from trailseal.model.unreadable import Unreadable

Wire = Mapping[str, Any]
KMS = "kms.amazonaws.com"
CATEGORY = "eventCategory"
SELECTORS = "cloudtrail:GetEventSelectors"
KNOWN = {CATEGORY: "Equals", "readOnly": "Equals", "eventSource": "NotEquals"}
"""
The fields and operators of a trail's selectors for management events.

Source: https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_AdvancedFieldSelector.html
"""


DEFAULT = EventSelection(read_management=True, write_management=True)
"""What a trail without selectors of its own records: all management events."""


def read_event_selection(cloudtrail: Any, trail_arn: str) -> EventSelection | Unreadable:
    """Return what the trail records, as far as readers and KMS are concerned."""
    try:
        raw = cloudtrail.get_event_selectors(TrailName=trail_arn)
    except (ClientError, BotoCoreError) as error:
        return unreadable(error, call=SELECTORS, where=trail_arn)
    if advanced := raw.get("AdvancedEventSelectors"):
        return structs.replace(_from_advanced(advanced), as_given=_text("AdvancedEventSelectors", advanced))
    basic = raw.get("EventSelectors", [])
    return structs.replace(_from_basic(basic), as_given=_text("EventSelectors", basic))


def _text(kind: str, selectors: list[Wire]) -> str:
    return json.dumps({kind: selectors}, separators=(",", ":"))


def _from_basic(selectors: list[Wire]) -> EventSelection:
    managing = [s for s in selectors if s.get("IncludeManagementEvents", True)]
    kinds = {s.get("ReadWriteType", "All") for s in managing}
    resources = [
        r["Type"]
        for s in selectors
        if s.get("ReadWriteType") != "WriteOnly"
        for r in s.get("DataResources", [])
        if r.get("Values")
    ]
    return EventSelection(
        read_management=bool(kinds & {"All", "ReadOnly"}),
        write_management=bool(kinds & {"All", "WriteOnly"}),
        data_resources=tuple(dict.fromkeys(resources)),
        data_selectors=tuple(
            _prefixes(str(s.get("ReadWriteType", "All")), r)
            for s in selectors
            for r in s.get("DataResources", [])
            if r.get("Values")
        ),
        excludes_kms=bool(managing)
        and all(KMS in s.get("ExcludeManagementEventSources", []) for s in managing),
        excluded_sources=_in_any(s.get("ExcludeManagementEventSources", []) for s in selectors),
    )


def _from_advanced(selectors: list[Wire]) -> EventSelection:
    fields = [{f["Field"]: f for f in s.get("FieldSelectors", [])} for s in selectors]
    managing = [f for f in fields if "Management" in f.get(CATEGORY, {}).get("Equals", [])]
    data = [f for f in fields if "Data" in f.get(CATEGORY, {}).get("Equals", [])]
    resources = [r for f in data if _reads(f) for r in f.get("resources.type", {}).get("Equals", [])]
    others = [f for f in fields if not f.get(CATEGORY, {}).get("Equals")]
    return EventSelection(
        read_management=any(_reads(f) for f in managing),
        write_management=any(f.get("readOnly", {}).get("Equals", []) != ["true"] for f in managing),
        data_resources=tuple(dict.fromkeys(resources)),
        data_selectors=tuple(DataSelector(fields=tuple(map(_field, f.values()))) for f in data),
        excludes_kms=bool(managing)
        and all(KMS in f.get("eventSource", {}).get("NotEquals", []) for f in managing),
        excluded_sources=_in_any(f.get("eventSource", {}).get("NotEquals", []) for f in managing),
        unclear=tuple(dict.fromkeys(word for f in (*managing, *others) for word in _unclear(f))),
    )


def _unclear(fields: Mapping[str, Wire]) -> Iterator[str]:
    """Yield what a selector for management events has that AWS's page does not name for them."""
    if not fields.get(CATEGORY, {}).get("Equals"):
        yield CATEGORY
    for name, field in fields.items():
        for operator, values in field.items():
            if operator == "Field" or not values or operator == KNOWN.get(name):
                continue
            yield f"{name} {operator}"


def _prefixes(reads_or_writes: str, resource: Wire) -> DataSelector:
    """Return what a basic selector comes to: its values are prefixes, `arn:aws:s3` of every bucket."""
    only = {"ReadOnly": ("true",), "WriteOnly": ("false",)}.get(reads_or_writes)
    fields = [
        FieldSelector(field="resources.type", equals=(str(resource.get("Type", "")),)),
        FieldSelector(field="resources.ARN", starts_with=tuple(map(str, resource.get("Values", [])))),
        *([FieldSelector(field="readOnly", equals=only)] if only else []),
    ]
    return DataSelector(fields=tuple(fields))


def _field(wire: Wire) -> FieldSelector:
    def values(name: str) -> tuple[str, ...]:
        return tuple(map(str, wire.get(name) or ()))

    return FieldSelector(
        field=str(wire.get("Field", "")),
        equals=values("Equals"),
        starts_with=values("StartsWith"),
        ends_with=values("EndsWith"),
        not_equals=values("NotEquals"),
        not_starts_with=values("NotStartsWith"),
        not_ends_with=values("NotEndsWith"),
    )


def _reads(fields: Mapping[str, Wire]) -> bool:
    return bool(fields.get("readOnly", {}).get("Equals", []) != ["false"])


def _in_any(lists: Iterable[list[str]]) -> tuple[str, ...]:
    return tuple(sorted({source for left_out in lists for source in left_out}))
