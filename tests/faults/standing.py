"""What of a plan stands: read from the small AWS and nowhere else, by rules of the tests' own."""

from __future__ import annotations

import json
from collections.abc import Iterator

from faults.account import SmallAws
from faults.courses import Case
from trailseal.plan.plan import Plan
from trailseal.plan.step import (
    CreateAlias,
    CreateKey,
    ImportKeyMaterial,
    PutKeyPolicy,
    ReplicateKey,
    SetKeyRotation,
    Step,
    UpdateTrail,
)


def own_key(plan: Plan, aws: SmallAws, name: str) -> str:
    """Return the key that the plan calls so: the one its trails or its alias name, of those with its tag."""
    if not name.startswith("new:"):
        return name
    region = name.removeprefix("new:")
    mine = [
        arn
        for arn, held in aws.keys.items()
        if f":{region}:" in arn and plan.tag and plan.tag in held["tags"].values()
    ]
    used = [aws.trails[step.trail_arn]["KmsKeyId"] for step in plan.switches if step.after == name]
    named = [
        aws.aliases.get((region, s.alias)) for s in plan.steps if isinstance(s, CreateAlias) and s.key == name
    ]
    return next((arn for arn in (*named, *used, *mine) if arn in mine), "")


def stands(  # noqa: PLR0911 - one answer for each kind of step
    plan: Plan, aws: SmallAws, step: Step
) -> bool:
    """Whether what a step makes stands."""
    if isinstance(step, UpdateTrail):
        after = own_key(plan, aws, step.after)
        return bool(after or not step.after) and aws.trails[step.trail_arn]["KmsKeyId"] == after
    arn = own_key(plan, aws, step.key)  # type: ignore[union-attr]
    held = aws.keys.get(arn)
    if held is None:
        return False
    match step:
        case CreateAlias():
            return aws.aliases.get((arn.split(":")[3], step.alias)) == arn
        case SetKeyRotation(after=days):
            return bool(held["days"] == days)
        case ImportKeyMaterial():
            return bool(held["state"] == "Enabled")
        case PutKeyPolicy(after=text):
            return _same(held["policy"], text)
        case CreateKey(policy=text) | ReplicateKey(policy=text):
            kept = held["description"] == step.description and held["state"] in {"Enabled", "PendingImport"}
            return kept and _same(held["policy"], text)
        case _:
            return False


def _same(one: str, other: str) -> bool:
    return bool(json.loads(one) == json.loads(other))


def is_back(plan: Plan, aws: SmallAws) -> bool:
    """Whether everything that is not left standing is as it was before the plan."""
    return all(aws.trails[step.trail_arn]["KmsKeyId"] == step.before for step in plan.switches) and not any(
        stands(plan, aws, step)
        for step in plan.steps
        if isinstance(step, PutKeyPolicy | CreateAlias | SetKeyRotation) and not step.key.startswith("new:")
    )


def strays(plan: Plan, aws: SmallAws) -> set[str]:
    """Return the keys of the plan that it uses for nothing, as far as KMS shows them."""
    used = {own_key(plan, aws, name) for step in plan.steps for name in _named(step)}
    return {arn for arn in _tagged(plan, aws) if arn not in used and not aws.is_hidden(aws.keys[arn])}


def _tagged(plan: Plan, aws: SmallAws) -> set[str]:
    return {arn for arn, held in aws.keys.items() if plan.tag and plan.tag in held["tags"].values()}


def misused(plan: Plan, aws: SmallAws, case: Case) -> Iterator[str]:
    """Yield what was done to a key or trail that is none of the plan's, and keys that were made twice."""
    keys = {own_key(plan, aws, name) for step in plan.steps for name in _named(step)}
    mine = _tagged(plan, aws)
    for call, about in aws.changes:
        if call == "UpdateTrail":
            if about not in {step.trail_arn for step in plan.switches}:
                yield f"{call} of {about}, which is not the plan's"
        elif about not in keys | mine:
            yield f"{call} of {about}, which is not the plan's"
    for step in plan.switches:
        if aws.trails[step.trail_arn]["KmsKeyId"] not in {step.before, own_key(plan, aws, step.after)}:
            yield f"{step.trail_arn} has a key that is not the plan's"
    made = sum(isinstance(step, CreateKey | ReplicateKey) for step in plan.steps)
    if len(mine) > made and not case.lag:
        yield f"{len(mine)} keys were made for {made}"


def _named(step: Step) -> tuple[str, ...]:
    return (step.after,) if isinstance(step, UpdateTrail) else (step.key,)  # type: ignore[union-attr]
