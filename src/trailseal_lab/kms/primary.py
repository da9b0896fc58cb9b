"""
UpdatePrimaryRegion: a replica becomes the primary of its set, and the primary a replica.

Sources: https://docs.aws.amazon.com/kms/latest/APIReference/API_UpdatePrimaryRegion.html
and https://docs.aws.amazon.com/kms/latest/developerguide/multi-region-update.html
"""

from __future__ import annotations

from typing import Any

from moto.kms.models import Key

from trailseal_lab.answers import Forward, answers
from trailseal_lab.call import Call
from trailseal_lab.errors import ApiError
from trailseal_lab.kms.facts import facts_of
from trailseal_lab.kms.keys import check_usable
from trailseal_lab.kms.materials import materials_of
from trailseal_lab.kms.replicas import is_replica, replicas_of, rotates, tell_set
from trailseal_lab.kms.states import key_of_call
from trailseal_lab.world import World


@answers("kms", "UpdatePrimaryRegion")
def update_primary_region(world: World, call: Call, forward: Forward) -> dict[str, Any]:
    """
    Change the primary at once; on AWS both keys are `Updating` for some seconds.

    Raises:
        ApiError: UnsupportedOperationException for a key that is no primary, NotFoundException where there is
            no replica, DisabledException or KMSInvalidStateException for the state of either.
    """
    del forward
    key, region = key_of_call(call), str(call.params["PrimaryRegion"])
    if not key.multi_region or is_replica(key):
        raise ApiError("UnsupportedOperationException", f"{key.arn} is not a multi-Region primary key.")
    if region == key.region:
        raise ApiError("UnsupportedOperationException", f"{key.arn} is the primary key already.")
    replica = next((each for each in replicas_of(key) if each.region == region), None)
    if replica is None:
        raise ApiError("NotFoundException", f"{key.arn} has no replica in {region}.")
    for each in (key, replica):
        check_usable(each)
    _hand_over(world, key, replica)
    return {}


def _hand_over(world: World, before: Key, after: Key) -> None:
    """Let a replica have what a set of keys shares, and tell every key of the set who is its primary."""
    old, new = facts_of(world, before), facts_of(world, after)
    if before.origin != "EXTERNAL":
        new.materials = materials_of(world, before)
    new.made_with, new.rotation_period = old.made_with, old.rotation_period
    new.rotation_enabled_at = old.rotation_enabled_at
    after.key_rotation_status = rotates(before)
    tell_set(before, after)
