"""Security Hub's own findings, joined to ours: what it says, since when, and whether it agrees."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct

from trailseal.controls.finding import Finding, Verdict
from trailseal.model.arn import bucket_arn
from trailseal.model.securityhub import HubFinding, SecurityHub
from trailseal.model.snapshot import Snapshot

AGREES = {Verdict.PASS: "PASSED", Verdict.FAIL: "FAILED"}


class HubView(Struct, frozen=True, kw_only=True):
    """
    What Security Hub says of the same thing.

    `disagrees` only where both have a verdict: a status of WARNING or NOT_AVAILABLE is none.
    """

    status: str
    severity: str
    region: str
    updated: datetime | None
    workflow: str
    disagrees: bool
    reasons: tuple[str, ...] = ()


def said_of(finding: Finding, snapshot: Snapshot) -> HubView | None:
    """
    Return Security Hub's finding for the same control and resource, None where it has none.

    A multi-Region trail gets one in each Region; that of the Region where the resource is at home counts.
    """
    found = [
        each
        for hub in snapshot.hubs
        if isinstance(hub, SecurityHub)
        for each in hub.findings
        if each.control_id == finding.check
        and each.record_state == "ACTIVE"
        and _is_of(each, finding, snapshot.partition)
    ]
    if not found:
        return None
    home = _region_of(finding)
    said = min(found, key=lambda each: (each.region != home, each.region, each.finding_id))
    return HubView(
        status=said.status,
        severity=said.severity,
        region=said.region,
        updated=said.updated,
        workflow=said.workflow,
        disagrees=_disagrees(finding.verdict, said.status),
        reasons=said.reasons,
    )


def _is_of(said: HubFinding, finding: Finding, partition: str) -> bool:
    """Whether it is about the same thing: the trail, the bucket or key, or one of the trails it concerns."""
    about = {finding.subject, bucket_arn(finding.subject, partition), *finding.trails}
    if about & {said.resource, *said.other_resources}:
        return True
    return said.resource.startswith("AWS::::Account:") and finding.subject in said.resource


def _region_of(finding: Finding) -> str:
    parts = (finding.trails[0] if finding.trails else finding.subject).split(":")
    return parts[3] if len(parts) > 3 else ""  # noqa: PLR2004 - the Region's place in an ARN


def _disagrees(ours: Verdict, theirs: str) -> bool:
    return ours in AGREES and theirs in AGREES.values() and AGREES[ours] != theirs
