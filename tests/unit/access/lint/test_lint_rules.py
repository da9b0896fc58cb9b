from __future__ import annotations

import json

import pytest

from key_policies import ACCOUNT, CONTEXT, OWN, TRAIL, administration, console, encrypting, policy, statement
from rows import each_row
from trailseal.access.conditions.families import OPERATORS
from trailseal.access.lint.finding import LintSeverity
from trailseal.access.lint.guesses import MAX_GUESSES
from trailseal.access.lint.rules import lint
from trailseal.access.lint.written import read_written
from trailseal.access.match.wildcard import matches
from trailseal.errors import UsageProblem

EVERYBODY = {"AWS": "*"}


def rules(text: str) -> list[tuple[str, str, str]]:
    return [(f.rule, f.severity.value, f.statement) for f in lint(read_written(text))]


def named(text: str, rule: str) -> list[str]:
    return [f.statement for f in lint(read_written(text)) if f.rule == rule]


def test_the_consoles_two_decrypt_statements_are_one_grant_under_two_names():
    found = named(console(), "KP101")

    assert found == ["Enable cross account log decryption"]


def test_the_published_restriction_leaves_the_wide_twin():
    text = console(reader=f"arn:aws:iam::{ACCOUNT}:user/user1")

    assert ("KP102", "error", "Enable cross account log decryption") in rules(text)


def test_the_narrow_twin_may_come_second():
    text = policy(
        administration(), statement("wide", Principal=EVERYBODY, Condition=OWN), statement("b", Condition=OWN)
    )

    assert named(text, "KP102") == ["wide"]


def test_an_unconditional_statement_voids_the_conditioned_one():
    text = policy(administration(), statement("conditioned", Condition=OWN), statement("bare"))

    assert ("KP103", "error", "bare") in rules(text)


def test_the_same_principals_under_other_conditions_are_no_twins():
    other = {"StringEquals": {"kms:ViaService": "s3.ap-northeast-1.amazonaws.com"}}
    text = policy(administration(), statement("a", Condition=OWN), statement("b", Condition=other))

    assert not {rule for rule, _, _ in rules(text)} & {"KP101", "KP102", "KP103"}


def test_a_service_and_everybody_are_not_compared():
    text = policy(
        administration(), encrypting(pinned=True), statement("all", Principal=EVERYBODY, Action="kms:*")
    )

    assert not {rule for rule, _, _ in rules(text)} & {"KP101", "KP103"}


def test_everybody_without_a_word_on_the_caller_is_every_account():
    text = policy(administration(), statement("open", Principal="*"))

    assert ("KP104", "error", "open") in rules(text)


def test_not_principal_leaves_the_caller_open():
    text = policy(
        administration(),
        statement("open", Principal=None, NotPrincipal={"AWS": f"arn:aws:iam::{ACCOUNT}:root"}),
    )

    assert named(text, "KP104") == ["open"]


@pytest.mark.parametrize(
    "condition",
    [
        {"StringNotEquals": {"aws:PrincipalArn": "arn:aws:iam::1:role/x"}},
        {"StringLike": {"aws:PrincipalArn": "*"}},
        {"StringEqualsIfExists": {"aws:PrincipalOrgID": "o-1"}},
        {"StringEquals": {"kms:ViaService": "s3.ap-northeast-1.amazonaws.com"}},
    ],
    ids=["negated", "everything", "if exists", "not the caller"],
)
def test_a_condition_that_does_not_narrow_the_caller_does_not_count(condition):
    text = policy(administration(), statement("open", Principal=EVERYBODY, Condition=condition))

    assert named(text, "KP104") == ["open"]


def test_an_organization_is_narrow_enough_to_be_no_finding_of_its_own():
    condition = {"StringEquals": {"aws:PrincipalOrgID": "o-1"}}
    text = policy(administration(), statement("org", Principal=EVERYBODY, Condition=condition))

    assert rules(text) == []


def test_the_account_wide_decrypt_is_named():
    assert named(console(), "KP105") == [
        "Allow principals in the account to decrypt log files",
        "Enable cross account log decryption",
    ]


def test_cloudtrail_without_source_arn_is_a_warning_only_where_it_encrypts():
    found = [(severity, sid) for rule, severity, sid in rules(console()) if rule == "KP106"]

    assert found == [
        ("warning", "Allow CloudTrail to encrypt logs"),
        ("note", "Allow CloudTrail to describe key"),
    ]


