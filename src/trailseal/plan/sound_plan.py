"""
Whether a plan that was read could have been made by trailseal: what no single field can tell.

The types of the fields keep prose out; here is told whether the facts fit together, so that a step is what
it is shown as, and nothing is said that follows from no fact.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import assert_never

from trailseal.access.readers.consumers import KNOWN
from trailseal.errors import UsageProblem
from trailseal.model.arn import Arn
from trailseal.plan.concern import is_sound
from trailseal.plan.document import parse
from trailseal.plan.drift import PENDING
from trailseal.plan.footing import is_sound as footing_is_sound
from trailseal.plan.footing import stands_on
from trailseal.plan.intent import KEPT_BY_AWS, sound
from trailseal.plan.plan import Plan, Trigger
from trailseal.plan.reading import ReaderOutlook
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
    keys_of,
    new_key,
)

Checked = Iterator[tuple[str, bool]]


def misfit(plan: Plan) -> str:
    """Return the place of the first thing that no plan of trailseal's holds, "" for none."""
    return next((place for place, fits in _all(plan) if not fits), "")


def _all(plan: Plan) -> Checked:
    yield "$.intent", _can_be(plan)
    made: set[str] = set()
    for i, step in enumerate(plan.steps):
        yield f"$.steps[{i}]", _names_keys(step, plan, made)
        for place, fits in _step(step, plan, made):
            yield f"$.steps[{i}]{place}", fits
        if isinstance(step, CreateKey | ReplicateKey):
            made.add(step.key)
    yield "$.keys_elsewhere", set(plan.keys_elsewhere) <= set(plan.left_alone)
    yield "$.triggers", plan.triggers == (tuple(Trigger) if plan.switches else ())
    for i, concern in enumerate(plan.concerns):
        yield f"$.concerns[{i}]", is_sound(concern, plan.intent.accept)
    for i, reader in enumerate(plan.readers):
        asked = bool(plan.intent.readers.principals) or reader.outlook is not ReaderOutlook.SHUT_OUT
        yield f"$.readers[{i}]", reader.is_sound and asked and reader.known_as in KNOWN
    switched = {step.trail_arn for step in plan.switches}
    yield "$.tag", bool(made) or not plan.tag
    needed = {key for step in plan.steps for key in stands_on(step)} | {s.trail_arn for s in plan.switches}
    yield "$.rests_on", needed <= {footing.resource for footing in plan.rests_on}
    for i, footing in enumerate(plan.rests_on):
        yield f"$.rests_on[{i}].facts", footing_is_sound(footing)
    for i, watched in enumerate(plan.watched):
        yield f"$.watched[{i}].trail_arn", watched.trail_arn in switched


def _can_be(plan: Plan) -> bool:
    try:
        sound(plan.intent)
    except UsageProblem:
        return False
    return True


def _names_keys(step: Step, plan: Plan, made: set[str]) -> bool:
    """Whether each key is there, as far as a plan can know: `made` are those that the steps before make."""
    known = made | ({step.key} if isinstance(step, CreateKey | ReplicateKey) else set())
    return all(key in known if is_new(key) else _partition(key) == plan.partition for key in keys_of(step))


def _step(step: Step, plan: Plan, made: set[str]) -> Checked:  # noqa: C901 - one case for each kind of step
    match step:
        case CreateKey() | ReplicateKey():
            yield ".key", step.key == new_key(step.region) and step.key not in made
            yield ".account", not isinstance(step, CreateKey) or step.account == plan.account
            yield ".policy", _is_document(step.policy)
        case PutKeyPolicy():
            yield ".key", _is_own(step.key, plan)
            yield ".before", _is_document(step.before)
            yield ".after", _is_document(step.after)
        case CancelKeyDeletion():
            yield ".key", _is_own(step.key, plan)
        case EnableKey():
            yield ".key", _is_own(step.key, plan)
            yield ".before", (step.before in PENDING) is _is_cancelled(step, plan)
        case CreateAlias():
            yield ".alias", not step.alias.startswith(KEPT_BY_AWS)
        case UpdateTrail():
            yield ".trail_arn", _partition(step.trail_arn) == plan.partition
            yield ".home_region", step.home_region == Arn.parse(step.trail_arn).region
            yield ".before", not is_new(step.before)
            yield ".after", bool(step.after)
        case Leave() | DeleteAlias():
            yield "", False
        case ImportKeyMaterial() | SetKeyRotation():
            return
        case _:
            assert_never(step)


def _is_own(key: str, plan: Plan) -> bool:
    return not is_new(key) and Arn.parse(key).account == plan.account


def _is_cancelled(step: EnableKey, plan: Plan) -> bool:
    """Whether a step before this one cancels the key's deletion."""
    earlier = plan.steps[: plan.steps.index(step)]
    return any(isinstance(each, CancelKeyDeletion) and each.key == step.key for each in earlier)


def _partition(arn: str) -> str:
    return Arn.parse(arn).partition


def _is_document(policy: str) -> bool:
    try:
        parse(policy)
    except ValueError:
        return False
    return True
