"""
What Security Hub CSPM says in one Region: enabled standards, their controls, and the findings.

A control's status is not to be had from the API; it is worked out from its findings as the console does.
Source: https://docs.aws.amazon.com/securityhub/latest/userguide/controls-overall-status.html
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from trailseal.aws.errors import code_of, unreadable
from trailseal.model.foreign import ForeignError
from trailseal.model.foreign_values import time_in
from trailseal.model.given import partition_of
from trailseal.model.securityhub import ControlState, HubFinding, NoSecurityHub, SecurityHub, Standard
from trailseal.model.unreadable import Unreadable

Wire = Mapping[str, Any]
Pair = tuple[str, str]
"""A standard's ARN and a control's ID."""
STANDARD = re.compile(r"(?:standards|ruleset|subscription)/(?P<standard>[^/]+/v/[^/]+)")
"""A standard in its own ARN, in `AssociatedStandards`, and in the ID of a finding of one standard."""
IN_PRODUCT_FIELDS = re.compile(r"Resources:\d+/Id")
NOT_ENABLED = frozenset({"InvalidAccessException", "SubscriptionRequiredException"})
MOST_PAGES = 100
"""Of 100 findings each. An account with more gets no score, but the findings that matter all the same."""
AT_ONCE = 100
MOST_VALUES = 20
"""Of one attribute in GetFindings' filters."""
KNOWN = ("CloudTrail.1", "CloudTrail.2", "CloudTrail.4", "CloudTrail.5", "CloudTrail.6", "CloudTrail.7",
         "KMS.4", "S3.17")  # fmt: skip
NAMES = {
    "aws-foundational-security-best-practices": "AWS Foundational Security Best Practices",
    "cis-aws-foundations-benchmark": "CIS AWS Foundations Benchmark",
    "pci-dss": "PCI DSS",
    "nist-800-53": "NIST SP 800-53",
    "nist-800-171": "NIST SP 800-171",
}


def read_hub(client: Any, *, account: str, region: str) -> SecurityHub | NoSecurityHub | Unreadable:
    """Return Security Hub's side, that it is not enabled here, or what the caller may not ask."""
    call = "securityhub:GetEnabledStandards"
    try:
        pages = client.get_paginator("get_enabled_standards").paginate()
        arns = [each["StandardsArn"] for page in pages for each in page["StandardsSubscriptions"]]
        call = "securityhub:ListSecurityControlDefinitions"
        defined = {arn: _definitions(client, arn) for arn in arns}
        call = "securityhub:BatchGetStandardsControlAssociations"
        pairs = [(arn, each["SecurityControlId"]) for arn, found in defined.items() for each in found]
        disabled, is_told = _disabled(client, pairs)
        call = "securityhub:GetFindings"
        seen, is_partial = _all_findings(client, account=account, region=region)
        ours = [f for f in seen if f.control_id in KNOWN]
        if is_partial:
            ours = list(_of_controls(client, account=account, region=region))
    except (ClientError, BotoCoreError) as error:
        if code_of(error) in NOT_ENABLED:
            return NoSecurityHub(region=region)
        return unreadable(error, call=call, where=region)
    return SecurityHub(
        region=region,
        standards=tuple(
            Standard(arn=arn, name=_name(arn), controls=_controls(arn, found, disabled, _statuses(seen, arn)))
            for arn, found in defined.items()
        ),
        findings=tuple(ours),
        is_partial=is_partial or not is_told,
    )


def _definitions(client: Any, standard: str) -> list[dict[str, Any]]:
    pages = client.get_paginator("list_security_control_definitions").paginate(StandardsArn=standard)
    return [each for page in pages for each in page["SecurityControlDefinitions"]]


def _disabled(client: Any, pairs: list[Pair]) -> tuple[frozenset[Pair], bool]:
    """
    Return the controls that are off, each with the standard in which it is, and whether all were told.

    Source: https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_BatchGetStandardsControlAssociations.html
    """
    off: set[Pair] = set()
    is_told = True
    for start in range(0, len(pairs), AT_ONCE):
        asked = [{"StandardsArn": a, "SecurityControlId": c} for a, c in pairs[start : start + AT_ONCE]]
        answer = client.batch_get_standards_control_associations(StandardsControlAssociationIds=asked)
        is_told = is_told and not answer.get("UnprocessedAssociations")
        off |= {
            (told["StandardsArn"], told["SecurityControlId"])
            for told in answer["StandardsControlAssociationDetails"]
            if told["AssociationStatus"] == "DISABLED"
        }
    return frozenset(off), is_told


def _all_findings(client: Any, *, account: str, region: str) -> tuple[list[HubFinding], bool]:
    """Return every active control finding of the account here, and whether there were more."""
    pages = iter(_pages(client, _filters(account, region)))
    seen = [_finding(raw) for page in islice(pages, MOST_PAGES) for raw in page["Findings"]]
    return [f for f in seen if f.control_id], next(pages, None) is not None


def _of_controls(client: Any, *, account: str, region: str) -> Iterator[HubFinding]:
    return _known(client, _filters(account, region))


def linked_findings(client: Any, *, account: str, regions: Sequence[str]) -> Iterator[HubFinding]:
    """Yield what an aggregation Region tells of linked Regions, for the controls that are known."""
    for start in range(0, len(regions), MOST_VALUES):
        yield from _known(client, _filters(account, *regions[start : start + MOST_VALUES]))


