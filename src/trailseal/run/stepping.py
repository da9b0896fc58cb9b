"""
Carrying out one step: read again, compare, call, read back, and write the journal around it.

Used by `apply`, by `undo` and by the roll back that apply does by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TypeVar, assert_never

from trailseal.errors import TrailsealError, WorldMoved
from trailseal.messages import message
from trailseal.plan.drift import StepStanding, compare, moved
from trailseal.plan.step import (
    CreateAlias,
    CreateKey,
    DeleteAlias,
    ImportKeyMaterial,
    Leave,
    PutKeyPolicy,
    ReplicateKey,
    SetKeyRotation,
    Step,
    UpdateTrail,
    is_new,
    key_region,
    keys_of,
    named,
)
from trailseal.run.control import ControlPlane, NotYet
from trailseal.run.events import Observer, Told
from trailseal.run.journal import Direction, Journal, JournalEntry, Phase
from trailseal.run.ports import Clock

PATIENCE = timedelta(minutes=2)
"""How long a refusal that may pass by itself is retried."""
LONGEST_PAUSE = 15.0
LOOKS = 4
"""How often a key is looked for that may have been made just before a run was killed."""

T = TypeVar("T")


@dataclass
class Run:
    """One run in progress: the ports, and the ARNs of the keys that were made so far."""

    id: str
    control: ControlPlane
    journal: Journal
    clock: Clock
    observe: Observer
    keys: dict[str, str] = field(default_factory=dict)
    material: bytes | None = field(default=None, repr=False)
    """The user's key material for a key that waits for some; never shown, never written down."""
    begun: frozenset[int] = frozenset()
    """Steps that an earlier start began and never recorded as done."""

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


def carry_out(run: Run, step: Step, *, position: int, direction: Direction) -> StepStanding:
    """
    Do one step unless it is done already, and return how it stood before.

    Raises:
        WorldMoved: what stands is neither what the step expects nor what it makes.
        TrailsealError: AWS refused for good.
    """
    planned, step = step, named(step, run.keys)
    seen = patiently(run, lambda: look(run, step, again=position in run.begun))
    standing = compare(step, seen)
    if standing is StepStanding.MOVED:
        raise WorldMoved(moved(step, seen), message("plan again from what stands now: trailseal plan"))
    if standing is StepStanding.TO_DO:
        run.note(direction, Phase.BEGUN, position)
        detail = patiently(run, lambda: _call(run, step))
        _read_back(run, step)
    else:
        detail = seen if isinstance(step, CreateKey | ReplicateKey) else ""
    if isinstance(step, CreateKey | ReplicateKey):
        run.keys[str(getattr(planned, "key", ""))] = detail
    run.note(direction, Phase.DONE, position, detail)
    return standing


def look(run: Run, step: Step, *, again: bool = False) -> str:
    """Return what `step` changes as it stands now; `again` when an earlier start may have done it."""
    if isinstance(step, CreateKey | ReplicateKey) and again:
        return _look_patiently(run, step)
    return _read(run, step)


def can_look(step: Step) -> bool:
    """Whether what `step` changes can be read before the plan's own key has been made."""
    if isinstance(step, CreateKey | CreateAlias | UpdateTrail):
        return True
    return not any(is_new(key) for key in keys_of(step))


def _look_patiently(run: Run, step: CreateKey | ReplicateKey) -> str:
    for pause in (*_pauses(LOOKS - 1), 0.0):
        if found := _made(run, step):
            return found
        run.clock.sleep(pause)
    return ""


def _made(run: Run, step: CreateKey | ReplicateKey) -> str:
    """Return the ARN of a key that this plan made, from this run or from its tag."""
    return run.keys.get(step.key) or run.control.key_made_by(run.id, step.region)


def _read(run: Run, step: Step) -> str:  # noqa: PLR0911 - one read for each kind of step
    control = run.control
    match step:
        case CreateKey() | ReplicateKey():
            return _made(run, step)
        case ImportKeyMaterial(key=key):
            return control.key_state(key)
        case PutKeyPolicy(key=key):
            return control.key_policy(key)
        case CreateAlias(alias=alias, key=key) | DeleteAlias(alias=alias, key=key):
            return control.alias_target(alias, key_region(key))
        case SetKeyRotation(key=key):
            return str(control.rotation_days(key))
        case UpdateTrail(trail_arn=arn, home_region=region):
            return control.trail_key(arn, region)
        case Leave():
            return ""
        case _:
            assert_never(step)


def _call(run: Run, step: Step) -> str:  # noqa: C901 - one call for each kind of step
    """Make the call and return what the journal should keep of it."""
    control = run.control
    match step:
        case CreateKey():
            return control.create_key(step, run.id)
        case ReplicateKey():
            return control.replicate_key(step, run.id)
        case PutKeyPolicy(key=key, after=after):
            control.put_key_policy(key, after)
        case CreateAlias(alias=alias, key=key):
            control.create_alias(alias, key)
        case DeleteAlias(alias=alias, key=key):
            control.delete_alias(alias, key_region(key))
        case SetKeyRotation(key=key, after=days):
            control.set_rotation(key, days)
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


def _material_missing(key: str) -> TrailsealError:
    return TrailsealError(
        message(
            "{key} waits for your key material, and no trail is pointed at it before it has some", key=key
        ),
        message("trailseal key import {key} --material FILE, then apply the same plan again", key=key),
    )


def _read_back(run: Run, step: Step) -> None:
    """Wait until AWS shows what was done; a change that never shows is an error, not a success."""
    if isinstance(step, CreateKey | ReplicateKey):
        return

    def look_once() -> None:
        if compare(step, _read(run, step)) is not StepStanding.DONE:
            raise NotYet(
                message("AWS accepted the change but does not show it yet"),
                message("run the same command again; steps that are done are not repeated"),
            )

    patiently(run, look_once)


def patiently(run: Run, call: Callable[[], T]) -> T:
    """
    Return what `call` returns, calling again while AWS says that a change has not spread yet.

    Raises:
        NotYet: it still says so after `PATIENCE`.
    """
    deadline = run.clock.elapsed() + PATIENCE.total_seconds()
    for pause in _pauses(None):
        try:
            return call()
        except NotYet as refusal:
            if run.clock.elapsed() >= deadline:
                raise
            told = message("not yet: {what}; trying again", what=str(refusal.what))
            run.observe(Told(what=told, because=refusal.what))
        run.clock.sleep(pause)
    raise AssertionError  # pragma: no cover - the pauses do not end


def _pauses(count: int | None) -> Iterator[float]:
    pause, made = 1.0, 0
    while count is None or made < count:
        yield pause
        pause, made = min(pause * 2, LONGEST_PAUSE), made + 1
