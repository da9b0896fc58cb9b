"""
AddTags, RemoveTags and ListTags of trails and event data stores that there are, also by tag:TagResources.

Sources: https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_AddTags.html
and https://docs.aws.amazon.com/resourcegroupstagging/latest/APIReference/API_TagResources.html
"""

from __future__ import annotations

from typing import Any

from moto.cloudtrail.models import cloudtrail_backends

from trailseal.model.arn import Arn, is_arn
from trailseal_lab import gate
from trailseal_lab.answers import Answer, Forward, answers, output_of
from trailseal_lab.call import Call
from trailseal_lab.cloudtrail.event_data_stores import has_store
from trailseal_lab.cloudtrail.trails import own_trail
from trailseal_lab.errors import ApiError
from trailseal_lab.gate import NeededPermission
from trailseal_lab.world import World


@answers("cloudtrail", "AddTags", "RemoveTags")
def change_tags(world: World, call: Call, forward: Forward) -> Answer:
    """Let moto keep the tags of what there is."""
    check_resource(world, call, str(call.params["ResourceId"]))
    return forward()


@answers("cloudtrail", "ListTags")
def list_tags(world: World, call: Call, forward: Forward) -> Answer:
    """Return the tags of what there is."""
    for arn in call.params["ResourceIdList"]:
        check_resource(world, call, str(arn))
    return forward()


def check_resource(world: World, call: Call, arn: str) -> None:
    """
    Return when the caller has this trail, at home in this Region, or this event data store.

    Raises:
        ApiError: CloudTrailARNInvalidException, ResourceTypeNotSupportedException, ResourceNotFoundException,
            or what a trail of elsewhere or of others is refused with.
    """
    if not is_arn(arn) or Arn.parse(arn).service != "cloudtrail":
        raise ApiError("CloudTrailARNInvalidException", f"{arn} is no ARN of CloudTrail.")
    kind = Arn.parse(arn).resource.partition("/")[0]
    if kind == "eventdatastore":
        if not has_store(world, call, arn):
            raise ApiError("ResourceNotFoundException", f"{arn} is not found.")
        return
    if kind != "trail":
        raise ApiError("ResourceTypeNotSupportedException", f"A {kind} has no tags in the lab.")
    try:
        own_trail(call, arn)
    except ApiError as problem:
        if problem.code != "TrailNotFoundException":
            raise
        raise ApiError("ResourceNotFoundException", f"{arn} is not found.") from problem


@answers("tagging", "TagResources")
def tag_resources(world: World, call: Call, forward: Forward) -> dict[str, Any]:
    """Tag trails here, and let moto tag the rest; what fails is told of each resource."""
    given = [str(arn) for arn in call.params["ResourceARNList"]]
    trails = [arn for arn in given if is_arn(arn) and Arn.parse(arn).service == "cloudtrail"]
    failed: dict[str, Any] = {}
    if others := [arn for arn in given if arn not in trails]:
        call.replace_json(ResourceARNList=others)
        failed = output_of(forward()).get("FailedResourcesMap") or {}
    for arn in trails:
        try:
            _may_tag(call, arn)
            check_resource(world, call, arn)
        except ApiError as problem:
            failed[arn] = {
                "StatusCode": problem.status,
                "ErrorCode": "InvalidParameterException",
                "ErrorMessage": problem.message,
            }
            continue
        tags = [{"Key": key, "Value": value} for key, value in call.params["Tags"].items()]
        cloudtrail_backends[call.caller.account][call.region].add_tags(arn, tags)
    return {"FailedResourcesMap": failed}


def _may_tag(call: Call, arn: str) -> None:
    ask = NeededPermission(action="cloudtrail:AddTags", resource=arn, account=call.caller.account)
    if not gate.is_allowed(call.caller, ask, {}):
        raise ApiError("AccessDeniedException", f"cloudtrail:AddTags on {arn} is not allowed.", status=403)