def test_the_present_console_form_pins_what_encrypts():
    assert named(console(pinned=True), "KP106") == ["Allow CloudTrail to describe key"]


def test_a_key_that_nobody_can_change_is_an_error():
    assert ("KP107", "error", "") in rules(policy(statement()))


def test_one_user_as_the_only_administrator_is_a_warning():
    text = policy(statement("alone", Action="kms:*"))

    assert ("KP107", "warning", "alone") in rules(text)


def test_a_policy_without_key_actions_needs_no_key_administrator():
    assert rules(policy(statement(Action="s3:GetObject", Resource="arn:aws:s3:::logs/*"))) == []


@pytest.mark.parametrize(
    ("action", "remedy"),
    [
        ("kms:Decrytp", "did you mean `kms:Decrypt`?"),
        ("kms=Decrypt", "did you mean `kms:Decrypt`?"),
        ("Decrypt", "did you mean `kms:Decrypt`?"),
        ("kms:Qqqqqqqq", "look the action up in AWS's service authorization reference"),
    ],
)
def test_a_misspelt_action_is_found_with_what_was_meant(action, remedy):
    found = [
        f for f in lint(read_written(policy(administration(), statement(Action=action)))) if f.rule == "KP108"
    ]

    assert [str(f.remedy) for f in found] == [remedy]


def test_a_misspelt_name_is_looked_up_once_and_only_so_many_are():
    many = [f"kms:Decrytp{n}" for n in range(50)]
    text = policy(statement(Action=["kms:Decrytp", *many]), statement("b", Action="kms:Decrytp"))

    found = [str(f.remedy) for f in lint(read_written(text)) if f.rule == "KP108"]

    assert found.count("did you mean `kms:Decrypt`?") == MAX_GUESSES + 1
    assert found[-1] == "did you mean `kms:Decrypt`?"


@pytest.mark.parametrize(
    ("pattern", "text", "expected"),
    [
        ("a?c", "abbc", False),
        ("a?c", "abc", True),
        ("a*b*c", "axxbxxc", True),
        ("a*b*c", "axxc", False),
        ("*", "", True),
        ("a", "ab", False),
        ("ab*ba", "aba", False),
    ],
)
def test_a_pattern_matches_as_a_whole(pattern, text, expected):
    assert matches(pattern, text) is expected


@pytest.mark.parametrize("action", ["*", "kms:De*", "KMS:DECRYPT", "ec2:RunInstances"])
def test_an_action_that_aws_may_know_is_left_alone(action):
    assert named(policy(administration(), statement(Action=action)), "KP108") == []


def test_an_action_without_a_service_is_misspelt():
    assert named(policy(administration(), statement(Action="Decrypt")), "KP108") == ["S"]


@pytest.mark.parametrize(
    ("key", "known"),
    [
        ("kms:CallerAcount", False),
        ("aws:zzzzzzzzzz", False),
        ("PrincipalArn", False),
        ("KMS:calleraccount", True),
        ("kms:EncryptionContext:anything:at:all", True),
        ("kms:EncryptionContext:", False),
        ("aws:PrincipalTag/team", True),
        ("saml:aud", True),
        ("kms:TrailingDaysWithoutKeyUsage", True),
        ("aws:SignInSessionArn", True),
        ("ec2:InstanceType", True),
    ],
)
def test_an_unknown_condition_key_is_found(key, known):
    text = policy(administration(), statement(Condition={"StringEquals": {key: "x"}}))

    assert (named(text, "KP109") == []) is known


@pytest.mark.parametrize("operator", ["StringEqual", "ForEvery:StringEquals"])
def test_a_misspelt_operator_is_refused(operator):
    text = policy(administration(), statement(Condition={operator: {"aws:username": "x"}}))

    assert ("KP110", "error", "S") in rules(text)


@pytest.mark.parametrize(
    "operator", ["StringEquals", "ForAnyValue:StringLike", "StringEqualsIfExists", "Null"]
)
def test_operators_with_their_prefixes_are_known(operator):
    text = policy(administration(), statement(Condition={operator: {"aws:username": "true"}}))

    assert named(text, "KP110") == []


