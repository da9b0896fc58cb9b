"""
Block Public Access of the lab, where it and the library below it would differ.

Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
"""

from __future__ import annotations

import json

import pytest
from botocore.exceptions import ClientError

from refusals import code_of
from trailseal.aws.session import reach_by_address

ACCOUNT = "123456789012"
BUCKET = "logs-bucket"
OTHER = "555555555555"
BOSS = f"arn:aws:iam::{OTHER}:user/boss"
LIMITS = {
    "everybody": ({}, True),
    "an open source VPC": ({"Condition": {"StringLike": {"aws:SourceVpc": "vpc-*"}}}, True),
    "a fixed source VPC": ({"Condition": {"StringEquals": {"aws:SourceVpc": "vpc-91237329"}}}, False),
    "half of all addresses": ({"Condition": {"IpAddress": {"aws:SourceIp": "0.0.0.0/1"}}}, True),
    "a key that fixes nothing": ({"Condition": {"StringEquals": {"aws:UserAgent": "x"}}}, True),
    "what the page leaves open": ({"Condition": {"ArnEquals": {"aws:PrincipalArn": BOSS}}}, True),
    "another account": ({"Principal": {"AWS": f"arn:aws:iam::{OTHER}:root"}}, False),
}


def statement(**more):
    given = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject"}
    return {**given, "Resource": f"arn:aws:s3:::{BUCKET}/*", **more}


@pytest.fixture
def s3(lab):
    """Return the owner's client, with a bucket whose public policies are let."""
    client = lab.client("s3")
    client.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "ap-northeast-1"})
    client.put_object(Bucket=BUCKET, Key="a", Body=b"one")
    client.delete_public_access_block(Bucket=BUCKET)
    return client


@pytest.fixture
def boss(lab):
    """Return the client of another account's administrator."""
    iam = lab.client("iam", f"arn:aws:iam::{OTHER}:root")
    iam.create_user(UserName="boss")
    iam.attach_user_policy(UserName="boss", PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess")
    return lab.client("s3", BOSS)


def put_policy(s3, *statements):
    s3.put_bucket_policy(
        Bucket=BUCKET, Policy=json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
    )


def restrict(s3, **settings):
    s3.put_public_access_block(Bucket=BUCKET, PublicAccessBlockConfiguration=settings)


def download(client):
    return client.get_object(Bucket=BUCKET, Key="a")["Body"].read()


@pytest.mark.parametrize(("limit", "public"), LIMITS.values(), ids=list(LIMITS))
def test_the_policy_status_is_s3s_meaning_of_public(s3, limit, public):
    put_policy(s3, statement(**limit))

    assert s3.get_bucket_policy_status(Bucket=BUCKET)["PolicyStatus"]["IsPublic"] is public


def test_without_a_policy_there_is_no_status(s3):
    assert code_of(s3.get_bucket_policy_status, Bucket=BUCKET) == "NoSuchBucketPolicy"


@pytest.mark.parametrize(("limit", "public"), LIMITS.values(), ids=list(LIMITS))
def test_a_policy_is_refused_when_it_is_public(s3, limit, public):
    restrict(s3, BlockPublicPolicy=True)

    if public:
        with pytest.raises(ClientError, match="prevented by the BlockPublicPolicy setting"):
            put_policy(s3, statement(**limit))
    else:
        put_policy(s3, statement(**limit))


def test_another_account_downloads_until_its_public_bucket_is_restricted(s3, boss):
    put_policy(s3, statement(Principal={"AWS": f"arn:aws:iam::{OTHER}:root"}), statement(Sid="All"))

    assert download(boss) == b"one"

    restrict(s3, RestrictPublicBuckets=True)

    with pytest.raises(ClientError, match="explicit deny in S3 Block Public Access"):
        download(boss)
    assert download(s3) == b"one"

    put_policy(s3, statement(Principal={"AWS": f"arn:aws:iam::{OTHER}:root"}))

    assert download(boss) == b"one"


def test_a_condition_that_fixes_nothing_does_not_keep_a_policy_from_being_shut(s3, boss):
    put_policy(s3, statement(Condition={"IpAddress": {"aws:SourceIp": "0.0.0.0/1"}}))

    assert download(boss) == b"one"

    restrict(s3, RestrictPublicBuckets=True)

    assert code_of(boss.get_object, Bucket=BUCKET, Key="a") == "AccessDenied"


def test_a_policy_that_is_not_public_is_left_as_it_is(s3, boss):
    put_policy(s3, statement(Condition={"IpAddress": {"aws:SourceIp": "127.0.0.0/8"}}))
    restrict(s3, RestrictPublicBuckets=True)

    assert download(boss) == b"one"


def test_the_accounts_own_setting_shuts_a_bucket_that_has_none(lab, s3, boss):
    put_policy(s3, statement())
    control = lab.client("s3control")
    control.meta.events.register("before-sign.s3-control", reach_by_address)

    assert download(boss) == b"one"

    control.put_public_access_block(
        AccountId=ACCOUNT, PublicAccessBlockConfiguration={"RestrictPublicBuckets": True}
    )

    with pytest.raises(ClientError, match="explicit deny in S3 Block Public Access"):
        download(boss)
    assert download(s3) == b"one"


def test_who_reads_the_accounts_setting_where_the_policy_is_public(fresh_lab):
    story = fresh_lab("story")
    s3, trail = story.client("s3"), story.client("cloudtrail").describe_trails()["trailList"][0]
    bucket = trail["S3BucketName"]
    policy = json.loads(s3.get_bucket_policy(Bucket=bucket)["Policy"])
    policy["Statement"].append(statement(Sid="All", Resource=f"arn:aws:s3:::{bucket}/*"))

    assert not asked_account(story, trail["Name"])

    s3.delete_public_access_block(Bucket=bucket)
    s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps(policy))

    assert asked_account(story, trail["Name"])


def asked_account(lab, trail):
    """Return whether `who` asks S3 Control for the account's Block Public Access."""
    return "s3control:GetPublicAccessBlock" in lab.trailseal("who", "--trail", trail, "-v").stderr
