"""
Which event selectors CloudTrail takes for a trail: how many, and with which fields, operators and values.

Sources: https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_PutEventSelectors.html,
https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_AdvancedFieldSelector.html,
https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_DataResource.html
and https://docs.aws.amazon.com/awscloudtrail/latest/userguide/WhatIsCloudTrail-Limits.html
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from trailseal_lab.errors import ApiError

Selector = dict[str, Any]
MOST_SELECTORS, MOST_RESOURCES, MOST_VALUES = 5, 250, 500
TYPES = ("AWS::DynamoDB::Table", "AWS::Lambda::Function", "AWS::S3::Object")
"""What basic selectors may ask for; all else is for advanced ones."""
EXCLUDED = frozenset({"kms.amazonaws.com", "rdsdata.amazonaws.com"})
OPERATORS = ("Equals", "StartsWith", "EndsWith", "NotEquals", "NotStartsWith", "NotEndsWith")
EQUAL_ALONE = frozenset({"eventCategory", "readOnly", "resources.type"})
FIELDS = {
    "Management": {"eventCategory", "eventSource", "readOnly"},
    "Data": {
        "eventCategory",
        "eventName",
        "eventSource",
        "eventType",
        "readOnly",
        "resources.ARN",
        "resources.type",
        "sessionCredentialFromConsole",
        "userIdentity.arn",
    },
    "NetworkActivity": {
        "errorCode",
        "eventCategory",
        "eventName",
        "eventSource",
        "userIdentity.arn",
        "vpcEndpointId",
    },
}
"""The fields of a trail's advanced selectors, by the category of events."""
REQUIRED = {
    "Management": frozenset[str](),
    "Data": frozenset({"resources.type"}),
    "NetworkActivity": frozenset({"eventSource"}),
}


def check_selectors(basic: Sequence[Selector], advanced: Sequence[Selector]) -> None:
    """
    Return when CloudTrail takes these selectors for a trail, which are of one kind.

    Raises:
        ApiError: InvalidEventSelectorsException.
    """
    if bool(basic) == bool(advanced):
        raise _invalid("Give either EventSelectors or AdvancedEventSelectors.")
    for problem in (*_of_basic(basic), *_of_advanced(advanced)):
        raise _invalid(problem)


def _invalid(text: str) -> ApiError:
    return ApiError("InvalidEventSelectorsException", text)


def _of_basic(selectors: Sequence[Selector]) -> Iterator[str]:
    if len(selectors) > MOST_SELECTORS:
        yield f"A trail can have up to {MOST_SELECTORS} event selectors."
    resources = [each for selector in selectors for each in selector.get("DataResources") or ()]
    if sum(len(each.get("Values") or ()) for each in resources) > MOST_RESOURCES:
        yield f"A trail is limited to {MOST_RESOURCES} data resources across all its event selectors."
    for each in resources:
        yield from _of_resource(str(each.get("Type")), each.get("Values") or ())
    for selector in selectors:
        others = set(selector.get("ExcludeManagementEventSources") or ()) - EXCLUDED
        if others:
            yield f"{', '.join(sorted(others))} cannot be excluded from management events."


def _of_resource(kind: str, values: Sequence[str]) -> Iterator[str]:
    if kind not in TYPES:
        yield f"{kind} is not a resource type of basic event selectors: {', '.join(TYPES)}."
        return
    service = kind.split("::")[1].lower()
    for value in values:
        if f"{value}:".split(":")[:3:2] != ["arn", service]:
            yield f"Value {value} for DataResources.Values is invalid."


def _of_advanced(selectors: Sequence[Selector]) -> Iterator[str]:
    fields = [each for selector in selectors for each in selector.get("FieldSelectors") or ()]
    if sum(len(each.get(name) or ()) for each in fields for name in OPERATORS) > MOST_VALUES:
        yield f"A trail can have up to {MOST_VALUES} values in all its advanced event selectors."
    for selector in selectors:
        yield from _of_one(selector.get("FieldSelectors") or ())


def _of_one(fields: Sequence[Selector]) -> Iterator[str]:
    names = [str(each["Field"]) for each in fields]
    category = _only(next((each for each in fields if each["Field"] == "eventCategory"), {}))
    if category not in FIELDS:
        yield f"eventCategory is required, and Equals one of {', '.join(FIELDS)}."
        return
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield f"The field {name} stands twice in one advanced event selector."
    for name in sorted(set(names) - FIELDS[category]):
        yield f"The field {name} is not supported for {category} events of a trail."
    for name in sorted(REQUIRED[category] - set(names)):
        yield f"The field {name} is required for {category} events."
    for field in fields:
        yield from _of_field(category, field)


def _of_field(category: str, field: Selector) -> Iterator[str]:
    name, used = str(field["Field"]), [each for each in OPERATORS if field.get(each)]
    if not used:
        yield f"The field {name} has no operator."
    if name in EQUAL_ALONE and not _only(field):
        yield f"The field {name} takes Equals with one value alone."
    if name == "readOnly" and _only(field) not in {"true", "false"}:
        yield "The field readOnly is true or false."
    if (category, name) == ("Management", "eventSource") and not _excludes(field, used):
        yield f"The field eventSource of management events takes NotEquals {' or '.join(sorted(EXCLUDED))}."
    if category == "NetworkActivity" and name == "eventSource" and used != ["Equals"]:
        yield "The field eventSource of network activity events takes Equals."
    if name == "errorCode" and _only(field) != "VpceAccessDenied":
        yield "The field errorCode takes Equals VpceAccessDenied alone."


def _excludes(field: Selector, used: list[str]) -> bool:
    return used == ["NotEquals"] and set(field["NotEquals"]) <= EXCLUDED


def _only(field: Selector) -> str:
    """Return the one value that a field must equal, "" where it says more or less than that."""
    found = [(name, value) for name in OPERATORS for value in field.get(name) or ()]
    return str(found[0][1]) if [name for name, _ in found] == ["Equals"] else ""
