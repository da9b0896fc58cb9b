"""Security Hub's API, as far as findings, standards and controls go."""

from __future__ import annotations

from typing import Any

from trailseal_lab.answers import Answer, Forward, answers
from trailseal_lab.call import Call
from trailseal_lab.errors import ApiError
from trailseal_lab.hub import filters
from trailseal_lab.hub.catalogue import FSBP, RULED, STANDARDS, Control
from trailseal_lab.hub.linked import hubs_seen_from
from trailseal_lab.hub.state import Hub, Hubs, stamp
from trailseal_lab.world import World

PAGE = 100


def hub_of(world: World, call: Call) -> Hub:
    """
    Return the caller's hub in this Region.

    Raises:
        ApiError: InvalidAccessException, when Security Hub is not enabled here.
    """
    hub = world.part(Hubs).by_place.get((call.caller.account, call.region))
    if hub is None:
        text = f"Account {call.caller.account} is not subscribed to AWS Security Hub"
        raise ApiError("InvalidAccessException", text, status=401)
    return hub


def page(call: Call, name: str, rows: list[Any]) -> dict[str, Any]:
    """Return one page of rows with the token of the next."""
    token = str(call.params.get("NextToken") or "0")
    if not token.isdecimal():
        raise ApiError("InvalidInputException", "The token is not valid.")
    start, size = int(token), min(int(call.params.get("MaxResults") or PAGE), PAGE)
    more = {"NextToken": str(start + size)} if len(rows) > start + size else {}
    return {name: rows[start : start + size], **more}


def standard_arn(hub: Hub, standard: str) -> str:
    """Return a standard's ARN; AWS's older standards have no Region in it."""
    return f"arn:aws:securityhub:{hub.region}::standards/{standard}"


def subscription_arn(hub: Hub, standard: str) -> str:
    """Return the ARN of this account's subscription to a standard."""
    return hub_arn(hub, "subscription", standard)


def hub_arn(hub: Hub, *parts: str) -> str:
    """Return the ARN of something in a hub."""
    return f"arn:aws:securityhub:{hub.region}:{hub.account}:{'/'.join(parts)}"


@answers("securityhub", "DescribeHub")
def describe_hub(world: World, call: Call, forward: Forward) -> Answer:
    """Return the hub."""
    del forward
    hub = hub_of(world, call)
    return {
        "HubArn": f"arn:aws:securityhub:{hub.region}:{hub.account}:hub/default",
        "SubscribedAt": stamp(hub.enabled or world.started),
        "AutoEnableControls": hub.auto_enable,
        "ControlFindingGenerator": hub.generator,
    }


@answers("securityhub", "GetEnabledStandards")
def get_enabled_standards(world: World, call: Call, forward: Forward) -> Answer:
    """Return the subscriptions."""
    del forward
    hub = hub_of(world, call)
    wanted = call.params.get("StandardsSubscriptionArns") or ()
    rows = [subscription(hub, standard) for standard in hub.standards]
    shown = [row for row in rows if not wanted or row["StandardsSubscriptionArn"] in wanted]
    return page(call, "StandardsSubscriptions", shown)


def subscription(hub: Hub, standard: str) -> dict[str, Any]:
    """Return the account's subscription to a standard."""
    return {
        "StandardsSubscriptionArn": subscription_arn(hub, standard),
        "StandardsArn": standard_arn(hub, standard),
        "StandardsInput": {},
        "StandardsStatus": "READY",
        "StandardsControlsUpdatable": "READY_FOR_UPDATES",
    }


@answers("securityhub", "DescribeStandards")
def describe_standards(world: World, call: Call, forward: Forward) -> Answer:
    """Return every standard that could be enabled."""
    del forward
    hub = hub_of(world, call)
    rows = [
        {"StandardsArn": standard_arn(hub, s), "Name": name, "EnabledByDefault": s == FSBP}
        for s, name in STANDARDS.items()
    ]
    return page(call, "Standards", rows)


