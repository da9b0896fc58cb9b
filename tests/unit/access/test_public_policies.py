"""Source of the cases: https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html."""

from __future__ import annotations

from typing import Any

import pytest

from trailseal.access.parse.document import read_policy
from trailseal.access.parse.kind import PolicyKind
from trailseal.access.parse.stored import read_stored
from trailseal.access.public import Publicness, may_be_public, publicness

VPC_POINT = "arn:aws:s3:us-west-2:123456789012:accesspoint/"


def bucket_policy(**more: Any) -> dict[str, Any]:
    """Return a bucket policy with one statement for everybody, as changed."""
    statement = {"Sid": "S", "Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "*"}
    changed = {name: value for name, value in {**statement, **more}.items() if value is not None}
    return {"Version": "2012-10-17", "Statement": [changed]}


PUBLIC = {
    "everybody": {},
    "everybody as AWS": {"Principal": {"AWS": "*"}},
    "an open source VPC": {"Condition": {"StringLike": {"aws:SourceVpc": "vpc-*"}}},
    "one open value beside a fixed one": {"Condition": {"StringLike": {"aws:SourceVpc": ["vpc-1", "vpc-?"]}}},
    "a whole address space": {"Condition": {"IpAddress": {"aws:SourceIp": "0.0.0.0/1"}}},
    "all addresses but some": {"Condition": {"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}}},
    "a key that fixes nothing": {"Condition": {"StringEquals": {"aws:UserAgent": "x"}}},
    "a negated operator": {"Condition": {"StringNotEquals": {"aws:SourceVpc": "vpc-1"}}},
    "a condition only if it exists": {"Condition": {"StringEqualsIfExists": {"aws:SourceVpc": "vpc-1"}}},
    "a set that may be empty": {"Condition": {"ForAllValues:StringEquals": {"aws:SourceVpc": "vpc-1"}}},
    "a variable": {"Condition": {"StringEquals": {"aws:SourceAccount": "${aws:PrincipalAccount}"}}},
    "a source ARN of any account": {"Condition": {"ArnLike": {"aws:SourceArn": "arn:aws:s3:::*"}}},
    "secure transport": {"Condition": {"Bool": {"aws:SecureTransport": "true"}}},
    "the sessions of any role": {"Condition": {"StringLike": {"aws:userid": "*:me"}}},
    "any user ID": {"Condition": {"StringLike": {"aws:userid": "*"}}},
    "an access point of any account": {
        "Condition": {"ArnLike": {"s3:DataAccessPointArn": "arn:aws:s3:us-west-2:*:accesspoint/a"}}
    },
    "an access point that is no ARN": {"Condition": {"StringLike": {"s3:DataAccessPointArn": "*"}}},
    "an open principal": {"Condition": {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/x"}}},
}
NOT_PUBLIC = {
    "a fixed principal": {"Principal": {"AWS": "arn:aws:iam::210987654321:root"}},
    "a service": {"Principal": {"Service": "cloudtrail.amazonaws.com"}},
    "a deny": {"Effect": "Deny"},
    "a fixed source VPC": {"Condition": {"StringEquals": {"aws:SourceVpc": "vpc-91237329"}}},
    "a fixed endpoint": {"Condition": {"StringEquals": {"aws:SourceVpce": "vpce-1a2b3c4d"}}},
    "a fixed value beside something open": {
        "Condition": {"StringEquals": {"aws:SourceVpc": "vpc-1"}, "StringLike": {"aws:UserAgent": "*"}}
    },
    "a fixed value in a set": {"Condition": {"ForAnyValue:StringEquals": {"aws:SourceVpc": "vpc-1"}}},
    "a range of addresses": {"Condition": {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}},
    "private addresses": {"Condition": {"IpAddress": {"aws:SourceIp": ["10.0.0.0/8", "192.168.0.0/16"]}}},
    "an IPv6 range": {"Condition": {"IpAddress": {"aws:SourceIp": "2001:db8::/32"}}},
    "an organization": {"Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-1"}}},
    "a source ARN": {"Condition": {"ArnEquals": {"aws:SourceArn": "arn:aws:s3:::other-bucket"}}},
    "a fixed user ID": {"Condition": {"StringEquals": {"aws:userid": "AIDACKCEVSQ6C2EXAMPLE"}}},
    "any access point of an account": {"Condition": {"ArnLike": {"s3:DataAccessPointArn": f"{VPC_POINT}*"}}},
    "one access point": {"Condition": {"ArnLike": {"s3:DataAccessPointArn": f"{VPC_POINT}a"}}},
}
UNTOLD = {
    "no source at all": {"Condition": {"StringEquals": {"aws:SourceAccount": []}}},
    "no address at all": {"Condition": {"IpAddress": {"aws:SourceIp": []}}},
    "nothing that fixes anything": {"Condition": {"StringLike": {"aws:UserAgent": []}}},
    "a wildcard in the ARN of a source of one account": {
        "Condition": {"ArnLike": {"aws:SourceArn": "arn:aws:sns:*:123456789012:*"}}
    },
    "the principals of an account by their ARNs": {
        "Condition": {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::210987654321:role/*"}}
    },
    "services only": {"Condition": {"Bool": {"aws:PrincipalIsAWSService": "true"}}},
    "one session of a role": {"Condition": {"StringEquals": {"aws:userid": "AROLEID:me"}}},
    "a fixed principal by its ARN": {
        "Condition": {"ArnEquals": {"aws:PrincipalArn": "arn:aws:iam::210987654321:role/x"}}
    },
    "a key of the SDK's list only": {
        "Condition": {"StringEquals": {"s3:x-amz-server-side-encryption-aws-kms-key-id": "k"}}
    },
    "the sessions of a role": {"Condition": {"StringLike": {"aws:userid": "AROLEID:*"}}},
    "access points of any Region": {
        "Condition": {"ArnLike": {"s3:DataAccessPointArn": "arn:aws:s3:*:123456789012:accesspoint/*"}}
    },
}


STORED = {
    "everybody but one": {"Principal": None, "NotPrincipal": {"AWS": "arn:aws:iam::210987654321:root"}},
    "a principal with a wildcard": {"Principal": {"AWS": "arn:aws:iam::210987654321:role/*"}},
    "an address that is none": {"Condition": {"IpAddress": {"aws:SourceIp": "x"}}},
}
"""Forms that S3 refuses today. Where it holds one all the same, nobody knows what it makes of it."""


def found(change: dict[str, Any], *, of_access_point: bool = False) -> Publicness:
    """Return what is found out about the policy with one statement as changed."""
    policy = read_policy(bucket_policy(**change), PolicyKind.BUCKET)
    return publicness(policy, of_access_point=of_access_point)


@pytest.mark.parametrize("change", PUBLIC.values(), ids=list(PUBLIC))
def test_a_statement_for_everybody_that_nothing_fixes_is_public(change: dict[str, Any]) -> None:
    assert [s.sid for s in found(change).sure] == ["S"]
    assert found(change).is_public is True


@pytest.mark.parametrize("change", NOT_PUBLIC.values(), ids=list(NOT_PUBLIC))
def test_a_statement_with_a_fixed_caller_is_not_public(change: dict[str, Any]) -> None:
    assert found(change) == Publicness()
    assert found(change).is_public is False


@pytest.mark.parametrize("change", STORED.values(), ids=list(STORED))
def test_a_stored_form_that_s3_refuses_may_be_public(change: dict[str, Any]) -> None:
    policy = read_stored(bucket_policy(**change), PolicyKind.BUCKET)

    assert publicness(policy).is_public is None


@pytest.mark.parametrize("change", UNTOLD.values(), ids=list(UNTOLD))
def test_where_the_page_does_not_say_neither_do_we(change: dict[str, Any]) -> None:
    assert [s.sid for s in found(change).untold] == ["S"]
    assert found(change).is_public is None


def test_one_public_statement_makes_the_policy_public_whatever_the_others_are() -> None:
    untold = bucket_policy(**UNTOLD["the sessions of a role"])["Statement"]
    document = {"Statement": [*untold, *bucket_policy(Sid="P")["Statement"]]}

    assert publicness(read_policy(document, PolicyKind.BUCKET)).is_public is True


@pytest.mark.parametrize(
    ("change", "public"),
    [
        (PUBLIC["everybody"], None),
        (NOT_PUBLIC["any access point of an account"], None),
        (NOT_PUBLIC["a fixed source VPC"], False),
    ],
    ids=["everybody", "access points", "a fixed source VPC"],
)
def test_an_access_point_may_be_open_to_a_vpc_alone(change: dict[str, Any], *, public: bool | None) -> None:
    assert found(change, of_access_point=True).is_public is public


def test_an_identity_statement_is_not_public() -> None:
    document = {"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}

    assert publicness(read_policy(document, PolicyKind.IDENTITY)).is_public is False


@pytest.mark.parametrize(
    ("document", "may_be"),
    [
        (bucket_policy(), True),
        (bucket_policy(**UNTOLD["services only"]), True),
        (bucket_policy(**NOT_PUBLIC["a deny"]), False),
        ({}, False),
    ],
    ids=["public", "untold", "not public", "no policy"],
)
def test_a_policy_that_may_be_public_is_one_that_nothing_clears(
    document: dict[str, Any], *, may_be: bool
) -> None:
    assert may_be_public(document) is may_be
