"""
What failed in the lab itself while it worked on its own: one bad thing spoils one thing.

    with alone(world, "cloudtrail.delivery", trail.arn):
        deliver(...)

A refusal that AWS would give too is no failure: it stands where AWS shows it, in GetTrailStatus for instance.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from msgspec import Struct

from trailseal_lab.world import World

LOG = logging.getLogger(__name__)
KEPT = 100


class Failure(Struct, frozen=True, kw_only=True):
    """One thing that could not be done, in which cycle, and why."""

    work: str
    """What was done, with what tells it apart where several are done for one thing."""
    thing: str
    """The trail, job, bucket or event that it was done for, "" for the work as a whole."""
    problem: str
    cycle: int


@dataclass
class Failures:
    """The failures that stand, oldest first: what is done the next time is no failure any more."""

    standing: dict[tuple[str, str], Failure] = field(default_factory=dict)

    def note(self, failure: Failure) -> None:
        """Keep a failure in place of an older one of the same work and thing."""
        self.standing.pop((failure.work, failure.thing), None)
        self.standing[(failure.work, failure.thing)] = failure
        if len(self.standing) > KEPT:
            del self.standing[next(iter(self.standing))]

    def forget(self, work: str, thing: str) -> None:
        """Drop the failure of what has been done now."""
        self.standing.pop((work, thing), None)

    def forget_thing(self, thing: str) -> None:
        """Drop every failure of a thing that is gone."""
        self.standing = {key: each for key, each in self.standing.items() if each.thing != thing}

    def since(self, cycle: int) -> tuple[Failure, ...]:
        """Return what failed in this cycle or later."""
        return tuple(each for each in self.standing.values() if each.cycle >= cycle)


def work_of(function: Callable[..., object]) -> str:
    """Return how the work of a function is named: its module in the lab, and itself."""
    module = str(getattr(function, "__module__", "")).removeprefix("trailseal_lab.")
    return f"{module}.{getattr(function, '__name__', function)}"


@contextmanager
def alone(world: World, work: str, thing: str = "") -> Iterator[None]:
    """Do something whose failure is its own: it is noted, logged, and the rest goes on."""
    try:
        yield
    except Exception as problem:
        LOG.exception("%s failed: %s", work, thing)
        note(world, work, thing, f"{type(problem).__name__}: {problem}")
    else:
        world.part(Failures).forget(work, thing)


def note(world: World, work: str, thing: str, problem: str) -> None:
    """Keep a failure that was found rather than raised; `lab tick` and `lab status` tell it."""
    # a lone surrogate, which is what fails most, can neither be printed nor sent
    told = problem.encode("utf-8", "backslashreplace").decode()
    world.part(Failures).note(Failure(work=work, thing=thing, problem=told, cycle=world.cycles))
