"""
The keys of a multi-Region set: which is the primary, and which are its replicas.

Source: https://docs.aws.amazon.com/kms/latest/developerguide/multi-region-keys-overview.html
"""

from __future__ import annotations

from moto.kms import models
from moto.kms.models import Key, kms_backends
from moto.kms.utils import generate_key_id

from trailseal_lab.errors import ApiError


def _new_id(multi_region: bool = False) -> str:  # noqa: FBT001, FBT002 - called so by moto
    """
    Return the ID of a new key, which has no hyphens after the first of several Regions.

    moto's has, and does not fit into its own ciphertexts.
    Source: https://docs.aws.amazon.com/kms/latest/developerguide/multi-region-keys-overview.html
    """
    made = generate_key_id()
    return "mrk-" + made.replace("-", "") if multi_region else made


setattr(models, "generate_key_id", _new_id)  # noqa: B010 - replaces moto's


def is_replica(key: Key) -> bool:
    """Whether a key is another's replica."""
    told = getattr(key, "multi_region_configuration", None) or {}
    return bool(key.multi_region) and told.get("MultiRegionKeyType") == "REPLICA"


def primary_of(key: Key) -> Key:
    """Return the primary of a key, which may be itself."""
    return next((each for each in _set_of(key) if not is_replica(each)), key)


def replicas_of(key: Key) -> list[Key]:
    """Return the replicas of a key."""
    return [each for each in _set_of(key) if is_replica(each) and each is not key]


def tell_set(key: Key, primary: Key) -> None:
    """Let every key of a set tell the same primary and replicas; moto lets them share it, or forgets some."""
    for each in _set_of(key):
        others = [other for other in _set_of(key) if other is not primary]
        each.multi_region_configuration = {
            "MultiRegionKeyType": "PRIMARY" if each is primary else "REPLICA",
            "PrimaryKey": {"Arn": primary.arn, "Region": primary.region},
            "ReplicaKeys": [{"Arn": other.arn, "Region": other.region} for other in others],
        }


def rotates(key: Key) -> bool:
    """
    Whether a key rotates by itself, which a set of keys shares: it is switched on the primary.

    Source: https://docs.aws.amazon.com/kms/latest/APIReference/API_ReplicateKey.html
    """
    return bool(primary_of(key).key_rotation_status)


def check_is_no_replica(key: Key) -> None:
    """
    Return when rotation and new material are the key's own to take.

    Which code AWS answers with is not documented.

    Raises:
        ApiError: UnsupportedOperationException.
    """
    if is_replica(key):
        raise ApiError(
            "UnsupportedOperationException", f"{key.arn} is a replica: its primary is {primary_of(key).arn}."
        )


def _set_of(key: Key) -> list[Key]:
    regions = kms_backends[key.account_id].values() if key.multi_region else ()
    found = (backend.keys.get(key.id) for backend in list(regions))
    return [each for each in found if each is not None] or [key]
