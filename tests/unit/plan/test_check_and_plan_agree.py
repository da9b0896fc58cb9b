"""What `check` says of key and bucket, and what `plan` does about them, come from one list and agree."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from plan_estate import (
    ACCOUNT,
    BUCKET,
    DENIED,
    HOME,
    KEY,
    OTHER,
    ROOT,
    TRAIL,
    bucket,
    key,
    plan_of,
    snapshot,
    taking,
    trail,
)
from trailseal.access.cloudtrail.destination import destination_of
from trailseal.controls.catalogue import judge
from trailseal.model.bucket import BucketEncryption, UnreadBucket
from trailseal.model.key import KeyPolicies, KeyState, UnreadKey
from trailseal.model.organization import Organization
from trailseal.model.snapshot import Snapshot
from trailseal.plan.bucket_concerns import bucket_concerns
from trailseal.plan.concern_facts import Code
from trailseal.plan.key_concerns import policy_concerns
from trailseal.plan.key_policy import KeyUse, console_policy, least_policy
from trailseal.plan.merge import KeyDeliveries, merge

PAIR, WHERE = "kms:EncryptionContext:aws:cloudtrail:arn", "kms:EncryptionContext:aws:s3:arn"
CONDITIONS: list[dict[str, Any]] = [
    {},
    {"StringEquals": {"aws:SourceArn": TRAIL}},
    {"StringEquals": {"aws:SourceArn": TRAIL + "-2"}},
    {"StringEquals": {"aws:SourceAccount": ACCOUNT}},
    {"StringEquals": {"aws:SourceAccount": OTHER}},
    {"StringNotEquals": {"aws:SourceVpce": "vpce-1"}},
    {"NotIpAddress": {"aws:SourceIp": "10.0.0.0/8"}},
    {"DateGreaterThan": {"aws:CurrentTime": "2026-01-01T00:00:00Z"}},
    {"Bool": {"aws:PrincipalIsAWSService": "false"}},
    {"StringNotEquals": {"aws:SourceOrgID": "o-a"}},
]
OF_KEY = [
    {"StringLike": {PAIR: f"arn:aws:cloudtrail:*:{ACCOUNT}:trail/*"}},
    {"Null": {PAIR: "false"}},
    {"Null": {PAIR: "true"}},
    {"StringLike": {WHERE: f"arn:aws:s3:::{BUCKET}/*"}},
    {"StringLike": {WHERE: f"arn:aws:s3:::{BUCKET}"}},
    {"StringLike": {WHERE: "*/CloudTrail-Digest/*"}},
    {"StringNotLike": {WHERE: f"arn:aws:s3:::{BUCKET}*"}},
]
ALGORITHM, KEY_ID = "s3:x-amz-server-side-encryption", "s3:x-amz-server-side-encryption-aws-kms-key-id"
OF_BUCKET = [
    {"StringEquals": {"s3:x-amz-acl": "bucket-owner-full-control"}},
    {"StringEquals": {ALGORITHM: "aws:kms"}},
    {"StringEqualsIfExists": {ALGORITHM: "AES256"}},
    {"StringEquals": {KEY_ID: KEY}},
    {"StringNotEquals": {KEY_ID: KEY}},
    {"Null": {KEY_ID: "true"}},
]
ACTIONS = [
    "kms:*",
    "kms:GenerateDataKey*",
    "kms:DescribeKey",
    "kms:Decrypt",
    ["kms:GenerateDataKey", "kms:DescribeKey"],
]
PATHS = [
    "",
    "/*",
    f"/AWSLogs/{ACCOUNT}/*",
    "/*/CloudTrail/*",
    "/*/CloudTrail-Digest/*",
    "/AWSLogs/o-example12345/*",
]


def statement(
    action: Any, resource: Any, conditions: list[dict[str, Any]]
) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(
        {
            "Effect": st.sampled_from(["Allow", "Allow", "Allow", "Deny"]),
            "Principal": st.sampled_from(
                [{"Service": "cloudtrail.amazonaws.com"}, "*", {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}]
            ),
            "Action": st.sampled_from(action),
            "Resource": st.sampled_from(resource),
            "Condition": st.sampled_from([*CONDITIONS, *conditions]),
        }
    )


def written(statements: list[dict[str, Any]]) -> str:
    named = [{"Sid": f"S{n}", **each} for n, each in enumerate(statements)]
    return json.dumps({"Version": "2012-10-17", "Statement": [ROOT, *named]})


KEYS = st.lists(statement(ACTIONS, ["*"], OF_KEY), max_size=4).map(written)
RESOURCES = [f"arn:aws:s3:::{BUCKET}{path}" for path in PATHS]
BUCKETS = st.lists(
    statement(["s3:PutObject", "s3:GetBucketAcl", "s3:*"], RESOURCES, OF_BUCKET), min_size=1, max_size=4
).map(lambda found: json.dumps({"Version": "2012-10-17", "Statement": found}))
ORGANIZATIONS = [
    None,
    Organization(organization_id="o-example12345", management_account=ACCOUNT, accounts=(ACCOUNT, OTHER)),
]


def seen(
    key_policy: str, bucket_policy: str, *, bucket_key: bool, digests: bool, organization: Any
) -> Snapshot:
    one = trail(
        kms_key_id=KEY, log_file_validation_enabled=digests, is_organization_trail=organization is not None
    )
    return snapshot(
        trails=(one,),
        organization=organization,
        keys=(key(policies=KeyPolicies(default=key_policy)),),
        buckets=(bucket(policy=bucket_policy, encryption=BucketEncryption(bucket_key_enabled=bucket_key)),),
    )


def verdict(found: Snapshot, check: str) -> str:
    return next(iter(judge(found, frozenset({check})))).verdict.value


@given(KEYS, BUCKETS, st.booleans(), st.booleans(), st.sampled_from(ORGANIZATIONS))
def test_what_passes_needs_no_statement_and_raises_no_concern(
    key_policy, bucket_policy, bucket_key, digests, organization
):
    found = seen(key_policy, bucket_policy, bucket_key=bucket_key, digests=digests, organization=organization)
    (one,) = found.trails
    to = destination_of(one, found)
    use = KeyUse(account=ACCOUNT, partition="aws", trail_arns=(TRAIL,), bucket_key=bucket_key)
    merged = merge(key_policy, key_arn=KEY, use=use, deliveries=KeyDeliveries(destinations=(to,)))
    against_key = tuple(policy_concerns(merged.policy, merged=merged, key=KEY, trails=(TRAIL,)))
    against_bucket = [
        each
        for each in bucket_concerns(found.buckets[0], one, found, key_arn=KEY)
        if each.code is not Code.BUCKET_KEY
    ]

    assert (verdict(found, "TS105") == "pass") is (merged.policy == key_policy and not against_key)
    assert (verdict(found, "TS108") == "pass") is (not against_bucket)


EVERYTHING = json.dumps(
    {"Version": "2012-10-17", "Statement": [{**ROOT, "Principal": "*", "Action": "kms:*", "Resource": "*"}]}
)
NEEDED = ("TS101", "TS102", "TS103", "TS104", "TS105", "TS108")
"""What a trail's deliveries under its key cannot do without."""
OF_KEYS: list[dict[str, Any] | UnreadKey] = [
    {},
    *({"state": state} for state in KeyState if state is not KeyState.ENABLED),
    {"key_spec": "RSA_2048"},
    {"key_usage": "SIGN_VERIFY"},
    {"policies": DENIED},
    UnreadKey(arn=KEY, reason=DENIED),
    UnreadKey(arn=KEY, reason=structs.replace(DENIED, code="NotFoundException")),
]
OF_BUCKETS: list[dict[str, Any] | UnreadBucket] = [
    {},
    {"region": "eu-west-1"},
    {"region": DENIED},
    {"policy": DENIED},
    {"account": OTHER},
    UnreadBucket(name=BUCKET, reason=DENIED),
    UnreadBucket(name=BUCKET, reason=structs.replace(DENIED, code="404")),
]


