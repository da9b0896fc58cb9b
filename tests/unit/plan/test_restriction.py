from __future__ import annotations

import json

import pytest

from key_policies import ACCOUNT, CONTEXT, TRAIL, console, policy, statement
from trailseal.plan.restriction import (
    KEPT,
    READERS,
    admit,
    is_admitted,
    restrict_by_grant,
    restrict_by_perimeter,
)

USER = f"arn:aws:iam::{ACCOUNT}:user/user1"
SESSION = f"arn:aws:sts::{ACCOUNT}:assumed-role/Role1/User1"


def statements(text):
    return {s["Sid"]: s for s in json.loads(text)["Statement"]}


def test_admitting_adds_the_narrowest_statement_and_touches_nothing():
    before = policy(statement("a"))
    after = statements(admit(before, (USER,), (TRAIL,)))

    assert after["a"] == statement("a")
    assert after[READERS] == {
        "Sid": READERS,
        "Effect": "Allow",
        "Principal": {"AWS": USER},
        "Action": "kms:Decrypt",
        "Resource": "*",
        "Condition": {"StringEquals": {CONTEXT: TRAIL}},
    }


def test_admitting_nobody_changes_nothing():
    assert admit(console(), (), (TRAIL,)) == console()


def test_grant_mode_takes_away_what_opens_and_keeps_administration():
    after = statements(restrict_by_grant(console(), (USER,), (TRAIL,)))

    assert list(after) == [
        "Enable IAM User Permissions",
        "Allow CloudTrail to encrypt logs",
        "Allow CloudTrail to describe key",
        READERS,
    ]
    assert after["Enable IAM User Permissions"]["Action"] == list(KEPT)
    assert "kms:Put*" in KEPT


def test_grant_mode_leaves_statements_that_open_nothing_as_they_are():
    kept = statement("sign", Action=["kms:Sign", "kms:Verify"])
    deny = statement("deny", Effect="Deny", Action="kms:*")
    after = statements(restrict_by_grant(policy(kept, deny), (USER,), (TRAIL,)))

    assert after["sign"]["Action"] == ["kms:Sign", "kms:Verify"]
    assert after["deny"] == deny


def test_a_pattern_keeps_what_it_names_besides():
    after = statements(restrict_by_grant(policy(statement("re", Action="kms:ReEncrypt*")), (USER,), (TRAIL,)))

    assert after["re"]["Action"] == "kms:ReEncryptTo"


def test_not_action_is_spelled_out_without_what_opens():
    text = policy(statement("not", Action=None, NotAction=["kms:Put*", "kms:Delete*"]))
    actions = statements(restrict_by_grant(text, (USER,), (TRAIL,)))["not"]["Action"]

    assert "kms:DescribeKey" in actions
    assert not {"kms:Decrypt", "kms:CreateGrant", "kms:PutKeyPolicy"} & set(actions)


def test_a_service_beside_people_keeps_its_permission():
    both = {"AWS": USER, "Service": "cloudtrail.amazonaws.com"}
    after = statements(restrict_by_grant(policy(statement("both", Principal=both)), (USER,), (TRAIL,)))

    assert after["both"]["Principal"] == {"Service": "cloudtrail.amazonaws.com"}
    assert after["both"]["Action"] == "kms:Decrypt"


def test_a_perimeter_denies_everybody_but_readers_and_services():
    after = statements(restrict_by_perimeter(console(), (USER,), (TRAIL,)))
    wall = after["DenyDecryptToEverybodyElse"]

    assert len(after) == 8
    assert wall["Effect"] == "Deny"
    assert wall["Condition"] == {
        "ArnNotEquals": {"aws:PrincipalArn": USER},
        "BoolIfExists": {"aws:PrincipalIsAWSService": "false"},
    }


def test_a_session_is_let_through_as_its_role_and_its_siblings_are_caught():
    after = statements(restrict_by_perimeter(console(), (USER, SESSION), (TRAIL,)))
    role = f"arn:aws:iam::{ACCOUNT}:role/Role1"

    assert after["DenyDecryptToEverybodyElse"]["Condition"]["ArnNotEquals"]["aws:PrincipalArn"] == [
        USER,
        role,
    ]
    assert after["DenyDecryptToOtherSessions"]["Condition"] == {
        "ArnEquals": {"aws:PrincipalArn": role},
        "StringNotLike": {"aws:userid": "*:User1"},
    }


def test_a_session_whose_role_is_a_reader_needs_no_second_wall():
    role = f"arn:aws:iam::{ACCOUNT}:role/Role1"

    assert "DenyDecryptToOtherSessions" not in statements(
        restrict_by_perimeter(console(), (role, SESSION), (TRAIL,))
    )


def test_a_perimeter_lets_through_only_the_services_that_the_policy_names():
    named = statement("macie", Principal={"Service": "macie.amazonaws.com"})
    after = statements(restrict_by_perimeter(policy(named), (USER,), (TRAIL,)))

    assert after["DenyDecryptToOtherServices"]["Condition"] == {
        "Bool": {"aws:PrincipalIsAWSService": "true"},
        "StringNotEquals": {"aws:PrincipalServiceName": ["cloudtrail.amazonaws.com", "macie.amazonaws.com"]},
    }


@pytest.mark.parametrize("readers", [5, None, {"x": 1}, ["a", {}], "a"])
@pytest.mark.parametrize("trails", [5, None, {"x": 1}, [TRAIL, {}], TRAIL])
def test_nobody_is_admitted_by_a_statement_of_another_form(readers, trails):
    named = {"Principal": {"AWS": readers}, "Condition": {"StringEquals": {CONTEXT: trails}}}
    whole = {"Effect": "Allow", "Action": "kms:Decrypt", "Resource": "*", **named}
    form = readers == "a" and trails == TRAIL

    assert is_admitted(json.dumps({"Version": "2012-10-17", "Statement": [whole]}), "a", (TRAIL,)) is form
