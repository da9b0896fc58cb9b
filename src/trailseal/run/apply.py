"""
Apply: carry out the steps of a plan, nothing else, and see the result arrive.

Killed anywhere and started again, from here or from another machine, it ends in the same state: each
step is compared with what stands before it is done, and the key carries the plan's random tag.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Literal

from msgspec import Struct

from trailseal.errors import ExitCode, TrailsealError, UsageProblem
from trailseal.messages import Message, message
from trailseal.plan.codec import belongs
from trailseal.plan.drift import StepStanding
from trailseal.plan.losing import see_accepted
from trailseal.plan.plan import Plan
from trailseal.plan.step import CreateKey, ReplicateKey, Step, UpdateTrail, call_of, named
from trailseal.run.ahead import look_ahead
from trailseal.run.arrivals import Arrival, WatchedArrival
from trailseal.run.control import ControlPlane
from trailseal.run.course import SETTLE, Run
from trailseal.run.deliveries import Deliveries
from trailseal.run.events import Observer, Told
from trailseal.run.flow import FlowSeen
from trailseal.run.journal import Direction, Journal, Phase, RunRecord, Unfailing
from trailseal.run.made_keys import tell_unused
from trailseal.run.outcome import (
    ENDS,
    NotPutBack,
    Outcome,
    SeenThrough,
    look_afterwards,
    next_command,
    nothing_done,
)
from trailseal.run.plan_standing import PlanStanding
from trailseal.run.ports import Clock, Collector
from trailseal.run.readers_now import see_readers
from trailseal.run.stepping import carry_out
from trailseal.run.through import SeeingThrough, Turned, left_turned
from trailseal.run.told_standing import taken_back, tell_after_roll_back, tell_as_far, tell_standing

DEFAULT_TIMEOUT = timedelta(minutes=30)


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
    not_put_back: tuple[NotPutBack, ...] = ()
    log_files: FlowSeen | None = None
    """Whether log files arrive, as far as anybody looked; None where nobody waited."""
    next_command: str = ""
    """The one command to type, "" where nothing is left to do."""
    unused_keys: tuple[str, ...] = ()
    """Keys that another start of this plan made, and that nothing uses."""

    @property
    def exit_code(self) -> ExitCode:
        """
        0 when done, 3 when objects contradict it or every step is blocked, 1 when taken back.

        4 when nothing proves it yet, or not everything could be read.
        """
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
    settle: timedelta = SETTLE
    """How long KMS is given to show what a call has done whose answer was lost."""

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

    A plan without a step makes no run. Where a later step fails, the trails that were turned are watched all
    the same before that is raised.

    Raises:
        UsageProblem: the plan is for another account, its keys could not be found again, or it takes access
            from active readers and nobody has accepted that.
        Incomplete: something that it has to be compared with cannot be read.
        WorldMoved: something is no longer as the plan was made from.
        TrailsealError: AWS refused; the steps done so far stand, and the same command goes on from there.
    """
    belongs(plan, account=ports.control.account(), name=name)
    if not plan.can_apply:
        outcome = nothing_done(plan)
        return Applied(run="", outcome=outcome, steps=(), next_command=next_command(outcome, None, run=""))
    see_tagged(plan, name=name)
    see_accepted(plan, name=name)
    done: list[StepDone] = []
    with ports.journal.alone(plan.id, lambda: ports.observe(Told(what=waits_for(plan)))):
        run = open_run(ports.journal.start(plan, at=ports.clock.now()), ports)
        _all_steps(run, plan, ports, done, name=name, watches=timeout if wait else None)
    turned = tuple(Turned(step=each.step) for each in done if isinstance(each.step, UpdateTrail))
    through = SeenThrough(outcome=Outcome.APPLIED, log_files=None, seen=())
    if wait and turned:
        through = _watch(run, plan, turned, ports, name=name, timeout=timeout)
    try:
        return _end(run, done, through)
    except KeyboardInterrupt:
        stand = {*range(len(plan.steps))} - taken_back(plan, through.rolled_back)
        tell_as_far(run, plan, stand=stand, perhaps=(), name=name)
        raise


def _watch(
    run: Run,
    plan: Plan,
    turned: tuple[Turned, ...],
    ports: Ports,
    *,
    name: str,
    timeout: timedelta,
    found: PlanStanding | None = None,
) -> SeenThrough:
    """
    Watch the trails that were turned; only Ctrl-C ends that before its time, and what is known is told.

    `found` is how the steps stand, where they are not all done.
    """
    watch: SeeingThrough | None = None
    try:
        watch = SeeingThrough(run, plan, ports.deliveries)
        return watch.until(timeout, turned)
    except KeyboardInterrupt:
        _tell_flow(watch.log_files if watch else None, ports)
        back = taken_back(plan, watch.rolled_back if watch else ())
        perhaps = {*(found.not_known if found else ()), *(watch.in_doubt if watch else ())}
        stand = {*(found.standing if found else range(len(plan.steps)))} - back - perhaps
        tell_as_far(run, plan, stand=stand, perhaps=perhaps - back, name=name)
        if len(stand) == len(plan.steps):
            ports.observe(Told(what=_what_waits(plan, name=name)))
        raise


