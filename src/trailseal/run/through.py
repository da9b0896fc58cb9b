"""
Seeing a switch through: watch what arrives, and put back the trails whose deliveries fail.

Log files come before our own book-keeping: a journal that cannot be written is told, and keeps no trail
from being put back.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from trailseal.errors import TrailsealError
from trailseal.messages import Message
from trailseal.plan.plan import Plan
from trailseal.plan.step import Step, UpdateTrail, named, undo
from trailseal.run.arrivals import Switch
from trailseal.run.deliveries import Deliveries, expected_gap
from trailseal.run.flow import LogFiles, flow_after
from trailseal.run.journal import Direction, Unfailing
from trailseal.run.outcome import NotPutBack, SeenThrough, outcome_of
from trailseal.run.stepping import Run, carry_out
from trailseal.run.watch import Waiter


class SeeingThrough:
    """One watch over the trails that a run has turned."""

    def __init__(self, run: Run, plan: Plan, deliveries: Deliveries) -> None:
        self._run = replace(run, journal=Unfailing(run.journal, run.observe))
        self._plan = plan
        self._deliveries = deliveries
        self._back: list[Step] = []
        self._waiter = Waiter(
            deliveries,
            run.clock,
            run.observe,
            gap=expected_gap(deliveries, plan.watched, run.clock),
            key_state=run.control.key_state,
            put_back=self._put_back,
        )

    def until(self, timeout: timedelta, turned: Iterable[UpdateTrail]) -> SeenThrough:
        """Return what was seen once every place is settled, or the time is up."""
        self._waiter.wait(switches_of(self._run, self._plan, turned), self._plan.watched, timeout=timeout)
        seen, back = self._waiter.seen, tuple(self._back)
        left = tuple(NotPutBack(trail_arn=arn, why=why) for arn, why in self._waiter.refused.items())
        return SeenThrough(
            outcome=outcome_of(seen, rolled_back=back, not_put_back=left),
            log_files=flow_after(seen),
            seen=seen,
            rolled_back=back,
            not_put_back=left,
        )

    @property
    def log_files(self) -> LogFiles:
        """What the last look told, however the watch ended."""
        return flow_after(self._waiter.seen)

    def _put_back(self, arn: str) -> Message | None:
        """Put a trail back, or return why not; keys and policies stand, since they harm nothing."""
        for position, step in enumerate(self._plan.steps):
            if isinstance(step, UpdateTrail) and step.trail_arn == arn:
                inverse = undo(named(step, self._run.keys))
                try:
                    carry_out(self._run, inverse, position=position, direction=Direction.ROLL_BACK)
                except TrailsealError as problem:
                    return problem.what
                self._back.append(inverse)
        return None


def switches_of(run: Run, plan: Plan, turned: Iterable[UpdateTrail]) -> tuple[Switch, ...]:
    """Return when each trail was turned: by the journal, else now, so that only newer objects count."""
    times: dict[str, datetime] = {}
    record = run.journal.run(plan.id)
    if record is not None:
        times = record.switched_at
    return tuple(
        Switch(
            trail_arn=step.trail_arn,
            home_region=step.home_region,
            key=step.after,
            before=step.before,
            at=times.get(step.trail_arn) or run.clock.now(),
        )
        for step in turned
    )
