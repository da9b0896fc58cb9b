"""
Key policies with what they do to CloudTrail's deliveries, each decided by hand from AWS's page beside it.

The rows do not read the list of requests: they say `deliver`, `refuse` or `unknown` of the deliveries.
"""

from __future__ import annotations

import json
from typing import Any

import pytest
from msgspec import structs

from trailseal.access.cloudtrail.answers import answers, worst
from trailseal.access.cloudtrail.destination import DeliveringPlace, Destination
from trailseal.access.cloudtrail.requests import Purpose, key_requests
from trailseal.access.decision import DENIED, Effect
from trailseal.access.request import Policies

ACCOUNT, MEMBER, ORGANIZATION = "123456789012", "210987654321", "o-exampleorgid"
REGION, BUCKET = "ap-northeast-1", "trail-logs"
TRAIL = f"arn:aws:cloudtrail:{REGION}:{ACCOUNT}:trail/management-events"
TRAILS = f"arn:aws:cloudtrail:*:{ACCOUNT}:trail/*"
KEY = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/11111111-2222-3333-4444-555555555555"
PAIR, WHERE = "kms:EncryptionContext:aws:cloudtrail:arn", "kms:EncryptionContext:aws:s3:arn"
OBJECTS, OF_BUCKET = f"arn:aws:s3:::{BUCKET}/*", f"arn:aws:s3:::{BUCKET}"
LOGS = f"arn:aws:s3:::{BUCKET}/AWSLogs/{ACCOUNT}/CloudTrail/*"
DIGESTS = f"arn:aws:s3:::{BUCKET}/AWSLogs/{ACCOUNT}/CloudTrail-Digest/*"

CT = "https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-kms-key-policy-for-cloudtrail.html"
KMS = "https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html"
S3 = "https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-key.html"
KEYS = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html"
RULES = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html"

OWN = Destination(
    trail_arn=TRAIL,
    partition="aws",
    bucket=BUCKET,
    places=(DeliveringPlace(account=ACCOUNT, region=REGION),),
    bucket_account=ACCOUNT,
    digests=True,
)
WITH_BUCKET_KEY = structs.replace(OWN, bucket_key=True)
MAYBE_BUCKET_KEY = structs.replace(OWN, bucket_key=None)
ORGANIZED = structs.replace(
    OWN,
    places=tuple(
        DeliveringPlace(account=each, region=REGION, organization=ORGANIZATION) for each in (ACCOUNT, MEMBER)
    ),
)


def allow(action: str | list[str], **condition: Any) -> dict[str, Any]:
    return {
        "Effect": "Allow",
        "Principal": {"Service": "cloudtrail.amazonaws.com"},
        "Action": action,
        "Resource": "*",
        "Condition": condition or {"StringEquals": {"aws:SourceArn": TRAIL}},
    }


def deny(action: str = "kms:*", **condition: Any) -> dict[str, Any]:
    return {**allow(action, **condition), "Effect": "Deny", "Principal": "*", "Sid": "Deny"}


ENCRYPT = allow("kms:GenerateDataKey*", StringEquals={"aws:SourceArn": TRAIL}, StringLike={PAIR: TRAILS})
DESCRIBE, DECRYPT = allow("kms:DescribeKey"), allow("kms:Decrypt")
SAMPLE = (ENCRYPT, DESCRIBE)


def where(value: str | list[str], action: str = "kms:GenerateDataKey*") -> dict[str, Any]:
    return allow(action, StringLike={WHERE: value})


