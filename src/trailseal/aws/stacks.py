"""
Which CloudFormation stack a trail is a resource of.

CloudFormation is asked by the trail's name, which is the resource's physical id; tags alone would not do,
since nothing says that CloudFormation tags trails.
Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DescribeStackResources.html
"""

from __future__ import annotations

from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from trailseal.aws.errors import code_of, unreadable
from trailseal.model.trail import ManagedBy, Trail
from trailseal.model.unreadable import Unreadable

CALL = "cloudformation:DescribeStackResources"
KIND = "AWS::CloudTrail::Trail"
NO_SUCH_RESOURCE = "ValidationError"


def owning_stack(client: Any, trail: Trail) -> ManagedBy | Unreadable | None:
    """Return the stack that made the trail, None when no stack did."""
    try:
        found = client.describe_stack_resources(PhysicalResourceId=trail.name)["StackResources"]
    except ClientError as error:
        if code_of(error) == NO_SUCH_RESOURCE:
            return None
        return unreadable(error, call=CALL, where=trail.arn)
    except BotoCoreError as error:
        return unreadable(error, call=CALL, where=trail.arn)
    own = [r for r in found if (r["ResourceType"], r.get("PhysicalResourceId")) == (KIND, trail.name)]
    return ManagedBy(kind="CloudFormation", name=own[0]["StackName"]) if own else None
