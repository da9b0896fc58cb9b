"""
What a user should know before the switch: refusals, warnings, and what could not be read.

A refusal keeps a trail out of the plan unless the user takes it on by its code. What could not be
read is a concern of its own and makes the plan incomplete.
"""

from __future__ import annotations

from msgspec import Struct, structs

from trailseal.model.unreadable import Unreadable
from trailseal.plan.concern_facts import RULES, Code, Details, Weight
from trailseal.plan.names import TrailArn, WordOrNothing, word

FINAL = frozenset({Code.BUCKET_MISSING, Code.KEY_MISSING, Code.KEY_POLICY_TOO_LONG})
"""Refusals that nobody can take on: there is nothing that a plan could then do."""
KEEPING_OUT = frozenset({Weight.REFUSED, Weight.UNKNOWN})


class Concern(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One concern about one thing: a trail, a bucket or a key."""

    code: Code
    weight: Weight
    subject: WordOrNothing
    facts: Details = Details()
    trails: tuple[TrailArn, ...] = ()
    """The trails that it keeps out while it is a refusal or unknown; empty when it keeps none out."""

    @property
    def can_be_taken_on(self) -> bool:
        """Whether the user may plan in spite of it."""
        return self.weight is Weight.REFUSED and not _is_final(self.code, self.facts)

    @property
    def was_taken_on(self) -> bool:
        """Whether it is a refusal that the user has accepted."""
        return self.weight is Weight.WARNING and RULES[self.code].weight is Weight.REFUSED


def _is_final(code: Code, facts: Details) -> bool:
    """
    Whether nobody can take on a refusal of this code.

    No policy that KMS takes names somebody who is not there. Of equal Sids AWS's pages do not agree.
    """
    return code in FINAL or (code is Code.KEY_POLICY_CANNOT_BE_PUT and bool(facts.principals))


def concern(
    code: Code, subject: str, facts: Details | None = None, *, trails: tuple[str, ...] = ()
) -> Concern:
    """Return the concern of this code, with the weight that it has until somebody takes it on."""
    return Concern(
        code=code,
        weight=RULES[code].weight,
        subject=word(subject),
        facts=facts or Details(),
        trails=trails,
    )


def unread(code: Code, subject: str, reason: Unreadable) -> Concern:
    """Return the concern that a fact was not to be had, with the IAM action that would give it."""
    return concern(code, subject, why_unread(reason, Details()))


def why_unread(reason: Unreadable, facts: Details) -> Details:
    """Return `facts` with why something was not to be had."""
    return structs.replace(facts, call=word(reason.call) or "?", error=word(reason.code) or "?")


def weigh(concerns: tuple[Concern, ...], accepted: tuple[str, ...]) -> tuple[Concern, ...]:
    """Return the concerns with each refusal that the user took on turned into a warning."""
    return tuple(
        structs.replace(each, weight=Weight.WARNING, trails=())
        if each.can_be_taken_on and each.code in accepted
        else each
        for each in concerns
    )


def kept_out(concerns: tuple[Concern, ...]) -> frozenset[str]:
    """Return the ARNs of the trails that a refusal, or something unread, keeps out of the plan."""
    return frozenset(arn for each in concerns if each.weight in KEEPING_OUT for arn in each.trails)


def is_sound(found: Concern, accepted: tuple[str, ...]) -> bool:
    """Whether a concern that was read has the weight and the facts of its code; `accepted` were taken on."""
    rule = RULES[found.code]
    is_final = _is_final(found.code, found.facts)
    taken_on = rule.weight is Weight.REFUSED and not is_final and found.code in accepted
    weighed = found.weight is (Weight.WARNING if taken_on else rule.weight)
    return weighed and rule.needs <= found.facts.given <= rule.needs | rule.also