def test_misspelt_elements_and_effects_are_refused():
    document = {
        "Version": "2012-10-17",
        "Comment": "x",
        "Statement": [administration(), statement(Efect="Allow", Effect="allow")],
    }

    assert [f.statement for f in lint(read_written(document)) if f.rule == "KP110"] == ["", "S", "S"]


def test_a_wildcard_under_string_equals_is_literal():
    text = policy(administration(), statement(Condition={"StringEquals": {CONTEXT: TRAIL[:-3] + "*"}}))

    assert ("KP111", "error", "S") in rules(text)


@pytest.mark.parametrize(
    "change",
    [
        {"Action": None},
        {"Resource": None},
        {"Action": "s3:GetObject"},
        {"Resource": "arn:aws:s3:::logs"},
        {"Principal": {"AWS": "AIDAEXAMPLEEXAMPLE123"}},
        {"Condition": {"StringEquals": {CONTEXT: TRAIL}}, "Action": "kms:DescribeKey"},
        {"Condition": {"StringEquals": {CONTEXT: TRAIL}}, "Action": ["kms:Put*", "kms:Get*"]},
        {"Principal": {"Service": "cloudtrail.amazon.org"}},
        {"Condition": {"StringEquals": {"aws:username": []}}},
        {"Condition": {"DateLessThan": {"aws:CurrentTime": []}}},
        {"Condition": {"ForAnyValue:StringEquals": {"aws:TagKeys": []}}, "Action": "kms:TagResource"},
        {"Condition": {"StringEquals": {"aws:username": "a"}, "Null": {"aws:username": "True"}}},
        {
            "Condition": {
                "StringEquals": {"aws:username": "a"},
                "StringNotEquals": {"aws:username": ["a", "b"]},
            }
        },
        {"Condition": {"StringEquals": {"aws:username": "a"}, "StringLike": {"aws:username": "b*"}}},
    ],
    ids=[
        "no action",
        "no resource",
        "other service",
        "no key",
        "deleted",
        "key of other actions",
        "key of other patterns",
        "no service",
        "no value",
        "no moment",
        "none of no values",
        "absent",
        "excluded",
        "unlike",
    ],
)
def test_a_statement_that_can_never_match_is_found(change):
    assert named(policy(administration(), statement(**change)), "KP112") == ["S"]


@pytest.mark.parametrize(
    "change",
    [
        {"Resource": f"arn:aws:kms:ap-northeast-1:{ACCOUNT}:key/1"},
        {"Resource": None, "NotResource": "arn:aws:s3:::logs"},
        {"Condition": {"StringEquals": {"aws:username": "a"}, "StringLike": {"aws:username": "a*"}}},
        {"Condition": {"StringEquals": {"aws:username": "a"}, "Null": {"aws:username": "false"}}},
        {
            "Condition": {
                "StringEquals": {"aws:username": ["a", "b"]},
                "StringEqualsIfExists": {"aws:username": "b"},
            }
        },
        {"Condition": {"StringEqualsIfExists": {CONTEXT: TRAIL}}, "Action": "kms:DescribeKey"},
        {"Condition": {"StringNotEquals": {CONTEXT: TRAIL}}, "Action": "kms:DescribeKey"},
        {"Condition": {"ForAllValues:StringEquals": {CONTEXT: TRAIL}}, "Action": "kms:DescribeKey"},
        *(
            {"Condition": {"Null": {CONTEXT: absent}}, "Action": "kms:DescribeKey"}
            for absent in ("true", "True", ["False", "TRUE"])
        ),
        {
            "Condition": {
                "StringEquals": {"aws:username": "a"},
                "Null": {"aws:username": ["true", "false"]},
            }
        },
        {"Condition": {"StringEquals": {CONTEXT: TRAIL}}, "Action": ["kms:DescribeKey", "kms:CreateGrant"]},
        {"Condition": {"StringEquals": {CONTEXT: TRAIL}}, "Action": "kms:*"},
        {"Condition": {"StringEquals": {CONTEXT: TRAIL}}, "Action": None, "NotAction": "kms:DescribeKey"},
        {"Condition": {"StringEquals": {CONTEXT: TRAIL}}, "Action": [f"kms:X{n}*" for n in range(101)]},
        {
            "Condition": {
                "StringEquals": {"aws:username": [f"a{n}" for n in range(200)]},
                "StringLike": {"aws:username": [f"b{n}*" for n in range(200)]},
            }
        },
        {"Condition": {"StringEquals": {"aws:username": "a*"}, "StringNotEquals": {"aws:username": "*"}}},
        {"Condition": {"StringEqualsIfExists": {CONTEXT: []}}, "Action": "kms:DescribeKey"},
        {"Condition": {"ForAllValues:StringEquals": {CONTEXT: []}}},
        {"Condition": {"ForAnyValue:StringNotEquals": {CONTEXT: []}}},
        {"Condition": {"ForAnyValue:StringEqualsIfExists": {CONTEXT: []}}},
        {"Condition": {"DateLessThanIfExists": {"aws:CurrentTime": []}}},
        {"Condition": {"StringLikeIfExists": {"aws:username": []}, "StringEquals": {"aws:username": "a"}}},
        {"Condition": {"StringEquals": {"aws:username": "a"}, "Nul": {"aws:username": []}}},
    ],
)
def test_a_statement_that_may_match_is_left_alone(change):
    assert named(policy(administration(), statement(**change)), "KP112") == []


