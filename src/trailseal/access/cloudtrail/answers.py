"""
How policies answer what CloudTrail asks: each request decided, and which statements decide it.

Unknown is neither: a request in two possible forms that come out differently, or a place that stands for
others, is unknown, and so is a denial of what CloudTrail may do without.
"""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct

from trailseal.access.cloudtrail.requests import CloudTrailRequest
from trailseal.access.decision import DENIED, Decision, Effect
from trailseal.access.evaluate import authorize
from trailseal.access.parse.kind import PolicyKind
from trailseal.access.parse.stored import read_stored
from trailseal.access.request import Policies

WORST_FIRST = (
    Effect.EXPLICITLY_DENIED,
    Effect.IMPLICITLY_DENIED,
    Effect.INVALID,
    Effect.UNKNOWN,
    Effect.ALLOWED,
)
OF_THE_NETWORK = frozenset(
    ("aws:sourceip", "aws:sourcevpc", "aws:sourcevpcarn", "aws:sourcevpce", "aws:vpcsourceip")
)
"""
What a request of an AWS service does not bring, so that a Deny on it should except services.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-sourceip
"""


class CloudTrailAnswer(Struct, frozen=True, kw_only=True):
    """
    One request and what comes of it.

    `effect` is what is known of deliveries, `said` what the policies come to in each form that the request
    may have; `decision` is their own on one of them, with its reasons.
    """

    asked: CloudTrailRequest
    effect: Effect
    said: Effect
    decision: Decision

    @property
    def is_denied(self) -> bool:
        """Whether CloudTrail is refused for certain."""
        return self.effect in DENIED

    @property
    def is_refused(self) -> bool:
        """Whether the policies refuse what is asked for a place that there is, with or without deliveries."""
        return self.said in DENIED and not _is_stand_in(self.asked)

    @property
    def statements(self) -> tuple[str, ...]:
        """The statements that deny, or of which it is not known whether they do, or allow."""
        telling = {"deny"} if self.decision.effect is Effect.EXPLICITLY_DENIED else {"unknown", "not decided"}
        return tuple(
            dict.fromkeys(r.statement for r in self.decision.reasons if r.outcome in telling and r.statement)
        )


def answers(asked: Iterable[CloudTrailRequest], policies: Policies) -> tuple[CloudTrailAnswer, ...]:
    """Return what each request comes to, under policies as AWS stores them."""
    return tuple(_answer(each, policies) for each in asked)


def worst(found: Iterable[CloudTrailAnswer]) -> CloudTrailAnswer | None:
    """Return the answer that stops most, the first of its kind; None where nothing was asked."""
    return min(found, key=lambda each: WORST_FIRST.index(each.effect), default=None)


def by_network(document: str, kind: PolicyKind, statements: Iterable[str]) -> tuple[str, ...]:
    """Return those of the statements that deny by the network that a request comes from."""
    named = set(statements)
    return tuple(
        each.label
        for each in read_stored(document, kind).statements
        if each.label in named and not each.allows and OF_THE_NETWORK & {c.key for c in each.conditions}
    )


def _answer(asked: CloudTrailRequest, policies: Policies) -> CloudTrailAnswer:
    decision = authorize(asked.request, policies, stored=True)
    said = decision.effect
    if asked.variant is not None and not (decision.is_allowed and asked.is_known):
        other = authorize(asked.variant, policies, stored=True)
        if other.is_allowed != decision.is_allowed or Effect.UNKNOWN in {other.effect, said}:
            said = Effect.UNKNOWN
        if decision.is_allowed and not other.is_allowed:
            decision = other
    may_do_without = asked.is_needed is None or _is_stand_in(asked)
    effect = Effect.UNKNOWN if said in DENIED and may_do_without else said
    return CloudTrailAnswer(asked=asked, effect=effect, said=said, decision=decision)


def _is_stand_in(asked: CloudTrailRequest) -> bool:
    return asked.place is not None and asked.place.is_stand_in
