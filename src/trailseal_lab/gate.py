"""
Every API call is authorised as its caller, by the policy engine.

What a call asks for (actions, resources, context, the policies on the resources) is worked out in
`asks`; the caller's own policies in `layers`. The lab knows who calls better than an ARN tells, and says
so: a key that is not given is absent. What the engine still cannot decide is an error of the lab's own,
since no answer of AWS's is known that it could stand for.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from trailseal.access.caller import CallerKind
from trailseal.access.decision import Decision, Effect
from trailseal.access.evaluate import authorize
from trailseal.access.facts import Lack, Value
from trailseal.access.guardrails import RCP_SERVICES
from trailseal.access.keys.key import SetBy
from trailseal.access.keys.presence import Presence, presence
from trailseal.access.keys.table import all_keys
from trailseal.access.request import Document, PublicAccess, Request
from trailseal.model.arn import Arn, is_arn
from trailseal_lab.caller import SigningPrincipal
from trailseal_lab.errors import ApiError
from trailseal_lab.layers import guardrails, layers_of, organization_id, organization_path, principal_tags

Context = dict[str, tuple[str, ...]]
NOW, ISSUED = "aws:CurrentTime", "aws:TokenIssueTime"
UNDECIDED = frozenset({Effect.UNKNOWN, Effect.INVALID})
DECIDED = frozenset(
    {
        "aws:PrincipalIsAWSService",
        "aws:PrincipalServiceName",
        "aws:PrincipalServiceNamesList",
        "aws:ViaAWSService",
        "kms:CallerAccount",
    }
)
"""
What the engine itself tells of a service that calls, and kms:CallerAccount, which is of users and roles.

For S3 Bucket Keys CloudTrail's page demands a statement beside the console's, which asks for that key.
Sources: https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html#conditions-kms-caller-account
and https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-kms-key-policy-for-cloudtrail.html
"""
UNTOLD: Mapping[str, Value] = {
    row.name: Lack.UNKNOWN
    for row in all_keys()
    if row.set_by in {SetBy.IDENTITY, SetBy.SERVICE}
    and row.name not in DECIDED
    and presence(row, CallerKind.SERVICE) is not Presence.NEVER
}
"""
What a service's own call may hold of itself, and no page says: aws:SourceOrgID of CloudTrail, for one.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
"""


class NeededPermission(Struct, frozen=True, kw_only=True):
    """One permission that a call needs: an action on a resource, with the policies on that resource."""

    action: str
    resource: str
    account: str
    """The account that owns the resource."""
    context: Context = {}
    policy: Document | None = None
    grants: tuple[Mapping[str, Any], ...] | None = None
    public_access_block: PublicAccess | None = None
    denial: str = ""
    """The error code of a refusal, where it is not the service's usual one."""


def decide(caller: SigningPrincipal, ask: NeededPermission, context: Context) -> Decision:
    """
    Return the engine's decision for one ask; `context` is what holds for the whole call.

    Raises:
        ApiError: UndecidedByTheLab, where AWS's pages do not tell what AWS would answer.
    """
    own = layers_of(caller)
    service = ask.action.partition(":")[0]
    policies = replace(
        own,
        resource=ask.policy,
        grants=ask.grants,
        public_access_block=ask.public_access_block,
        rcp=guardrails(ask.account, "RESOURCE_CONTROL_POLICY") if service in RCP_SERVICES else None,
    )
    request = Request(
        principal=caller.arn,
        action=ask.action,
        resource=ask.resource,
        resource_account=ask.account,
        context={
            **(UNTOLD if caller.kind == "service" else {}),
            **caller_context(caller, context),
            **resource_context(ask.account),
            **context,
            **ask.context,
        },
    )
    decision = authorize(request, policies, unknown_context="absent", stored=True)
    if decision.effect in UNDECIDED:
        raise _undecided(caller, ask, decision)
    return decision


