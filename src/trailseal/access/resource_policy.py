"""
The policy on the resource itself: whom it lets in directly, and what it leaves to the account's IAM.

Sources:
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-basics.html
https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html
"""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct
from msgspec.structs import replace

from trailseal.access.caller import Caller
from trailseal.access.decision import Reason
from trailseal.access.kleene import Kleene
from trailseal.access.layer import SILENT, Answer, Found, conditions_of, weigh
from trailseal.access.match.principal import Named
from trailseal.access.match.relevant import on_caller
from trailseal.access.match.statement import Asked, OpenElement, in_doubt, meet, naming
from trailseal.access.parse.document import Policy


class ResourceAnswer(Struct, frozen=True, kw_only=True):
    """
    What a resource policy says, told apart by how it names the caller.

    `direct` grants by itself and is limited by no boundary and no session policy: the user, the
    session or everybody is named. `role` grants by itself within both. `delegated` leaves it to
    the account's IAM policies.
    """

    direct: Answer
    role: Answer
    delegated: Answer
    denies: Kleene

    @property
    def answers(self) -> tuple[Answer, Answer, Answer]:
        """All three."""
        return self.direct, self.role, self.delegated


SHARED = OpenElement("Policy", ("AWS_RAM",))
WAYS = {Named.EVERYBODY: 0, Named.ITSELF: 0, Named.ROLE: 1, Named.ACCOUNT: 2}
"""Where an Allow goes, by how it names the caller: direct, role, delegated. A Deny goes to 3."""
NOTHING = ResourceAnswer(direct=SILENT, role=SILENT, delegated=SILENT, denies=False)


def read_resource_policies(
    policies: Iterable[tuple[str, Policy]],
    caller: Caller,
    asked: Asked,
    *,
    layer: str,
    trust: bool,
    bounded: bool = False,
    shared: int | None = None,
) -> ResourceAnswer:
    """
    Return what the policies on the resource say; `trust` policies have no Resource element.

    `bounded` tells that the caller has a permissions boundary, `shared` the place of a key's second
    policy: what that one does beside the first is not documented, so it settles nothing by itself.
    """
    piles: tuple[list[Found], ...] = ([], [], [], [])
    for place, (name, policy) in enumerate(policies):
        for statement, how in on_caller(policy, asked.action, caller, bounded=bounded, trust=trust):
            met = meet(statement, asked, resource_may_be_absent=trust)
            meeting = naming(statement, met, certain=how.certain)
            if place == shared:
                meeting = in_doubt(meeting, SHARED)
            if meeting.applies is not False:
                pile = piles[WAYS[how.way] if statement.allows else 3]
                pile.append(Found(statement=statement, meeting=meeting, policy=name))
    if not any(piles):
        return NOTHING
    direct, role, delegated, denies = piles
    return ResourceAnswer(
        direct=_beside(weigh(layer, direct), weigh(layer, denies)),
        role=weigh(layer, role),
        delegated=_delegation(layer, delegated) if delegated else SILENT,
        denies=weigh(layer, denies).denies,
    )


def _beside(direct: Answer, refusal: Answer) -> Answer:
    if refusal is SILENT:
        return direct
    return Answer(
        allows=direct.allows,
        denies=refusal.denies,
        reasons=(*refusal.reasons, *direct.reasons),
        conditions=(*refusal.conditions, *direct.conditions),
    )


def _delegation(layer: str, found: list[Found]) -> Answer:
    """A statement for the account is no grant: it says that IAM decides."""
    answer = weigh(layer, found)
    reasons = tuple(_delegates(reason) for reason in answer.reasons)
    return replace(answer, reasons=reasons, conditions=conditions_of(found))


def _delegates(reason: Reason) -> Reason:
    return replace(reason, outcome="delegates") if reason.outcome == "allow" else reason
