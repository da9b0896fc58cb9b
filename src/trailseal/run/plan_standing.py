"""What of a plan stands in AWS, as it is read now: the journal is not asked."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from msgspec import Struct

from trailseal.errors import TrailsealError
from trailseal.model.arn import Arn
from trailseal.model.key import UnreadKey
from trailseal.plan.drift import StepStanding
from trailseal.plan.step import CreateKey, ReplicateKey, Step, is_new, keys_of, named
from trailseal.run.course import Run
from trailseal.run.journal import Unfailing
from trailseal.run.made_keys import not_shown
from trailseal.run.standing import stand

LONGEST = timedelta(seconds=20)
"""So long is looked, where answers take their time: whoever stands before an error waits for this."""


class PlanStanding(Struct, frozen=True, kw_only=True):
    """Whether each step of a plan stands, by its position; None is what nobody could say."""

    steps: tuple[Step, ...]
    found: tuple[bool | None, ...]

    @property
    def done(self) -> int:
        """How many stand."""
        return len(self.standing)

    @property
    def standing(self) -> tuple[int, ...]:
        """The positions of those that stand."""
        return tuple(at for at, stands in enumerate(self.found) if stands)

    @property
    def not_known(self) -> tuple[int, ...]:
        """The positions of those of which nobody could say."""
        return tuple(at for at, stands in enumerate(self.found) if stands is None)


def what_stands(run: Run) -> PlanStanding:
    """Return which of the plan's steps stand, each looked at; a key is looked for by its tag."""
    fresh = replace(run, keys={}, begun={}, journal=Unfailing(run.journal, run.observe))
    ends = run.clock.elapsed() + LONGEST.total_seconds()
    unread: set[str] = set()
    found: list[bool | None] = []
    for step in run.plan.steps:
        late = run.clock.elapsed() >= ends
        found.append(None if late else _stands(fresh, step, unread, made=run.keys))
    return PlanStanding(steps=run.plan.steps, found=tuple(found))


def _stands(run: Run, step: Step, unread: set[str], *, made: dict[str, str]) -> bool | None:
    """
    Return whether a step stands, None where it cannot be read.

    `unread` are the keys nobody could find, `made` those that the run knows to have been made.
    """
    if missing := {key for key in _needs(named(step, run.keys)) if is_new(key)}:
        is_known = not unread & missing
        if isinstance(step, ReplicateKey) and not is_known:
            unread.add(step.key)
        return False if is_known else None
    try:
        stood = stand(run, step)
        if isinstance(step, CreateKey | ReplicateKey):
            if not stood.key:
                _see_shown(run, made.get(step.key, ""))
            else:
                run.keys[step.key] = stood.key
    except TrailsealError:
        if isinstance(step, CreateKey | ReplicateKey):
            unread.add(step.key)
        return None
    return stood.standing is StepStanding.DONE


def _see_shown(run: Run, arn: str) -> None:
    """
    Return when a key that nobody finds is not one that was made and that KMS does not show yet.

    Raises:
        NotYet: it is.
    """
    key = run.control.read_key(arn, Arn.parse(arn).region) if arn else None
    if isinstance(key, UnreadKey) and key.is_missing:
        raise not_shown(arn)


def _needs(step: Step) -> tuple[str, ...]:
    """Return the keys without which a step cannot stand."""
    match step:
        case CreateKey():
            return ()
        case ReplicateKey(primary=primary):
            return (primary,)
        case _:
            return keys_of(step)
