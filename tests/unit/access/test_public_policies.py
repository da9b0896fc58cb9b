"""Source of the cases: https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html."""

from __future__ import annotations

from typing import Any

import pytest

from trailseal.access.caller import read_caller
from trailseal.access.public import is_blocked, public_statements

OWNER = "123456789012"


def bucket_policy(**more: Any) -> dict[str, Any]:
    """Return a bucket policy with one statement for everybody, as changed."""
    statement = {"Sid": "S", "Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "*"}
    return {"Version": "2012-10-17", "Statement": [{**statement, **more}]}


PUBLIC = {
    "everybody": {},
    "everybody as AWS": {"Principal": {"AWS": "*"}},
    "an open source VPC": {"Condition": {"StringLike": {"aws:SourceVpc": "vpc-*"}}},
    "a whole address space": {"Condition": {"IpAddress": {"aws:SourceIp": "0.0.0.0/1"}}},
    "an address that is none": {"Condition": {"IpAddress": {"aws:SourceIp": "x"}}},
    "a key that fixes nothing": {"Condition": {"StringEquals": {"aws:UserAgent": "x"}}},
    "a negated operator": {"Condition": {"StringNotEquals": {"aws:SourceVpc": "vpc-1"}}},
    "a condition only if it exists": {"Condition": {"StringEqualsIfExists": {"aws:SourceVpc": "vpc-1"}}},
    "a variable": {"Condition": {"StringEquals": {"aws:SourceAccount": "${aws:PrincipalAccount}"}}},
    "a source ARN without an account": {"Condition": {"ArnLike": {"aws:SourceArn": "arn:aws:s3:::*"}}},
}
NOT_PUBLIC = {
    "a fixed principal": {"Principal": {"AWS": "arn:aws:iam::210987654321:root"}},
    "a service": {"Principal": {"Service": "cloudtrail.amazonaws.com"}},
    "a deny": {"Effect": "Deny"},
    "a fixed source VPC": {"Condition": {"StringEquals": {"aws:SourceVpc": "vpc-91237329"}}},
    "a range of addresses": {"Condition": {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}},
    "an organization": {"Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-1"}}},
    "a source ARN": {
        "Condition": {"ArnLike": {"aws:SourceArn": "arn:aws:cloudtrail:*:123456789012:trail/*"}}
    },
}


@pytest.mark.parametrize("change", PUBLIC.values(), ids=list(PUBLIC))
def test_a_statement_for_everybody_that_nothing_fixes_is_public(change: dict[str, Any]) -> None:
    assert [s.sid for s in public_statements(bucket_policy(**change))] == ["S"]


@pytest.mark.parametrize("change", NOT_PUBLIC.values(), ids=list(NOT_PUBLIC))
def test_a_statement_with_a_fixed_caller_is_not_public(change: dict[str, Any]) -> None:
    assert public_statements(bucket_policy(**change)) == ()


def test_an_identity_statement_is_not_public() -> None:
    document = {"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}

    assert public_statements(document) == ()


@pytest.mark.parametrize(
    ("caller", "blocked"),
    [
        ("anonymous", True),
        ("arn:aws:iam::210987654321:user/eve", True),
        ("arn:aws:iam::123456789012:user/alice", False),
        ("cloudtrail.amazonaws.com", False),
    ],
)
def test_restrict_public_buckets_leaves_the_owner_and_services(caller: str, *, blocked: bool) -> None:
    assert is_blocked(bucket_policy(), read_caller(caller), owner=OWNER) is blocked
    assert not is_blocked(bucket_policy(Effect="Deny"), read_caller(caller), owner=OWNER)
