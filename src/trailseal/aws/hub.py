"""
What Security Hub CSPM says in one Region: enabled standards, their controls, and the findings.

A control's status is not to be had from the API; it is worked out from its findings as the console does.
Source: https://docs.aws.amazon.com/securityhub/latest/userguide/controls-overall-status.html
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from itertools import islice
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from trailseal.aws.errors import code_of, unreadable
from trailseal.model.securityhub import ControlState, HubFinding, NoSecurityHub, SecurityHub, Standard
from trailseal.model.unreadable import Unreadable

Wire = Mapping[str, Any]
NOT_ENABLED = frozenset({"InvalidAccessException", "SubscriptionRequiredException"})
MOST_PAGES = 100
"""Of 100 findings each. An account with more gets no score, but the findings that matter all the same."""
AT_ONCE = 100
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
        call = "securityhub:BatchGetSecurityControls"
        disabled = _disabled(client, {c["SecurityControlId"] for found in defined.values() for c in found})
        call = "securityhub:GetFindings"
        seen, is_partial = _all_findings(client, account=account, region=region)
        ours = [f for f in seen if f.control_id in KNOWN]
        if is_partial:
            ours = list(_of_controls(client, account=account, region=region))
    except (ClientError, BotoCoreError) as error:
        if code_of(error) in NOT_ENABLED:
            return NoSecurityHub(region=region)
        return unreadable(error, call=call, where=region)
    states = _statuses(seen)
    return SecurityHub(
        region=region,
        standards=tuple(
            Standard(arn=arn, name=_name(arn), controls=_controls(found, disabled, states))
            for arn, found in defined.items()
        ),
        findings=tuple(ours),
        is_partial=is_partial,
    )


def _definitions(client: Any, standard: str) -> list[dict[str, Any]]:
    pages = client.get_paginator("list_security_control_definitions").paginate(StandardsArn=standard)
    return [each for page in pages for each in page["SecurityControlDefinitions"]]


def _disabled(client: Any, ids: Iterable[str]) -> frozenset[str]:
    """Return the controls that are enabled in no standard."""
    off: set[str] = set()
    wanted = sorted(ids)
    for start in range(0, len(wanted), AT_ONCE):
        answer = client.batch_get_security_controls(SecurityControlIds=wanted[start : start + AT_ONCE])
        off |= {
            control["SecurityControlId"]
            for control in answer["SecurityControls"]
            if control.get("SecurityControlStatus") == "DISABLED"
        }
    return frozenset(off)


def _all_findings(client: Any, *, account: str, region: str) -> tuple[list[HubFinding], bool]:
    """Return every active control finding of the account here, and whether there were more."""
    pages = iter(_pages(client, _filters(account, region)))
    seen = [_finding(raw) for page in islice(pages, MOST_PAGES) for raw in page["Findings"]]
    return [f for f in seen if f.control_id], next(pages, None) is not None


def _of_controls(client: Any, *, account: str, region: str) -> Iterator[HubFinding]:
    wanted = [{"Value": name, "Comparison": "EQUALS"} for name in KNOWN]
    for page in _pages(client, {**_filters(account, region), "ComplianceSecurityControlId": wanted}):
        yield from (_finding(raw) for raw in page["Findings"])


def _pages(client: Any, filters: Wire) -> Any:
    paging = {"PageSize": AT_ONCE}
    return client.get_paginator("get_findings").paginate(Filters=filters, PaginationConfig=paging)


def _filters(account: str, region: str) -> dict[str, Any]:
    """Return the filters; from an aggregation Region the others' findings would come along."""
    wanted = {"AwsAccountId": account, "Region": region, "RecordState": "ACTIVE"}
    return {name: [{"Value": value, "Comparison": "EQUALS"}] for name, value in wanted.items()}


def _finding(raw: Wire) -> HubFinding:
    compliance = raw.get("Compliance", {})
    resource = (raw.get("Resources") or [{}])[0].get("Id", "")
    return HubFinding(
        finding_id=raw["Id"],
        control_id=compliance.get("SecurityControlId", ""),
        account=raw.get("AwsAccountId", ""),
        region=raw.get("Region", ""),
        resource=resource,
        status=compliance.get("Status", ""),
        severity=raw.get("Severity", {}).get("Label", ""),
        workflow=raw.get("Workflow", {}).get("Status", "NEW"),
        record_state=raw.get("RecordState", "ACTIVE"),
        updated=_time(raw.get("UpdatedAt", "")),
        reasons=tuple(r.get("ReasonCode", "") for r in compliance.get("StatusReasons", ())),
    )


def _time(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def _statuses(findings: Iterable[HubFinding]) -> dict[str, str]:
    """Return each control's status; suppressed findings count only where there are no others: as passed."""
    by_control: dict[str, set[str]] = {}
    for finding in findings:
        status = "PASSED" if finding.workflow == "SUPPRESSED" else finding.status
        by_control.setdefault(finding.control_id, set()).add(status)
    return {control: _status(found) for control, found in by_control.items()}


def _status(found: set[str]) -> str:
    if "FAILED" in found:
        return "FAILED"
    return "PASSED" if found == {"PASSED"} else "UNKNOWN"


def _controls(
    found: list[dict[str, Any]], disabled: frozenset[str], states: dict[str, str]
) -> tuple[ControlState, ...]:
    return tuple(
        ControlState(
            control_id=each["SecurityControlId"],
            enabled=each["SecurityControlId"] not in disabled,
            status="DISABLED"
            if each["SecurityControlId"] in disabled
            else states.get(each["SecurityControlId"], "NO DATA"),
            severity=each.get("SeverityRating", ""),
            title=each.get("Title", ""),
        )
        for each in found
    )


def _name(arn: str) -> str:
    """Return the standard's name and version: `.../aws-foundational-security-best-practices/v/1.0.0`."""
    parts = arn.rpartition(":")[2].split("/")
    version = f" v{parts[-1]}" if "v" in parts else ""
    known = next((part for part in parts if part in NAMES), "")
    return f"{NAMES[known]}{version}" if known else "/".join(parts)
