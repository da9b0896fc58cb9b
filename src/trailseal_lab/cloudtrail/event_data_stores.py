"""
Event data stores of CloudTrail Lake, as far as they are described: nothing is queried here.

Sources:
https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_CreateEventDataStore.html
https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_PutResourcePolicy.html
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from typing import Any

from trailseal.access.parse.kind import PolicyKind
from trailseal_lab.answers import Answer, Forward, answers
from trailseal_lab.call import Call
from trailseal_lab.documents import check_document
from trailseal_lab.errors import ApiError
from trailseal_lab.world import World

MANAGEMENT = [{"FieldSelectors": [{"Field": "eventCategory", "Equals": ["Management"]}]}]
"""What a store takes for whose events nobody chose."""


@dataclass
class EventDataStores:
    """What each store's ARN answers with, and its policy where it has one."""

    by_arn: dict[str, dict[str, Any]] = field(default_factory=dict)
    policies: dict[str, str] = field(default_factory=dict)


@answers("cloudtrail", "CreateEventDataStore")
def create_event_data_store(world: World, call: Call, forward: Forward) -> Answer:
    """Make a store, the only one of its name in the Region; its key is taken as it is named."""
    del forward
    if any(made["Name"] == call.params["Name"] for made in _own(world, call)):
        raise ApiError("EventDataStoreAlreadyExistsException", "An event data store of this name exists.")
    arn = f"arn:aws:cloudtrail:{call.region}:{call.caller.account}:eventdatastore/{uuid.uuid4()}"
    made = {
        "EventDataStoreArn": arn,
        "Name": call.params["Name"],
        "Status": "ENABLED",
        "AdvancedEventSelectors": call.params.get("AdvancedEventSelectors") or MANAGEMENT,
        "MultiRegionEnabled": call.params.get("MultiRegionEnabled", True),
        "OrganizationEnabled": call.params.get("OrganizationEnabled", False),
        "RetentionPeriod": call.params.get("RetentionPeriod", 366),
        "TerminationProtectionEnabled": call.params.get("TerminationProtectionEnabled", True),
        "CreatedTimestamp": world.now(),
        "UpdatedTimestamp": world.now(),
        **({"KmsKeyId": call.params["KmsKeyId"]} if call.params.get("KmsKeyId") else {}),
    }
    world.part(EventDataStores).by_arn[arn] = made
    return made


@answers("cloudtrail", "ListEventDataStores")
def list_event_data_stores(world: World, call: Call, forward: Forward) -> Answer:
    """Return the caller's stores of the Region, on one page."""
    del forward
    shown = ("EventDataStoreArn", "Name")
    return {"EventDataStores": [{k: made[k] for k in shown} for made in _own(world, call)]}


@answers("cloudtrail", "GetEventDataStore")
def get_event_data_store(world: World, call: Call, forward: Forward) -> Answer:
    """Return a store."""
    del forward
    return world.part(EventDataStores).by_arn[_named(world, call, "EventDataStore")]


@answers("cloudtrail", "PutResourcePolicy")
def put_resource_policy(world: World, call: Call, forward: Forward) -> Answer:
    """Store the policy of a store."""
    del forward
    arn, text = _named(world, call, "ResourceArn"), str(call.params["ResourcePolicy"])
    check_document(text, PolicyKind.RESOURCE, code="ResourcePolicyNotValidException")
    world.part(EventDataStores).policies[arn] = text
    return {"ResourceArn": arn, "ResourcePolicy": text}


@answers("cloudtrail", "GetResourcePolicy")
def get_resource_policy(world: World, call: Call, forward: Forward) -> Answer:
    """Return the policy of a store."""
    del forward
    arn = _named(world, call, "ResourceArn")
    policy = world.part(EventDataStores).policies.get(arn)
    if policy is None:
        raise ApiError("ResourcePolicyNotFoundException", "The resource has no policy.")
    return {"ResourceArn": arn, "ResourcePolicy": policy}


def has_store(world: World, call: Call, arn: str) -> bool:
    """Whether the caller has this store in the Region."""
    return any(made["EventDataStoreArn"] == arn for made in _own(world, call))


def _own(world: World, call: Call) -> list[dict[str, Any]]:
    head = f"arn:aws:cloudtrail:{call.region}:{call.caller.account}:"
    return [made for arn, made in world.part(EventDataStores).by_arn.items() if arn.startswith(head)]


def _named(world: World, call: Call, member: str) -> str:
    """Return the ARN of the caller's store that a call names by it."""
    given = str(call.params[member])
    if not has_store(world, call, given):
        code = (
            "EventDataStoreNotFoundException" if member == "EventDataStore" else "ResourceNotFoundException"
        )
        raise ApiError(code, "The specified event data store was not found.")
    return given
