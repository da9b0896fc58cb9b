"""All checks, in the order in which they are shown."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from trailseal.controls import (
    bucket_policy,
    cloudtrail_1,
    cloudtrail_2,
    cloudtrail_4,
    cloudtrail_5,
    cloudtrail_6,
    cloudtrail_7,
    delivery_healthy,
    key_exists,
    key_policy,
    key_region,
    key_symmetric,
    key_usable,
    kms_4,
    log_group_delivery,
    objects_sealed,
    s3_17,
)
from trailseal.controls.finding import Check, Finding
from trailseal.model.snapshot import Snapshot

MODULES = (
    cloudtrail_2,
    cloudtrail_1,
    cloudtrail_4,
    cloudtrail_5,
    cloudtrail_6,
    cloudtrail_7,
    kms_4,
    s3_17,
    key_exists,
    key_usable,
    key_symmetric,
    key_region,
    key_policy,
    bucket_policy,
    delivery_healthy,
    objects_sealed,
    log_group_delivery,
)
CHECKS: dict[str, Check] = {module.CHECK.id: module.CHECK for module in MODULES}
JUDGES: dict[str, Callable[[Snapshot], Iterator[Finding]]] = {
    module.CHECK.id: module.check for module in MODULES
}


def judge(snapshot: Snapshot, only: frozenset[str] = frozenset()) -> tuple[Finding, ...]:
    """Return the findings of all checks, or of `only` those ids."""
    return tuple(
        finding for name, check in JUDGES.items() if not only or name in only for finding in check(snapshot)
    )
