"""Whether a trail's key and bucket serve it as they are, so that nobody has to plan anything for it."""

from __future__ import annotations

from trailseal.access.cloudtrail.trail_answers import bucket_answers, key_answers
from trailseal.access.decision import Effect
from trailseal.model.arn import Arn, account_of
from trailseal.model.bucket import Bucket
from trailseal.model.key import KeyPolicies, KmsKey, UnreadKey, unread_key
from trailseal.model.snapshot import Snapshot
from trailseal.model.trail import Trail


def is_served(trail: Trail, snapshot: Snapshot) -> bool:
    """
    Whether a trail's key is usable and lets CloudTrail in, and its bucket takes the files, for certain.

    A bucket takes no files under a key of another Region, and of one whose Region is not known nothing is
    certain.

    A key of another account is judged there, but for what shows here too: that it cannot be used, is gone,
    or has a policy that shuts CloudTrail out. One of this account that the snapshot does not hold is not
    known to serve.
    """
    return trail.is_sealed and _by_key(trail, snapshot) and _by_bucket(trail, snapshot)


def _by_key(trail: Trail, snapshot: Snapshot) -> bool:
    key = snapshot.key(trail.kms_key_id) or unread_key(trail.kms_key_id)
    is_here = account_of(trail.kms_key_id) == snapshot.account
    if not is_here and not (isinstance(key, KmsKey) and isinstance(key.policies, KeyPolicies)):
        return not _is_known_to_fail(key)
    return isinstance(key, KmsKey) and serves(key, trail, snapshot)


def serves(key: KmsKey, trail: Trail, snapshot: Snapshot) -> bool:
    """
    Whether a key, of whatever account, is usable and lets CloudTrail in for a trail, for certain.

    Of a key that the trail does not have yet it is asked too what CloudTrail asks when it is given.
    """
    if not key.is_symmetric or not key.state.is_usable or not isinstance(key.policies, KeyPolicies):
        return False
    is_new = trail.kms_key_id != key.arn
    found = key_answers(trail, key, key.policies, snapshot, is_new=is_new)
    return all(each.effect is Effect.ALLOWED for each in found)


def _is_known_to_fail(key: KmsKey | UnreadKey) -> bool:
    """Whether what its own account lets us see of a key shows that it cannot be used."""
    return not key.state.is_usable if isinstance(key, KmsKey) else key.is_missing


def _by_bucket(trail: Trail, snapshot: Snapshot) -> bool:
    bucket = snapshot.bucket(trail.s3_bucket_name)
    if not isinstance(bucket, Bucket) or not isinstance(bucket.policy, str):
        return False
    if bucket.region != Arn.parse(trail.kms_key_id).region:
        return False
    found = bucket_answers(trail, bucket.policy, snapshot, key_arn=trail.kms_key_id)
    return all(each.effect is Effect.ALLOWED for each in found)
