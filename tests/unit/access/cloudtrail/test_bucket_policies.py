"""
Bucket policies with what they do to CloudTrail's deliveries, each decided by hand from AWS's page beside it.

The rows do not read the list of requests: they say `deliver`, `refuse` or `unknown` of the deliveries.
"""

from __future__ import annotations

import json
from typing import Any

import pytest
from msgspec import structs

from trailseal.access.cloudtrail.answers import answers, by_network, worst
from trailseal.access.cloudtrail.destination import DeliveringPlace, Destination
from trailseal.access.cloudtrail.requests import bucket_requests
from trailseal.access.decision import DENIED, Effect
from trailseal.access.parse.kind import PolicyKind
from trailseal.access.request import Policies

ACCOUNT, MEMBER, ORGANIZATION = "123456789012", "210987654321", "o-exampleorgid"
REGION, ELSEWHERE, BUCKET = "ap-northeast-1", "eu-west-1", "trail-logs"
TRAIL = f"arn:aws:cloudtrail:{REGION}:{ACCOUNT}:trail/management-events"
KEY = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/11111111-2222-3333-4444-555555555555"
ALGORITHM, KEY_ID = "s3:x-amz-server-side-encryption", "s3:x-amz-server-side-encryption-aws-kms-key-id"

CT = "https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-s3-bucket-policy-for-cloudtrail.html"
ORG = CT + "#org-trail-bucket-policy"
S3 = "https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html"
KEYS = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html"
RULES = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html"

OWN = Destination(
    trail_arn=TRAIL,
    partition="aws",
    bucket=BUCKET,
    places=tuple(DeliveringPlace(account=ACCOUNT, region=each) for each in (REGION, ELSEWHERE)),
    bucket_account=ACCOUNT,
    digests=True,
)
ORGANIZED = structs.replace(
    OWN,
    places=tuple(
        DeliveringPlace(account=each, region=REGION, organization=ORGANIZATION) for each in (ACCOUNT, MEMBER)
    ),
)
PREFIXED = structs.replace(OWN, prefix="trails/main")


def arn(path: str = "") -> str:
    return f"arn:aws:s3:::{BUCKET}{path}"


def statement(action: str, resource: str | list[str], **condition: Any) -> dict[str, Any]:
    return {
        "Effect": "Allow",
        "Principal": {"Service": "cloudtrail.amazonaws.com"},
        "Action": action,
        "Resource": resource,
        "Condition": condition or {"StringEquals": {"aws:SourceArn": TRAIL}},
    }


READ_ACL = statement("s3:GetBucketAcl", arn())
CONTROL = {"s3:x-amz-acl": "bucket-owner-full-control", "aws:SourceArn": TRAIL}


def write(path: str = f"/AWSLogs/{ACCOUNT}/*", **condition: Any) -> dict[str, Any]:
    return statement("s3:PutObject", arn(path), **(condition or {"StringEquals": CONTROL}))


def deny(path: str = "/*", action: str = "s3:PutObject", **condition: Any) -> dict[str, Any]:
    denying = {**statement(action, arn(path), **condition), "Effect": "Deny", "Principal": "*", "Sid": "Deny"}
    return denying if condition else {k: v for k, v in denying.items() if k != "Condition"}


SAMPLE = (READ_ACL, write())
ORGANIZED_SAMPLE = (*SAMPLE, write(f"/AWSLogs/{ORGANIZATION}/*"))
UNSEALED = deny(StringNotEquals={ALGORITHM: "aws:kms"})
OTHER_KEY = deny(StringNotEquals={KEY_ID: KEY + "0"})
THIS_KEY = deny(StringNotEquals={KEY_ID: KEY})
NOT_KMS = deny(StringLike={ALGORITHM: "aws:kms*"})

