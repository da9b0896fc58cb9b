"""
The policy on the resource itself: whom it lets in directly, and what it leaves to the account's IAM.

Sources:
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-basics.html
https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html
"""

from __future__ import annotations

from functools import lru_cache

from msgspec import Struct
from msgspec.structs import replace

from trailseal.access.caller import Caller
from trailseal.access.decision import Reason
from trailseal.access.facts import Lack
from trailseal.access.kleene import Kleene
from trailseal.access.layer import SILENT, LayerAnswer, MetStatement, NamedPolicies, conditions_of, weigh
from trailseal.access.match.principal import Named
from trailseal.access.match.relevant import on_caller
from trailseal.access.match.statement import (
    OpenElement,
    RequestFacts,
    in_doubt,
    looks_at_facts,
    meet,
    naming,
    without_facts,
)


class ResourceAnswer(Struct, frozen=True, kw_only=True):
    """
    What a resource policy says, told apart by how it names the caller.

    `direct` grants by itself and is limited by no boundary and no session policy: the user, the
    session or everybody is named. `role` grants by itself within both. `delegated` leaves it to
    the account's IAM policies.
    """

    direct: LayerAnswer
    role: LayerAnswer
    delegated: LayerAnswer
    denies: Kleene

    @property
    def answers(self) -> tuple[LayerAnswer, LayerAnswer, LayerAnswer]:
        """All three."""
        return self.direct, self.role, self.delegated


LAYER = "resource"
ALIASES = "kms:resourcealiases"
KEPT = 10_000
SHARED = OpenElement("Policy", ("AWS_RAM",))
WAYS = {Named.EVERYBODY: 0, Named.ITSELF: 0, Named.ROLE: 1, Named.ACCOUNT: 2}
"""Where an Allow goes, by how it names the caller: direct, role, delegated. A Deny goes to 3."""
NOTHING = ResourceAnswer(direct=SILENT, role=SILENT, delegated=SILENT, denies=False)


def read_resource_policies(
    policies: NamedPolicies, caller: Caller, asked: RequestFacts, *, bounded: bool, shared: int | None
) -> ResourceAnswer:
    """
    Return what the policies on the resource say.

    `bounded` tells that the caller has a permissions boundary, `shared` the place of a key's second
    policy: what that one does beside the first is not documented, so it settles nothing by itself.
    """
    settled = _settled(policies, caller, asked.action, asked.resource, bounded=bounded, shared=shared)
    if settled is not None:
        return settled
    return _read(policies, caller, _without_aliases(asked), bounded=bounded, shared=shared)


def _without_aliases(asked: RequestFacts) -> RequestFacts:
    """
    Return the request without a key's aliases: AWS lists kms:ResourceAliases for IAM policies only.

    What a key policy makes of it, no page says.
    Source: https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html
    """
    known = asked.facts.known
    if ALIASES not in known:
        return asked
    facts = replace(asked.facts, known={**known, ALIASES: Lack.UNKNOWN})
    return RequestFacts(asked.action, asked.resource, facts, asked.stored)


@lru_cache(maxsize=KEPT)
def _settled(
    policies: NamedPolicies, caller: Caller, action: str, resource: str, *, bounded: bool, shared: int | None
) -> ResourceAnswer | None:
    """Return the answer that holds whatever the facts of a request are, None where they matter."""
    asked = without_facts(action, resource)
    trust = is_about_trust(action)
    for _, policy in policies:
        for statement, _ in on_caller(policy, action, caller, bounded=bounded, trust=trust):
            if looks_at_facts(statement, asked):
                return None
    return _read(policies, caller, asked, bounded=bounded, shared=shared)


def is_about_trust(action: str) -> bool:
    """Whether a trust policy decides on an action; it has no Resource element."""
    return action.lower().startswith("sts:")


def _read(
    policies: NamedPolicies, caller: Caller, asked: RequestFacts, *, bounded: bool, shared: int | None
) -> ResourceAnswer:
    trust = is_about_trust(asked.action)
    piles: tuple[list[MetStatement], ...] = ([], [], [], [])
    for place, (name, policy) in enumerate(policies):
        for statement, how in on_caller(policy, asked.action, caller, bounded=bounded, trust=trust):
            met = meet(statement, asked, resource_may_be_absent=trust)
            meeting = naming(statement, met, certain=how.certain)
            if place == shared:
                meeting = in_doubt(meeting, SHARED)
            if meeting.applies is not False:
                pile = piles[WAYS[how.way] if statement.allows else 3]
                pile.append(MetStatement(statement=statement, meeting=meeting, policy=name))
    if not any(piles):
        return NOTHING
    direct, role, delegated, denies = piles
    refusal = weigh(LAYER, denies)
    return ResourceAnswer(
        direct=_beside(weigh(LAYER, direct), refusal),
        role=weigh(LAYER, role),
        delegated=_delegation(delegated) if delegated else SILENT,
        denies=refusal.denies,
    )


def _beside(direct: LayerAnswer, refusal: LayerAnswer) -> LayerAnswer:
    if refusal is SILENT:
        return direct
    return LayerAnswer(
        allows=direct.allows,
        denies=refusal.denies,
        reasons=(*refusal.reasons, *direct.reasons),
        conditions=(*refusal.conditions, *direct.conditions),
    )


def _delegation(found: list[MetStatement]) -> LayerAnswer:
    """A statement for the account is no grant: it says that IAM decides."""
    answer = weigh(LAYER, found)
    reasons = tuple(_delegates(reason) for reason in answer.reasons)
    return replace(answer, reasons=reasons, conditions=conditions_of(found))


def _delegates(reason: Reason) -> Reason:
    return replace(reason, outcome="delegates") if reason.outcome == "allow" else reason
