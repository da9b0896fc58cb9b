"""
The decision over all layers, in AWS's own order.

Sources:
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
https://docs.aws.amazon.com/kms/latest/developerguide/policy-evaluation.html
"""

from __future__ import annotations

from functools import lru_cache
from typing import Literal

from msgspec.structs import replace

from trailseal.access.answers import Answers
from trailseal.access.caller import ID_OF, Caller, CallerKind, made_by, of_id, of_role, read_caller
from trailseal.access.caller_facts import is_root_session, unique_id_in
from trailseal.access.combine import combine
from trailseal.access.decision import Decision, Effect, Reason
from trailseal.access.derived_facts import facts_of
from trailseal.access.exempt import as_far_as_signed, as_without_a_session, without_policies
from trailseal.access.facts import UNTOLD, Facts, LookedAtFactsError
from trailseal.access.grants import RETIRE_GRANT, granted, retired_by_account
from trailseal.access.guardrails import every_level, limit, resource_guardrail, vpc_endpoints
from trailseal.access.layer import SILENT, LayerAnswer, answer, documents
from trailseal.access.match.statement import RequestFacts
from trailseal.access.parse.problem import InvalidPolicyError
from trailseal.access.public_access_block import public_access_block
from trailseal.access.request import Document, Policies, Request
from trailseal.access.resource_policy import NOTHING, ResourceAnswer, read_resource_policies
from trailseal.messages import Message, message
from trailseal.model.arn import Arn, is_arn

KEPT = 10_000
TAG = "kms:tagresource"
OF_A_FEDERATED_USER = LayerAnswer(
    allows=None, denies=False, conditions=(message("(a session policy of the federated user allows it)"),)
)
ASSUME_ROOT = "sts:assumeroot"
OF_A_MEMBER = message("(the account is a member, and root access is centralised)")
"""What the management account's IAM alone decides, though the member's root user is the resource."""
OF_A_TASK = message("(the task of the root session takes in the request)")
ON_ALIASES = frozenset({"kms:createalias", "kms:updatealias", "kms:deletealias"})
ON_NO_KEY = frozenset(
    {
        "kms:connectcustomkeystore",
        "kms:createcustomkeystore",
        "kms:createkey",
        "kms:deletecustomkeystore",
        "kms:describecustomkeystores",
        "kms:disconnectcustomkeystore",
        "kms:generaterandom",
        "kms:listaliases",
        "kms:listkeys",
        "kms:listretirablegrants",
        "kms:updatecustomkeystore",
    }
)
"""Operations of KMS that are about no one key, so that IAM alone decides."""


def authorize(
    request: Request,
    policies: Policies,
    *,
    derive: bool = True,
    unknown_context: Literal["absent", "unknown"] = "unknown",
    stored: bool = False,
    again: bool = False,
) -> Decision:
    """
    Return what AWS decides for `request` under `policies`, with the statements that decide it.

    With `derive`, context keys that follow from the caller and the path (aws:PrincipalArn,
    kms:CallerAccount and their kin) are filled in; a key that is given wins. A document that AWS would
    refuse comes back as `invalid` with its place, never as an exception; of one that is `stored`, which
    AWS took, such a form leaves what rests on it unknown. `again` tells that the same is asked again and
    again with other facts, so that what none of them changes is remembered.
    """
    try:
        caller = read_caller(request.principal)
    except ValueError:
        what = message(
            "`{principal}` is not a principal: write an ARN, a service or `anonymous`",
            principal=request.principal,
        )
        return _invalid("request", what)
    if ":" not in request.action or not request.action.isascii():
        what = message("`{action}` is not an action: write `service:Operation`", action=request.action)
        return _invalid("request", what)
    if _lacks_its_key(request.action, request.resource):
        what = message(
            "`{action}` is decided on a key: ask about its ARN, not about `{resource}`",
            action=request.action,
            resource=request.resource,
        )
        return _invalid("request", what)
    owner = request.resource_account or _account_in(request.resource) or caller.account
    if request.action.lower() == ASSUME_ROOT:
        owner = caller.account
    facts = facts_of(
        caller,
        action=request.action,
        resource=request.resource,
        resource_account=owner,
        given=request.context,
        derive=derive,
        closed=unknown_context == "absent",
        not_before=request.not_before,
    )
    if (settled := without_policies(facts)) is not None:
        return settled
    caller = as_told(caller, facts, request.maker)
    asked = RequestFacts(request.action, request.resource, as_without_a_session(facts), stored)
    decision = (_remembered(policies, caller, asked, owner) if again else None) or _decided(
        policies, caller, asked, owner
    )
    return as_far_as_signed(_of_root(decision, caller, asked), facts) if decision.is_allowed else decision


def _decided(policies: Policies, caller: Caller, asked: RequestFacts, owner: str) -> Decision:
    """Return what the policies say of a request."""
    try:
        answers = _answers(policies, caller, asked, owner)
    except InvalidPolicyError as problem:
        return _invalid(problem.place, problem.what)
    return combine(answers, caller, asked, owner=owner)


def _remembered(policies: Policies, caller: Caller, asked: RequestFacts, owner: str) -> Decision | None:
    """Return what is known of requests that differ in their facts alone, None where these may matter."""
    try:
        return _settled(policies, caller, asked.action, asked.resource, owner, stored=asked.stored)
    except TypeError:  # a document that is no text
        return None


