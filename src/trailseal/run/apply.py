"""
Apply: carry out the steps of a plan, nothing else, and see the result arrive.

Killed anywhere and started again, from here or from another machine, it ends in the same state: each
step is compared with what stands before it is done, and the key carries the plan's id.
"""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from typing import Literal

from msgspec import Struct

from trailseal.errors import ExitCode, TrailsealError
from trailseal.messages import Message, counted, message
from trailseal.plan.codec import belongs
from trailseal.plan.drift import StepStanding, compare, moved
from trailseal.plan.plan import Plan
from trailseal.plan.step import CreateKey, ReplicateKey, Step, UpdateTrail, is_new, named, undo
from trailseal.run.control import ControlPlane
from trailseal.run.deliveries import Arrival, Deliveries, Switch, Waiter, WatchedArrival, expected_gap
from trailseal.run.events import Observer, Told
from trailseal.run.journal import Direction, Journal, Phase, RunRecord
from trailseal.run.moved_since import all_moved
from trailseal.run.ports import Clock, Collector
from trailseal.run.readers_now import see_readers
from trailseal.run.stepping import Run, can_look, carry_out, look

DEFAULT_TIMEOUT = timedelta(minutes=30)


class Outcome(StrEnum):
    """How an apply ended. Every outcome but the first leaves something to look at."""

    PROVEN = "proven"
    """Each Region that was delivering has delivered under the key."""
    APPLIED = "applied"
    """The steps are done and nobody waited, or there was no trail to wait for."""
    UNPROVEN = "unproven"
    """The steps are done, and the time was up before every Region had delivered."""
    WRONG = "wrong"
    """The steps are done, and deliveries still arrive under something else."""
    ROLLED_BACK = "rolled back"
    """Deliveries failed, so the trails have what they had before."""


ENDS = {
    Outcome.ROLLED_BACK: ExitCode.FAILED,
    Outcome.WRONG: ExitCode.FINDINGS,
    Outcome.UNPROVEN: ExitCode.INCOMPLETE,
}
"""The exit code where it is not 0."""


class StepDone(Struct, frozen=True, kw_only=True):
    """A step under its real ARNs, and whether it was already done."""

    step: Step
    was_done: bool


class Applied(Struct, frozen=True, kw_only=True):
    """What an apply came to."""

    format: Literal[1] = 1
    run: str
    outcome: Outcome
    steps: tuple[StepDone, ...]
    keys: dict[str, str] = {}
    seen: tuple[WatchedArrival, ...] = ()
    rolled_back: tuple[Step, ...] = ()

    @property
    def exit_code(self) -> ExitCode:
        """0 when done, 3 when objects contradict it, 4 when nothing proves it yet, 1 when taken back."""
        return ENDS.get(self.outcome, ExitCode.CLEAN)


class Ports(Struct, frozen=True, kw_only=True):
    """What an apply and an undo need from the outside."""

    control: ControlPlane
    deliveries: Deliveries
    journal: Journal
    clock: Clock
    observe: Observer
    material: bytes | None = None
    """Key material for a plan with `--origin external`."""
    collector: Collector | None = None
    """What reads the account, so that an apply decides anew who reads."""

    def __repr__(self) -> str:
        return "Ports(…)"

    def close(self) -> None:
        """Leave the connections that looking at objects opened."""
        self.deliveries.close()


def apply(
    plan: Plan, ports: Ports, *, name: str, wait: bool = True, timeout: timedelta = DEFAULT_TIMEOUT
) -> Applied:
    """
    Carry out `plan`, which was read from the file `name`.

    Raises:
        UsageProblem: the plan is for another account.
        WorldMoved: something is no longer as the plan was made from.
        TrailsealError: AWS refused; the steps done so far stand, and the same command goes on from there.
    """
    belongs(plan, account=ports.control.account(), name=name)
    see_readers(plan, ports.collector, ports.control, ports.observe)
    record = ports.journal.start(plan, at=ports.clock.now())
    run = open_run(record, ports)
    try:
        look_ahead(run, plan.steps)
        done = tuple(_do_all(run, plan))
    except (TrailsealError, KeyboardInterrupt):
        ports.observe(Told(what=what_stands(plan, run, name=name)))
        raise
    if not wait or not plan.switches:
        return _end(run, done, Outcome.APPLIED)
    try:
        return _see_through(run, plan, done, ports, timeout=timeout)
    except (TrailsealError, KeyboardInterrupt):
        ports.observe(Told(what=_what_waits(plan, name=name)))
        raise


def _what_waits(plan: Plan, *, name: str) -> Message:
    """Return what a user needs to know when the wait for the deliveries stops, and the watch with it."""
    return message(
        "the steps are done and nothing proves them yet; nobody puts the trail back by itself any more: "
        "`trailseal apply {plan}` waits on, `trailseal undo {run}` takes the steps back",
        plan=name,
        run=plan.id,
    )


def open_run(record: RunRecord, ports: Ports) -> Run:
    """Return the run that goes on from what the journal knows."""
    return Run(
        id=record.plan.id,
        control=ports.control,
        journal=ports.journal,
        clock=ports.clock,
        observe=ports.observe,
        keys=record.made_keys,
        material=ports.material,
        begun=record.begun,
    )


