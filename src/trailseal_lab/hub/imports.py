"""
Findings of other products, as BatchImportFindings takes them: an account's own product, `default`.

Source: https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_BatchImportFindings.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from trailseal_lab.answers import Answer, Forward, answers
from trailseal_lab.call import Call
from trailseal_lab.errors import ApiError
from trailseal_lab.hub.operations import hub_of
from trailseal_lab.hub.state import Hub
from trailseal_lab.world import World

MOST = 100
REQUIRED = (
    "SchemaVersion",
    "Id",
    "ProductArn",
    "GeneratorId",
    "AwsAccountId",
    "CreatedAt",
    "UpdatedAt",
    "Title",
    "Description",
    "Resources",
)
KEPT_BY_CUSTOMERS = ("Note", "UserDefinedFields", "VerificationState", "Workflow")
"""What an update by the product never changes."""


@answers("securityhub", "BatchImportFindings")
def batch_import_findings(world: World, call: Call, forward: Forward) -> Answer:
    """Take findings of the account's own product; what is wrong with one fails that one alone."""
    del forward
    hub, given = hub_of(world, call), list(call.params.get("Findings") or ())
    if not 1 <= len(given) <= MOST:
        raise ApiError("InvalidInputException", f"Between 1 and {MOST} findings must be given.")
    failed = [
        {"Id": str(each.get("Id", "")), "ErrorCode": "InvalidInput", "ErrorMessage": problem}
        for each in given
        if (problem := _problem(hub, each))
    ]
    for finding in (each for each in given if not _problem(hub, each)):
        hub.findings[finding["Id"]] = _merged(hub, finding)
    return {
        "FailedCount": len(failed),
        "SuccessCount": len(given) - len(failed),
        "FailedFindings": failed,
    }


def _problem(hub: Hub, finding: Mapping[str, Any]) -> str:
    """Return what is wrong with a finding, "" for nothing."""
    if missing := [name for name in REQUIRED if not finding.get(name)]:
        return f"Finding does not adhere to Amazon Finding Format: {', '.join(missing)} missing"
    if finding["AwsAccountId"] != hub.account:
        return "The AwsAccountId of the finding is not the account that imports it."
    if finding["ProductArn"] != own_product(hub):
        return f"The product {finding['ProductArn']} is not one of this account."
    return ""


def own_product(hub: Hub) -> str:
    """Return the ARN of the account's own product, whose findings the account itself imports."""
    return f"arn:aws:securityhub:{hub.region}:{hub.account}:product/{hub.account}/default"


def _merged(hub: Hub, finding: Mapping[str, Any]) -> dict[str, Any]:
    before = hub.findings.get(finding["Id"], {})
    kept = {name: before[name] for name in KEPT_BY_CUSTOMERS if name in before}
    usual = {
        "Region": hub.region,
        "RecordState": "ACTIVE",
        "Workflow": {"Status": "NEW"},
        "Severity": {"Label": "INFORMATIONAL"},
        "Types": [],
        "ProductName": "Default",
    }
    return {**usual, **finding, **kept}