ROWS: list[tuple[str, Destination, tuple[dict[str, Any], ...], str, str]] = [
    ("AWS's sample", OWN, SAMPLE, "deliver", CT),
    ("no statement", OWN, (), "refuse", RULES),
    ("no describe", OWN, (ENCRYPT,), "unknown", CT),
    ("only describe", OWN, (DESCRIBE,), "refuse", CT),
    (
        "another service",
        OWN,
        ({**ENCRYPT, "Principal": {"Service": "s3.amazonaws.com"}}, DESCRIBE),
        "refuse",
        CT,
    ),
    ("everybody", OWN, ({**ENCRYPT, "Principal": "*"}, {**DESCRIBE, "Principal": "*"}), "deliver", RULES),
    ("every AWS principal", OWN, ({**ENCRYPT, "Principal": {"AWS": "*"}}, DESCRIBE), "deliver", RULES),
    ("the account", OWN, ({**ENCRYPT, "Principal": {"AWS": ACCOUNT}}, DESCRIBE), "refuse", RULES),
    ("another trail", OWN, (allow("kms:*", StringEquals={"aws:SourceArn": TRAIL + "2"}),), "refuse", CT),
    ("another account", OWN, (allow("kms:*", StringEquals={"aws:SourceAccount": MEMBER}),), "refuse", CT),
    (
        "the account as source",
        OWN,
        (allow("kms:*", StringEquals={"aws:SourceAccount": ACCOUNT}),),
        "deliver",
        CT,
    ),
    ("any trail of the account", OWN, (allow("kms:*", ArnLike={"aws:SourceArn": TRAILS}),), "deliver", CT),
    ("one data key action", OWN, (allow("kms:GenerateDataKey"), DESCRIBE), "deliver", CT),
    (
        "data keys without plaintext",
        OWN,
        (allow("kms:GenerateDataKeyWithoutPlaintext"), DESCRIBE),
        "refuse",
        CT,
    ),
    (
        "describe with a context",
        OWN,
        (allow(["kms:GenerateDataKey*", "kms:DescribeKey"], StringEquals={PAIR: TRAIL}),),
        "unknown",
        KMS,
    ),
    ("context that must be there", OWN, (allow("kms:*", Null={PAIR: "false"}),), "unknown", KMS),
    (
        "deny without a context",
        OWN,
        (*SAMPLE, deny("kms:GenerateDataKey*", Null={PAIR: "true"})),
        "deliver",
        KMS,
    ),
    ("deny all without a context", OWN, (*SAMPLE, deny(Null={PAIR: "true"})), "unknown", KMS),
    (
        "deny other names in the context",
        OWN,
        (
            *SAMPLE,
            deny(
                "kms:GenerateDataKey*",
                **{
                    "ForAnyValue:StringNotEquals": {
                        "kms:EncryptionContextKeys": ["aws:cloudtrail:arn", "aws:s3:arn"]
                    }
                },
            ),
        ),
        "deliver",
        KMS,
    ),
    ("objects", OWN, (where(OBJECTS), DESCRIBE), "deliver", KMS),
    ("logs and digests", OWN, (where([LOGS, DIGESTS]), DESCRIBE), "deliver", KMS),
    ("logs only", OWN, (where(LOGS), DESCRIBE), "refuse", KMS),
    ("logs only, no digests", structs.replace(OWN, digests=False), (where(LOGS), DESCRIBE), "deliver", KMS),
    ("the bucket's ARN", OWN, (where(OF_BUCKET), DESCRIBE), "refuse", S3),
    ("another bucket's objects", OWN, (where("arn:aws:s3:::other/*"), DESCRIBE), "refuse", KMS),
    (
        "deny other buckets",
        OWN,
        (*SAMPLE, deny("kms:GenerateDataKey*", StringNotLike={WHERE: OBJECTS})),
        "deliver",
        KMS,
    ),
    ("deny the logs", OWN, (*SAMPLE, deny("kms:GenerateDataKey*", StringLike={WHERE: LOGS})), "refuse", KMS),
    (
        "deny the digests",
        OWN,
        (*SAMPLE, deny("kms:GenerateDataKey*", StringLike={WHERE: DIGESTS})),
        "refuse",
        KMS,
    ),
    ("deny", OWN, (*SAMPLE, {**deny(), "Condition": {}}), "refuse", RULES),
    ("deny but services", OWN, (*SAMPLE, deny(Bool={"aws:PrincipalIsAWSService": "false"})), "deliver", KEYS),
    ("deny services", OWN, (*SAMPLE, deny(Bool={"aws:PrincipalIsAWSService": "true"})), "refuse", KEYS),
    (
        "deny another organization",
        OWN,
        (*SAMPLE, deny(StringNotEquals={"aws:SourceOrgID": "o-a"})),
        "unknown",
        KEYS,
    ),
    ("deny plain HTTP", OWN, (*SAMPLE, deny(Bool={"aws:SecureTransport": "false"})), "deliver", KEYS),
    (
        "deny other networks",
        OWN,
        (*SAMPLE, deny(StringNotEquals={"aws:SourceVpce": "vpce-1"})),
        "unknown",
        KEYS,
    ),
    (
        "deny other addresses",
        OWN,
        (*SAMPLE, deny(NotIpAddress={"aws:SourceIp": "10.0.0.0/8"})),
        "unknown",
        KEYS,
    ),
    (
        "deny for a time",
        OWN,
        (*SAMPLE, deny(DateGreaterThan={"aws:CurrentTime": "2026-01-01T00:00:00Z"})),
        "unknown",
        KEYS,
    ),
    ("Bucket Key, no Decrypt", WITH_BUCKET_KEY, SAMPLE, "refuse", CT),
    ("Bucket Key", WITH_BUCKET_KEY, (*SAMPLE, DECRYPT), "deliver", CT),
    ("Bucket Key, the bucket's ARN", WITH_BUCKET_KEY, (where(OF_BUCKET, "kms:*"), DESCRIBE), "deliver", S3),
    ("Bucket Key, objects", WITH_BUCKET_KEY, (where(OBJECTS, "kms:*"), DESCRIBE), "unknown", S3),
    (
        "Bucket Key, another bucket",
        WITH_BUCKET_KEY,
        (where("arn:aws:s3:::other", "kms:*"), DESCRIBE),
        "refuse",
        S3,
    ),
    ("Bucket Key or not", MAYBE_BUCKET_KEY, (*SAMPLE, DECRYPT), "deliver", CT),
    ("Bucket Key or not, no Decrypt", MAYBE_BUCKET_KEY, SAMPLE, "unknown", CT),
    ("Bucket Key or not, objects", MAYBE_BUCKET_KEY, (where(OBJECTS, "kms:*"), DESCRIBE), "unknown", S3),
    ("organization", ORGANIZED, SAMPLE, "deliver", CT),
    (
        "organization, a member's trail",
        ORGANIZED,
        (allow("kms:*", StringEquals={"aws:SourceAccount": MEMBER}),),
        "refuse",
        CT,
    ),
    (
        "organization, its folder",
        ORGANIZED,
        (where(f"arn:aws:s3:::{BUCKET}/AWSLogs/{ORGANIZATION}/*"), DESCRIBE),
        "deliver",
        CT,
    ),
    ("organization, the account's folder", ORGANIZED, (where([LOGS, DIGESTS]), DESCRIBE), "refuse", CT),
    (
        "organization, one member denied",
        ORGANIZED,
        (*SAMPLE, deny("kms:GenerateDataKey", StringLike={WHERE: f"*/{MEMBER}/*"})),
        "refuse",
        KMS,
    ),
]


