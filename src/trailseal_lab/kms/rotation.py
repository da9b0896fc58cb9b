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
from trailseal_lab.kms.materials import entries_of, has_materials, materials_of, pending_state, rotate
from trailseal_lab.kms.pages import page
from trailseal_lab.kms.replicas import check_is_no_replica, primary_of, rotates
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
    if not has_materials(key):
        raise ApiError("UnsupportedOperationException", f"{key.arn} does not support rotation.")
    check_is_no_replica(key)
    if len(materials_of(world, key)) > MAX_ON_DEMAND:
        raise ApiError("LimitExceededException", f"The key was rotated on demand {MAX_ON_DEMAND} times.")
    if key.origin == "EXTERNAL" and pending_state(world, key) != "PENDING_ROTATION":
        raise ApiError("KMSInvalidStateException", f"{key.arn} has no key material pending rotation.")
    rotate(world, key, world.now())
    return {"KeyId": key.arn}


@answers("kms", "ListKeyRotations")
def list_key_rotations(world: World, call: Call, forward: Forward) -> dict[str, Any]:
    """
    List what rotations made, oldest first; the first material and a pending one where all are asked for.

    Raises:
        ApiError: UnsupportedOperationException where a key that does not rotate is asked for its materials.
    """
    del forward
    key, everything = key_of_call(call), call.params.get("IncludeKeyMaterial") == "ALL_KEY_MATERIAL"
    if not has_materials(key):
        if everything:
            raise ApiError("UnsupportedOperationException", f"{key.arn} does not support rotation.")
        return page(call, "Rotations", [])
    found = entries_of(world, key)
    return page(call, "Rotations", [each for each in found if everything or "RotationDate" in each])


def _check_rotates(key: Key) -> None:
    check_not_pending_deletion(key)
    if key.key_spec != "SYMMETRIC_DEFAULT" or key.origin != "AWS_KMS":
        raise ApiError("UnsupportedOperationException", f"{key.arn} does not support automatic rotation.")
    check_is_no_replica(key)