@answers("securityhub", "DescribeStandardsControls")
def describe_standards_controls(world: World, call: Call, forward: Forward) -> Answer:
    """Return the controls of one subscription."""
    del forward
    hub = hub_of(world, call)
    wanted = str(call.params.get("StandardsSubscriptionArn", ""))
    standard = next((s for s in hub.standards if subscription_arn(hub, s) == wanted), None)
    if standard is None:
        raise ApiError("ResourceNotFoundException", f"{wanted} is not a subscription.", status=404)
    rows = [
        {
            "StandardsControlArn": hub_arn(hub, "control", standard, c.id),
            "ControlStatus": "ENABLED" if hub.has(c, standard) else "DISABLED",
            "ControlStatusUpdatedAt": stamp(hub.enabled or world.started),
            "ControlId": c.id,
            "Title": c.title,
            "SeverityRating": c.severity,
        }
        for c in hub.controls
        if standard in c.standards
    ]
    return page(call, "Controls", rows)


def _definition(control: Control) -> dict[str, Any]:
    return {
        "SecurityControlId": control.id,
        "Title": control.title,
        "Description": f"This control checks: {control.title}.",
        "RemediationUrl": f"https://docs.aws.amazon.com/console/securityhub/{control.id}/remediation",
        "SeverityRating": control.severity,
        "CurrentRegionAvailability": "AVAILABLE",
    }


def known_controls(hub: Hub) -> dict[str, Control]:
    """Return the controls by ID: those that are on, and those of CloudTrail in any case."""
    return {control.id: control for control in (*hub.controls, *RULED)}


@answers("securityhub", "ListSecurityControlDefinitions")
def list_definitions(world: World, call: Call, forward: Forward) -> Answer:
    """Return the controls of a standard, or all."""
    del forward
    hub, wanted = hub_of(world, call), str(call.params.get("StandardsArn") or "")
    rows = [
        _definition(c)
        for c in known_controls(hub).values()
        if not wanted or any(standard_arn(hub, s) == wanted for s in c.standards)
    ]
    return page(call, "SecurityControlDefinitions", rows)


@answers("securityhub", "BatchGetSecurityControls")
def batch_get_controls(world: World, call: Call, forward: Forward) -> Answer:
    """Return controls by id or ARN."""
    del forward
    hub = hub_of(world, call)
    known = known_controls(hub)
    found, missing = [], []
    for given in call.params.get("SecurityControlIds", ()):
        control = known.get(str(given).rpartition("/")[2])
        if control is None:
            missing.append(
                {"SecurityControlId": given, "ErrorCode": "NOT_FOUND", "ErrorReason": "No such control"}
            )
            continue
        found.append(
            {
                **{k: v for k, v in _definition(control).items() if k != "CurrentRegionAvailability"},
                "SecurityControlArn": hub_arn(hub, "security-control", control.id),
                "SecurityControlStatus": "ENABLED" if control in hub.controls else "DISABLED",
            }
        )
    return {"SecurityControls": found, "UnprocessedIds": missing}


@answers("securityhub", "GetFindings")
def get_findings(world: World, call: Call, forward: Forward) -> Answer:
    """Return the findings that meet the filters, sorted as asked."""
    del forward
    hub = hub_of(world, call)
    wanted = call.params.get("Filters") or {}
    filters.check(wanted)
    seen = (finding for each in hubs_seen_from(world, hub) for finding in each.findings.values())
    found = [finding for finding in seen if filters.meets(finding, wanted)]
    for criterion in reversed(call.params.get("SortCriteria") or []):
        name = str(criterion.get("Field", "UpdatedAt"))
        found.sort(key=lambda f, n=name: str(f.get(n, "")), reverse=criterion.get("SortOrder") == "desc")  # type: ignore[misc]  # a default binds the loop's value
    return page(call, "Findings", found)


@answers("securityhub", "BatchUpdateFindings")
def batch_update_findings(world: World, call: Call, forward: Forward) -> Answer:
    """Set workflow, note, severity and own fields; UpdatedAt is Security Hub's alone."""
    del forward
    hub = hub_of(world, call)
    done, not_done = [], []
    settable = (
        "Note",
        "Severity",
        "Workflow",
        "UserDefinedFields",
        "VerificationState",
        "Confidence",
        "Criticality",
    )
    for given in call.params.get("FindingIdentifiers", ()):
        finding = hub.findings.get(given["Id"])
        if finding is None:
            not_done.append(
                {"FindingIdentifier": given, "ErrorCode": "FindingNotFound", "ErrorMessage": "Not found"}
            )
            continue
        finding |= {name: call.params[name] for name in settable if name in call.params}
        done.append(given)
    return {"ProcessedFindings": done, "UnprocessedFindings": not_done}
