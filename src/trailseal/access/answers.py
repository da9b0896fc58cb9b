"""
What each layer said to a request, with what does not bind the caller left out.

Sources:
https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps.html
https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps.html
https://docs.aws.amazon.com/kms/latest/developerguide/resource-control-policies.html
https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketPolicy.html
"""

from __future__ import annotations

from functools import lru_cache

from msgspec import Struct
from msgspec.structs import replace

from trailseal.access.caller import Caller, CallerKind
from trailseal.access.cross_account import BUCKET_POLICY
from trailseal.access.grants import RETIRE_GRANT
from trailseal.access.guardrails import NO_LAYER
from trailseal.access.kleene import Kleene
from trailseal.access.layer import SILENT, LayerAnswer
from trailseal.access.match.statement import RequestFacts
from trailseal.access.resource_policy import ResourceAnswer
from trailseal.messages import message

KEPT = 10_000


class Answers(Struct, frozen=True, kw_only=True):
    """What each layer said."""

    identity: LayerAnswer
    boundary: LayerAnswer
    session: LayerAnswer
    scp: LayerAnswer
    rcp: LayerAnswer
    vpc_endpoint: LayerAnswer
    resource: ResourceAnswer
    grant: LayerAnswer
    grant_through_another: LayerAnswer = SILENT
    """What grants to a session's role say, or to the user who made it."""
    retiring_account: LayerAnswer = SILENT
    """Whether a grant names the caller's account as the one that may retire it."""
    public_access_block: LayerAnswer = SILENT


def for_the_caller(answers: Answers, caller: Caller, asked: RequestFacts, *, owner: str) -> Answers:
    """Return the answers that bind this caller: a layer that does not is as if it were not there."""
    action = asked.action.lower()
    scp, rcp = answers.scp, answers.rcp
    guarded = scp is not NO_LAYER or rcp is not NO_LAYER
    if guarded and (linked := _is_linked(caller)) is not False:
        scp, rcp = _lifted(scp, linked), _lifted(rcp, linked)
    if action == RETIRE_GRANT:
        rcp = NO_LAYER
    resource = answers.resource
    if caller.kind is CallerKind.ROOT and caller.account == owner and action in BUCKET_POLICY:
        # The owner's root user may do these whatever the bucket's policy says.
        resource = replace(resource, direct=_without_deny(resource.direct), denies=False)
    if scp is answers.scp and rcp is answers.rcp and resource is answers.resource:
        return answers
    return replace(answers, scp=scp, rcp=rcp, resource=resource)


@lru_cache(maxsize=KEPT)
def _is_linked(caller: Caller) -> Kleene:
    """Kept because it is asked for each request, and told by the caller's text alone."""
    return caller.is_service_linked


def _lifted(answer: LayerAnswer, linked: Kleene) -> LayerAnswer:
    """Return what is left of a policy of the organization for a caller that it does not bind, or may not."""
    if linked or answer is NO_LAYER:
        return NO_LAYER
    return LayerAnswer(
        allows=answer.allows or None,
        denies=None if answer.denies else answer.denies,
        reasons=tuple(replace(r, outcome="unknown") if r.outcome == "deny" else r for r in answer.reasons),
        conditions=(*answer.conditions, message("(the caller is a session of a service-linked role)")),
    )


def _without_deny(answer: LayerAnswer) -> LayerAnswer:
    kept = tuple(reason for reason in answer.reasons if reason.outcome == "allow")
    return replace(answer, denies=False, reasons=kept)