@given(
    st.just(EVERYTHING) | KEYS,
    st.just(taking()) | BUCKETS,
    st.sampled_from(ORGANIZATIONS),
    st.just({}) | st.sampled_from(OF_KEYS),
    st.just({}) | st.sampled_from(OF_BUCKETS),
    st.sampled_from([{}, {"is_multi_region_trail": True}, {"s3_key_prefix": "p"}]),
)
def test_a_trail_is_left_alone_where_all_that_it_needs_passes_and_nowhere_else(
    key_policy, bucket_policy, organization, of_key, of_bucket, of_trail
):
    found = seen(key_policy, bucket_policy, bucket_key=False, digests=True, organization=organization)
    found = structs.replace(
        found,
        trails=(structs.replace(found.trails[0], **of_trail),),
        keys=(structs.replace(found.keys[0], **of_key) if isinstance(of_key, dict) else of_key,),
        buckets=(
            structs.replace(found.buckets[0], **of_bucket) if isinstance(of_bucket, dict) else of_bucket,
        ),
    )
    plan = plan_of(found)

    assert (plan.left_alone == (TRAIL,)) is all(verdict(found, check) == "pass" for check in NEEDED)
    assert bool(plan.left_alone) is not bool(plan.steps or plan.concerns)


@given(KEYS, st.booleans(), st.booleans())
def test_what_is_merged_passes_or_is_said_to_stay_as_it_is(key_policy, bucket_key, digests):
    found = seen(key_policy, taking(), bucket_key=bucket_key, digests=digests, organization=None)
    use = KeyUse(account=ACCOUNT, partition="aws", trail_arns=(TRAIL,), bucket_key=bucket_key)
    to = destination_of(found.trails[0], found)
    merged = merge(key_policy, key_arn=KEY, use=use, deliveries=KeyDeliveries(destinations=(to,)))
    after = structs.replace(found, keys=(key(policies=KeyPolicies(default=merged.policy)),))
    expected = "fail" if merged.denied_by else "unknown" if merged.is_open else "pass"

    assert verdict(after, "TS105") == expected
    again = merge(merged.policy, key_arn=KEY, use=use, deliveries=KeyDeliveries(destinations=(to,)))
    assert again.policy == merged.policy


