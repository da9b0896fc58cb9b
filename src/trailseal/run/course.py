"""One run in progress, and how long it waits for what AWS does not show yet."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeVar

from trailseal.messages import message
from trailseal.plan.plan import Plan
from trailseal.run.control import ControlPlane, NotYet
from trailseal.run.events import Observer, Told
from trailseal.run.journal import Direction, Journal, JournalEntry, Phase
from trailseal.run.ports import Clock

PATIENCE = timedelta(minutes=2)
"""How long a refusal that may pass by itself is retried."""
SETTLE = timedelta(minutes=1)
"""
How long KMS is given to show what a call has done whose answer was lost, before it is made again.

AWS gives no bound: a change usually shows within a few seconds, in some cases after several minutes. What
shows later still is told and used for nothing.
Source: https://docs.aws.amazon.com/kms/latest/developerguide/programming-eventual-consistency.html
"""
LONGEST_PAUSE = 15.0

T = TypeVar("T")


@dataclass
class Run:
    """One run in progress: the plan, the ports, and the ARNs of the keys that were made so far."""

    plan: Plan
    control: ControlPlane
    journal: Journal
    clock: Clock
    observe: Observer
    keys: dict[str, str] = field(default_factory=dict)
    material: bytes | None = field(default=None, repr=False)
    """The user's key material for a key that waits for some; never shown, never written down."""
    begun: dict[int, datetime] = field(default_factory=dict)
    """Steps that an earlier start began and never recorded as done, and when."""
    settle: timedelta = SETTLE
    unused: dict[str, None] = field(default_factory=dict)
    """Keys that are as this plan makes them, and that it uses for nothing: another start made them."""
    others: set[str] = field(default_factory=set)
    """Keys that carry the plan's tag and are nothing of it, as far as they were told."""

    @property
    def id(self) -> str:
        """The run's id, which is the plan's."""
        return self.plan.id

    def note(self, direction: Direction, phase: Phase, position: int = -1, detail: str = "") -> None:
        """Write one line of the journal."""
        self.journal.write(
            JournalEntry(
                run=self.id,
                at=self.clock.now(),
                direction=direction,
                phase=phase,
                position=position,
                detail=detail,
            )
        )


def patiently(run: Run, call: Callable[[], T]) -> T:
    """
    Return what `call` returns, calling again while AWS says that a change has not spread yet.

    Raises:
        NotYet: it still says so after `PATIENCE`.
    """
    for pause in pauses(PATIENCE):
        try:
            return call()
        except NotYet as refusal:
            wait(run, pause, refusal)
    return call()


def wait(run: Run, pause: float, reason: NotYet) -> None:
    """Tell why something is tried again, and wait before it is."""
    told = message("not yet: {what}; trying again", what=str(reason.what))
    run.observe(Told(what=told, because=reason.what))
    run.clock.sleep(pause)


def pauses(longest: timedelta) -> Iterator[float]:
    """Yield the seconds to wait between looks, short at first, `longest` in all."""
    pause, left = 1.0, longest.total_seconds()
    while left > 0:
        yield min(pause, left)
        pause, left = min(pause * 2, LONGEST_PAUSE), left - pause
