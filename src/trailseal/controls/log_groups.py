"""What gives a trail a log group, and its role the permission to write there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from trailseal.controls.remedies import update_trail
from trailseal.controls.typed import document, one_after_another, typed
from trailseal.messages import Message, message
from trailseal.model.arn import Arn
from trailseal.model.trail import Trail

POLICY = "cloudtrail-to-cloudwatch-logs"
LONGEST_ROLE = 64


def give(trail: Trail) -> Message:
    """
    Return the commands that make a log group and a role for a trail, and name both to it.

    Source: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/send-cloudtrail-events-to-cloudwatch-logs.html
    """
    arn = Arn.parse(trail.arn)
    group = f"/aws/cloudtrail/{trail.name}"
    role = f"CloudTrail-{trail.name}"[:LONGEST_ROLE]
    group_arn = f"arn:{arn.partition}:logs:{trail.home_region}:{arn.account}:log-group:{group}:*"
    role_arn = f"arn:{arn.partition}:iam::{arn.account}:role/{role}"
    trust = {
        "Effect": "Allow",
        "Principal": {"Service": "cloudtrail.amazonaws.com"},
        "Action": "sts:AssumeRole",
    }
    command = one_after_another(
        typed("aws logs create-log-group", log_group_name=group, region=trail.home_region),
        typed("aws iam create-role", role_name=role, assume_role_policy_document=_policy(trust)),
        _let_write(role, group_arn),
        update_trail(trail, cloud_watch_logs_log_group_arn=group_arn, cloud_watch_logs_role_arn=role_arn),
    )
    return message("make a log group and a role, and name both to the trail: {command}", command=command)


def let_write(trail: Trail) -> Message:
    """
    Return the command that gives a trail's role what AWS's page for it shows.

    Source: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-required-policy-for-cloudwatch-logs.html
    """
    role = trail.cloud_watch_logs_role_arn.rpartition("/")[2]
    command = _let_write(role, trail.cloud_watch_logs_log_group_arn)
    return message("let the trail's role write to the log group: {command}", command=command)


def _let_write(role: str, group_arn: str) -> str:
    statement = {
        "Effect": "Allow",
        "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
        "Resource": f"{group_arn.removesuffix(':*')}:log-stream:*",
    }
    return typed(
        "aws iam put-role-policy",
        role_name=role,
        policy_name=POLICY,
        policy_document=_policy(statement),
    )


def _policy(statement: Mapping[str, Any]) -> str:
    return document({"Version": "2012-10-17", "Statement": [statement]})
