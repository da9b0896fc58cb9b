"""
What a user needs to know when a run stops half way: each step that stands, each that may, and what to type.

After an error it is looked at now; with Ctrl-C nobody wants to wait for that, and what the run knows is told.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from trailseal.messages import Facts, Message, counted, message
from trailseal.plan.plan import Plan
from trailseal.plan.step import Step, UpdateTrail, call_of
from trailseal.run.course import Run
from trailseal.run.deliveries import Deliveries
from trailseal.run.events import Told
from trailseal.run.flow import flow_now
from trailseal.run.plan_standing import PlanStanding, what_stands


def tell_standing(plan: Plan, run: Run, deliveries: Deliveries, *, name: str) -> PlanStanding:
    """Tell how an apply stops half way, all of it looked at now, and return it."""
    found = what_stands(run)
    _tell_names(run, plan, found.standing)
    _tell_flow(run, plan, deliveries)
    run.observe(Told(what=_how_far(plan, found.done, name=name, not_known=found.not_known)))
    return found


def tell_after_roll_back(run: Run, plan: Plan, found: PlanStanding, back: tuple[Step, ...]) -> None:
    """Tell what stands where a watch after an error has put trails back since it was told."""
    gone = taken_back(plan, back)
    standing = [at for at in found.standing if at not in gone]
    _tell_names(run, plan, standing, perhaps=[at for at in found.not_known if at not in gone])


def taken_back(plan: Plan, back: tuple[Step, ...]) -> frozenset[int]:
    """Return the positions of the steps that putting trails back has undone."""
    trails = {step.trail_arn for step in back if isinstance(step, UpdateTrail)}
    return frozenset(
        at for at, step in enumerate(plan.steps) if isinstance(step, UpdateTrail) and step.trail_arn in trails
    )


def tell_left(plan: Plan, run: Run, deliveries: Deliveries) -> None:
    """Tell how an undo stops half way: what still stands, looked at now."""
    found = what_stands(run)
    _tell_names(run, plan, found.standing, perhaps=found.not_known)
    _tell_flow(run, plan, deliveries)
    run.observe(Told(what=_undo_stopped(run)))


def tell_as_far(run: Run, plan: Plan, *, stand: Iterable[int], perhaps: Iterable[int], name: str) -> None:
    """Tell how far an apply came that somebody interrupts; `perhaps` are the steps it knows nothing of."""
    standing = tuple(sorted(set(stand)))
    _tell_names(run, plan, standing, perhaps=tuple(sorted(set(perhaps) - set(standing))))
    run.observe(Told(what=_how_far(plan, len(standing), name=name, looked=False)))


def tell_undo_interrupted(run: Run, plan: Plan, *, perhaps: Iterable[int]) -> None:
    """Tell which steps an undo that somebody interrupts has not seen taken back."""
    _tell_names(run, plan, (), perhaps=tuple(sorted(perhaps)))
    run.observe(Told(what=_undo_stopped(run)))


def step_names(plan: Plan) -> tuple[str, ...]:
    """Return what each step is called here: its call, with its number where others make that call too."""
    calls = tuple(call_of(step) for step in plan.steps)
    often = Counter(calls)
    return tuple(f"{at} {call}" if often[call] > 1 else call for at, call in enumerate(calls, start=1))


def _tell_names(run: Run, plan: Plan, standing: Iterable[int], *, perhaps: Iterable[int] = ()) -> None:
    names = step_names(plan)
    if known := tuple(names[at] for at in standing):
        run.observe(Told(what=message("these steps are applied: {steps}", steps=known)))
    if unknown := tuple(names[at] for at in perhaps):
        run.observe(
            Told(what=message("it is not known whether these steps are applied: {steps}", steps=unknown))
        )


def _tell_flow(run: Run, plan: Plan, deliveries: Deliveries) -> None:
    """Tell whether log files of the plan's trails arrive: a key's step can stop them as a turn can."""
    if plan.trails:
        run.observe(Told(what=flow_now(deliveries, plan.trails).told))


def _how_far(
    plan: Plan, done: int, *, name: str, looked: bool = True, not_known: tuple[int, ...] = ()
) -> Message:
    """Return how many steps stand, and what goes on or takes them back; not `looked`, as far as it came."""
    names = step_names(plan)
    facts: Facts = {"total": len(plan.steps), "plan": name, "run": plan.id}
    if not looked:
        return counted(
            "{count} of {total} steps is applied, as far as this run got. `trailseal apply {plan}` goes "
            "on, `trailseal undo {run}` rolls it back",
            "{count} of {total} steps are applied, as far as this run got. `trailseal apply {plan}` "
            "goes on, `trailseal undo {run}` rolls them back",
            done,
            **facts,
        )
    if not_known:
        return counted(
            "{count} of {total} steps is applied; it is not known whether these are: {steps}. "
            "`trailseal apply {plan}` looks again and goes on, `trailseal undo {run}` rolls it back",
            "{count} of {total} steps are applied; it is not known whether these are: {steps}. "
            "`trailseal apply {plan}` looks again and goes on, `trailseal undo {run}` rolls them back",
            done,
            steps=tuple(names[at] for at in not_known),
            **facts,
        )
    return counted(
        "{count} of {total} steps is applied. `trailseal apply {plan}` goes on, `trailseal undo "
        "{run}` rolls it back",
        "{count} of {total} steps are applied. `trailseal apply {plan}` goes on, `trailseal undo "
        "{run}` rolls them back",
        done,
        **facts,
    )


def _undo_stopped(run: Run) -> Message:
    return message("undo stopped; `trailseal undo {run}` goes on where it stopped", run=run.id)
