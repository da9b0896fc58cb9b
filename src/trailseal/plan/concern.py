"""
What a user should know before the switch: refusals, warnings, and what could not be read.

A refusal keeps a trail out of the plan unless the user takes it on by its code. What could not be
read is a concern of its own and makes the plan incomplete.
"""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

from trailseal.messages import Message, message
from trailseal.model.unreadable import Unreadable

FINAL = frozenset({"bucket-missing", "key-missing"})
"""Refusals that nobody can take on: there is nothing that a plan could then do."""


class Weight(StrEnum):
    """How much a concern weighs."""

    REFUSED = "refused"
    UNKNOWN = "unknown"
    WARNING = "warning"
    NOTE = "note"


class Concern(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One concern about one thing: a trail, a bucket or a key."""

    code: str
    """Never changes: `--accept CODE` names it."""
    weight: Weight
    subject: str
    text: Message
    remedy: Message | None = None
    trails: tuple[str, ...] = ()
    """The trails that it keeps out while it is a refusal or unknown; empty when it keeps none out."""

    @property
    def can_be_taken_on(self) -> bool:
        """Whether the user may plan in spite of it."""
        return self.weight is Weight.REFUSED and self.code not in FINAL


def unread(code: str, subject: str, reason: Unreadable) -> Concern:
    """Return the concern that a fact was not to be had, with the IAM action that would give it."""
    return Concern(
        code=code,
        weight=Weight.UNKNOWN,
        subject=subject,
        text=message(
            "{what} could not be read ({code}): {call} is needed on {subject}",
            what=code,
            code=reason.code,
            call=reason.call,
            subject=subject,
        ),
    )


def weigh(concerns: tuple[Concern, ...], accepted: tuple[str, ...]) -> tuple[Concern, ...]:
    """Return the concerns with each refusal that the user took on turned into a warning."""
    return tuple(
        Concern(
            code=concern.code,
            weight=Weight.WARNING,
            subject=concern.subject,
            text=concern.text,
            remedy=concern.remedy,
        )
        if concern.can_be_taken_on and concern.code in accepted
        else concern
        for concern in concerns
    )


def kept_out(concerns: tuple[Concern, ...]) -> frozenset[str]:
    """Return the ARNs of the trails that a refusal, or something unread, keeps out of the plan."""
    keeping = {Weight.REFUSED, Weight.UNKNOWN}
    return frozenset(arn for concern in concerns if concern.weight in keeping for arn in concern.trails)
