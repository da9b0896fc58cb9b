"""Whether a trail's key and bucket serve it as they are, so that nobody has to plan anything for it."""

from __future__ import annotations

from trailseal.access.cloudtrail.answers import answers
from trailseal.access.cloudtrail.destination import destination_of
from trailseal.access.cloudtrail.requests import Purpose, bucket_requests, key_requests
from trailseal.access.decision import Effect
from trailseal.access.readers.from_snapshot import key_facts
from trailseal.access.request import Policies
from trailseal.model.arn import account_of
from trailseal.model.bucket import Bucket
from trailseal.model.key import KeyPolicies, KmsKey
from trailseal.model.snapshot import Snapshot
from trailseal.model.trail import Trail


def is_served(trail: Trail, snapshot: Snapshot) -> bool:
    """
    Whether a trail's key is usable and lets CloudTrail in, and its bucket takes the files, for certain.

    A key of another account is judged there, and one that the snapshot does not hold by nobody.
    """
    return trail.is_sealed and _by_key(trail, snapshot) and _by_bucket(trail, snapshot)


def _by_key(trail: Trail, snapshot: Snapshot) -> bool:
    key = snapshot.key(trail.kms_key_id)
    if key is None or account_of(trail.kms_key_id) != snapshot.account:
        return True
    if not isinstance(key, KmsKey) or not key.state.is_usable or not isinstance(key.policies, KeyPolicies):
        return False
    asked = key_requests(destination_of(trail, snapshot), key_arn=key.arn, key_facts=key_facts(key))
    policies = Policies(resource=key.policies.default, resource_shared=key.policies.aws_ram or None)
    found = answers((each for each in asked if each.purpose is not Purpose.TRY_KEY), policies)
    return all(each.effect is Effect.ALLOWED for each in found)


def _by_bucket(trail: Trail, snapshot: Snapshot) -> bool:
    bucket = snapshot.bucket(trail.s3_bucket_name)
    if not isinstance(bucket, Bucket) or not isinstance(bucket.policy, str):
        return False
    asked = bucket_requests(destination_of(trail, snapshot), key_arn=trail.kms_key_id)
    found = answers(asked, Policies(resource=bucket.policy or None))
    return all(each.effect is Effect.ALLOWED for each in found)
