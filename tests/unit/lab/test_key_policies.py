"""No key policy is taken that locks its author out, whichever call brings it."""

from __future__ import annotations

import json

import pytest
from botocore.exceptions import ClientError

ELSEWHERE = "us-east-1"
OWNER = {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::123456789012:root"}, "Resource": "*"}
LOCKED = json.dumps({"Version": "2012-10-17", "Statement": {**OWNER, "Action": "kms:Encrypt"}})
OPEN = json.dumps({"Version": "2012-10-17", "Statement": {**OWNER, "Action": "kms:*"}})
CALLS = ("create_key", "put_key_policy", "replicate_key")


@pytest.fixture
def bring(here):
    """Brings a policy with one of the calls."""
    kms = here.client("kms")
    primary = kms.create_key(MultiRegion=True)["KeyMetadata"]["Arn"]

    def call(name, policy, **more):
        given = {"Policy": policy, **more}
        if name == "put_key_policy":
            given["KeyId"] = primary
        if name == "replicate_key":
            given |= {"KeyId": primary, "ReplicaRegion": ELSEWHERE}
        return getattr(kms, name)(**given)

    return call


def _standing(here):
    """Every key of both Regions with its policy, and the replicas that the primary tells of."""
    found = {}
    for region in (here.world.region, ELSEWHERE):
        kms = here.client("kms", region=region)
        for key in kms.list_keys()["Keys"]:
            told = kms.describe_key(KeyId=key["KeyArn"])["KeyMetadata"].get("MultiRegionConfiguration", {})
            policy = kms.get_key_policy(KeyId=key["KeyArn"], PolicyName="default")["Policy"]
            found[key["KeyArn"]] = (policy, [each["Region"] for each in told.get("ReplicaKeys", ())])
    return found


@pytest.mark.sweep
@pytest.mark.parametrize("name", CALLS)
def test_a_policy_that_locks_out_is_refused_and_leaves_nothing(here, bring, name):
    before = _standing(here)

    with pytest.raises(ClientError) as refused:
        bring(name, LOCKED)

    assert refused.value.response["Error"]["Code"] == "MalformedPolicyDocumentException"
    assert _standing(here) == before
    bring(name, OPEN)
    assert OPEN in [policy for policy, _ in _standing(here).values()]


@pytest.mark.parametrize("name", CALLS)
def test_it_is_taken_where_nobody_wants_that_looked_at(here, bring, name):
    from trailseal_lab.kms.keys import kms_of

    bring(name, LOCKED, BypassPolicyLockoutSafetyCheck=True)

    backends = (kms_of(here.world.account, region) for region in (here.world.region, ELSEWHERE))
    assert LOCKED in [key.policy for backend in backends for key in backend.keys.values()]


def test_a_replica_is_not_replicated(here, bring):
    replica = bring("replicate_key", OPEN)["ReplicaKeyMetadata"]["Arn"]

    with pytest.raises(ClientError) as refused:
        here.client("kms", region=ELSEWHERE).replicate_key(KeyId=replica, ReplicaRegion="eu-west-1")

    assert refused.value.response["Error"]["Code"] == "UnsupportedOperationException"
