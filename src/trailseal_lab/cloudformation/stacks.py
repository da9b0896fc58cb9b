"""
Stacks of trails: CreateStack for AWS::CloudTrail::Trail, and DescribeStackResources.

moto's CloudFormation knows no trails and loads every service that it knows. A template with anything else
than trails is refused: what is not made must not look made.
Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-cloudtrail-trail.html
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from moto.cloudtrail.models import cloudtrail_backends

from trailseal_lab.answers import Answer, Forward, answers
from trailseal_lab.call import Call
from trailseal_lab.errors import ApiError
from trailseal_lab.world import World

KIND = "AWS::CloudTrail::Trail"


@dataclass
class Stack:
    """One stack: its trails by their names in the template."""

    name: str
    account: str
    region: str
    created: datetime
    trails: dict[str, str] = field(default_factory=dict)

    @property
    def arn(self) -> str:
        """The stack's id."""
        return f"arn:aws:cloudformation:{self.region}:{self.account}:stack/{self.name}/lab"

    def resources(self) -> list[dict[str, Any]]:
        """Return the resources as the API shows them."""
        return [
            {
                "StackName": self.name,
                "StackId": self.arn,
                "LogicalResourceId": logical,
                "PhysicalResourceId": trail,
                "ResourceType": KIND,
                "Timestamp": self.created,
                "ResourceStatus": "CREATE_COMPLETE",
            }
            for logical, trail in self.trails.items()
        ]


@dataclass
class Stacks:
    """Every stack of the lab."""

    all: list[Stack] = field(default_factory=list)

    def of(self, call: Call) -> list[Stack]:
        """Return the stacks of the caller's account and Region."""
        return [s for s in self.all if (s.account, s.region) == (call.caller.account, call.region)]


@answers("cloudformation", "CreateStack")
def create_stack(world: World, call: Call, forward: Forward) -> Answer:
    """Make the trails that a JSON template describes."""
    del forward
    resources = _resources(str(call.params.get("TemplateBody", "")))
    stack = Stack(
        name=str(call.params["StackName"]),
        account=call.caller.account,
        region=call.region,
        created=world.now(),
    )
    for logical, properties in resources.items():
        stack.trails[logical] = _make_trail(stack, logical, properties)
    world.part(Stacks).all.append(stack)
    return {"StackId": stack.arn}


def _resources(template: str) -> dict[str, dict[str, Any]]:
    try:
        found = json.loads(template)["Resources"]
        kinds = {each["Type"] for each in found.values()}
    except (ValueError, KeyError, TypeError, AttributeError):
        raise ApiError("ValidationError", "Template format error: the lab reads JSON templates.") from None
    if kinds != {KIND}:
        raise ApiError("ValidationError", f"Template format error: the lab makes {KIND} only.")
    return {logical: each.get("Properties", {}) for logical, each in found.items()}


def _make_trail(stack: Stack, logical: str, given: dict[str, Any]) -> str:
    trail = cloudtrail_backends[stack.account][stack.region].create_trail(
        name=given.get("TrailName", f"{stack.name}-{logical}"),
        bucket_name=given["S3BucketName"],
        s3_key_prefix=given.get("S3KeyPrefix"),  # type: ignore[arg-type]  # moto keeps None for none
        sns_topic_name=given.get("SnsTopicName"),  # type: ignore[arg-type]  # the same
        is_global=bool(given.get("IncludeGlobalServiceEvents", True)),
        is_multi_region=bool(given.get("IsMultiRegionTrail", False)),
        log_validation=bool(given.get("EnableLogFileValidation", False)),
        is_org_trail=bool(given.get("IsOrganizationTrail", False)),
        cw_log_group_arn=given.get("CloudWatchLogsLogGroupArn"),  # type: ignore[arg-type]  # the same
        cw_role_arn=given.get("CloudWatchLogsRoleArn"),  # type: ignore[arg-type]  # the same
        kms_key_id=given.get("KMSKeyId"),  # type: ignore[arg-type]  # the same
        tags_list=[],
    )
    return trail.trail_name


@answers("cloudformation", "DescribeStackResources")
def describe_stack_resources(world: World, call: Call, forward: Forward) -> Answer:
    """Return the resources of the stack that is named, or that a resource belongs to."""
    del forward
    name, wanted = call.params.get("StackName"), call.params.get("PhysicalResourceId")
    for stack in world.part(Stacks).of(call):
        if stack.name == name or wanted in stack.trails.values():
            return {"StackResources": stack.resources()}
    raise ApiError("ValidationError", f"Stack for {wanted or name} does not exist")
