"""
The port for the journal: what a run was about to do and what it did, in order, never rewritten.

The journal makes a second start quick and tells `undo` what to take back. It is not what makes apply
safe to repeat: that rests on reading AWS again, so another machine without it ends in the same state.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext, suppress
from datetime import datetime
from enum import StrEnum
from typing import Protocol, TypeVar

from msgspec import Struct

from trailseal.errors import TrailsealError
from trailseal.messages import message
from trailseal.model.foreign import ForeignError
from trailseal.model.foreign_values import time_in
from trailseal.plan.plan import Plan
from trailseal.plan.step import CreateKey, Leave, ReplicateKey, UpdateTrail, named
from trailseal.run.events import Observer, Told

T = TypeVar("T")


class Phase(StrEnum):
    """What an entry says happened."""

    BEGUN = "begun"
    DONE = "done"
    FAILED = "failed"
    PROVEN = "proven"
    ENDED = "ended"


class Direction(StrEnum):
    """Which way a step was taken."""

    APPLY = "apply"
    UNDO = "undo"
    ROLL_BACK = "roll back"


class JournalEntry(Struct, frozen=True, kw_only=True):
    """One line. `position` counts the plan's steps from 0 and is -1 for the run as a whole."""

    run: str
    at: datetime
    direction: Direction
    phase: Phase
    position: int = -1
    detail: str = ""
    """A made key's ARN, the time of a switch, an outcome, an error."""


class RunRecord(Struct, frozen=True, kw_only=True):
    """A run: one plan that was started. Its id is the plan's; `endpoint` is "" for AWS itself."""

    plan: Plan
    started_at: datetime
    endpoint: str = ""
    entries: tuple[JournalEntry, ...] = ()

    @property
    def made_keys(self) -> dict[str, str]:
        """The ARN of each key that the run made, by its name in the plan."""
        made: dict[str, str] = {}
        for entry in self.entries:
            if entry.phase is Phase.DONE and entry.direction is Direction.APPLY and entry.position >= 0:
                step = self.plan.steps[entry.position]
                if isinstance(step, CreateKey | ReplicateKey) and entry.detail:
                    made[step.key] = entry.detail
        return made

    @property
    def begun(self) -> dict[int, datetime]:
        """The positions that were begun and never recorded as done, and when they were begun last."""
        mine = [e for e in self.entries if e.direction is Direction.APPLY and e.position >= 0]
        done = {entry.position for entry in mine if entry.phase is Phase.DONE}
        return {entry.position: entry.at for entry in mine if entry.position not in done}

    @property
    def switched_at(self) -> dict[str, datetime]:
        """When the run turned each trail, by its ARN."""
        times: dict[str, datetime] = {}
        for entry in self.entries:
            if entry.phase is Phase.DONE and entry.direction is Direction.APPLY and entry.position >= 0:
                step = self.plan.steps[entry.position]
                if isinstance(step, UpdateTrail) and (at := self._turned(entry)):
                    times[step.trail_arn] = at
        return times

    def _turned(self, done: JournalEntry) -> datetime | None:
        """
        Return AWS's time of a switch; killed before that was written, the time of beginning.

        None when another run, or another machine, turned the trail; a time that is damaged counts as none.
        """
        with suppress(ForeignError):
            return time_in(done.detail)
        begun = [e.at for e in self.entries if e.phase is Phase.BEGUN and e.position == done.position]
        return max(begun, default=None)

    @property
    def keys_named(self) -> frozenset[str]:
        """The ARNs of the keys that the run points trails at."""
        steps = (named(step, self.made_keys) for step in self.plan.switches)
        return frozenset(step.after for step in steps if isinstance(step, UpdateTrail))

    @property
    def changes(self) -> dict[int, datetime]:
        """
        The positions at which this run changed something that an undo would put back, and when.

        What already stood was another run's doing, or somebody else's; what was begun and never recorded as
        done may stand.
        """
        changed: dict[int, datetime] = {}
        back = tuple(reversed(self.plan.rollback))
        for entry in self.entries:
            if entry.position < 0 or isinstance(back[entry.position], Leave):
                continue
            if entry.direction is Direction.APPLY and entry.phase is Phase.BEGUN:
                changed[entry.position] = entry.at
            elif entry.direction is not Direction.APPLY and entry.phase is Phase.DONE:
                changed.pop(entry.position, None)
        return changed

    @property
    def changed_at(self) -> datetime | None:
        """When this run last changed something that stands and that an undo would put back."""
        return max(self.changes.values(), default=None)

    @property
    def outcome(self) -> str:
        """How the run ended, "" while it has not, or once it was begun again."""
        for entry in reversed(self.entries):
            if entry.phase is Phase.ENDED:
                return entry.detail
            if entry.direction is Direction.APPLY:
                return ""
        return ""


class Journal(Protocol):
    """Where runs are recorded. Each method returns only when what it wrote would survive a power cut."""

    def alone(self, run_id: str, waits: Callable[[], None]) -> AbstractContextManager[None]:
        """
        Hold a run for this process alone, until the block ends or the process does.

        `waits` is called once when another process of this user has it, which is then waited for.
        """
        ...

    def start(self, plan: Plan, *, at: datetime) -> RunRecord:
        """Record the start of a plan, or return what is recorded of it already."""
        ...

    def write(self, entry: JournalEntry) -> None:
        """Add one entry."""
        ...

    def run(self, run_id: str) -> RunRecord | None:
        """Return a run whose id starts with `run_id`, None when there is none or more than one."""
        ...

    def runs(self, account: str) -> tuple[RunRecord, ...]:
        """Return the account's runs, newest first."""
        ...


class Unfailing:
    """A journal for what has to go on without one: what cannot be written or read is told once, and left."""

    def __init__(self, journal: Journal, observe: Observer) -> None:
        self._journal = journal
        self._observe = observe
        self._told = False

    def alone(self, run_id: str, waits: Callable[[], None]) -> AbstractContextManager[None]:
        """Hold a run for this process alone; a lock that cannot be had is told, and done without."""
        return self._try(lambda: self._journal.alone(run_id, waits)) or nullcontext()

    def start(self, plan: Plan, *, at: datetime) -> RunRecord:
        """Record the start of a plan; what is recorded of it already is lost where it cannot be read."""
        return self._try(lambda: self._journal.start(plan, at=at)) or RunRecord(plan=plan, started_at=at)

    def write(self, entry: JournalEntry) -> None:
        """Add one entry, if it can be written."""
        self._try(lambda: self._journal.write(entry))

    def run(self, run_id: str) -> RunRecord | None:
        """Return a run, None where there is none or it cannot be read."""
        return self._try(lambda: self._journal.run(run_id))

    def runs(self, account: str) -> tuple[RunRecord, ...]:
        """Return the account's runs, newest first, as far as they can be read."""
        return self._try(lambda: self._journal.runs(account)) or ()

    def _try(self, ask: Callable[[], T]) -> T | None:
        try:
            return ask()
        except TrailsealError as problem:
            if not self._told:
                self._told = True
                self._observe(Told(what=message("not noted: {what}"), because=problem.what))
        return None