@lru_cache(maxsize=KEPT)
def _settled(
    policies: Policies, caller: Caller, action: str, resource: str, owner: str, *, stored: bool
) -> Decision | None:
    """
    Return the decision that holds whatever the facts of a request are, None where one of them is looked at.

    Nothing here tells what would be looked at: the very same is decided, with facts that raise.
    """
    try:
        return _decided(policies, caller, RequestFacts(action, resource, UNTOLD, stored), owner)
    except LookedAtFactsError:
        return None


def as_told(caller: Caller, facts: Facts, maker: str) -> Caller:
    """Return the caller with its role, its unique ID, or the user who made it, where the request tells it."""
    if caller.kind is CallerKind.FEDERATED:
        return made_by(caller, maker) if maker else caller
    if caller.kind not in ID_OF:
        return caller
    if caller.kind is CallerKind.SESSION:
        known = facts.known.get("aws:principalarn")
        caller = of_role(caller, known[0]) if isinstance(known, tuple) and known else caller
    told = unique_id_in(facts.known.get("aws:userid"))
    return of_id(caller, told) if told or facts.closed else caller


def _of_root(allowed: Decision, caller: Caller, asked: RequestFacts) -> Decision:
    """
    Return an allow for a session of root, or on one, as far as it is told.

    The policy of its task limits a session of root, and whether that of a resource lets it do more, AWS does
    not say. On a member's root session IAM alone tells that its account is a member.
    Source: https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoot.html
    """
    if is_root_session(caller, asked.facts.known):
        return replace(allowed, effect=Effect.UNKNOWN, conditions=(OF_A_TASK,))
    if asked.action.lower() == ASSUME_ROOT:
        return replace(allowed, effect=Effect.UNKNOWN, conditions=(OF_A_MEMBER,))
    return allowed


@lru_cache(maxsize=KEPT)
def _lacks_its_key(action: str, resource: str) -> bool:
    """
    Whether something that a key's policy decides on is asked of anything but one key.

    An alias has no permissions of its own, but for the actions on aliases, which need the alias and the key.
    Source: https://docs.aws.amazon.com/kms/latest/developerguide/kms-api-permissions-reference.html and
    https://docs.aws.amazon.com/kms/latest/developerguide/alias-authorization.html
    """
    name = action.lower()
    if not name.startswith("kms:") or ":key/" in resource or name in ON_NO_KEY:
        return False
    if name == TAG and resource == "*":
        return False  # CreateKey with tags asks for it before there is a key, so that IAM alone decides
    return not (":alias/" in resource and name in ON_ALIASES)


def _answers(policies: Policies, caller: Caller, asked: RequestFacts, owner: str) -> Answers:
    """Ask one layer after the other. A layer that is not there asks for nothing and gives nothing."""
    block, grants = policies.public_access_block, policies.grants
    return Answers(
        public_access_block=SILENT
        if block is None
        else public_access_block(policies, caller, asked, owner=owner),
        identity=_identity(policies, asked),
        boundary=limit("boundary", policies.boundary, asked),
        session=_session(policies, caller, asked),
        scp=every_level("scp", policies.scp, asked),
        rcp=resource_guardrail(policies.rcp, caller, asked),
        vpc_endpoint=vpc_endpoints(policies.vpc_endpoint, caller, asked),
        resource=_resource(policies, caller, asked),
        grant=granted(grants, caller, asked) if grants else SILENT,
        grant_through_another=granted(grants, caller, asked, through_another=True) if grants else SILENT,
        retiring_account=SILENT
        if asked.action.lower() != RETIRE_GRANT
        else retired_by_account(grants or (), caller),
    )


def _several(given: Document | tuple[Document, ...] | None) -> tuple[Document, ...] | None:
    """Return the session policies: what any of them allows is allowed, as if they were one."""
    return given if given is None or isinstance(given, tuple) else (given,)


def _session(policies: Policies, caller: Caller, asked: RequestFacts) -> LayerAnswer:
    """
    Return the session policies' answer. A federated user has no more than they give, and none gives nothing.

    Source: https://docs.aws.amazon.com/STS/latest/APIReference/API_GetFederationToken.html
    """
    if policies.session is None and caller.kind is CallerKind.FEDERATED:
        return OF_A_FEDERATED_USER
    return limit("session", _several(policies.session), asked)


def _identity(policies: Policies, asked: RequestFacts) -> LayerAnswer:
    if policies.identity is None:
        return SILENT
    return answer("identity", documents("identity", policies.identity, asked), asked)


def _resource(policies: Policies, caller: Caller, asked: RequestFacts) -> ResourceAnswer:
    own, shared = policies.resource, policies.resource_shared
    given = (() if own is None else (own,)) + (() if shared is None else (shared,))
    if not given:
        return NOTHING
    return read_resource_policies(
        documents("resource", given, asked),
        caller,
        asked,
        bounded=policies.boundary is not None,
        shared=None if shared is None else len(given) - 1,
    )


@lru_cache(maxsize=KEPT)
def _account_in(resource: str) -> str:
    """Return the customer's account in an ARN: AWS's own resources belong to no customer."""
    account = Arn.parse(resource).account if is_arn(resource) else ""
    return account if account.isdigit() else ""


def _invalid(place: str, what: Message) -> Decision:
    layer, _, rest = place.partition("[")
    reason = Reason(
        layer=layer or "request", outcome="invalid", statement=f"[{rest}" if rest else "", detail=what
    )
    return Decision(effect=Effect.INVALID, reasons=(reason,))
