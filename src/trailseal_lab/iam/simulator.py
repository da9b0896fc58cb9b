"""
The policy simulator: SimulatePrincipalPolicy and SimulateCustomPolicy, answered by the policy engine.

Source: https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulatePrincipalPolicy.html
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from msgspec.structs import replace

from trailseal.access.decision import Decision, Effect
from trailseal.access.evaluate import authorize
from trailseal.access.request import Policies, Request
from trailseal.model.arn import Arn, is_arn
from trailseal_lab.answers import Forward, answers
from trailseal_lab.call import Call
from trailseal_lab.caller import SigningPrincipal
from trailseal_lab.credentials import iam_of, role_caller, user_caller
from trailseal_lab.errors import ApiError
from trailseal_lab.gate import Context
from trailseal_lab.layers import attached_documents, layers_of
from trailseal_lab.world import World

WORDS = {
    Effect.ALLOWED: "allowed",
    Effect.EXPLICITLY_DENIED: "explicitDeny",
    Effect.IMPLICITLY_DENIED: "implicitDeny",
    Effect.UNKNOWN: "implicitDeny",
}
TYPES = {"resource": "Resource Policy", "boundary": "Permissions Boundary Policy"}


@answers("iam", "SimulatePrincipalPolicy")
def simulate_principal_policy(world: World, call: Call, forward: Forward) -> dict[str, Any]:
    """Answer what the policies of a user, group or role, and those given beside, come to."""
    del world, forward
    source = str(call.params.get("PolicySourceArn", ""))
    policies, principal = _source(source)
    more = tuple(str(p) for p in call.params.get("PolicyInputList") or ())
    policies = replace(policies, identity=(policies.identity or ()) + more)
    return _answer(call, policies, str(call.params.get("CallerArn") or principal))


@answers("iam", "SimulateCustomPolicy")
def simulate_custom_policy(world: World, call: Call, forward: Forward) -> dict[str, Any]:
    """Answer what the given policies come to."""
    del world, forward
    given = tuple(str(p) for p in call.params.get("PolicyInputList") or ())
    principal = str(call.params.get("CallerArn") or f"arn:aws:iam::{call.caller.account}:user/simulated")
    return _answer(call, Policies(identity=given), principal)


def policies_of(arn: str) -> list[str]:
    """
    Return the documents of a user's, group's or role's identity policies.

    Raises:
        ApiError: NoSuchEntity.
    """
    policies, _ = _source(arn)
    return [each if isinstance(each, str) else json.dumps(each) for each in policies.identity or ()]


def _source(arn: str) -> tuple[Policies, str]:
    caller = _caller(arn)
    if caller is not None:
        return layers_of(caller), caller.arn
    parsed = Arn.parse(arn) if is_arn(arn) else None
    group = iam_of(parsed.account).groups.get(arn.rsplit("/", 1)[-1]) if parsed else None
    if parsed is None or group is None or parsed.resource_type != "group":
        raise ApiError("NoSuchEntity", f"The entity {arn} cannot be found.", status=404)
    return Policies(identity=tuple(attached_documents(group))), f"arn:aws:iam::{parsed.account}:user/member"


def _caller(arn: str) -> SigningPrincipal | None:
    if not is_arn(arn):
        raise ApiError("InvalidInput", f"Invalid ARN: {arn}")
    parsed, name = Arn.parse(arn), arn.rsplit("/", 1)[-1]
    match parsed.resource_type:
        case "user":
            return user_caller(parsed.account, name)
        case "role":
            return role_caller(parsed.account, name, "simulated")
    return None


def _answer(call: Call, policies: Policies, principal: str) -> dict[str, Any]:
    boundaries = call.params.get("PermissionsBoundaryPolicyInputList")
    if boundaries:
        policies = replace(policies, boundary=tuple(str(p) for p in boundaries))
    if call.params.get("ResourcePolicy"):
        policies = replace(policies, resource=str(call.params["ResourcePolicy"]))
    results = [_result(request, policies) for request in _requests(call, principal)]
    return {"EvaluationResults": results, "IsTruncated": False}


def _requests(call: Call, principal: str) -> Iterator[Request]:
    context: Context = {
        str(entry["ContextKeyName"]): tuple(str(v) for v in entry.get("ContextKeyValues") or ())
        for entry in call.params.get("ContextEntries") or ()
    }
    owner = str(call.params.get("ResourceOwner") or "").split(":")
    for action in call.params.get("ActionNames") or ():
        for resource in call.params.get("ResourceArns") or ("*",):
            own = Arn.parse(resource).account if is_arn(resource) else ""
            account = own or (owner[4] if len(owner) > 4 else "") or call.caller.account  # noqa: PLR2004 - an ARN
            yield Request(
                principal=principal,
                action=str(action),
                resource=str(resource),
                resource_account=account,
                context=context,
            )


def _result(request: Request, policies: Policies) -> dict[str, Any]:
    if policies.resource is None and request.action.lower().startswith("kms:"):
        policies = replace(policies, resource=_delegation(request.resource_account))
    decision = authorize(request, policies, unknown_context="absent")
    if decision.effect is Effect.INVALID:
        detail = next((r.detail for r in decision.reasons if r.detail), "invalid policy")
        raise ApiError("InvalidInput", f"Policy document is invalid: {detail}")
    return {
        "EvalActionName": request.action,
        "EvalResourceName": request.resource,
        "EvalDecision": WORDS[decision.effect],
        "MatchedStatements": list(_matched(decision)),
        "MissingContextValues": [],
    }


def _delegation(account: str) -> dict[str, Any]:
    """Return the key policy that leaves everything to IAM: the simulator looks at no key's own policy."""
    root = {"AWS": f"arn:aws:iam::{account}:root"}
    statement = {"Effect": "Allow", "Principal": root, "Action": "kms:*", "Resource": "*"}
    return {"Version": "2012-10-17", "Statement": [statement]}


def _matched(decision: Decision) -> Iterator[dict[str, Any]]:
    for reason in decision.reasons:
        if reason.outcome in {"allow", "deny"} and (reason.layer != "resource" or reason.policy):
            yield {
                "SourcePolicyId": reason.policy or reason.statement,
                "SourcePolicyType": TYPES.get(reason.layer, "IAM Policy"),
            }
