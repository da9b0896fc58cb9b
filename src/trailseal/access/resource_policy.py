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
from trailseal.access.layer import Answer, Found, Kleene, conditions_of, find, weigh
from trailseal.access.match.principal import Named, named
from trailseal.access.match.statement import Asked
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


def read_resource_policies(
    policies: Iterable[tuple[str, Policy]], caller: Caller, asked: Asked, *, layer: str, trust: bool
) -> ResourceAnswer:
    """Return what the policies on the resource say; `trust` policies have no Resource element."""
    given = list(policies)
    found = find(
        given,
        asked,
        speaks=lambda statement: named(statement.principal, caller) is not Named.NOT,
        resource_may_be_absent=trust,
    )
    ways = {Named.EVERYBODY: "direct", Named.ITSELF: "direct", Named.ROLE: "role", Named.ACCOUNT: "delegated"}
    sorted_out: dict[str, list[Found]] = {"direct": [], "role": [], "delegated": []}
    denies: list[Found] = []
    for each in found:
        if each.statement.allows:
            sorted_out[ways[named(each.statement.principal, caller)]].append(each)
        else:
            denies.append(each)
    refusal = weigh(layer, denies)
    direct = weigh(layer, sorted_out["direct"])
    return ResourceAnswer(
        direct=Answer(
            allows=direct.allows,
            denies=refusal.denies,
            reasons=(*refusal.reasons, *direct.reasons),
            conditions=(*refusal.conditions, *direct.conditions),
        ),
        role=weigh(layer, sorted_out["role"]),
        delegated=_delegation(layer, sorted_out["delegated"]),
        denies=refusal.denies,
    )


def _delegation(layer: str, found: list[Found]) -> Answer:
    """A statement for the account is no grant: it says that IAM decides."""
    answer = weigh(layer, found)
    reasons = tuple(_delegates(reason) for reason in answer.reasons)
    return replace(answer, reasons=reasons, conditions=conditions_of(found))


def _delegates(reason: Reason) -> Reason:
    return replace(reason, outcome="delegates") if reason.outcome == "allow" else reason
