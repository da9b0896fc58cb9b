"""
Security Hub and its standards, switched on and off.

Sources: https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_DisableSecurityHub.html
https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_UpdateSecurityHubConfiguration.html
https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_BatchEnableStandards.html
https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_BatchDisableStandards.html
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from trailseal_lab.answers import Answer, Forward, answers
from trailseal_lab.call import Call
from trailseal_lab.errors import ApiError
from trailseal_lab.hub.catalogue import FSBP, STANDARDS
from trailseal_lab.hub.operations import hub_of, standard_arn, subscription, subscription_arn
from trailseal_lab.hub.state import Hubs, enable, look
from trailseal_lab.world import World


@answers("securityhub", "EnableSecurityHub")
def enable_security_hub(world: World, call: Call, forward: Forward) -> Answer:
    """Enable Security Hub, with its default standard unless that is not wanted."""
    del forward
    if (call.caller.account, call.region) in world.part(Hubs).by_place:
        raise ApiError(
            "ResourceConflictException", "Account is already subscribed to Security Hub", status=409
        )
    wanted = (FSBP,) if call.params.get("EnableDefaultStandards", True) else ()
    hub = enable(world, call.caller.account, call.region, standards=wanted)
    hub.generator = str(call.params.get("ControlFindingGenerator") or hub.generator)
    hub.rest.clear()
    look(world, hub)
    return {}


@answers("securityhub", "DisableSecurityHub")
def disable_security_hub(world: World, call: Call, forward: Forward) -> Answer:
    """Forget the hub, with its findings and settings."""
    del forward
    hub = hub_of(world, call)
    del world.part(Hubs).by_place[(hub.account, hub.region)]
    return {}


@answers("securityhub", "UpdateSecurityHubConfiguration")
def update_configuration(world: World, call: Call, forward: Forward) -> Answer:
    """Keep whether new controls are on by themselves, and how findings are made."""
    del forward
    hub = hub_of(world, call)
    hub.auto_enable = bool(call.params.get("AutoEnableControls", hub.auto_enable))
    hub.generator = str(call.params.get("ControlFindingGenerator") or hub.generator)
    return {}


@answers("securityhub", "BatchEnableStandards")
def enable_standards(world: World, call: Call, forward: Forward) -> Answer:
    """Enable standards; one that is on stays on."""
    del forward
    hub = hub_of(world, call)
    wanted = [given["StandardsArn"] for given in call.params["StandardsSubscriptionRequests"]]
    named = _named(((standard_arn(hub, standard), standard) for standard in STANDARDS), wanted)
    hub.standards.extend(standard for standard in named if standard not in hub.standards)
    look(world, hub)
    return {"StandardsSubscriptions": [subscription(hub, standard) for standard in named]}


@answers("securityhub", "BatchDisableStandards")
def disable_standards(world: World, call: Call, forward: Forward) -> Answer:
    """Disable standards; findings of controls that no other has are archived."""
    del forward
    hub = hub_of(world, call)
    known = [(subscription_arn(hub, standard), standard) for standard in hub.standards]
    named = _named(known, call.params["StandardsSubscriptionArns"])
    rows = [{**subscription(hub, standard), "StandardsStatus": "DELETING"} for standard in named]
    hub.standards = [standard for standard in hub.standards if standard not in named]
    look(world, hub)
    return {"StandardsSubscriptions": rows}


def _named(known: Iterable[tuple[str, str]], wanted: list[Any]) -> list[str]:
    by_arn = dict(known)
    unknown = [arn for arn in wanted if arn not in by_arn]
    if unknown:
        raise ApiError("InvalidInputException", f"Unknown: {', '.join(map(str, unknown))}")
    return [by_arn[arn] for arn in wanted]