def _undecided(caller: SigningPrincipal, ask: NeededPermission, decision: Decision) -> ApiError:
    open_ones = [str(each) for each in decision.conditions]
    told = [
        f"{r.layer} {r.statement}: {r.detail}"
        for r in decision.reasons
        if r.outcome in {"unknown", "not decided", "invalid"}
    ]
    text = (
        f"The lab cannot tell whether AWS lets {caller.arn} do {ask.action} on {ask.resource}: "
        f"{'; '.join(open_ones or told)}. Write the policy in a form that AWS's pages explain."
    )
    return ApiError("UndecidedByTheLab", text, status=501)


def is_allowed(caller: SigningPrincipal, ask: NeededPermission, context: Context) -> bool:
    """Whether the caller may do this."""
    return decide(caller, ask, context).is_allowed


def caller_context(caller: SigningPrincipal, of_call: Context) -> Context:
    """Return the context keys that follow from who calls and that its ARN alone does not tell."""
    if caller.kind == "service":
        return {}
    found: Context = {"aws:userid": (caller.principal_id,), **principal_tags(caller)}
    if caller.kind == "role":
        found["aws:PrincipalArn"] = (caller.issuer_arn,)
    if caller.kind == "role" or caller.issued is not None:
        found |= _of_session(caller, of_call)
    if organization := organization_id(caller.account):
        found["aws:PrincipalOrgID"] = (organization,)
        found["aws:PrincipalOrgPaths"] = (organization_path(caller.account),)
    return found


def _of_session(caller: SigningPrincipal, of_call: Context) -> Context:
    """
    Return what stands in the token of a session. A role that a service takes, it takes for the call.

    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
    """
    found: Context = {"aws:MultiFactorAuthPresent": ("false",)}
    if caller.issued is not None:
        found[ISSUED] = (moment(caller.issued),)
    elif NOW in of_call:
        found[ISSUED] = of_call[NOW]
    if caller.source_identity:
        found["aws:SourceIdentity"] = (caller.source_identity,)
    return found


def moment(time: datetime) -> str:
    """Return a time as condition keys hold it."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ")


def resource_context(account: str) -> Context:
    """Return the context keys that follow from whose the resource is."""
    found: Context = {"aws:ResourceAccount": (account,)} if account else {}
    if account and (organization := organization_id(account)):
        found["aws:ResourceOrgID"] = (organization,)
        found["aws:ResourceOrgPaths"] = (organization_path(account),)
    return found


def refusal_text(caller: SigningPrincipal, ask: NeededPermission, decision: Decision) -> str:
    """
    Return the message of a refusal, in the form of AWS's.

    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
    """
    who = caller.arn if is_arn(caller.arn) else f"service {caller.arn}"
    text = f"User: {who} is not authorized to perform: {ask.action}"
    if ask.resource != "*":
        text += f" on resource: {ask.resource}"
    return f"{text} {_because(caller, ask, decision)}"


KINDS = {
    "scp": "a service control policy",
    "rcp": "a resource control policy",
    "boundary": "a permissions boundary",
    "session": "a session policy",
    "identity": "an identity-based policy",
    "resource": "a resource-based policy",
    "public_access_block": "S3 Block Public Access",
}
LIMITS = ("scp", "rcp", "boundary", "session")


def _because(caller: SigningPrincipal, ask: NeededPermission, decision: Decision) -> str:
    if decision.effect is Effect.EXPLICITLY_DENIED:
        layer = next((r.layer for r in decision.reasons if r.outcome == "deny"), "identity")
        return f"with an explicit deny in {KINDS.get(layer, layer)}"
    kind = KINDS[_missing(caller, ask, decision)].removeprefix("an ").removeprefix("a ")
    return f"because no {kind} allows the {ask.action} action"


def _missing(caller: SigningPrincipal, ask: NeededPermission, decision: Decision) -> str:
    """Return the layer whose silence AWS would name: a limit first, then the one that had to allow."""
    missing = {reason.layer for reason in decision.reasons if reason.outcome == "missing"}
    for layer in LIMITS:
        if layer in missing:
            return layer
    if any(reason.outcome == "delegates" for reason in decision.reasons) or ask.policy is None:
        return "identity"
    cross = is_arn(caller.arn) and Arn.parse(caller.arn).account != ask.account
    needs_policy = ask.action.startswith(("kms:", "sts:")) or cross
    return "resource" if needs_policy and "resource" in missing else "identity"
