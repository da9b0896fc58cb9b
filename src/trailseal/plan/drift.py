"""Whether the world is as a step expects it: still to be done, done already, or moved; and what differs."""

from __future__ import annotations

from enum import StrEnum
from typing import assert_never

from msgspec import Struct

from trailseal.model.arn import Arn
from trailseal.model.key import KeyState
from trailseal.model.unreadable import Unreadable
from trailseal.plan.document import same
from trailseal.plan.facts import ARN, POLICY, SHARED_POLICY, Facts, fact_of, in_words
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
)

Wanted = dict[str, tuple[str, ...]]
"""What each fact may be."""
TARGET = "TargetKeyId"
STATE = "KeyState"
PENDING = (KeyState.PENDING_DELETION.value, KeyState.PENDING_REPLICA_DELETION.value)
"""A primary goes from the second to the first by itself, once its last replica is deleted."""


class StepStanding(StrEnum):
    """How a step stands against what was read."""

    TO_DO = "to do"
    DONE = "done"
    MOVED = "moved"
    UNKNOWN = "not known"
    """Something that it would have to be compared with could not be read."""


class Difference(Struct, frozen=True, kw_only=True):
    """One fact of one resource that is not as it was planned."""

    resource: str
    name: str
    planned: str
    seen: str


class Compared(Struct, frozen=True, kw_only=True):
    """How a step stands; `differences` of what has moved, `unread` what keeps it from being known."""

    standing: StepStanding
    differences: tuple[Difference, ...] = ()
    unread: tuple[Unreadable, ...] = ()


def compare(step: Step, seen: Facts, *, rests_on: dict[str, str] | None = None, tag: str = "") -> Compared:
    """
    Return how `step` stands, given what it changes as it was just read.

    `rests_on` are facts of the same resource that must hold before the step and after it; `tag` is the
    value that a key which the plan makes is tagged with.
    """
    kept: Wanted = {name: (value,) for name, value in (rests_on or {}).items()}
    before, after = ({**kept, **facts} for facts in (_before(step), _after(step, tag)))
    seen = {**seen, **in_words({name: seen[name] for name in kept if name in seen})}
    about = seen.get(ARN)
    resource = about if isinstance(about, str) and about else resource_of(step)
    if _fits(after, seen):
        return Compared(standing=StepStanding.DONE)
    if _fits(before, seen):
        return Compared(standing=StepStanding.TO_DO)
    expected = after if isinstance(step, CreateKey | ReplicateKey) else before
    if found := differences(resource, expected, seen, other=after):
        return Compared(standing=StepStanding.MOVED, differences=found)
    return Compared(standing=StepStanding.UNKNOWN, unread=unread(expected, seen))


def differences(
    resource: str, wanted: Wanted, seen: Facts, *, other: Wanted | None = None
) -> tuple[Difference, ...]:
    """Return each fact that was read and is neither what is `wanted` nor, where it is given, the `other`."""
    if _is_missing(wanted, seen):
        return (Difference(resource=resource, name=ARN, planned=resource, seen=""),)
    allowed = {name: (*values, *(other or {}).get(name, ())) for name, values in wanted.items()}
    return tuple(
        Difference(resource=resource, name=name, planned=values[0], seen=fact)
        for name, values in wanted.items()
        if isinstance(fact := fact_of(seen, name), str) and not _is_one_of(name, fact, allowed[name])
    )


def unread(wanted: Wanted, seen: Facts) -> tuple[Unreadable, ...]:
    """Return why facts that are wanted are not known, each reason once."""
    facts = (fact_of(seen, name) for name in wanted)
    return tuple(dict.fromkeys(fact for fact in facts if isinstance(fact, Unreadable)))


def _is_missing(wanted: Wanted, seen: Facts) -> bool:
    """Whether something is wanted of what is not there."""
    return bool(wanted) and seen.get(ARN) == "" and wanted.get(ARN) != ("",)


def _fits(wanted: Wanted, seen: Facts) -> bool:
    return not _is_missing(wanted, seen) and all(
        isinstance(fact := fact_of(seen, name), str) and _is_one_of(name, fact, values)
        for name, values in wanted.items()
    )


