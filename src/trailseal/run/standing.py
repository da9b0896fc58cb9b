"""How a step stands: what it changes is read, and compared with what the plan showed."""

from __future__ import annotations

from typing import assert_never

from msgspec import Struct

from trailseal.errors import WorldMoved
from trailseal.messages import message
from trailseal.model.key import KeyState
from trailseal.model.named_trails import not_told
from trailseal.plan.drift import TARGET, Compared, Difference, StepStanding, compare, resource_of
from trailseal.plan.facts import ARN, Facts, key_facts
from trailseal.plan.footing import Footing, FootingKind
from trailseal.plan.moved import moved
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
    is_new,
    key_region,
    keys_of,
    named,
)
from trailseal.run.control import NotYet
from trailseal.run.course import Run
from trailseal.run.journal import Direction, Phase
from trailseal.run.made_keys import made_key

PASSING = frozenset({KeyState.CREATING.value, KeyState.UPDATING.value})
"""States that a key leaves by itself."""
AGAIN = message("run the same command again; steps that are done are not repeated")


class Stood(Struct, frozen=True, kw_only=True):
    """A step under its real ARNs, and how it stands."""

    step: Step
    standing: StepStanding
    differences: tuple[Difference, ...] = ()
    key: str = ""
    """The ARN of the key that the step made."""


def stand(run: Run, planned: Step, *, forward: bool = False) -> Stood:
    """
    Return how a step stands now; `forward`, together with what the plan rests on of the same resource.

    Where another start of this plan was given the alias, its key becomes this run's.

    Raises:
        Incomplete: what the step has to be compared with cannot be read.
        NotYet: a key is in a state that it leaves by itself, or not shown yet.
        TrailsealError: AWS refuses or does not answer.
    """
    stood = _stand(run, planned, forward=forward)
    if stood.standing is StepStanding.MOVED and isinstance(planned, CreateAlias) and _adopt(run, planned):
        return _stand(run, planned, forward=forward)
    return stood


def _stand(run: Run, planned: Step, *, forward: bool) -> Stood:
    step = named(planned, run.keys)
    seen = _look(run, planned, step)
    if seen.get("KeyState") in PASSING:
        raise NotYet(
            message("{key} is {state}", key=str(seen[ARN]), state=str(seen["KeyState"])),
            AGAIN,
        )
    rests_on = _rests_on(run, step) if forward else {}
    compared = compare(step, seen, rests_on=rests_on, tag=run.plan.tag)
    _see_known(compared)
    made = str(seen.get(ARN, "")) if isinstance(step, CreateKey | ReplicateKey) else ""
    return Stood(step=step, standing=compared.standing, differences=compared.differences, key=made)


def _see_known(compared: Compared) -> None:
    for reason in compared.unread:
        if reason.code == "NotFoundException":  # described a moment ago: KMS does not show it everywhere yet
            raise NotYet(message("not read: {call} {code}", call=reason.call, code=reason.code))
        raise not_told(reason)


def can_look(step: Step) -> bool:
    """Whether what `step` changes can be read before the plan's own key has been made."""
    if isinstance(step, CreateKey | CreateAlias | UpdateTrail):
        return True
    if isinstance(step, ReplicateKey):
        return not is_new(step.primary)
    return not any(is_new(key) for key in keys_of(step))


def _look(run: Run, planned: Step, step: Step) -> Facts:
    control = run.control
    match step:
        case CreateKey() | ReplicateKey():
            assert isinstance(planned, CreateKey | ReplicateKey)  # noqa: S101 - the same step, not yet named
            return made_key(run, planned)
        case ImportKeyMaterial(key=key) | PutKeyPolicy(key=key) | SetKeyRotation(key=key):
            return key_facts(control.read_key(key, key_region(key)))
        case CancelKeyDeletion(key=key) | EnableKey(key=key):
            return key_facts(control.read_key(key, key_region(key)))
        case CreateAlias(alias=alias, key=key) | DeleteAlias(alias=alias, key=key):
            return {TARGET: control.alias_target(alias, key_region(key))}
        case UpdateTrail(trail_arn=arn, home_region=region):
            return control.trail_facts(arn, region)
        case Leave():
            return {}
        case _:
            assert_never(step)


def look_at(run: Run, footing: Footing) -> Facts:
    """Return what a plan rests on, as it stands now."""
    match footing.kind:
        case FootingKind.TRAIL:
            return run.control.trail_facts(footing.resource, footing.region)
        case FootingKind.BUCKET:
            return run.control.bucket_facts(footing.resource)
        case FootingKind.KEY:
            seen = key_facts(run.control.read_key(footing.resource, footing.region))
            if (
                seen.get("KeyState") == KeyState.UPDATING
                and footing.facts.get("KeyState") == KeyState.ENABLED
            ):
                raise NotYet(message("{key} is {state}", key=footing.resource, state=KeyState.UPDATING.value))
            return seen
        case _:
            assert_never(footing.kind)


def _rests_on(run: Run, step: Step) -> dict[str, str]:
    """Return what the plan rests on of the resource that a step changes."""
    resource = resource_of(step)
    return next((g.facts for g in run.plan.rests_on if g.resource == resource), {})


def _adopt(run: Run, alias: CreateAlias) -> bool:
    """
    Take over the key that the alias names, when this plan made that too; its own is used no more.

    Returns whether there was one.
    """
    for position, step in enumerate(run.plan.steps):
        if isinstance(step, CreateKey | ReplicateKey) and step.key == alias.key and is_new(step.key):
            stood = _stand(run, step, forward=False)
            if stood.standing is StepStanding.DONE and stood.key != run.keys.get(step.key):
                run.keys[step.key] = stood.key
                run.note(Direction.APPLY, Phase.DONE, position, stood.key)
                return True
    return False


def has_moved(stood: Stood) -> WorldMoved:
    """Return the error for a step whose resource is neither as it was nor as it shall be."""
    return WorldMoved(
        moved(stood.differences[0]), message("plan again from the present state: trailseal plan")
    )
