"""
Every condition key that AWS lists for the services a key or a log bucket is reached through.

One table for the engine, for `policy lint` and for docs/access/condition-keys.md.
"""

from __future__ import annotations

from functools import lru_cache

from trailseal.access.keys.global_keys import GLOBAL_KEYS
from trailseal.access.keys.iam_keys import FEDERATION_KEYS, IAM_KEYS, STS_KEYS
from trailseal.access.keys.key import ConditionKey
from trailseal.access.keys.kms_keys import KMS_KEYS
from trailseal.access.keys.s3_keys import S3_KEYS

SECTIONS: dict[str, tuple[ConditionKey, ...]] = {
    "Every service": GLOBAL_KEYS,
    "KMS": KMS_KEYS,
    "S3": S3_KEYS,
    "IAM": IAM_KEYS,
    "STS": STS_KEYS,
    "Federated sessions": FEDERATION_KEYS,
}
KEYS = tuple(key for section in SECTIONS.values() for key in section)
BY_NAME = {key.name.lower(): key for key in KEYS if not key.family}
FAMILIES = tuple((key.name.lower(), key) for key in KEYS if key.family)
KEPT = 10_000


def all_keys() -> tuple[ConditionKey, ...]:
    """Return the whole table, in the order of AWS's pages."""
    return KEYS


@lru_cache(maxsize=KEPT)
def find(key: str) -> ConditionKey | None:
    """
    Return what is known of a key, written in any case; None if AWS does not list it.

    A member of a family is found by its prefix: `aws:PrincipalTag/team`.
    """
    lowered = key.lower()
    if (found := BY_NAME.get(lowered)) is not None:
        return found
    for head, family in FAMILIES:
        if lowered.startswith(head) and lowered != head:
            return family
    return None
