"""Looking before the first step, where all that has moved is told."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from trailseal.errors import Incomplete
from trailseal.messages import Message
from trailseal.model.named_trails import not_told
from trailseal.plan.drift import Difference, StepStanding, Wanted, differences, unread
from trailseal.plan.facts import in_words
from trailseal.plan.footing import Footing
from trailseal.plan.moved import moved
from trailseal.plan.step import CreateKey, ReplicateKey, Step, named
from trailseal.run.course import Run, patiently
from trailseal.run.moved_since import all_moved
from trailseal.run.standing import can_look, look_at
from trailseal.run.stepping import settled

Look = Callable[[], tuple[Difference, ...]]


def look_ahead(run: Run) -> frozenset[int]:
    """
    Compare what the plan rests on and every step that can be, and tell all that has moved.

    Returns the positions of the steps that stand already.

    Raises:
        WorldMoved: at least one thing is not as the plan was made from.
        Incomplete: something that it rests on cannot be read.
    """
    problems: list[Message] = []
    unknown: list[Incomplete] = []
    standing: set[int] = set()
    for look in (*_footings(run), *_steps(run, standing)):
        try:
            problems += [moved(each) for each in patiently(run, look)]
        except Incomplete as reason:
            unknown.append(reason)
    if problems:
        raise all_moved(list(dict.fromkeys(problems)), run.observe)
    if unknown:
        raise unknown[0]
    return frozenset(standing)


def _footings(run: Run) -> Iterator[Look]:
    """Yield a look at each thing that the plan rests on."""
    for footing in run.plan.rests_on:

        def look(footing: Footing = footing) -> tuple[Difference, ...]:
            wanted: Wanted = {name: (value,) for name, value in footing.facts.items()}
            seen = in_words(look_at(run, footing))
            moves = differences(footing.resource, wanted, seen)
            for reason in unread(wanted, seen):
                if not moves:
                    raise not_told(reason)
            return moves

        yield look


def _steps(run: Run, standing: set[int]) -> Iterator[Look]:
    """Yield a look at what each step changes, as far as it is there; those that stand go into `standing`."""
    for position, step in enumerate(run.plan.steps):

        def look(position: int = position, step: Step = step) -> tuple[Difference, ...]:
            if not can_look(named(step, run.keys)):
                return ()
            stood = settled(run, step, position=position)
            if stood.key and isinstance(step, CreateKey | ReplicateKey):
                run.keys[step.key] = stood.key
            if stood.standing is StepStanding.DONE:
                standing.add(position)
            return stood.differences

        yield look