def _is_one_of(name: str, fact: str, values: tuple[str, ...]) -> bool:
    return any(same(fact, value) if name == POLICY else fact == value for value in values)


def _before(step: Step) -> Wanted:  # noqa: C901, PLR0911 - one answer for each kind of step
    match step:
        case CreateKey() | ReplicateKey():
            return {ARN: ("",)}
        case ImportKeyMaterial():
            return {STATE: (KeyState.PENDING_IMPORT.value,)}
        case PutKeyPolicy(before=text):
            return {POLICY: (text,)}
        case CreateAlias():
            return {TARGET: ("",)}
        case DeleteAlias(key=key):
            return {TARGET: (key,)}
        case SetKeyRotation(before=days):
            return {"RotationPeriodInDays": (str(days),)}
        case CancelKeyDeletion(before=state):
            return {STATE: (state, *PENDING)}
        case EnableKey(before="Disabled"):
            return {STATE: (KeyState.DISABLED.value,)}
        case EnableKey(before=state):
            # The step before this one makes it Disabled.
            return {STATE: (state, *PENDING, KeyState.DISABLED.value)}
        case UpdateTrail(before=key):
            return {"KmsKeyId": (key,)}
        case Leave():
            return {}
        case _:
            assert_never(step)


def _after(step: Step, tag: str) -> Wanted:  # noqa: C901, PLR0911 - one answer for each kind of step
    match step:
        case CreateKey():
            return _made(step, tag)
        case ReplicateKey():
            return _replica(step, tag)
        case ImportKeyMaterial():
            return {STATE: (KeyState.ENABLED.value,)}
        case PutKeyPolicy(after=text):
            return {POLICY: (text,)}
        case CreateAlias(key=key):
            return {TARGET: (key,)}
        case DeleteAlias():
            return {TARGET: ("",)}
        case SetKeyRotation(after=days):
            return {"RotationPeriodInDays": (str(days),)}
        case CancelKeyDeletion():
            return {STATE: (KeyState.DISABLED.value, KeyState.ENABLED.value)}
        case EnableKey():
            return {STATE: (KeyState.ENABLED.value,)}
        case UpdateTrail(after=key):
            return {"KmsKeyId": (key,)}
        case Leave():
            return {}
        case _:
            assert_never(step)


ORDINARY: Wanted = {
    "KeyManager": ("CUSTOMER",),
    "KeySpec": ("SYMMETRIC_DEFAULT",),
    "KeyUsage": ("ENCRYPT_DECRYPT",),
    SHARED_POLICY: ("",),
    "Grants": ("",),
}
"""What a plan's own key is whatever was asked for."""
STATES = {
    "AWS_KMS": (KeyState.ENABLED.value,),
    "EXTERNAL": (KeyState.PENDING_IMPORT.value, KeyState.ENABLED.value),
}


def _made(step: CreateKey, tag: str) -> Wanted:
    return {
        **ORDINARY,
        "AWSAccountId": (step.account,),
        STATE: STATES.get(step.origin, STATES["AWS_KMS"]),
        "Origin": (step.origin,),
        "MultiRegionKeyType": ("PRIMARY" if step.multi_region else "",),
        "Description": (step.description,),
        POLICY: (step.policy,),
        "Tag": (tag,),
    }


def _replica(step: ReplicateKey, tag: str) -> Wanted:
    """Return what a replica is; its material and so its origin are its primary's."""
    return {
        **ORDINARY,
        "AWSAccountId": (Arn.parse(step.primary).account,),
        STATE: STATES["EXTERNAL"],
        "Origin": ("AWS_KMS", "EXTERNAL"),
        "MultiRegionKeyType": ("REPLICA",),
        "PrimaryKey": (step.primary,),
        "Description": (step.description,),
        POLICY: (step.policy,),
        "Tag": (tag,),
    }


def resource_of(step: Step) -> str:
    """Return the ARN or name of what `step` changes."""
    match step:
        case Leave(step=left):
            return resource_of(left)
        case UpdateTrail(trail_arn=arn):
            return arn
        case CreateAlias(alias=alias) | DeleteAlias(alias=alias):
            return alias
        case _:
            return step.key
