"""
Rotation of key material: periodic, on demand, and its history.

Source: https://docs.aws.amazon.com/kms/latest/developerguide/rotate-keys.html
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from moto.kms.models import Key

from trailseal_lab.answers import Forward, answers
from trailseal_lab.call import Call
from trailseal_lab.errors import ApiError
from trailseal_lab.kms.facts import facts_of
from trailseal_lab.kms.keys import check_usable
from trailseal_lab.kms.pages import page
from trailseal_lab.kms.replicas import check_is_no_replica, primary_of, replicas_of, rotates
from trailseal_lab.kms.states import PENDING, check_not_pending_deletion, key_of_call
from trailseal_lab.world import World

PERIODS = range(90, 2561)
MAX_ON_DEMAND = 25


@answers("kms", "EnableKeyRotation")
def enable_key_rotation(world: World, call: Call, forward: Forward) -> dict[str, Any]:
    """Turn periodic rotation on, each year unless another period is given."""
    del forward
    key = key_of_call(call)
    _check_rotates(key)
    check_usable(key)
    period = int(call.params.get("RotationPeriodInDays") or 365)
    if period not in PERIODS:
        raise ApiError("ValidationException", "RotationPeriodInDays must be between 90 and 2560 (inclusive)")
    facts = facts_of(world, key)
    if not key.key_rotation_status or facts.rotation_period != period:
        facts.rotation_enabled_at = world.now()
    facts.rotation_period = period
    key.key_rotation_status = True
    return {}


@answers("kms", "DisableKeyRotation")
def disable_key_rotation(world: World, call: Call, forward: Forward) -> dict[str, Any]:
    """Turn periodic rotation off."""
    del world, forward
    key = key_of_call(call)
    _check_rotates(key)
    check_usable(key)
    key.key_rotation_status = False
    return {}


@answers("kms", "GetKeyRotationStatus")
def get_key_rotation_status(world: World, call: Call, forward: Forward) -> dict[str, Any]:
    """Tell whether, how often and when next a key rotates; a replica, what its primary does."""
    del forward
    key = key_of_call(call)
    if key.key_state in PENDING or not rotates(key):
        return {"KeyId": key.arn, "KeyRotationEnabled": False}
    facts = facts_of(world, primary_of(key))
    since = facts.rotation_enabled_at or world.started
    return {
        "KeyId": key.arn,
        "KeyRotationEnabled": True,
        "RotationPeriodInDays": facts.rotation_period,
        "NextRotationDate": since + timedelta(days=facts.rotation_period),
    }


@answers("kms", "RotateKeyOnDemand")
def rotate_key_on_demand(world: World, call: Call, forward: Forward) -> dict[str, Any]:
    """Rotate now; imported keys need new material first."""
    del forward
    key = key_of_call(call)
    check_usable(key)
    facts = facts_of(world, key)
    if key.key_spec != "SYMMETRIC_DEFAULT":
        raise ApiError("UnsupportedOperationException", f"{key.arn} does not support rotation.")
    check_is_no_replica(key)
    if len(facts.rotations) >= MAX_ON_DEMAND:
        raise ApiError("LimitExceededException", f"The key was rotated on demand {MAX_ON_DEMAND} times.")
    if key.origin == "EXTERNAL":
        if pending_state(world, key) != "PENDING_ROTATION":
            raise ApiError("KMSInvalidStateException", f"{key.arn} has no key material pending rotation.")
        for each in (key, *replicas_of(key)):
            turn_to_pending(world, each)
    facts.rotations.append(world.now())
    return {"KeyId": key.arn}


@answers("kms", "ListKeyRotations")
def list_key_rotations(world: World, call: Call, forward: Forward) -> dict[str, Any]:
    """List the completed rotations, oldest first, and every material where that is asked for."""
    del forward
    key = key_of_call(call)
    facts, done_at = facts_of(world, key), facts_of(world, primary_of(key)).rotations
    found: list[dict[str, Any]] = [
        {"KeyId": key.id, "RotationDate": time, "RotationType": "ON_DEMAND"} for time in done_at
    ]
    if call.params.get("IncludeKeyMaterial") != "ALL_KEY_MATERIAL" or not facts.material_digest:
        return page(call, "Rotations", found)
    listed = [*facts.former_digests, facts.material_digest]
    rotated = [{}, *found][-len(listed) :]
    states = ["NON_CURRENT"] * len(facts.former_digests) + ["CURRENT"]
    materials = [
        {
            "KeyId": key.id,
            **done,
            "KeyMaterialId": digest,
            "KeyMaterialState": state,
            "ImportState": "IMPORTED",
        }
        for done, digest, state in zip(rotated, listed, states, strict=False)
    ]
    if facts.pending_digest:
        materials.append(
            {
                "KeyId": key.id,
                "KeyMaterialId": facts.pending_digest,
                "KeyMaterialState": pending_state(world, key),
                "ImportState": "IMPORTED",
            }
        )
    return page(call, "Rotations", materials)


def pending_state(world: World, key: Key) -> str:
    """Return how new material of a key stands, "" where there is none; a primary waits for its replicas."""
    wanted = facts_of(world, key).pending_digest
    if not wanted:
        return ""
    lacking = [each for each in replicas_of(key) if facts_of(world, each).pending_digest != wanted]
    return "PENDING_MULTI_REGION_IMPORT_AND_ROTATION" if lacking else "PENDING_ROTATION"


def turn_to_pending(world: World, key: Key) -> None:
    """Make the new material of a key its current one."""
    facts = facts_of(world, key)
    facts.former_digests.append(facts.material_digest)
    facts.material_digest, facts.pending_digest = facts.pending_digest, ""


def _check_rotates(key: Key) -> None:
    check_not_pending_deletion(key)
    if key.key_spec != "SYMMETRIC_DEFAULT" or key.origin != "AWS_KMS":
        raise ApiError("UnsupportedOperationException", f"{key.arn} does not support automatic rotation.")
    check_is_no_replica(key)