def _tell_flow(log_files: FlowSeen | None, ports: Ports) -> None:
    if log_files is not None:
        ports.observe(Told(what=log_files.told))


def waits_for(plan: Plan) -> Message:
    """Return what is told while another process of this user carries out the plan or takes it back."""
    return message("another process is at the steps of run {run}: waiting for it", run=plan.id)


def see_tagged(plan: Plan, *, name: str) -> None:
    """
    Return when the keys that `plan` makes can be found again.

    Raises:
        UsageProblem: it has no tag for them.
    """
    if not plan.tag and any(isinstance(step, CreateKey | ReplicateKey) for step in plan.steps):
        raise UsageProblem(
            message("`{name}` makes a key and has no tag to find it by", name=name),
            message("plan again: trailseal plan --out FILE"),
        )


def _all_steps(
    run: Run, plan: Plan, ports: Ports, done: list[StepDone], *, name: str, watches: timedelta | None
) -> None:
    """
    Do the steps, adding each to `done`.

    Where one fails, the trails that were turned are watched for `watches` all the same, if for any time.
    """
    ahead: frozenset[int] | None = None
    begun = False
    try:
        ahead = look_ahead(run)
        # After it: a bucket or key that is gone has no readers, and that it is gone is what there is to say.
        see_readers(plan, ports.collector, ports.control, ports.observe)
        begun = True
        for position in range(len(plan.steps)):
            done.append(_do(run, plan, position))  # noqa: PERF401 - what a later one raises leaves these
        tell_unused(run)
    except KeyboardInterrupt:
        _tell_interrupted(run, plan, ahead, len(done), begun=begun, name=name)
        raise
    except TrailsealError:
        try:
            found = tell_standing(plan, run, ports.deliveries, name=name)
        except KeyboardInterrupt:
            _tell_interrupted(run, plan, ahead, len(done), begun=begun, name=name)
            raise
        if watches is not None and begun and (left := left_turned(run, plan, found)):
            seen = _watch(run, plan, left, ports, name=name, timeout=watches, found=found)
            if seen.rolled_back:
                tell_after_roll_back(run, plan, found, seen.rolled_back)
            _tell_flow(seen.log_files, ports)
        raise


def _tell_interrupted(
    run: Run, plan: Plan, ahead: frozenset[int] | None, done: int, *, begun: bool, name: str
) -> None:
    """Tell what is known where nobody wants to wait for another look; of the step under way nothing is."""
    total = len(plan.steps)
    perhaps = range(total) if ahead is None else range(done, min(done + begun, total))
    tell_as_far(run, plan, stand={*range(done), *(ahead or ())}, perhaps=perhaps, name=name)


def _what_waits(plan: Plan, *, name: str) -> Message:
    """Return what a user needs to know when the wait for the deliveries stops, and the watch with it."""
    return message(
        "all steps are applied, and nothing proves them yet. The trail is no longer rolled back "
        "automatically: `trailseal apply {plan}` waits on, `trailseal undo {run}` rolls the steps back",
        plan=name,
        run=plan.id,
    )


def open_run(record: RunRecord, ports: Ports) -> Run:
    """Return the run that goes on from what the journal knows."""
    return Run(
        plan=record.plan,
        control=ports.control,
        journal=ports.journal,
        clock=ports.clock,
        observe=ports.observe,
        keys=record.made_keys,
        material=ports.material,
        begun=record.begun,
        settle=ports.settle,
    )


def _do(run: Run, plan: Plan, position: int) -> StepDone:
    step = plan.steps[position]
    run.observe(Told(what=_about_to(position, len(plan.steps), step)))
    standing = carry_out(run, step, position=position, direction=Direction.APPLY)
    return StepDone(step=named(step, run.keys), was_done=standing is StepStanding.DONE)


def _about_to(position: int, total: int, step: Step) -> Message:
    return message(
        "step {position} of {total}: {call}", position=position + 1, total=total, call=call_of(step)
    )


def _end(run: Run, done: list[StepDone], through: SeenThrough) -> Applied:
    """Return what it came to, once that is in the journal, if it can be written there."""
    stopped = next((e.place.trail_arn for e in through.seen if e.arrival is Arrival.STOPPED), "")
    following = next_command(through.outcome, through.log_files, run=run.id, stopped=stopped)
    noted = replace(run, journal=Unfailing(run.journal, run.observe))
    noted.note(Direction.APPLY, Phase.ENDED, detail=through.outcome.value)
    return Applied(
        run=run.id,
        outcome=through.outcome,
        steps=tuple(done),
        keys=dict(run.keys),
        seen=through.seen,
        rolled_back=through.rolled_back,
        not_put_back=through.not_put_back,
        log_files=through.log_files,
        next_command=following if run.plan.switches else look_afterwards(run.plan),
        unused_keys=tuple(run.unused),
    )