def _known(client: Any, filters: Wire) -> Iterator[HubFinding]:
    for page in _pages(client, {**filters, "ComplianceSecurityControlId": _equal(KNOWN)}):
        yield from (_finding(raw) for raw in page["Findings"])


def _pages(client: Any, filters: Wire) -> Any:
    paging = {"PageSize": AT_ONCE}
    return client.get_paginator("get_findings").paginate(Filters=filters, PaginationConfig=paging)


def _filters(account: str, *regions: str) -> dict[str, Any]:
    """
    Return the filters for what Security Hub itself found in these Regions.

    Other products' findings may be many times as many; from an aggregation Region other Regions' would come
    along. The product is known by its ARN, as its name has changed.
    Source: https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_AwsSecurityFindingFilters.html
    """
    products = [f"arn:{partition_of(each)}:securityhub:{each}::product/aws/securityhub" for each in regions]
    return {
        "AwsAccountId": _equal([account]),
        "ProductArn": _equal(products),
        "Region": _equal(regions),
        "RecordState": _equal(["ACTIVE"]),
    }


def _equal(values: Sequence[str]) -> list[dict[str, str]]:
    return [{"Value": value, "Comparison": "EQUALS"} for value in values]


def _finding(raw: Wire) -> HubFinding:
    compliance = raw.get("Compliance", {})
    resources = _resources(raw)
    return HubFinding(
        finding_id=raw["Id"],
        control_id=compliance.get("SecurityControlId", ""),
        account=raw.get("AwsAccountId", ""),
        region=raw.get("Region", ""),
        resource=resources[0] if resources else "",
        status=compliance.get("Status", ""),
        severity=raw.get("Severity", {}).get("Label", ""),
        workflow=raw.get("Workflow", {}).get("Status", "NEW"),
        record_state=raw.get("RecordState", "ACTIVE"),
        updated=_time(raw.get("UpdatedAt", "")),
        reasons=tuple(r.get("ReasonCode", "") for r in compliance.get("StatusReasons", ())),
        other_resources=resources[1:],
        standards=_standards(raw),
    )


def _resources(raw: Wire) -> tuple[str, ...]:
    """Return the resources that a finding names: its own first, then those that its product fields name."""
    own = [str(each.get("Id", "")) for each in raw.get("Resources") or ()]
    fields = raw.get("ProductFields") or {}
    named = [str(fields[name]) for name in sorted(fields) if IN_PRODUCT_FIELDS.fullmatch(name)]
    return tuple(dict.fromkeys(each for each in (*own, *named) if each))


def _standards(raw: Wire) -> tuple[str, ...]:
    """
    Return the standards that a finding counts in.

    With consolidated control findings they are told; before, each standard had its own, named in its ID.
    Source: https://docs.aws.amazon.com/securityhub/latest/userguide/asff-changes-consolidation.html
    """
    told = [each.get("StandardsId", "") for each in raw.get("Compliance", {}).get("AssociatedStandards", ())]
    found = [STANDARD.search(each) for each in told or [raw["Id"]]]
    return tuple(dict.fromkeys(each["standard"] for each in found if each))


def _time(text: str) -> datetime | None:
    try:
        return time_in(text)
    except ForeignError:
        return None


def _statuses(findings: Iterable[HubFinding], arn: str) -> dict[str, str]:
    """
    Return each control's status in one standard. Suppressed findings count nowhere.

    Source: https://docs.aws.amazon.com/securityhub/latest/userguide/controls-overall-status.html
    """
    match = STANDARD.search(arn)
    standard = match["standard"] if match else ""
    by_control: dict[str, set[str]] = {}
    for finding in findings:
        counts = not finding.standards or standard in finding.standards
        if counts and finding.workflow != "SUPPRESSED":
            by_control.setdefault(finding.control_id, set()).add(finding.status)
    return {control: _status(found) for control, found in by_control.items()}


def _status(found: set[str]) -> str:
    if "FAILED" in found:
        return "FAILED"
    return "PASSED" if found == {"PASSED"} else "UNKNOWN"


def _controls(
    arn: str, found: list[dict[str, Any]], disabled: frozenset[Pair], states: dict[str, str]
) -> tuple[ControlState, ...]:
    return tuple(
        _state(each, is_on=(arn, each["SecurityControlId"]) not in disabled, states=states) for each in found
    )


def _state(defined: Wire, *, is_on: bool, states: dict[str, str]) -> ControlState:
    control = str(defined["SecurityControlId"])
    return ControlState(
        control_id=control,
        enabled=is_on,
        status=states.get(control, "NO DATA") if is_on else "DISABLED",
        severity=defined.get("SeverityRating", ""),
        title=defined.get("Title", ""),
    )


def _name(arn: str) -> str:
    """Return the standard's name and version: `.../aws-foundational-security-best-practices/v/1.0.0`."""
    parts = arn.rpartition(":")[2].split("/")
    version = f" v{parts[-1]}" if "v" in parts else ""
    known = next((part for part in parts if part in NAMES), "")
    return f"{NAMES[known]}{version}" if known else "/".join(parts)
