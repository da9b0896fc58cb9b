"""
Controls in standards: a control can be on in one standard and off in another.

Source: https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_BatchUpdateStandardsControlAssociations.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from trailseal_lab.answers import Answer, Forward, answers
from trailseal_lab.call import Call
from trailseal_lab.errors import ApiError
from trailseal_lab.hub.catalogue import STANDARDS, Control
from trailseal_lab.hub.operations import hub_arn, hub_of, known_controls, page, standard_arn
from trailseal_lab.hub.state import Hub, look
from trailseal_lab.world import World

NOT_FOUND = {"ErrorCode": "NOT_FOUND", "ErrorReason": "No such control"}
ON, OFF = "ENABLED", "DISABLED"


def _association(hub: Hub, control: Control, standard: str) -> dict[str, Any]:
    return {
        "StandardsArn": standard_arn(hub, standard),
        "SecurityControlId": control.id,
        "SecurityControlArn": hub_arn(hub, "security-control", control.id),
        "AssociationStatus": "ENABLED" if hub.has(control, standard) else "DISABLED",
        "StandardsControlTitle": control.title,
    }


@answers("securityhub", "ListStandardsControlAssociations")
def list_associations(world: World, call: Call, forward: Forward) -> Answer:
    """Return the standards that a control belongs to."""
    del forward
    hub, wanted = hub_of(world, call), str(call.params.get("SecurityControlId", "")).rpartition("/")[2]
    control = known_controls(hub).get(wanted)
    if control is None:
        raise ApiError("InvalidInputException", f"There is no control {wanted}.")
    rows = [_association(hub, control, s) for s in control.standards]
    return page(call, "StandardsControlAssociationSummaries", rows)


@answers("securityhub", "BatchGetStandardsControlAssociations")
def batch_get_associations(world: World, call: Call, forward: Forward) -> Answer:
    """Return associations of controls with standards."""
    del forward
    hub = hub_of(world, call)
    details, missing = [], []
    for given in call.params.get("StandardsControlAssociationIds", ()):
        pair = _pair(hub, given)
        if pair is None:
            missing.append({"StandardsControlAssociationId": given, **NOT_FOUND})
        else:
            details.append(_association(hub, *pair))
    return {"StandardsControlAssociationDetails": details, "UnprocessedAssociations": missing}


@answers("securityhub", "BatchUpdateStandardsControlAssociations")
def batch_update_associations(world: World, call: Call, forward: Forward) -> Answer:
    """Turn controls on or off in a standard; to turn one off wants a reason. The findings follow at once."""
    del forward
    hub = hub_of(world, call)
    failed = []
    for given in call.params.get("StandardsControlAssociationUpdates", ()):
        pair, status = _pair(hub, given), str(given["AssociationStatus"])
        if pair is None:
            failed.append({"StandardsControlAssociationUpdate": given, **NOT_FOUND})
            continue
        if status == OFF and not given.get("UpdatedReason"):
            raise ApiError("InvalidInputException", "UpdatedReason is required to disable a control.")
        control, standard = pair
        change = hub.switched_off.add if status == OFF else hub.switched_off.discard
        change((standard, control.id))
    look(world, hub)
    return {"UnprocessedAssociationUpdates": failed}


def _pair(hub: Hub, given: Mapping[str, Any]) -> tuple[Control, str] | None:
    control = known_controls(hub).get(str(given["SecurityControlId"]).rpartition("/")[2])
    standard = next((s for s in STANDARDS if standard_arn(hub, s) == given["StandardsArn"]), None)
    return (control, standard) if control and standard else None
