"""What `policy lint` once passed, and what it must go on passing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from estates.build import (
    BASE_KEY,
    CLOUDTRAIL,
    ROOT,
    TRAIL,
    A,
    B,
    Statement,
    allow,
    deny,
    iam,
    opens_key,
    policy,
)
from trailseal.errors import UsageProblem
from trailseal.run.policy import check

OPEN = {"KP104", "KP105"}
SOURCE = {"KP106"}
OTHERS_TRAIL = "arn:aws:cloudtrail:eu-west-1:*:trail/prod"


def rules(tmp_path: Path, text: str) -> set[str]:
    path = tmp_path / "policy.json"
    path.write_text(text, encoding="utf-8")
    return {finding.rule for finding in check(str(path), None).findings}  # type: ignore[arg-type]  # a file needs no reader


def when(operator: str, key: str, *values: str) -> dict[str, dict[str, Any]]:
    return {operator: {key: values[0] if len(values) == 1 else list(values)}}


WIDE = (
    when("ArnEquals", "aws:PrincipalArn", "arn:aws:iam::*:user/ci"),
    when("ArnLike", "aws:PrincipalArn", "arn:aws:iam::*:role/ops-*"),
    when("StringLike", "aws:PrincipalArn", "*:role/reader"),
    when("IpAddress", "aws:SourceIp", "0.0.0.0/1", "128.0.0.0/1"),
    when("NotIpAddress", "aws:SourceIp", "192.0.2.0/24"),
    when("StringLike", "aws:userid", "*:ci"),
    when("StringLike", "aws:username", "ci"),
    when("StringLike", "aws:PrincipalOrgID", "o-?*"),
    when("StringNotEquals", "aws:PrincipalOrgID", "o-a"),
    when("StringEqualsIfExists", "aws:PrincipalOrgID", "o-a"),
    when("ForAllValues:StringEquals", "aws:PrincipalOrgPaths", "o-a/*"),
    when("ForAllValues:StringLike", "aws:PrincipalTag/team", "blue"),
    when("StringEquals", "aws:PrincipalTag/team", "blue"),
    when("StringEquals", "aws:PrincipalType", "AssumedRole"),
    when("StringLike", "aws:PrincipalAccount", "????????????"),
    when("StringNotEquals", "aws:PrincipalAccount", B),
    when("Bool", "aws:SecureTransport", "true"),
    when("Bool", "aws:MultiFactorAuthPresent", "true"),
    when("Null", "aws:PrincipalArn", "false"),
    when("DateGreaterThan", "aws:CurrentTime", "2020-01-01"),
)
NARROW = (
    when("StringEquals", "aws:PrincipalOrgID", "o-a"),
    when("ForAnyValue:StringLike", "aws:PrincipalOrgPaths", "o-a/r-1/*"),
    when("ArnLike", "aws:PrincipalArn", iam("role/ops-*")),
    when("StringEquals", "aws:PrincipalArn", iam("role/x")),
)


def id_of(condition: dict[str, Any]) -> str:
    return json.dumps(condition).replace('"', "")


@pytest.mark.parametrize("condition", WIDE, ids=id_of)
def test_a_condition_that_fixes_no_account_leaves_a_statement_open(
    tmp_path: Path, condition: dict[str, Any]
) -> None:
    """Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html."""
    assert OPEN & rules(tmp_path, policy(*BASE_KEY, opens_key("*", condition)))


@pytest.mark.parametrize("condition", NARROW, ids=id_of)
def test_a_condition_that_fixes_the_callers_leaves_nothing_open(
    tmp_path: Path, condition: dict[str, Any]
) -> None:
    assert "KP104" not in rules(tmp_path, policy(*BASE_KEY, opens_key("*", condition)))


@pytest.mark.parametrize(
    ("condition", "told"),
    [
        (when("ArnLike", "aws:SourceArn", OTHERS_TRAIL), True),
        (when("ArnEqualsIfExists", "aws:SourceArn", TRAIL), True),
        (when("Null", "aws:SourceArn", "false"), True),
        (when("StringNotEquals", "aws:SourceArn", TRAIL), True),
        (when("StringLike", "aws:SourceArn", "arn:aws:cloudtrail:*:*:trail/*"), True),
        (when("StringEquals", "aws:SourceArn", TRAIL), False),
        (when("ArnLike", "aws:SourceArn", f"arn:aws:cloudtrail:*:{A}:trail/*"), False),
        (when("StringEquals", "aws:SourceAccount", A), False),
        (when("StringLike", "aws:SourceAccount", "*"), True),
    ],
    ids=lambda value: id_of(value) if isinstance(value, dict) else "",
)
def test_a_source_counts_when_it_fixes_the_account(
    tmp_path: Path, condition: dict[str, Any], *, told: bool
) -> None:
    """Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html."""
    statement = allow(CLOUDTRAIL, "kms:GenerateDataKey*", condition)
    base = tuple(s for s in BASE_KEY if s["Principal"] != CLOUDTRAIL)

    assert bool(SOURCE & rules(tmp_path, policy(*base, statement))) is told


@pytest.mark.parametrize(
    "statements",
    [
        (*BASE_KEY, allow(iam("role/admin"), "kms:*"), deny("*", "kms:PutKeyPolicy")),
        (allow("AIDACKCEVSQ6C2EXAMPLE", "kms:*"),),
        (allow(ROOT, "kms:*"), deny("*", "kms:Put*", {"Null": {"aws:PrincipalArn": "false"}})),
    ],
    ids=["denied to everybody", "a deleted user", "denied to whoever has an ARN"],
)
def test_a_key_whose_policy_nobody_can_change_is_told(
    tmp_path: Path, statements: tuple[Statement, ...]
) -> None:
    assert "KP107" in rules(tmp_path, policy(*statements))


def test_long_policies_are_told_so_and_end(tmp_path: Path) -> None:
    """Source: https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-overview.html."""
    many = [opens_key(iam(f"role/r{n}"), Sid=f"s{n}") for n in range(2_000)]

    assert rules(tmp_path, policy(*BASE_KEY, *many[:200]))
    with pytest.raises(UsageProblem, match="longer than any policy that AWS takes"):
        rules(tmp_path, policy(*BASE_KEY, *many))
