"""
GetFindings' filters: attributes are joined by AND, the values of one attribute by OR.

Source: https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_AwsSecurityFindingFilters.html
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from trailseal_lab.errors import ApiError


def _compliance(finding: dict[str, Any], name: str) -> list[str]:
    """Return what a control finding says; another product's finding may say nothing."""
    found = finding.get("Compliance", {}).get(name)
    return [str(found)] if found else []


PATHS: dict[str, Callable[[dict[str, Any]], list[str]]] = {
    "AwsAccountId": lambda f: [f["AwsAccountId"]],
    "ComplianceAssociatedStandardsId": lambda f: [
        s["StandardsId"] for s in f.get("Compliance", {}).get("AssociatedStandards", ())
    ],
    "ComplianceSecurityControlId": lambda f: _compliance(f, "SecurityControlId"),
    "ComplianceStatus": lambda f: _compliance(f, "Status"),
    "GeneratorId": lambda f: [f["GeneratorId"]],
    "Id": lambda f: [f["Id"]],
    "ProductArn": lambda f: [f["ProductArn"]],
    "ProductName": lambda f: [f["ProductName"]],
    "RecordState": lambda f: [f["RecordState"]],
    "Region": lambda f: [f["Region"]],
    "ResourceId": lambda f: [r["Id"] for r in f["Resources"]],
    "ResourceRegion": lambda f: [r["Region"] for r in f["Resources"] if "Region" in r],
    "ResourceType": lambda f: [r["Type"] for r in f["Resources"]],
    "SeverityLabel": lambda f: [f["Severity"]["Label"]],
    "Title": lambda f: [f["Title"]],
    "Type": lambda f: list(f["Types"]),
    "WorkflowStatus": lambda f: [f["Workflow"]["Status"]],
}
COMPARISONS: dict[str, Callable[[str, str], bool]] = {
    "EQUALS": lambda held, wanted: held == wanted,
    "PREFIX": lambda held, wanted: held.startswith(wanted),
    "CONTAINS": lambda held, wanted: wanted in held,
    "CONTAINS_WORD": lambda held, wanted: wanted in held.split(),
}
MOST_ATTRIBUTES, MOST_VALUES = 10, 20


def check(filters: dict[str, Any]) -> None:
    """
    Return when the filters are ones that the lab can honour.

    Raises:
        ApiError: InvalidInputException; a filter that is not honoured must not look honoured.
    """
    if len(filters) > MOST_ATTRIBUTES:
        raise ApiError("InvalidInputException", f"At most {MOST_ATTRIBUTES} filter attributes may be given.")
    for name, values in filters.items():
        if name not in PATHS:
            raise ApiError("InvalidInputException", f"The lab does not filter by {name}.")
        if len(values) > MOST_VALUES:
            raise ApiError("InvalidInputException", f"At most {MOST_VALUES} values may be given for {name}.")
        for value in values:
            comparison = str(value.get("Comparison", "EQUALS"))
            if _positive(comparison) not in COMPARISONS:
                raise ApiError("InvalidInputException", f"{comparison} is not a comparison.")


def _positive(comparison: str) -> str:
    if comparison == "PREFIX_NOT_EQUALS":
        return "PREFIX"
    return {"NOT_EQUALS": "EQUALS", "NOT_CONTAINS": "CONTAINS"}.get(comparison, comparison)


def meets(finding: dict[str, Any], filters: dict[str, Any]) -> bool:
    """Whether a finding meets every attribute. Negative comparisons of one attribute have to hold all."""
    return all(_attribute(PATHS[name](finding), values) for name, values in filters.items() if values)


def _attribute(held: list[str], values: list[dict[str, str]]) -> bool:
    wanted = [v for v in values if _positive(v.get("Comparison", "EQUALS")) == v.get("Comparison", "EQUALS")]
    unwanted = [v for v in values if v not in wanted]
    if any(_one(held, v) for v in unwanted):
        return False
    return not wanted or any(_one(held, v) for v in wanted)


def _one(held: list[str], value: dict[str, str]) -> bool:
    compare = COMPARISONS[_positive(value.get("Comparison", "EQUALS"))]
    return any(compare(each, value["Value"]) for each in held)
