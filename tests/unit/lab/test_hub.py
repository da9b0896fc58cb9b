"""What Security Hub of the lab sees in policies, however they are written."""

from __future__ import annotations

import json

import pytest

ROOT = {"AWS": "arn:aws:iam::123456789012:root"}
EVERYBODY = ("*", {"AWS": "*"}, {"AWS": ["*"]}, {"AWS": ["arn:aws:iam::123456789012:root", "*"]})
CONDITION = {"StringEquals": {"kms:CallerAccount": "123456789012"}}
OWNER = {"Effect": "Allow", "Principal": ROOT, "Action": "kms:*", "Resource": "*"}


def _looked_at(here, resource):
    """The controls that failed on a resource, once Security Hub has looked."""
    from trailseal_lab import clock
    from trailseal_lab.hub.catalogue import FSBP, NIST
    from trailseal_lab.hub.state import Hubs, enable

    enable(here.world, here.world.account, here.world.region, standards=(FSBP, NIST))
    assert clock.advance(here.world, 2) == ()
    (hub,) = here.world.part(Hubs).by_place.values()
    found = [each for each in hub.findings.values() if each["Resources"][0]["Id"] == resource]
    assert found
    return {f["Compliance"]["SecurityControlId"] for f in found if f["Compliance"]["Status"] == "FAILED"}


@pytest.mark.sweep
@pytest.mark.parametrize("alone", [True, False], ids=["one statement alone", "a list"])
@pytest.mark.parametrize(
    ("principal", "condition", "is_open"),
    [
        *((principal, None, True) for principal in EVERYBODY),
        *((principal, CONDITION, False) for principal in EVERYBODY),
        (ROOT, None, False),
    ],
)
def test_a_key_that_is_open_to_all_is_seen(here, alone, principal, condition, is_open):
    opened = {**OWNER, "Principal": principal, **({"Condition": condition} if condition else {})}
    document = {"Version": "2012-10-17", "Statement": opened if alone else [OWNER, opened]}
    made = here.client("kms").create_key(Policy=json.dumps(document), BypassPolicyLockoutSafetyCheck=True)[
        "KeyMetadata"
    ]

    assert ("KMS.5" in _looked_at(here, made["Arn"])) is is_open


@pytest.mark.parametrize("principal", [*EVERYBODY, {"Service": "cloudtrail.amazonaws.com"}])
def test_a_bucket_of_trails_that_is_open_to_all_is_seen(here, principal):
    s3 = here.client("s3")
    s3.create_bucket(
        Bucket="logs-bucket", CreateBucketConfiguration={"LocationConstraint": here.world.region}
    )
    s3.delete_public_access_block(Bucket="logs-bucket")
    bucket = "arn:aws:s3:::logs-bucket"
    everything = {"Action": "s3:*", "Resource": [bucket, f"{bucket}/*"]}
    statement = {"Effect": "Allow", "Principal": principal, **everything}
    s3.put_bucket_policy(
        Bucket="logs-bucket", Policy=json.dumps({"Version": "2012-10-17", "Statement": statement})
    )
    here.client("cloudtrail").create_trail(Name="one", S3BucketName="logs-bucket")

    assert ("CloudTrail.6" in _looked_at(here, bucket)) is ("Service" not in principal)
