from __future__ import annotations

from typing import Any

import pytest

from key_policies import ACCOUNT, administration, policy, statement
from trailseal.access.lint.rules import lint
from trailseal.access.lint.written import read_written

OTHER = "444455556666"
ROOT = f"arn:aws:iam::{ACCOUNT}:root"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/team/Admin"
SESSION = f"arn:aws:sts::{ACCOUNT}:assumed-role/Admin/alice"
USER = f"arn:aws:iam::{ACCOUNT}:user/alice"
DELETED = "AROAEXAMPLEEXAMPLE123"


def rules(*, owner: str = "", **change: Any) -> list[str]:
    text = policy(administration(), statement("asked", **change))
    return [f.rule for f in lint(read_written(text), owner=owner) if f.statement == "asked"]


def test_a_deleted_principal_beside_a_living_one_is_told():
    assert rules(Principal={"AWS": [USER, DELETED]}) == ["KP117"]


def test_a_deleted_principal_alone_is_a_dead_statement():
    assert rules(Principal={"AWS": DELETED}) == ["KP112"]


def test_a_service_that_is_none_is_told_beside_others():
    assert rules(Principal={"AWS": USER, "Service": "cloudtrail.amazon.org"}) == ["KP112"]


def test_a_long_list_of_the_deleted_is_cut_short():
    gone = [f"AIDAEXAMPLEEXAMPLE{n:03}" for n in range(9)]
    text = policy(administration(), statement("asked", Principal={"AWS": [USER, *gone]}))

    (told,) = [str(f.text) for f in lint(read_written(text)) if f.rule == "KP117"]

    assert told.count("AIDA") == 5
    assert ", …" in told


@pytest.mark.parametrize("who", [f"arn:aws:iam::{ACCOUNT}:role/*", f"{ACCOUNT[:-1]}?", "arn:aws:iam::*:root"])
def test_a_wildcard_in_a_part_of_a_principal_is_refused(who):
    assert "KP110" in rules(Principal={"AWS": [USER, who]})


def test_a_wildcard_in_a_service_is_refused():
    assert "KP110" in rules(Principal={"Service": "*.amazonaws.com"})


@pytest.mark.parametrize(
    ("listed", "findings"),
    [
        ([USER], 1),
        ([USER, ROOT], 0),
        ([USER, ACCOUNT], 0),
        ([ROOT], 0),
        ([ROLE, ROOT], 1),
        ([ROLE, SESSION, ROOT], 0),
        ([SESSION, ROOT], 1),
        ([ROLE, SESSION], 1),
        ([ROLE], 2),
        ([USER, f"arn:aws:iam::{OTHER}:root"], 1),
    ],
    ids=[
        "user",
        "user and account",
        "user and number",
        "account",
        "role and account",
        "all three",
        "session and account",
        "no account",
        "role",
        "other account",
    ],
)
def test_whom_not_principal_does_not_spare_for_certain_is_told(listed, findings):
    found = rules(Effect="Deny", Principal=None, NotPrincipal={"AWS": listed})

    assert found.count("KP116") == findings


@pytest.mark.parametrize(
    ("condition", "told"),
    [
        (None, True),
        ({"Bool": {"kms:GrantIsForAWSResource": "true"}}, False),
        ({"Bool": {"kms:GrantIsForAWSResource": "false"}}, True),
        ({"BoolIfExists": {"kms:GrantIsForAWSResource": "true"}}, True),
        ({"StringEquals": {"kms:GranteePrincipal": f"arn:aws:iam::{OTHER}:role/x"}}, False),
        ({"StringLike": {"kms:GranteePrincipal": "*"}}, True),
        ({"ForAllValues:StringEquals": {"kms:GrantOperations": "Decrypt"}}, True),
        ({"StringEquals": {"aws:SourceAccount": ACCOUNT}}, False),
    ],
)
def test_an_account_that_may_grant_to_anybody_is_told(condition, told):
    found = rules(owner=ACCOUNT, Principal={"AWS": OTHER}, Action="kms:CreateGrant", Condition=condition)

    assert ("KP118" in found) is told


def test_an_account_that_a_condition_names_may_grant_too():
    found = rules(
        owner=ACCOUNT,
        Principal="*",
        Action="kms:CreateGrant",
        Condition={"StringEquals": {"kms:CallerAccount": [ACCOUNT, OTHER]}},
    )

    assert "KP118" in found


@pytest.mark.parametrize("owner", [ACCOUNT, ""])
def test_grants_by_the_own_account_are_its_own_affair(owner):
    assert "KP118" not in rules(owner=owner, Principal={"AWS": ROLE}, Action="kms:CreateGrant")


@pytest.mark.parametrize(
    ("condition", "told"),
    [
        ({"StringEquals": {"aws:PrincipalOrgID": "o-1"}}, True),
        ({"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": "o-1/r-1/*"}}, True),
        (
            {"StringEquals": {"aws:PrincipalOrgID": "o-1"}, "Bool": {"aws:MultiFactorAuthPresent": "true"}},
            True,
        ),
        ({"StringEquals": {"aws:PrincipalOrgID": "o-1", "kms:GrantIsForAWSResource": "false"}}, True),
        (
            {"StringEquals": {"aws:PrincipalOrgID": "o-1"}, "Bool": {"kms:GrantIsForAWSResource": "true"}},
            False,
        ),
        ({"StringEquals": {"aws:PrincipalOrgID": "o-1", "kms:GranteePrincipal": ROLE}}, False),
        ({"StringEquals": {"aws:PrincipalOrgID": "o-1", "kms:CallerAccount": ACCOUNT}}, False),
        ({"StringEquals": {"aws:PrincipalOrgID": "o-1"}, "ArnLike": {"aws:PrincipalArn": ROLE}}, False),
        ({"StringEquals": {"aws:PrincipalOrgID": "o-1", "aws:userid": "AROAEXAMPLEEXAMPLE1:x"}}, False),
        ({"StringLike": {"aws:PrincipalOrgID": "o-*"}}, False),
        ({"StringEquals": {"aws:SourceVpce": "vpce-1"}}, False),
    ],
)
@pytest.mark.parametrize("owner", [ACCOUNT, ""])
def test_an_organization_whose_accounts_may_all_grant_is_told(condition, told, owner):
    found = rules(owner=owner, Principal="*", Action="kms:CreateGrant", Condition=condition)

    assert ("KP118" in found) is told