@pytest.mark.parametrize("bucket_key", [False, True])
@pytest.mark.parametrize("organization", ORGANIZATIONS)
def test_the_policies_that_are_written_for_a_new_key_pass(bucket_key, organization):
    use = KeyUse(account=ACCOUNT, partition="aws", trail_arns=(TRAIL,), bucket_key=bucket_key)
    for policy in (least_policy(use), console_policy(use, caller_arn=f"arn:aws:iam::{ACCOUNT}:user/admin")):
        found = seen(policy, taking(), bucket_key=bucket_key, digests=True, organization=organization)

        assert verdict(found, "TS105") == "pass"


def test_a_statement_that_lets_nothing_in_is_not_added():
    shut = {
        "Sid": "Shut",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "kms:*",
        "Resource": "*",
        "Condition": {"StringNotEquals": {"aws:SourceVpce": "vpce-1"}},
    }
    use = KeyUse(account=ACCOUNT, partition="aws", trail_arns=(TRAIL,))
    allowed = json.loads(least_policy(use))["Statement"]
    policy = json.dumps({"Version": "2012-10-17", "Statement": [*allowed, shut]})
    merged = merge(policy, key_arn=KEY, use=use)
    needed = merge(json.dumps({"Version": "2012-10-17", "Statement": [ROOT, shut]}), key_arn=KEY, use=use)

    assert (merged.policy, merged.denied_by, merged.open_by) == (policy, (), ("Shut",))
    assert (len(json.loads(needed.policy)["Statement"]), needed.open_by) == (4, ("Shut",))
    (found,) = policy_concerns(policy, merged=merged, key=KEY, trails=())
    assert found.code is Code.KEY_POLICY_BY_NETWORK
    assert HOME in found.facts.key
