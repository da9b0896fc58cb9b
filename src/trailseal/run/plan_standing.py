"""What of a plan stands in AWS, as it is read now: the journal is not asked."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from msgspec import Struct

from trailseal.errors import TrailsealError
from trailseal.plan.drift import StepStanding
from trailseal.plan.step import CreateKey, ReplicateKey, Step, is_new, keys_of, named
from trailseal.run.course import Run
from trailseal.run.journal import Unfailing
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
        return self.found.count(True)

    @property
    def unknown(self) -> tuple[Step, ...]:
        """Those of which nobody could say."""
        return tuple(step for step, stands in zip(self.steps, self.found, strict=True) if stands is None)


def what_stands(run: Run) -> PlanStanding:
    """Return which of the plan's steps stand, each looked at; a key is looked for by its tag."""
    fresh = replace(run, keys={}, begun={}, journal=Unfailing(run.journal, run.observe))
    ends = run.clock.elapsed() + LONGEST.total_seconds()
    unread: set[str] = set()
    found: list[bool | None] = []
    for step in run.plan.steps:
        late = run.clock.elapsed() >= ends
        found.append(None if late else _stands(fresh, step, unread))
    return PlanStanding(steps=run.plan.steps, found=tuple(found))


def _stands(run: Run, step: Step, unread: set[str]) -> bool | None:
    """Return whether a step stands, None where it cannot be read; `unread` are the keys nobody could find."""
    known = named(step, run.keys)
    if not isinstance(step, CreateKey | ReplicateKey) and (new := [k for k in keys_of(known) if is_new(k)]):
        return None if unread & set(new) else False
    try:
        stood = stand(run, step)
    except TrailsealError:
        if isinstance(step, CreateKey | ReplicateKey):
            unread.add(step.key)
        return None
    if isinstance(step, CreateKey | ReplicateKey) and stood.key:
        run.keys[step.key] = stood.key
    return stood.standing is StepStanding.DONE
