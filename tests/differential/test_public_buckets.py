"""
S3 Block Public Access beside the outside engine: one statement for everybody under each kind of condition.

Where AWS's page leaves it open we say so, and the outside engine decides. Where both decide they agree,
but for what the page lists and that engine does not take for a limit.
"""

from __future__ import annotations

from typing import Any

import pytest

from differential.test_against_iam_simulate import PAGE, ours, witness

OWNER, OTHER = "123456789012", "210987654321"
EVE = f"arn:aws:iam::{OTHER}:user/eve"
OF_EVE = {"aws:PrincipalArn": EVE, "aws:PrincipalAccount": OTHER, "aws:userid": "AIDACKCEVSQ6C2EXAMPLE"}
VALUES = {
    "aws:PrincipalOrgID": ("o-abcdefghij", "o-*"),
    "aws:PrincipalAccount": (OTHER, "2109*"),
    "aws:PrincipalArn": (EVE, f"arn:aws:iam::{OTHER}:*", "arn:aws:iam::*:user/eve"),
    "aws:SourceArn": (
        "arn:aws:sns:eu-west-1:123456789012:t",
        "arn:aws:sns:*:123456789012:*",
        "arn:aws:sns:*:*:*",
    ),
    "aws:SourceVpc": ("vpc-91237329", "vpc-*"),
    "aws:SourceVpce": ("vpce-1a2b3c4d", "vpce-*"),
    "aws:SourceAccount": (OTHER, "2109*"),
    "aws:SourceOwner": (OTHER, "2109*"),
    "aws:userid": ("AIDACKCEVSQ6C2EXAMPLE", "AIDA*", "AROLEID:*"),
    "aws:UserAgent": ("x", "*"),
    "aws:PrincipalTag/team": ("x", "*"),
    "s3:DataAccessPointAccount": (OWNER, "1234*"),
}
OPERATORS = ("StringEquals", "StringLike", "StringEqualsIfExists", "StringNotEquals")
ARN_OPERATORS = ("ArnEquals", "ArnLike", "ArnNotLike")
RANGES = (
    "9.0.0.0/8",
    "8.0.0.0/7",
    "203.0.113.0/24",
    "10.0.0.0/8",
    "172.16.0.0/12",
    "2001:db8::/32",
    "2001:d00::/24",
)
BY_THE_PAGE_ALONE = {
    ("aws:SourceOwner", "StringEquals"),
    ("aws:SourceOwner", "StringLike"),
    ("s3:DataAccessPointAccount", "StringEquals"),
    ("s3:DataAccessPointAccount", "StringLike"),
    ("aws:SourceArn", "StringEquals"),
    ("aws:SourceArn", "StringLike"),
    ("aws:SourceArn", "ArnLike"),
    ("aws:userid", "StringLike"),
}
"""Where a fixed value is a limit by AWS's page, and the outside engine takes it for none."""


def given_value(key: str, pattern: str, operator: str) -> str:
    """Return a value under which the condition holds; of the keys that the caller has, its own."""
    if key in OF_EVE:
        return OF_EVE[key]
    if "Not" in operator:
        return "arn:aws:sns:eu-west-1:999999999999:other" if key.endswith("Arn") else "other"
    return pattern.replace("*", "1")


def line(operator: str, key: str, pattern: str, value: str) -> dict[str, Any]:
    """Return the request of another account for an object that everybody may get under this condition."""
    everybody = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "*"}
    identity = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}
    return {
        "id": f"{operator} {key} {pattern}",
        "request": {
            "principal": EVE,
            "action": "s3:GetObject",
            "resource": "arn:aws:s3:::trail-logs/k",
            "resource_account": OWNER,
            "context": {**OF_EVE, key: value},
        },
        "policies": {
            "identity": [{"Version": "2012-10-17", "Statement": [identity]}],
            "resource": {
                "Version": "2012-10-17",
                "Statement": [{**everybody, "Condition": {operator: {key: pattern}}}],
            },
            "public_access_block": {"RestrictPublicBuckets": True},
        },
    }


def lines() -> list[dict[str, Any]]:
    """Return one line for each operator, key and value."""
    found = [
        line(operator, key, pattern, given_value(key, pattern, operator))
        for key, patterns in VALUES.items()
        for pattern in patterns
        for operator in (*OPERATORS, *(ARN_OPERATORS if key.endswith("Arn") else ()))
    ]
    return [*found, *(line("IpAddress", "aws:SourceIp", r, r.partition("/")[0]) for r in RANGES)]


def decided() -> list[tuple[str, str, str]]:
    """Return what both decide where the request comes down to the layer, as id, theirs, ours."""
    asked = lines()
    without = [{**a, "policies": {**a["policies"], "public_access_block": None}} for a in asked]
    open_otherwise = [a for a, effect in zip(asked, witness(without), strict=True) if effect == "allowed"]
    answers = zip(open_otherwise, witness(open_otherwise), ours(open_otherwise), strict=True)
    return [(str(a["id"]), theirs, mine) for a, theirs, mine in answers]


@pytest.fixture(scope="module")
def answers() -> list[tuple[str, str, str]]:
    """Ask both once."""
    return decided()


def test_what_both_decide_of_public_policies_they_decide_alike_but_for_what_is_told(
    answers: list[tuple[str, str, str]],
) -> None:
    differing = [a for a in answers if a[2] not in {"unknown", a[1]}]

    assert {(key, operator) for operator, key in (a[0].split()[:2] for a in differing)} == BY_THE_PAGE_ALONE
    assert {a[1:] for a in differing} == {("explicitly_denied", "allowed")}


def test_the_difference_stands_on_the_page() -> None:
    section = PAGE.read_text(encoding="utf-8").partition("## Limits that make a bucket policy non-public")[2]

    assert all(f"`{key}`" in section for key, _ in BY_THE_PAGE_ALONE)


def test_enough_is_decided_and_little_left_open(answers: list[tuple[str, str, str]]) -> None:
    mine = [effect for _, _, effect in answers]

    assert len(mine) >= 70
    assert {"allowed", "explicitly_denied", "unknown"} == set(mine)
    assert mine.count("unknown") <= len(mine) / 4
