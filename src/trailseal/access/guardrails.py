"""
Layers that only limit: boundaries, session policies, SCPs, RCPs and VPC endpoint policies.

None of them grants anything. Each given one has to allow the request, and any may deny it.
Sources:
https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html
https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps_evaluation.html
https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps_evaluation.html
https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-access.html
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from msgspec.structs import replace

from trailseal.access.caller import Caller
from trailseal.access.decision import Reason
from trailseal.access.kleene import both, either
from trailseal.access.layer import LayerAnswer, MetStatement, NamedPolicies, answer, documents, weigh
from trailseal.access.match.relevant import on_limited, uses_variables
from trailseal.access.match.statement import RequestFacts, looks_at_facts, meet, naming, without_facts
from trailseal.access.request import Document, Levels, NotTold
from trailseal.messages import message

RCP_SERVICES = frozenset(("s3", "kms", "sts", "sqs", "secretsmanager", "logs", "events", "cloudtrail-data"))
"""
Services whose resources RCPs are known to reach. The list grows, so of any other nothing is certain.

Source: https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps.html
"""
REACHED = message("(resource control policies do not reach the service)")
NO_LAYER, NO_LEVEL = LayerAnswer(allows=True, denies=False), LayerAnswer(allows=True, denies=False)
"""Two, as a layer that is there and empty is told from one that is not there."""
KEPT = 10_000


def limit(layer: str, given: tuple[Document, ...] | None, asked: RequestFacts) -> LayerAnswer:
    """Return a boundary's or session policy's answer. None is no layer; an empty one allows nothing."""
    if given is None:
        return NO_LAYER
    return answer(layer, documents(layer, given, asked), asked)


def every_level(layer: str, levels: Levels | None, asked: RequestFacts) -> LayerAnswer:
    """Return the answer of levels from the root down, each of which has to allow the request."""
    if levels is None:
        return NO_LAYER
    if not levels:
        return NO_LEVEL
    return _all([_level(layer, i, level, asked) for i, level in enumerate(levels)])


def _level(
    layer: str, number: int, level: tuple[Document, ...] | NotTold, asked: RequestFacts
) -> LayerAnswer:
    if isinstance(level, NotTold):
        return _not_told(layer, number)
    return answer(layer, documents(f"{layer}[{number}]", level, asked), asked)


def _not_told(layer: str, number: int) -> LayerAnswer:
    """Return what a level says of which nothing is told: it may allow, and it may deny."""
    why = message("no policy was listed at level {level}, where there is always one", level=number)
    reason = Reason(layer=layer, outcome="unknown", detail=why)
    condition = message("(the policies at level {level} of the organization allow it)", level=number)
    return LayerAnswer(allows=None, denies=None, reasons=(reason,), conditions=(condition,))


def resource_guardrail(levels: Levels | None, caller: Caller, asked: RequestFacts) -> LayerAnswer:
    """
    Return the RCPs' answer. RCPFullAWSAccess stands at every level, so only denies tell.

    AWS's page on policy variables does not name RCPs among their places, so one that stands there is
    not known to be replaced.
    """
    if levels is None:
        return NO_LAYER
    if not levels:
        return NO_LEVEL
    told = [(i, level) for i, level in enumerate(levels) if not isinstance(level, NotTold)]
    flat = tuple([each for i, level in told for each in documents(f"rcp[{i}]", level, asked)])
    settled = _settled("rcp", flat, caller, asked.action, asked.resource)
    said = _denying(flat, caller, asked) if settled is None else settled
    if len(told) == len(levels):
        return said
    return _all(
        [said, *(_not_told("rcp", i) for i, level in enumerate(levels) if isinstance(level, NotTold))]
    )


def _denying(flat: NamedPolicies, caller: Caller, asked: RequestFacts) -> LayerAnswer:
    kept = asked
    if any(uses_variables(policy, asked.action) for _, policy in flat):
        kept = RequestFacts(asked.action, asked.resource, asked.facts.keeping_variables(), asked.stored)
    said = weigh("rcp", [f for f in _found(flat, caller, kept) if not f.statement.allows])
    if said.denies and asked.action.partition(":")[0].lower() not in RCP_SERVICES:
        reasons = tuple(replace(reason, outcome="unknown") for reason in said.reasons)
        return LayerAnswer(allows=True, denies=None, reasons=reasons, conditions=(REACHED,))
    return LayerAnswer(allows=True, denies=said.denies, reasons=said.reasons, conditions=said.conditions)


def vpc_endpoints(given: tuple[Document, ...] | None, caller: Caller, asked: RequestFacts) -> LayerAnswer:
    """Return the endpoint policies' answer: all that the request passes have to allow it."""
    if given is None:
        return NO_LAYER
    answers = [_endpoint((each,), caller, asked) for each in documents("vpc_endpoint", given, asked)]
    return _all(answers) if answers else LayerAnswer(allows=False, denies=False)


def _endpoint(policies: NamedPolicies, caller: Caller, asked: RequestFacts) -> LayerAnswer:
    settled = _settled("vpc_endpoint", policies, caller, asked.action, asked.resource)
    return weigh("vpc_endpoint", _found(policies, caller, asked)) if settled is None else settled


@lru_cache(maxsize=KEPT)
def _settled(
    layer: str, policies: NamedPolicies, caller: Caller, action: str, resource: str
) -> LayerAnswer | None:
    """Return the answer that holds whatever the facts of a request are, None where they matter."""
    asked = without_facts(action, resource)
    limiting = [pair for _, policy in policies for pair in on_limited(policy, action, caller)]
    if any(looks_at_facts(statement, asked) for statement, _ in limiting):
        return None
    if layer == "rcp":
        return _denying(policies, caller, asked)
    return weigh(layer, _found(policies, caller, asked))


def _found(policies: NamedPolicies, caller: Caller, asked: RequestFacts) -> list[MetStatement]:
    """Return the statements that meet the request, or may, and that limit the caller."""
    found: list[MetStatement] = []
    for name, policy in policies:
        for statement, certain in on_limited(policy, asked.action, caller):
            meeting = naming(statement, meet(statement, asked), certain=certain)
            if meeting.applies is not False:
                found.append(MetStatement(statement=statement, meeting=meeting, policy=name))
    return found


def _all(answers: Iterable[LayerAnswer]) -> LayerAnswer:
    given = list(answers)
    if len(given) == 1:
        return given[0]
    return LayerAnswer(
        allows=both(*(a.allows for a in given)),
        denies=either(*(a.denies for a in given)),
        reasons=tuple(reason for a in given for reason in a.reasons),
        conditions=tuple(dict.fromkeys(condition for a in given for condition in a.conditions)),
    )
