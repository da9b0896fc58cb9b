"""The parts that scenarios are put together from."""

from __future__ import annotations

import json
from typing import Any

from trailseal_lab.inside import client
from trailseal_lab.world import World

Document = dict[str, Any]


def bucket_policy(
    world: World, *, bucket: str, trail: str, organization: str = "", region: str = ""
) -> Document:
    """
    Return the bucket policy that CloudTrail asks for.

    Source: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-s3-bucket-policy-for-cloudtrail.html
    """
    arn = f"arn:aws:cloudtrail:{region or world.region}:{world.account}:trail/{trail}"
    service = {"Service": "cloudtrail.amazonaws.com"}
    source = {"aws:SourceArn": arn}
    folders = {"AWSCloudTrailWrite20150319": world.account}
    if organization:
        folders["AWSCloudTrailOrganizationWrite20150319"] = organization
    writes = [
        {
            "Sid": sid,
            "Effect": "Allow",
            "Principal": service,
            "Action": "s3:PutObject",
            "Resource": f"arn:aws:s3:::{bucket}/AWSLogs/{folder}/*",
            "Condition": {"StringEquals": {**source, "s3:x-amz-acl": "bucket-owner-full-control"}},
        }
        for sid, folder in folders.items()
    ]
    look: Document = {
        "Sid": "AWSCloudTrailAclCheck20150319",
        "Effect": "Allow",
        "Principal": service,
        "Action": "s3:GetBucketAcl",
        "Resource": f"arn:aws:s3:::{bucket}",
        "Condition": {"StringEquals": source},
    }
    return {"Version": "2012-10-17", "Statement": [look, *writes]}


def make_bucket(world: World, name: str, *, policy: Document, account: str = "", region: str = "") -> None:
    """Make a bucket that is closed to the public, with its policy."""
    s3 = client(world, "s3", account=account, region=region)
    s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": region or world.region})
    s3.put_public_access_block(
        Bucket=name,
        PublicAccessBlockConfiguration={
            "BlockPublicAcls": True,
            "IgnorePublicAcls": True,
            "BlockPublicPolicy": True,
            "RestrictPublicBuckets": True,
        },
    )
    s3.put_bucket_policy(Bucket=name, Policy=json.dumps(policy))


def read_bucket_policy(bucket: str) -> Document:
    """Return an identity policy that reads a bucket and says nothing of KMS."""
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "ReadLogFiles",
                "Effect": "Allow",
                "Action": ["s3:GetObject", "s3:ListBucket", "s3:GetBucketLocation"],
                "Resource": [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"],
            }
        ],
    }


def make_reader_user(world: World, name: str, *, bucket: str) -> None:
    """Make a user who may read a bucket."""
    iam = client(world, "iam")
    iam.create_user(UserName=name)
    policy = json.dumps(read_bucket_policy(bucket))
    iam.put_user_policy(UserName=name, PolicyName="read-log-files", PolicyDocument=policy)


def make_reader_role(world: World, name: str, *, bucket: str) -> None:
    """Make a role that may read a bucket."""
    make_role(world, name)
    policy = json.dumps(read_bucket_policy(bucket))
    client(world, "iam").put_role_policy(RoleName=name, PolicyName="read-log-files", PolicyDocument=policy)


def make_role(
    world: World,
    name: str,
    *,
    policies: tuple[str, ...] = (),
    trusted: dict[str, str] | None = None,
    account: str = "",
) -> None:
    """Make a role, trusted by its account unless told otherwise."""
    owner = account or world.account
    iam = client(world, "iam", account=owner)
    principal = trusted or {"AWS": f"arn:aws:iam::{owner}:root"}
    statement = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}
    trust = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust)
    for arn in policies:
        iam.attach_role_policy(RoleName=name, PolicyArn=arn)


def key_policy(
    world: World, *, trails: list[str], account: str = "", others: tuple[Document, ...] = ()
) -> Document:
    """
    Return a least-privilege key policy for trails given by ARN.

    Source: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-kms-key-policy-for-cloudtrail.html
    """
    owner = account or world.account
    service = {"Service": "cloudtrail.amazonaws.com"}
    source = {"StringEquals": {"aws:SourceArn": trails}}
    context = {"kms:EncryptionContext:aws:cloudtrail:arn": f"arn:aws:cloudtrail:*:{world.account}:trail/*"}
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "EnableIamPolicies",
                "Effect": "Allow",
                "Principal": {"AWS": f"arn:aws:iam::{owner}:root"},
                "Action": "kms:*",
                "Resource": "*",
            },
            {
                "Sid": "AllowCloudTrailEncryptLogs",
                "Effect": "Allow",
                "Principal": service,
                "Action": "kms:GenerateDataKey*",
                "Resource": "*",
                "Condition": {**source, "StringLike": context},
            },
            {
                "Sid": "AllowCloudTrailDescribe",
                "Effect": "Allow",
                "Principal": service,
                "Action": "kms:DescribeKey",
                "Resource": "*",
                "Condition": source,
            },
            *others,
        ],
    }


def make_key(
    world: World, *, policy: Document, alias: str, region: str = "", account: str = "", rotates: bool = True
) -> str:
    """Make a customer managed key with an alias and return its ARN."""
    kms = client(world, "kms", region=region, account=account)
    arn = str(kms.create_key(Policy=json.dumps(policy))["KeyMetadata"]["Arn"])
    kms.create_alias(AliasName=alias, TargetKeyId=arn)
    if rotates:
        kms.enable_key_rotation(KeyId=arn)
    return arn


def trail_arn(world: World, name: str, *, region: str = "") -> str:
    """Return the ARN of a trail of the world's account."""
    return f"arn:aws:cloudtrail:{region or world.region}:{world.account}:trail/{name}"