def test_statements_with_the_same_sid_are_told_apart_by_position():
    text = policy(administration(), statement("X", Condition=OWN), statement("X"))

    (found,) = [f for f in lint(read_written(text)) if f.rule == "KP103"]

    assert (found.statement, str(found.text)[:20]) == ("X (#3)", "`X (#3)` grants with")


def test_delegation_to_iam_is_noted():
    assert [f.severity for f in lint(read_written(console())) if f.rule == "KP113"] == [LintSeverity.NOTE]


def test_equal_documents_in_another_order_give_the_same_rules():
    document = json.loads(console())
    turned = {**document, "Statement": document["Statement"][::-1]}

    assert sorted(r for r, _, _ in rules(json.dumps(turned))) == sorted(r for r, _, _ in rules(console()))


@pytest.mark.parametrize("text", ["{", "[]", '"x"', '{"Statement": ["x"]}', "{}", "[" * 5000], ids=str)
def test_what_is_no_policy_is_a_usage_problem(text):
    with pytest.raises(UsageProblem):
        read_written(text)


SPELT = [
    f"{qualifier}{operator}{ending}"
    for operator in (*OPERATORS, "Null")
    for qualifier in ("", "ForAllValues:", "ForAnyValue:")
    for ending in ("", "IfExists")
    if operator != "Null" or not qualifier + ending
]


@pytest.mark.sweep
@each_row("operator", SPELT)
def test_an_operator_may_be_written_in_any_case(operator):
    def found(name):
        tests = {name: {"kms:ViaService": "s3.*.amazonaws.com", "aws:SourceArn": "arn:aws:s3:::a"}}
        wide = statement("wide", Principal=EVERYBODY, Condition=tests)
        return rules(policy(administration(), wide, statement("own", Principal=EVERYBODY, Condition=OWN)))

    assert found(operator.lower()) == found(operator.upper()) == found(operator)


@pytest.mark.parametrize(
    "operator", ["StringEqual", "ForEach:StringEquals", "ForAnyValue:Null", "NullIfExists"]
)
def test_what_iam_has_no_operator_of_is_named_as_it_stands(operator):
    text = policy(administration(), statement("a", Condition={operator: {"aws:SourceArn": "arn:aws:s3:::a"}}))

    assert named(text, "KP110") == ["a"]


@pytest.mark.parametrize(
    "change",
    [
        {"Principal": None, "NotPrincipal": {"AWS": "AIDAEXAMPLEEXAMPLE123"}},
        {"Principal": None, "NotPrincipal": {"AWS": ["AROAEXAMPLEEXAMPLE123", "AIDAEXAMPLEEXAMPLE123"]}},
        {"Action": None, "NotAction": "s3:*"},
        {"Action": None, "NotAction": ["s3:*", "iam:*"]},
        {"Resource": None, "NotResource": "arn:aws:s3:::b/*"},
    ],
)
def test_what_an_element_leaves_out_is_not_what_it_is_about(change):
    denied = {**statement("asked", Effect="Deny", Principal="*", Action="kms:*"), **change}
    kept = {name: value for name, value in denied.items() if value is not None}

    assert "KP112" not in {f.rule for f in lint(read_written(policy(kept)))}
