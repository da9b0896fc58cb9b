"""The policies over a request: what they look at, and what stands between yes and no in them."""

from __future__ import annotations

from collections.abc import Iterator

from trailseal.access.caller import read_caller
from trailseal.access.conditions.operator import Condition
from trailseal.access.derived_facts import facts_of
from trailseal.access.evaluate import as_told
from trailseal.access.facts import Facts
from trailseal.access.layer import KINDS
from trailseal.access.match.relevant import on_action, on_caller
from trailseal.access.match.statement import RequestFacts, meet
from trailseal.access.parse.document import Policy
from trailseal.access.parse.kind import kind_on_resource
from trailseal.access.parse.statement import Statement
from trailseal.access.parse.stored import read_stored
from trailseal.access.request import Document, NotTold, Policies, Request
from trailseal.access.split.vocabulary import Vocabulary, merged, of_grants, vocabulary


def facts(request: Request) -> Facts:
    """Return what is known of a request."""
    return facts_of(
        read_caller(request.principal),
        action=request.action,
        resource=request.resource,
        resource_account=request.resource_account,
        given=request.context,
        derive=True,
        closed=False,
    )


def looked_at(policies: Policies, action: str) -> Vocabulary:
    """Return what all policies over a request look at."""
    read = tuple(policy for _, policy in _read(policies, action))
    own = vocabulary(read, action)
    return merged(own, of_grants(policies.grants)) if policies.grants else own


def open_keys(request: Request, policies: Policies) -> Iterator[str]:
    """Yield the keys, in lower case, that stand between yes and no in some statement."""
    asked = RequestFacts(request.action, request.resource, facts(request))
    for statement in _speaking(request, policies):
        meeting = meet(statement, asked)
        if meeting.applies is None:
            yield from (each.key for each in meeting.open_conditions if isinstance(each, Condition))


def _speaking(request: Request, policies: Policies) -> Iterator[Statement]:
    """Yield the statements on the action; of the resource's own policies those that may name the caller."""
    caller = as_told(read_caller(request.principal), facts(request), request.maker)
    for names_callers, policy in _read(policies, request.action):
        if names_callers:
            found = on_caller(
                policy, request.action, caller, bounded=policies.boundary is not None, trust=False
            )
            yield from (statement for statement, _ in found)
        else:
            yield from on_action(policy, request.action)


def _read(policies: Policies, action: str) -> Iterator[tuple[bool, Policy]]:
    """Yield every policy of every layer, and whether its statements name callers."""
    for layer, given in _layers(policies):
        kind = KINDS.get(layer) or kind_on_resource(action)
        for document in given:
            yield layer == "resource", read_stored(document, kind)


def _layers(policies: Policies) -> Iterator[tuple[str, tuple[Document, ...]]]:
    own = tuple(each for each in (policies.resource, policies.resource_shared) if each is not None)
    yield "resource", own
    for layer, given in (("identity", policies.identity), ("boundary", policies.boundary)):
        yield layer, given or ()
    for layer, levels in (("scp", policies.scp), ("rcp", policies.rcp)):
        for level in levels or ():
            yield layer, () if isinstance(level, NotTold) else level
