"""
Carrying out one step: read again, compare, call, read back, and write the journal around it.

Used by `apply`, by `undo` and by the roll back that apply does by itself. A call that makes something is
never repeated blindly: after a doubtful end what it may have made is looked for first.
"""

from __future__ import annotations

from datetime import timedelta
from typing import assert_never

from trailseal.errors import Pending
from trailseal.messages import message
from trailseal.plan.drift import StepStanding
from trailseal.plan.putting import names_somebody_new
from trailseal.plan.step import (
    CancelKeyDeletion,
    CreateAlias,
    CreateKey,
    DeleteAlias,
    EnableKey,
    ImportKeyMaterial,
    Leave,
    PutKeyPolicy,
    ReplicateKey,
    SetKeyRotation,
    Step,
    UpdateTrail,
    call_of,
    key_region,
    named,
)
from trailseal.run.control import Doubtful, NotYet, UnknownPrincipal
from trailseal.run.course import PATIENCE, Run, patiently, pauses, wait
from trailseal.run.events import Told
from trailseal.run.journal import Direction, Phase
from trailseal.run.standing import AGAIN, Stood, has_moved, stand

TRIES = 3
"""How often a call is made whose answer is lost each time, before somebody else has to look."""


def carry_out(run: Run, step: Step, *, position: int, direction: Direction) -> StepStanding:
    """
    Do one step unless it is done already, and return how it stood before.

    Raises:
        WorldMoved: what stands is neither what the step expects nor what it makes.
        Incomplete: what it has to be compared with cannot be read.
        TrailsealError: AWS refused for good.
    """
    forward = direction is Direction.APPLY
    stood = _unmoved(patiently(run, lambda: settled(run, step, position=position, forward=forward)))
    detail = stood.key
    if stood.standing is StepStanding.TO_DO:
        run.note(direction, Phase.BEGUN, position)
        detail = _do(run, step, forward=forward)
    if isinstance(step, CreateKey | ReplicateKey):
        run.keys[step.key] = detail
    run.note(direction, Phase.DONE, position, detail)
    return stood.standing


def settled(run: Run, step: Step, *, position: int, forward: bool = False) -> Stood:
    """
    Return how a step stands, once KMS has had its time to show what an earlier start may have made.

    Raises:
        TrailsealError: as `stand` does.
    """
    stood = stand(run, step, forward=forward)
    begun = run.begun.pop(position, None) if makes_something(step) else None
    if begun is None or stood.standing is not StepStanding.TO_DO:
        return stood
    left = run.settle - max(run.clock.now() - begun, timedelta())
    if left > timedelta():
        told = message("{call} was begun before: looking whether it was done", call=call_of(step))
        run.observe(Told(what=told))
    return _wait_out(run, step, left, forward=forward)


def makes_something(step: Step) -> bool:
    """Whether the call for `step` must not be made twice."""
    return isinstance(step, CreateKey | ReplicateKey | CreateAlias)


def _wait_out(run: Run, step: Step, longest: timedelta, *, forward: bool) -> Stood:
    """Look until what a call may have made shows, or the time is up; the last look is after that."""
    for pause in pauses(longest):
        stood = stand(run, step, forward=forward)
        if stood.standing is StepStanding.DONE:
            return stood
        run.clock.sleep(pause)
    return stand(run, step, forward=forward)


def _do(run: Run, planned: Step, *, forward: bool) -> str:
    """
    Make the call until what it does stands, and return what the journal should keep of it.

    Raises:
        WorldMoved: something else stands there now.
        TrailsealError: AWS refused for good, or has not answered `TRIES` times.
    """
    doubts = 0
    waits = pauses(PATIENCE)
    while True:
        try:
            detail = _call(run, named(planned, run.keys))
        except Doubtful as doubt:
            doubts += 1
            stood = _after_doubt(run, planned, doubt, forward=forward)
            if stood.standing is StepStanding.TO_DO and doubts >= TRIES:
                raise
        except NotYet as refusal:
            if isinstance(refusal, UnknownPrincipal) and not names_somebody_new(planned):
                raise
            stood = _after_refusal(run, planned, refusal, next(waits, None), forward=forward)
        else:
            return _read_back(run, planned, detail, forward=forward)
        if stood.standing is StepStanding.DONE:
            return stood.key


def _after_doubt(run: Run, planned: Step, doubt: Doubtful, *, forward: bool) -> Stood:
    """Return how the step stands after a call of which nobody knows whether AWS has acted."""
    told = message("{what}: looking whether it was done", what=str(doubt.what))
    run.observe(Told(what=told, because=doubt.what))
    return _unmoved(_wait_out(run, planned, run.settle, forward=forward))


def _after_refusal(run: Run, planned: Step, refusal: NotYet, pause: float | None, *, forward: bool) -> Stood:
    """Return how the step stands after a refusal that may pass: somebody else may have done it meanwhile."""
    if pause is None:
        raise refusal
    wait(run, pause, refusal)
    return _unmoved(patiently(run, lambda: stand(run, planned, forward=forward)))


def _unmoved(stood: Stood) -> Stood:
    if stood.standing is StepStanding.MOVED:
        raise has_moved(stood)
    return stood


def _read_back(run: Run, planned: Step, detail: str, *, forward: bool) -> str:
    """
    Wait until AWS shows what was done, as it was planned, and return what the journal should keep of it.

    A change that never shows is an error, not a success.
    """
    if isinstance(planned, CreateKey | ReplicateKey):
        run.keys[planned.key] = detail

    def look_once() -> Stood:
        stood = stand(run, planned, forward=forward)
        if stood.standing is StepStanding.TO_DO:
            raise NotYet(message("AWS accepted the change but does not show it yet"), AGAIN)
        return stood

    return _unmoved(patiently(run, look_once)).key or detail


def _call(run: Run, step: Step) -> str:  # noqa: C901, PLR0912 - one call for each kind of step
    """Make the call and return what the journal should keep of it."""
    control = run.control
    match step:
        case CreateKey():
            return control.create_key(step, run.plan.tag)
        case ReplicateKey():
            return control.replicate_key(step, run.plan.tag)
        case PutKeyPolicy(key=key, after=after):
            control.put_key_policy(key, after)
        case CreateAlias(alias=alias, key=key):
            control.create_alias(alias, key)
        case DeleteAlias(alias=alias, key=key):
            control.delete_alias(alias, key_region(key))
        case SetKeyRotation(key=key, after=days):
            control.set_rotation(key, days)
        case CancelKeyDeletion(key=key):
            control.cancel_key_deletion(key)
        case EnableKey(key=key):
            control.enable_key(key)
        case UpdateTrail(trail_arn=arn, home_region=region, after=after):
            return control.update_trail(arn, region, after).isoformat()
        case ImportKeyMaterial(key=key):
            if run.material is None:
                raise _material_missing(key)
            control.import_material(key, run.material, None)
        case Leave():
            pass
        case _:
            assert_never(step)
    return ""


def _material_missing(key: str) -> Pending:
    return Pending(
        message(
            "{key} waits for your key material, and no trail is pointed at it before it has some", key=key
        ),
        message("trailseal key import {key} --material FILE, then apply the same plan again", key=key),
    )