ROWS: list[tuple[str, Destination, str, tuple[dict[str, Any], ...], str, str]] = [
    ("AWS's sample", OWN, KEY, SAMPLE, "deliver", CT),
    ("AWS's sample without a key", OWN, "", SAMPLE, "deliver", CT),
    ("no policy", OWN, KEY, (), "refuse", CT),
    ("no ACL", OWN, KEY, (write(),), "refuse", CT),
    ("only the ACL", OWN, KEY, (READ_ACL,), "refuse", CT),
    ("another trail", OWN, KEY, (READ_ACL, write(StringEquals={"aws:SourceArn": TRAIL + "2"})), "refuse", CT),
    (
        "another trail's ACL",
        OWN,
        KEY,
        (statement("s3:GetBucketAcl", arn(), StringEquals={"aws:SourceArn": TRAIL + "2"}), write()),
        "refuse",
        CT,
    ),
    (
        "another ACL is asked for",
        OWN,
        KEY,
        (READ_ACL, write(StringEquals={"s3:x-amz-acl": "private"})),
        "refuse",
        CT,
    ),
    (
        "the organization of a principal",
        OWN,
        KEY,
        (READ_ACL, write(StringEquals={"aws:PrincipalOrgID": ORGANIZATION})),
        "refuse",
        KEYS,
    ),
    (
        "the organization of the source",
        OWN,
        KEY,
        (READ_ACL, write(StringEquals={"aws:SourceOrgID": ORGANIZATION})),
        "unknown",
        KEYS,
    ),
    (
        "the account of the source",
        OWN,
        KEY,
        (READ_ACL, write(StringEquals={"aws:SourceAccount": ACCOUNT})),
        "deliver",
        CT,
    ),
    ("another bucket", OWN, KEY, ({**READ_ACL, "Resource": "arn:aws:s3:::other"}, write()), "refuse", RULES),
    ("another account's folder", OWN, KEY, (READ_ACL, write(f"/AWSLogs/{MEMBER}/*")), "refuse", CT),
    ("whole bucket", OWN, KEY, (READ_ACL, write("/*")), "deliver", CT),
    ("log files only", OWN, KEY, (READ_ACL, write(f"/AWSLogs/{ACCOUNT}/CloudTrail/*")), "refuse", CT),
    (
        "log files only, no digests",
        structs.replace(OWN, digests=False),
        KEY,
        (READ_ACL, write(f"/AWSLogs/{ACCOUNT}/CloudTrail/*")),
        "deliver",
        CT,
    ),
    (
        "one Region only",
        OWN,
        KEY,
        (READ_ACL, write(f"/AWSLogs/{ACCOUNT}/CloudTrail*/{REGION}/*")),
        "refuse",
        CT,
    ),
    ("a prefix", PREFIXED, KEY, (READ_ACL, write(f"/trails/main/AWSLogs/{ACCOUNT}/*")), "deliver", CT),
    ("without the prefix", PREFIXED, KEY, SAMPLE, "refuse", CT),
    (
        "everybody",
        OWN,
        KEY,
        ({**READ_ACL, "Principal": "*"}, {**write(), "Principal": "*"}),
        "deliver",
        RULES,
    ),
    ("SSE-S3 only", OWN, KEY, (READ_ACL, write(StringEquals={ALGORITHM: "AES256"})), "refuse", S3),
    (
        "SSE-S3 only, as long as it is named",
        OWN,
        KEY,
        (READ_ACL, write(StringEqualsIfExists={ALGORITHM: "AES256"})),
        "refuse",
        S3,
    ),
    (
        "SSE-S3 or nothing, without a key",
        OWN,
        "",
        (READ_ACL, write(StringEqualsIfExists={ALGORITHM: "AES256"})),
        "unknown",
        S3,
    ),
    ("SSE-KMS only", OWN, KEY, (READ_ACL, write(StringEquals={ALGORITHM: "aws:kms"})), "deliver", S3),
    ("this key only", OWN, KEY, (READ_ACL, write(StringEquals={KEY_ID: KEY})), "deliver", S3),
    ("this key only, without a key", OWN, "", (READ_ACL, write(StringEquals={KEY_ID: KEY})), "refuse", S3),
    ("another key only", OWN, KEY, (READ_ACL, write(StringEqualsIfExists={KEY_ID: KEY + "0"})), "refuse", S3),
    ("deny what is not under KMS", OWN, KEY, (*SAMPLE, UNSEALED), "deliver", S3),
    ("deny what is not under KMS, without a key", OWN, "", (*SAMPLE, UNSEALED), "unknown", S3),
    ("deny what names no key, without a key", OWN, "", (*SAMPLE, deny(Null={KEY_ID: "true"})), "refuse", S3),
    ("deny what names no key", OWN, KEY, (*SAMPLE, deny(Null={KEY_ID: "true"})), "deliver", S3),
    ("deny other keys", OWN, KEY, (*SAMPLE, THIS_KEY), "deliver", S3),
    ("deny all but another key", OWN, KEY, (*SAMPLE, OTHER_KEY), "refuse", S3),
    ("deny KMS", OWN, KEY, (*SAMPLE, NOT_KMS), "refuse", S3),
    (
        "deny KMS in the digests",
        OWN,
        KEY,
        (*SAMPLE, deny("/*CloudTrail-Digest/*", StringLike={ALGORITHM: "aws:kms*"})),
        "refuse",
        S3,
    ),
    (
        "deny KMS in one Region",
        OWN,
        KEY,
        (*SAMPLE, deny(f"/*/{ELSEWHERE}/*", StringLike={ALGORITHM: "aws:kms*"})),
        "refuse",
        S3,
    ),
    (
        "deny KMS elsewhere",
        OWN,
        KEY,
        (*SAMPLE, deny("/backup/*", StringLike={ALGORITHM: "aws:kms*"})),
        "deliver",
        S3,
    ),
    ("deny plain HTTP", OWN, KEY, (*SAMPLE, deny(Bool={"aws:SecureTransport": "false"})), "deliver", KEYS),
    ("deny the ACL", OWN, KEY, (*SAMPLE, deny("", "s3:GetBucketAcl")), "refuse", RULES),
    (
        "deny other networks",
        OWN,
        KEY,
        (*SAMPLE, deny(StringNotEquals={"aws:SourceVpce": "vpce-1"})),
        "unknown",
        KEYS,
    ),
    (
        "deny other addresses but of services",
        OWN,
        KEY,
        (
            *SAMPLE,
            deny(NotIpAddress={"aws:SourceIp": "10.0.0.0/8"}, Bool={"aws:PrincipalIsAWSService": "false"}),
        ),
        "deliver",
        KEYS,
    ),
    (
        "deny others than the organization",
        OWN,
        KEY,
        (*SAMPLE, deny(StringNotEquals={"aws:PrincipalOrgID": ORGANIZATION})),
        "refuse",
        KEYS,
    ),
    (
        "deny others but services",
        OWN,
        KEY,
        (
            *SAMPLE,
            deny(
                StringNotEqualsIfExists={"aws:PrincipalOrgID": ORGANIZATION},
                Bool={"aws:PrincipalIsAWSService": "false"},
            ),
        ),
        "deliver",
        KEYS,
    ),
    ("organization", ORGANIZED, KEY, ORGANIZED_SAMPLE, "deliver", ORG),
    ("organization, own folder only", ORGANIZED, KEY, SAMPLE, "refuse", ORG),
    (
        "organization, one member only",
        ORGANIZED,
        KEY,
        (*SAMPLE, write(f"/AWSLogs/{ORGANIZATION}/{ACCOUNT}/*")),
        "refuse",
        ORG,
    ),
    (
        "organization, deny KMS in it",
        ORGANIZED,
        KEY,
        (*ORGANIZED_SAMPLE, deny("/AWSLogs/o-*/*", StringLike={ALGORITHM: "aws:kms*"})),
        "refuse",
        ORG,
    ),
]


