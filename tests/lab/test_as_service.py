"""What AWS services deliver passes the bucket's policy and the key's, or does not arrive."""

from __future__ import annotations

import json
from itertools import count

import pytest

from key_policies import ACCOUNT, TRAIL, console
from trailseal_lab import scenarios, services
from trailseal_lab.errors import ApiError
from trailseal_lab.inside import client
from trailseal_lab.s3.as_service import put_object_as_service
from trailseal_lab.s3.buckets import context_of
from trailseal_lab.world import World

CONTEXT = {"aws:cloudtrail:arn": TRAIL}
BUCKETS = count()


@pytest.fixture(scope="module")
def world():
    """One world for this module, inside this process; its buckets have names of their own."""
    services.load()
    made = World(scenario="empty", cycle=0)
    scenarios.build(made)
    return made


@pytest.fixture
def bucket(world):
    """A bucket that CloudTrail may write to for one trail, with its owner's full control."""
    name = f"delivery-bucket-{next(BUCKETS)}"
    s3 = client(world, "s3")
    s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": "ap-northeast-1"})
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "cloudtrail.amazonaws.com"},
        "Action": "s3:PutObject",
        "Resource": f"arn:aws:s3:::{name}/AWSLogs/*",
        "Condition": {"StringEquals": {"s3:x-amz-acl": "bucket-owner-full-control", "aws:SourceArn": TRAIL}},
    }
    s3.put_bucket_policy(Bucket=name, Policy=json.dumps({"Version": "2012-10-17", "Statement": [statement]}))
    return name


def deliver(world, bucket, **changes):
    wanted = {
        "service": "cloudtrail.amazonaws.com",
        "source_arn": TRAIL,
        "source_account": ACCOUNT,
        "bucket": bucket,
        "key": "AWSLogs/a.json.gz",
        "body": b"{}",
        "metadata": {"signature": "abc"},
        "encryption_context": CONTEXT,
        **changes,
    }
    return put_object_as_service(world, **wanted)


@pytest.fixture
def key(world):
    made = client(world, "kms").create_key()["KeyMetadata"]["Arn"]
    iam = client(world, "iam")
    if not any(role["RoleName"] == "Role1" for role in iam.list_roles()["Roles"]):
        iam.create_role(RoleName="Role1", AssumeRolePolicyDocument='{"Version":"2012-10-17","Statement":[]}')
    client(world, "kms").put_key_policy(KeyId=made, Policy=console(pinned=True))
    return made


def test_a_delivery_is_stored_with_its_metadata_under_sse_s3(world, bucket):
    deliver(world, bucket)

    head = client(world, "s3").head_object(Bucket=bucket, Key="AWSLogs/a.json.gz")

    assert head["ServerSideEncryption"] == "AES256"
    assert head["Metadata"] == {"signature": "abc"}


def test_a_delivery_under_a_key_carries_the_service_s_context_and_s3_s(world, bucket, key):
    stored = deliver(world, bucket, kms_key_id=key)

    assert context_of(stored) == {
        "aws:s3:arn": f"arn:aws:s3:::{bucket}/AWSLogs/a.json.gz",
        "aws:cloudtrail:arn": TRAIL,
    }
    head = client(world, "s3").head_object(Bucket=bucket, Key="AWSLogs/a.json.gz")
    assert (head["ServerSideEncryption"], head["SSEKMSKeyId"]) == ("aws:kms", key)


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"source_arn": TRAIL.replace("management-events", "other")}, id="another trail"),
        pytest.param({"service": "config.amazonaws.com"}, id="another service"),
        pytest.param({"key": "elsewhere/a.json.gz"}, id="another prefix"),
    ],
)
def test_what_the_bucket_policy_does_not_allow_is_refused(world, bucket, changes):
    with pytest.raises(ApiError) as refused:
        deliver(world, bucket, **changes)

    assert refused.value.code == "AccessDenied"


def test_a_key_that_does_not_know_the_trail_refuses(world, bucket, key):
    client(world, "kms").put_key_policy(
        KeyId=key, Policy=console(pinned=True).replace("management-events", "other")
    )

    with pytest.raises(ApiError) as refused:
        deliver(world, bucket, kms_key_id=key)

    assert refused.value.code == "AccessDenied"


@pytest.mark.parametrize(
    ("change", "code"),
    [("disable_key", "KMS.DisabledException"), ("schedule_key_deletion", "KMS.KMSInvalidStateException")],
)
def test_an_unusable_key_refuses(world, bucket, key, change, code):
    getattr(client(world, "kms"), change)(KeyId=key)

    with pytest.raises(ApiError) as refused:
        deliver(world, bucket, kms_key_id=key)

    assert refused.value.code == code


def test_a_bucket_key_needs_decrypt_for_the_service_too(world, bucket, key):
    rule = {
        "ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key},
        "BucketKeyEnabled": True,
    }
    client(world, "s3").put_bucket_encryption(
        Bucket=bucket, ServerSideEncryptionConfiguration={"Rules": [rule]}
    )

    with pytest.raises(ApiError) as refused:
        deliver(world, bucket, kms_key_id=key)

    assert refused.value.code == "AccessDenied"


def test_a_missing_bucket_is_said_to_be_missing(world):
    with pytest.raises(ApiError) as refused:
        deliver(world, "no-such-bucket-here")

    assert refused.value.code == "NoSuchBucket"
