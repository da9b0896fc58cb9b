"""Security Hub's memory: which standards are on where, and one finding for each control and resource."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from trailseal_lab.clock import each_cycle
from trailseal_lab.failures import alone
from trailseal_lab.hub.catalogue import FSBP, REST_OF_THE_ACCOUNT, RULED, Control
from trailseal_lab.hub.rules import Result, evaluate
from trailseal_lab.world import World

Place = tuple[str, str]
NAMESPACE = uuid.UUID("6ba7b811-9dad-11d1-80b4-00c04fd430c8")


@dataclass
class Hub:
    """Security Hub of one account and Region."""

    account: str
    region: str
    standards: list[str] = field(default_factory=lambda: [FSBP])
    rest: dict[str, str] = field(default_factory=dict)
    """Control id to status, for the controls that no rule computes."""
    findings: dict[str, dict[str, Any]] = field(default_factory=dict)
    switched_off: set[tuple[str, str]] = field(default_factory=set)
    """Controls that are off, each with the standard in which it is."""
    enabled: datetime | None = None
    auto_enable: bool = True
    generator: str = "SECURITY_CONTROL"

    @property
    def controls(self) -> list[Control]:
        """The controls that an enabled standard has and that are on in one of them, ruled ones first."""
        rest = [
            Control(i, title, severity, (FSBP,))
            for i, title, severity, _ in REST_OF_THE_ACCOUNT
            if i in self.rest
        ]
        return [c for c in (*RULED, *rest) if any(self.has(c, standard) for standard in c.standards)]

    def has(self, control: Control, standard: str) -> bool:
        """Whether a control is on in a standard that is enabled."""
        is_of_it = standard in control.standards and standard in self.standards
        return is_of_it and (standard, control.id) not in self.switched_off


@dataclass
class Hubs:
    """Every hub that is enabled."""

    by_place: dict[Place, Hub] = field(default_factory=dict)


def enable(world: World, account: str, region: str, *, standards: tuple[str, ...] = (FSBP,)) -> Hub:
    """Enable Security Hub in one account and Region, with the story's rest of an account."""
    hub = Hub(account=account, region=region, standards=list(standards), enabled=world.now())
    hub.rest = {i: status for i, _, _, status in REST_OF_THE_ACCOUNT}
    world.part(Hubs).by_place[(account, region)] = hub
    return hub


@each_cycle(order=30, every=2, at_start=True)
def evaluate_all(world: World) -> None:
    """Look at the estate again: Security Hub's periodic checks, which take 12 to 24 hours on AWS."""
    for hub in world.part(Hubs).by_place.values():
        with alone(world, "hub.state", f"{hub.account} {hub.region}"):
            look(world, hub)


def look(world: World, hub: Hub) -> None:
    """Bring the findings of one hub up to date; a finding about a resource that is gone is archived."""
    known = {control.id: control for control in hub.controls}
    now = world.now()
    seen = set()
    for result in [*evaluate(world, hub.account, hub.region), *_rest(hub)]:
        if result.control in known:
            seen.add(_update(hub, known[result.control], result, now))
    for finding_id, finding in hub.findings.items():
        if finding_id not in seen and finding["RecordState"] == "ACTIVE" and is_own(finding):
            finding |= {"RecordState": "ARCHIVED", "UpdatedAt": stamp(now)}


def is_own(finding: dict[str, Any]) -> bool:
    """Whether a finding is Security Hub's own, and not another product's."""
    return str(finding["ProductArn"]).endswith("::product/aws/securityhub")


def _rest(hub: Hub) -> list[Result]:
    return [
        Result(
            control=control,
            passed=status == "PASSED",
            resource=f"AWS::::Account:{hub.account}",
            resource_type="AwsAccount",
        )
        for control, status in hub.rest.items()
        if status in {"PASSED", "FAILED"}
    ]


def stamp(moment: datetime) -> str:
    """Return a time as ASFF writes it."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"


def _update(hub: Hub, control: Control, result: Result, now: datetime) -> str:
    """Write one finding, keeping its identity; a changed status changes its workflow as AWS does."""
    name = uuid.uuid5(NAMESPACE, f"{hub.account}/{hub.region}/{control.id}/{result.resource}")
    prefix = f"arn:aws:securityhub:{hub.region}:{hub.account}"
    finding_id = f"{prefix}:security-control/{control.id}/finding/{name}"
    status = "PASSED" if result.passed else "FAILED"
    before = hub.findings.get(finding_id)
    hub.findings[finding_id] = {
        "SchemaVersion": "2018-10-08",
        "Id": finding_id,
        "ProductArn": f"arn:aws:securityhub:{hub.region}::product/aws/securityhub",
        "ProductName": "Security Hub",
        "CompanyName": "AWS",
        "Region": hub.region,
        "GeneratorId": f"security-control/{control.id}",
        "AwsAccountId": hub.account,
        "Types": ["Software and Configuration Checks/Industry and Regulatory Standards"],
        "FirstObservedAt": before["FirstObservedAt"] if before else stamp(now),
        "LastObservedAt": stamp(now),
        "CreatedAt": before["CreatedAt"] if before else stamp(now),
        "UpdatedAt": stamp(now),
        "ProcessedAt": stamp(now),
        "Severity": _severity(control, passed=result.passed),
        "Title": control.title,
        "Description": f"This control checks: {control.title}.",
        "Resources": [_resource(hub, result)],
        "Compliance": {
            "Status": status,
            "SecurityControlId": control.id,
            "AssociatedStandards": [
                {"StandardsId": f"standards/{s}"} for s in control.standards if hub.has(control, s)
            ],
        },
        "WorkflowState": "NEW",
        "Workflow": {"Status": _workflow(before, status)},
        "RecordState": "ACTIVE",
    }
    return finding_id


def _resource(hub: Hub, result: Result) -> dict[str, Any]:
    told = {
        "Type": result.resource_type,
        "Id": result.resource,
        "Partition": "aws",
        "Region": hub.region,
    }
    return {**told, "Details": result.details} if result.details else told


def _workflow(before: dict[str, Any] | None, status: str) -> str:
    """Return the workflow of a finding whose status is now this one."""
    if before is not None:
        standing = str(before["Workflow"]["Status"])
        if standing == "SUPPRESSED" or before["Compliance"]["Status"] == status:
            return standing
    return "RESOLVED" if status == "PASSED" else "NEW"


def _severity(control: Control, *, passed: bool) -> dict[str, Any]:
    label = "INFORMATIONAL" if passed else control.severity
    normalized = {"INFORMATIONAL": 0, "LOW": 1, "MEDIUM": 40, "HIGH": 70, "CRITICAL": 90}[label]
    return {"Label": label, "Normalized": normalized, "Original": label}