def text_of(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def deliveries(to: Destination, key: str, *statements: dict[str, Any]) -> str:
    policy = text_of(*statements) if statements else None
    found = worst(answers(bucket_requests(to, key_arn=key), Policies(resource=policy)))
    assert found is not None
    if found.effect in DENIED:
        return "refuse"
    return "deliver" if found.effect is Effect.ALLOWED else "unknown"


@pytest.mark.parametrize(
    ("to", "key", "statements", "expected"), [row[1:5] for row in ROWS], ids=[row[0] for row in ROWS]
)
def test_a_bucket_policy_lets_deliveries_in_as_aws_says(to, key, statements, expected):
    assert deliveries(to, key, *statements) == expected


@pytest.mark.parametrize(
    ("condition", "named"),
    [
        ({"StringNotEquals": {"aws:SourceVpce": "vpce-1"}}, ("Deny",)),
        ({"NotIpAddress": {"AWS:SOURCEIP": "10.0.0.0/8"}}, ("Deny",)),
        ({"StringNotEquals": {"aws:SourceOrgID": "o-a"}}, ()),
    ],
)
def test_a_deny_by_the_network_is_told_apart(condition, named):
    policy = text_of(*SAMPLE, deny(**condition))
    (open_one, *_) = (
        each
        for each in answers(bucket_requests(OWN, key_arn=KEY), Policies(resource=policy))
        if each.effect is Effect.UNKNOWN
    )

    assert open_one.statements == ("Deny",)
    assert by_network(policy, PolicyKind.BUCKET, open_one.statements) == named
