"""Whether the world is as a step expects it: still to be done, done already, or moved."""

from __future__ import annotations

from enum import StrEnum
from typing import assert_never

from trailseal.messages import Message, message
from trailseal.model.key import KeyState
from trailseal.plan.document import same
from trailseal.plan.step import (
    CreateAlias,
    CreateKey,
    DeleteAlias,
    ImportKeyMaterial,
    Leave,
    PutKeyPolicy,
    ReplicateKey,
    SetKeyRotation,
    Step,
    UpdateTrail,
)


class StepStanding(StrEnum):
    """How a step stands against what was read."""

    TO_DO = "to do"
    DONE = "done"
    MOVED = "moved"


def compare(step: Step, seen: str) -> StepStanding:  # noqa: C901, PLR0911 - one answer for each kind of step
    """
    Return how `step` stands, given what it changes as it was just read.

    `seen` is a policy's text, a trail's or alias's key, the days between rotations, a key's state, or
    the ARN of the key that was already made; "" is none of these.
    """
    match step:
        case CreateKey() | ReplicateKey():
            return StepStanding.DONE if seen else StepStanding.TO_DO
        case ImportKeyMaterial():
            return _imported(seen)
        case PutKeyPolicy(before=before, after=after):
            return _between(same(seen, before), same(seen, after))
        case CreateAlias(key=key):
            return _between(not seen, seen == key)
        case DeleteAlias(key=key):
            return _between(seen == key, not seen)
        case SetKeyRotation(before=days, after=wanted):
            return _between(seen == str(days), seen == str(wanted))
        case UpdateTrail(before=before, after=after):
            return _between(seen == before, seen == after)
        case Leave():
            return StepStanding.DONE
        case _:
            assert_never(step)


def _between(is_before: bool, is_after: bool) -> StepStanding:  # noqa: FBT001 - two answers about one thing
    if is_after:
        return StepStanding.DONE
    return StepStanding.TO_DO if is_before else StepStanding.MOVED


def _imported(state: str) -> StepStanding:
    if state == KeyState.PENDING_IMPORT:
        return StepStanding.TO_DO
    return StepStanding.DONE if state == KeyState.ENABLED else StepStanding.MOVED


def moved(step: Step, seen: str) -> Message:
    """Return the sentence that says what stands where, and what the plan was made from."""
    match step:
        case UpdateTrail(trail_arn=arn, before=before):
            return message(
                "{trail} has {seen} now, and the plan was made when it had {before}",
                trail=arn,
                seen=seen or "SSE-S3",
                before=before or "SSE-S3",
            )
        case PutKeyPolicy(key=key):
            return message("the policy of {key} is no longer the one that the plan was made from", key=key)
        case CreateAlias(alias=alias) | DeleteAlias(alias=alias):
            return message("`{alias}` names {seen} now", alias=alias, seen=seen or "no key")
        case SetKeyRotation(key=key, before=before):
            return message(
                "{key} rotates every {seen} days now, and the plan was made when that was {before}",
                key=key,
                seen=seen,
                before=before,
            )
        case ImportKeyMaterial(key=key):
            return message("{key} is {seen} and cannot take key material", key=key, seen=seen)
        case CreateKey() | ReplicateKey() | Leave():
            return message("nothing can have moved")
        case _:
            assert_never(step)
