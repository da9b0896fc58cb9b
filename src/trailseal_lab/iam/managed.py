"""AWS managed policies, put into an account's IAM the first time that somebody names them."""

from __future__ import annotations

import json
from functools import cache
from http import HTTPStatus
from typing import Any

from moto.iam.aws_managed_policies import aws_managed_policies_data
from moto.iam.models import AWSManagedPolicy
from werkzeug.wrappers import Response

from trailseal_lab.answers import Forward, answers
from trailseal_lab.call import Call
from trailseal_lab.credentials import iam_of, new_key_id
from trailseal_lab.world import World

PREFIX = "arn:aws:iam::aws:policy/"


@answers(
    "iam",
    "AttachUserPolicy",
    "AttachRolePolicy",
    "AttachGroupPolicy",
    "CreateRole",
    "GetPolicy",
    "GetPolicyVersion",
    "ListPolicyVersions",
    "PutRolePermissionsBoundary",
)
def with_managed_policy(world: World, call: Call, forward: Forward) -> Response:
    """Let moto answer, once the AWS managed policy that is named exists in its IAM."""
    del world
    provide_named_policies(call)
    return forward()


def provide_named_policies(call: Call) -> None:
    """Put the AWS managed policies that a call names into the account's IAM."""
    for member in ("PolicyArn", "PermissionsBoundary"):
        arn = call.params.get(member)
        if isinstance(arn, str) and arn.startswith(PREFIX):
            _provide(call.caller.account, arn)


def create_user_in_moto(call: Call, forward: Forward) -> Response:
    """Let moto create a user, and give it a unique id of AWS's form."""
    provide_named_policies(call)
    response = forward()
    user = iam_of(call.caller.account).users.get(str(call.params.get("UserName")))
    if response.status_code == HTTPStatus.OK and user is not None:
        given, user.id = str(user.id), new_key_id("AIDA") + "A"
        response.set_data(response.get_data().replace(given.encode(), user.id.encode()))
    return response


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
