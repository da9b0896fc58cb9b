"""
Seeing a switch through: watch what arrives, and put back the trails whose deliveries fail.

Log files come before our own book-keeping: a journal that cannot be written is told, and keeps no trail
from being put back.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from msgspec import Struct

from trailseal.errors import TrailsealError
from trailseal.messages import Message
from trailseal.plan.drift import StepStanding
from trailseal.plan.plan import Plan
from trailseal.plan.step import Step, UpdateTrail, is_new, named, undo
from trailseal.run.arrivals import Switch
from trailseal.run.course import Run
from trailseal.run.deliveries import Deliveries, expected_gap
from trailseal.run.flow import FlowSeen, flow_after
from trailseal.run.journal import Direction, Unfailing
from trailseal.run.outcome import NotPutBack, SeenThrough, outcome_of
from trailseal.run.plan_standing import PlanStanding
from trailseal.run.standing import stand
from trailseal.run.stepping import carry_out
from trailseal.run.watch import Waiter


class Turned(Struct, frozen=True, kw_only=True):
    """A trail that a run has turned, under real ARNs; not `sure` where nobody could read whether it was."""

    step: UpdateTrail
    sure: bool = True


def left_turned(run: Run, plan: Plan, found: PlanStanding) -> tuple[Turned, ...]:
    """Return the trails that a run which cannot go on leaves turned, or may leave so."""
    record = Unfailing(run.journal, run.observe).run(plan.id)
    entries = record.entries if record is not None else ()
    tried = {entry.position for entry in entries if entry.direction is Direction.APPLY}
    left: list[Turned] = []
    for position, (step, stands) in enumerate(zip(plan.steps, found.found, strict=True)):
        known = named(step, run.keys)
        perhaps = stands is None and (position in tried or record is None)
        if isinstance(known, UpdateTrail) and not is_new(known.after) and (stands or perhaps):
            left.append(Turned(step=known, sure=bool(stands)))
    return tuple(left)


class SeeingThrough:
    """One watch over the trails that a run has turned."""

    def __init__(self, run: Run, plan: Plan, deliveries: Deliveries) -> None:
        self._run = replace(run, journal=Unfailing(run.journal, run.observe))
        self._plan = plan
        self._deliveries = deliveries
        self._back: list[Step] = []
        self._tried: set[int] = set()
        self._waiter = Waiter(
            deliveries,
            run.clock,
            run.observe,
            gap=expected_gap(deliveries, plan.watched, run.clock),
            key_state=run.control.key_state,
            put_back=self._put_back,
        )

    def until(self, timeout: timedelta, turned: Iterable[Turned]) -> SeenThrough:
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
    def log_files(self) -> FlowSeen:
        """What the last look told, however the watch ended."""
        return flow_after(self._waiter.seen)

    @property
    def in_doubt(self) -> frozenset[int]:
        """The positions of the steps that were being taken back when the watch ended."""
        return frozenset(self._tried)

    @property
    def rolled_back(self) -> tuple[Step, ...]:
        """What this watch has done to put trails back."""
        return tuple(self._back)

    def _put_back(self, arn: str) -> Message | None:
        """Put a trail back, or return why not; keys and policies stand, since they harm nothing."""
        for position, step in enumerate(self._plan.steps):
            if isinstance(step, UpdateTrail) and step.trail_arn == arn:
                inverse = undo(named(step, self._run.keys))
                self._tried.add(position)
                try:
                    carry_out(self._run, inverse, position=position, direction=Direction.ROLL_BACK)
                except TrailsealError as problem:
                    if not self._is_back(inverse):
                        return problem.what
                self._back.append(inverse)
                self._tried.discard(position)
        return None

    def _is_back(self, inverse: Step) -> bool:
        """Whether a trail was put back all the same: the answer to that may have been lost."""
        try:
            return stand(self._run, inverse).standing is StepStanding.DONE
        except TrailsealError:
            return False


def switches_of(run: Run, plan: Plan, turned: Iterable[Turned]) -> tuple[Switch, ...]:
    """Return when each trail was turned: by the journal, else now, so that only newer objects count."""
    times: dict[str, datetime] = {}
    record = run.journal.run(plan.id)
    if record is not None:
        times = record.switched_at
    return tuple(
        Switch(
            trail_arn=each.step.trail_arn,
            home_region=each.step.home_region,
            key=each.step.after,
            before=each.step.before,
            at=times.get(each.step.trail_arn) or run.clock.now(),
            sure=each.sure,
        )
        for each in turned
    )
