"""A plan of every kind, with the account that it was made from."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple

from faults.account import SmallAws
from faults.wire import AWAY
from plan_estate import (
    KEY,
    FakeClock,
    bucket,
    delivery,
    key,
    other_trail,
    plan_of,
    snapshot,
    trail,
)
from trailseal.model.bucket import Bucket
from trailseal.model.key import KeyPolicies, KmsKey, Rotation
from trailseal.model.snapshot import Snapshot
from trailseal.model.trail import Trail
from trailseal.plan.plan import Plan
from trailseal.plan.step import CreateKey

OLD = KEY.replace("1111", "9999")


class Kind(NamedTuple):
    """What stands, and what is wanted of it; `material` is for a key that waits for some."""

    seen: Callable[[], Snapshot]
    wanted: dict[str, Any]
    material: bytes | None = None


def _policy() -> str:
    """A policy under which CloudTrail can write."""
    (made,) = (step for step in plan_of().steps if isinstance(step, CreateKey))
    return made.policy


def _serving(arn: str = KEY, **changed: Any) -> KmsKey:
    return key(arn=arn, policies=KeyPolicies(default=_policy()), **changed)


def _sealed(**changed: Any) -> Snapshot:
    return snapshot(trails=(trail(kms_key_id=KEY),), keys=(_serving(),), **changed)


def _two_regions() -> Snapshot:
    away = other_trail("away", s3_bucket_name="away")
    return snapshot(
        trails=(trail(), away),
        buckets=(bucket(), bucket(name="away", region=AWAY)),
        deliveries=(delivery(),),
    )


READER = "arn:aws:iam::123456789012:role/LogReader"
KINDS: dict[str, Kind] = {
    "a new key": Kind(snapshot, {}),
    "a new key with the console's policy": Kind(snapshot, {"policy": "console"}),
    "a new key for several trails": Kind(
        lambda: snapshot(trails=(trail(), other_trail("data"), other_trail("third"))), {}
    ),
    "a new key in two Regions": Kind(_two_regions, {"multi_region": True}),
    "own material": Kind(snapshot, {"origin": "external"}, b"x" * 32),
    "an existing key": Kind(
        lambda: snapshot(keys=(key(),)), {"key": KEY, "rotation_days": 180, "alias": "alias/logs"}
    ),
    "an existing key that serves": Kind(lambda: snapshot(keys=(_serving(),)), {"key": KEY}),
    "from one key to another": Kind(
        lambda: snapshot(trails=(trail(kms_key_id=OLD),), keys=(key(), _serving(OLD))), {"key": KEY}
    ),
    "from a key to a new one": Kind(
        _sealed, {"key": "create", "trails": ("management-events",), "alias": "alias/next"}
    ),
    "rotation alone": Kind(_sealed, {"rotation_days": 200, "alias": "alias/logs"}),
}


@cache
def plan_of_kind(name: str) -> Plan:
    """Return the plan of a kind."""
    return plan_of(KINDS[name].seen(), **KINDS[name].wanted)


def account_of_kind(name: str) -> SmallAws:
    """Return the account that the plan of a kind was made from."""
    seen, aws = KINDS[name].seen(), SmallAws(FakeClock())
    for held in seen.trails:
        assert isinstance(held, Trail)
        aws.trails[held.arn] = {
            "S3BucketName": held.s3_bucket_name,
            "KmsKeyId": held.kms_key_id,
            "IsMultiRegionTrail": held.is_multi_region_trail,
            "IncludeGlobalServiceEvents": held.include_global_service_events,
            "LogFileValidationEnabled": held.log_file_validation_enabled,
        }
    for found in seen.buckets:
        assert isinstance(found, Bucket)
        aws.buckets[found.name] = {"region": found.region, "policy": found.policy}
    for one in seen.keys:
        assert isinstance(one, KmsKey)
        policies, rotation = one.policies, one.rotation
        assert isinstance(policies, KeyPolicies)
        days = rotation.period_in_days if isinstance(rotation, Rotation) and rotation.enabled else 0
        aws.add_key(one.arn, policy=policies.default, days=days)
    return aws