def deliveries(to: Destination, *statements: dict[str, Any]) -> str:
    text = json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
    asked = (each for each in key_requests(to, key_arn=KEY) if each.purpose is not Purpose.TRY_KEY)
    found = worst(answers(asked, Policies(resource=text)))
    assert found is not None
    if found.effect in DENIED:
        return "refuse"
    return "deliver" if found.effect is Effect.ALLOWED else "unknown"


@pytest.mark.parametrize(
    ("to", "statements", "expected"), [row[1:4] for row in ROWS], ids=[row[0] for row in ROWS]
)
def test_a_key_policy_lets_deliveries_in_as_aws_says(to, statements, expected):
    assert deliveries(to, *statements) == expected


@pytest.mark.parametrize("name", ["AWS's sample", "logs and digests", "objects", "only describe"])
def test_where_the_members_are_not_told_a_denial_is_none(name):
    """What lets everybody in lets in whoever there is; what shuts some out may be about nobody."""
    statements, expected = next((row[2], row[3]) for row in ROWS if row[0] == name)
    some = structs.replace(OWN, places=(structs.replace(OWN.places[0], account=MEMBER, is_stand_in=True),))
    everywhere = name in {"AWS's sample", "objects"}

    assert deliveries(some, *statements) == ("deliver" if everywhere else "unknown")
    assert expected in {"deliver", "refuse"}


def test_a_new_key_is_tried_with_the_path_of_its_files():
    """Source: how-kms-works-with-cloudtrail.html: the bucket and path where log files are delivered."""
    for statements, effect in (
        (SAMPLE, Effect.ALLOWED),
        ((where(OBJECTS),), Effect.ALLOWED),
        ((where(LOGS),), Effect.UNKNOWN),
        ((where(OF_BUCKET),), Effect.IMPLICITLY_DENIED),
    ):
        text = json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
        asked = (each for each in key_requests(OWN, key_arn=KEY) if each.purpose is Purpose.TRY_KEY)
        (found,) = answers(asked, Policies(resource=text))

        assert found.effect is effect, statements