def look_ahead(run: Run, steps: tuple[Step, ...]) -> None:
    """
    Compare every step that can be compared before the first is done, and tell all that has moved.

    Raises:
        WorldMoved: at least one step no longer fits.
    """
    problems: list[Message] = []
    for position, step in enumerate(steps):
        known = named(step, run.keys)
        if not can_look(known):
            continue
        seen = look(run, known, again=position in run.begun)
        if not known_key(run, known, seen) and compare(known, seen) is StepStanding.MOVED:
            problems.append(moved(known, seen))
    if problems:
        raise all_moved(problems, run.observe)


def known_key(run: Run, step: Step, seen: str) -> bool:
    """Note the key that an earlier start made, and return whether `step` was its making."""
    if isinstance(step, CreateKey | ReplicateKey):
        if seen and is_new(step.key):
            run.keys[step.key] = seen
        return True
    return False


def _do_all(run: Run, plan: Plan) -> list[StepDone]:
    done: list[StepDone] = []
    for position, step in enumerate(plan.steps):
        run.observe(Told(what=_about_to(position, len(plan.steps), step)))
        standing = carry_out(run, step, position=position, direction=Direction.APPLY)
        done.append(StepDone(step=named(step, run.keys), was_done=standing is StepStanding.DONE))
    return done


def _about_to(position: int, total: int, step: Step) -> Message:
    return message(
        "step {position} of {total}: {call}", position=position + 1, total=total, call=call_of(step)
    )


def call_of(step: Step) -> str:
    """Return the API call that a step makes, in AWS's words."""
    return str(step.__struct_config__.tag)


def what_stands(plan: Plan, run: Run, *, name: str) -> Message:
    """Return what a user needs to know when an apply stops half way."""
    record = run.journal.run(plan.id)
    done = record.standing if record else frozenset()
    return counted(
        "{count} of {total} steps is done and stands; log files keep arriving. "
        "`trailseal apply {plan}` goes on, `trailseal undo {run}` takes it back",
        "{count} of {total} steps are done and stand; log files keep arriving. "
        "`trailseal apply {plan}` goes on, `trailseal undo {run}` takes them back",
        len(done),
        total=len(plan.steps),
        plan=name,
        run=plan.id,
    )


def _end(
    run: Run,
    done: tuple[StepDone, ...],
    outcome: Outcome,
    *,
    seen: tuple[WatchedArrival, ...] = (),
    rolled_back: tuple[Step, ...] = (),
) -> Applied:
    run.note(Direction.APPLY, Phase.ENDED, detail=outcome.value)
    return Applied(
        run=run.id, outcome=outcome, steps=done, keys=dict(run.keys), seen=seen, rolled_back=rolled_back
    )


def _see_through(
    run: Run, plan: Plan, done: tuple[StepDone, ...], ports: Ports, *, timeout: timedelta
) -> Applied:
    """Wait for the deliveries, and put the trails back when those fail."""
    switches = switches_of(run, plan)
    gap = expected_gap(ports.deliveries, plan.watched, ports.clock)
    waiter = Waiter(ports.deliveries, ports.clock, ports.observe, gap=gap, key_state=ports.control.key_state)
    seen = waiter.wait(switches, plan.watched, timeout=timeout)
    arrivals = {each.arrival for each in seen}
    if Arrival.FAILING in arrivals:
        return _roll_back(run, plan, done, seen)
    if Arrival.WRONG in arrivals:
        return _end(run, done, Outcome.WRONG, seen=seen)
    if arrivals == {Arrival.PROVEN}:
        return _end(run, done, Outcome.PROVEN, seen=seen)
    return _end(run, done, Outcome.UNPROVEN, seen=seen)


def switches_of(run: Run, plan: Plan) -> tuple[Switch, ...]:
    """Return when each trail was turned: by the journal, else now, so that only newer objects count."""
    record = run.journal.run(plan.id)
    times = record.switched_at if record else {}
    steps = (named(step, run.keys) for step in plan.switches)
    return tuple(
        Switch(trail_arn=s.trail_arn, key=s.after, at=times.get(s.trail_arn) or run.clock.now())
        for s in steps
        if isinstance(s, UpdateTrail)
    )


def _roll_back(run: Run, plan: Plan, done: tuple[StepDone, ...], seen: tuple[WatchedArrival, ...]) -> Applied:
    """Put back the trails whose deliveries fail; keys and policies stand, since they harm nothing."""
    failing = {each.place.trail_arn for each in seen if each.arrival is Arrival.FAILING}
    back: list[Step] = []
    for position, step in enumerate(plan.steps):
        if isinstance(step, UpdateTrail) and step.trail_arn in failing:
            run.observe(
                Told(what=message("deliveries of {trail} fail: putting it back", trail=step.trail_arn))
            )
            inverse = undo(named(step, run.keys))
            carry_out(run, inverse, position=position, direction=Direction.ROLL_BACK)
            back.append(inverse)
    return _end(run, done, Outcome.ROLLED_BACK, seen=seen, rolled_back=tuple(back))
