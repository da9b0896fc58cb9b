"""AWS managed policies, put into an account's IAM the first time that somebody names them."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from moto.iam.aws_managed_policies import aws_managed_policies_data
from moto.iam.models import AWSManagedPolicy
from werkzeug.wrappers import Response

from trailseal.lab.answers import Forward, answers
from trailseal.lab.call import Call
from trailseal.lab.credentials import iam_of
from trailseal.lab.world import World

PREFIX = "arn:aws:iam::aws:policy/"


@answers(
    "iam",
    "AttachUserPolicy",
    "AttachRolePolicy",
    "AttachGroupPolicy",
    "CreateUser",
    "CreateRole",
    "GetPolicy",
    "GetPolicyVersion",
    "ListPolicyVersions",
    "PutUserPermissionsBoundary",
    "PutRolePermissionsBoundary",
)
def with_managed_policy(world: World, call: Call, forward: Forward) -> Response:
    """Let moto answer, once the AWS managed policy that is named exists in its IAM."""
    del world
    for member in ("PolicyArn", "PermissionsBoundary"):
        arn = call.params.get(member)
        if isinstance(arn, str) and arn.startswith(PREFIX):
            _provide(call.caller.account, arn)
    return forward()


@cache
def _documents() -> dict[str, dict[str, Any]]:
    documents: dict[str, dict[str, Any]] = json.loads(aws_managed_policies_data)
    return documents


def _provide(account: str, arn: str) -> None:
    backend = iam_of(account)
    name = arn.rsplit("/", 1)[-1]
    if arn in backend.managed_policies or name not in _documents():
        return
    policy = AWSManagedPolicy.from_data(name, account, "us-east-1", _documents()[name])
    if policy.arn == arn:
        backend.aws_managed_policies.append(policy)
        backend.managed_policies[arn] = policy
