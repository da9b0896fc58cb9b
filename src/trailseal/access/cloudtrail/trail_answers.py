"""How the key and the bucket of one trail in a snapshot answer what CloudTrail asks to deliver for it."""

from __future__ import annotations

from trailseal.access.cloudtrail.answers import CloudTrailAnswer, answers
from trailseal.access.cloudtrail.destination import destination_of
from trailseal.access.cloudtrail.requests import Purpose, bucket_requests, key_requests
from trailseal.access.given_grant import as_listed
from trailseal.access.readers.from_snapshot import key_facts
from trailseal.access.request import Policies
from trailseal.model.key import KeyPolicies, KmsKey
from trailseal.model.snapshot import Snapshot
from trailseal.model.trail import Trail


def key_answers(
    trail: Trail, key: KmsKey, policies: KeyPolicies, snapshot: Snapshot, *, is_new: bool = False
) -> tuple[CloudTrailAnswer, ...]:
    """
    Return what a key with these policies answers to deliveries, and one that `is_new` when it is tried.

    A grant lets CloudTrail in as a policy does; of grants that could not be read nothing is taken.
    Source: https://docs.aws.amazon.com/kms/latest/developerguide/grants.html
    """
    asked = key_requests(destination_of(trail, snapshot), key_arn=key.arn, key_facts=key_facts(key))
    deliveries = (each for each in asked if is_new or each.purpose is not Purpose.TRY_KEY)
    grants = tuple(map(as_listed, key.grants)) if isinstance(key.grants, tuple) else ()
    held = Policies(
        resource=policies.default, resource_shared=policies.aws_ram or None, grants=grants or None
    )
    return answers(deliveries, held)


def bucket_answers(
    trail: Trail, policy: str, snapshot: Snapshot, *, key_arn: str
) -> tuple[CloudTrailAnswer, ...]:
    """Return what a bucket with this policy, "" for none, answers to deliveries under a key, "" for none."""
    asked = bucket_requests(destination_of(trail, snapshot), key_arn=key_arn)
    return answers(asked, Policies(resource=policy or None))
