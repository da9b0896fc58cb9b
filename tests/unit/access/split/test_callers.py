"""Which callers policies can tell apart, and what is left open of each class."""

from __future__ import annotations

import json
import string

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trailseal.access.caller import CallerKind
from trailseal.access.match.wildcard import matches
from trailseal.access.parse.kind import PolicyKind
from trailseal.access.parse.stored import read_stored
from trailseal.access.request import Request
from trailseal.access.split.automaton import TooMany, compile_pattern
from trailseal.access.split.callers import Looking, Universe, all_accounts, callers, callers_of, sessions_of
from trailseal.access.split.names import Tracks, accounts, is_generic, names, windows
from trailseal.access.split.request_policies import facts
from trailseal.access.split.vocabulary import of_grants, vocabulary
from trailseal.access.split.vocabulary import tests_of as looked_for

A, B = "123456789012", "444455556666"
DECRYPT = "kms:Decrypt"
NOBODY = f"arn:aws:iam::{A}:user/nobody"


def universe(condition=None, principal="*", told_apart=(), action=DECRYPT, **more):
    statement = {"Effect": "Allow", "Principal": principal, "Action": action, "Resource": "*"}
    return looking_at({**statement, "Condition": condition} if condition else statement, told_apart, **more)


def looking_at(statement, told_apart=(), **more):
    policy = read_stored(json.dumps({"Version": "2012-10-17", "Statement": [statement]}), PolicyKind.KEY)
    known = facts(Request(principal=NOBODY, action=DECRYPT, resource="*", resource_account=A))
    looking = (Looking(vocabulary((policy,), DECRYPT), known),)
    return Universe(
        partition="aws",
        looking=looking,
        own_accounts=(A,),
        told_apart=frozenset(told_apart),
        **more,
    )


def arns(condition=None, account=A, kind=CallerKind.USER, **more):
    return [c.arn for c in callers_of(universe(condition, **more), account) if c.kind is kind]


def test_every_kind_of_caller_is_asked_in_every_class_of_accounts():
    found = list(callers(universe()))

    assert {c.kind for c in found} == set(CallerKind) - {CallerKind.SESSION}
    assert {c.account for c in found} == {"", A, "000000000000"}


@given(st.lists(st.text("ab/:*", max_size=5), min_size=1, max_size=2))
@settings(max_examples=60, deadline=None)
def test_no_role_is_told_apart_from_those_that_are_asked(patterns):
    head = f"arn:aws:iam::{A}:role/"
    found = arns({"StringLike": {"aws:PrincipalArn": [head + p for p in patterns]}}, kind=CallerKind.ROLE)
    for path in ("", "a/", ":/", "b/a/", "a:b/", "//"):
        for name in ("a", "b", "ab", "ba", "z"):
            answer = any(matches(head + p, head + path + name) for p in patterns)
            assert answer in {any(matches(head + p, arn) for p in patterns) for arn in found}


@pytest.mark.parametrize("sign", [s for s in string.punctuation if s not in "*?/"])
def test_paths_hold_any_printable_sign(sign):
    found = arns({"StringLike": {"aws:PrincipalArn": f"*:role/*{sign}{sign}*/*"}}, kind=CallerKind.ROLE)

    assert any(sign * 2 in arn for arn in found)


def test_names_of_users_are_split_by_name_and_not_by_path():
    found = arns({"StringLike": {"aws:username": "svc-*"}})

    assert [arn.rpartition("/")[2].startswith("svc-") for arn in found] == [False, True]
    assert arns({"StringEquals": {"aws:username": "a/b"}}) == arns()


def test_case_is_ignored_where_the_operator_ignores_it():
    found = arns({"StringEqualsIgnoreCase": {"aws:PrincipalArn": f"ARN:aws:iam::{A}:USER/ci"}})

    assert any(arn.lower().endswith(":user/ci") for arn in found)


def test_a_federated_user_is_split_by_its_user_id_and_root_by_its_account():
    ids = {"StringLike": {"aws:userid": [f"{A}:audit*", "9*"]}}

    assert f"arn:aws:sts::{A}:federated-user/audit" in arns(ids, kind=CallerKind.FEDERATED)
    assert any(account.startswith("9") for account in all_accounts(universe(ids)))


def test_accounts_are_split_by_arn_and_by_number():
    like = {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::77*:role/x"}}
    number = {"StringLike": {"aws:PrincipalAccount": "88*"}}
    both = universe({**like, **number}, principal={"AWS": B})

    found = all_accounts(both)
    assert {A, B} <= set(found)
    assert any(account.startswith("77") for account in found)
    assert any(account.startswith("88") for account in found)


def test_whether_a_key_is_there_splits_no_names():
    assert arns({"Null": {"aws:username": "false"}}) == arns()


def test_services_are_split_by_name():
    like = {"StringLike": {"aws:PrincipalServiceName": "guardduty.*"}}
    found = callers(universe(like, {"Service": "macie.amazonaws.com", "AWS": "*"}))
    services = [c.arn for c in found if c.kind is CallerKind.SERVICE]

    assert services[0] == "macie.amazonaws.com"
    assert any(s.startswith("guardduty.") for s in services)
    assert all(s.endswith(".amazonaws.com") for s in services)


def test_named_sessions_stand_for_themselves_and_their_role_for_the_others():
    session = f"arn:aws:sts::{A}:assumed-role/Role1/alice"
    named = universe(principal={"AWS": session}, told_apart=[f"arn:aws:sts::{A}:assumed-role/Role1/bob"])
    role = next(c for c in callers(named) if c.arn.endswith("role/Role1"))

    assert next(c.arn for c in callers(named) if c.kind is CallerKind.SESSION) == session
    assert role.sessions == ("alice", "bob")
    assert role.alone
    assert sessions_of(named, f"arn:aws:iam::{A}:role/Other") == ()


def test_grantees_are_named_callers():
    grants = (
        {
            "GranteePrincipal": f"arn:aws:iam::{B}:user/vendor",
            "RetiringPrincipal": "x.amazonaws.com",
            "Constraints": {"SourceArn": "arn:x", "EncryptionContextSubset": {"aws:S3:arn": "arn:o"}},
        },
    )
    looked = of_grants(grants)
    one = Universe(partition="aws", looking=(Looking(looked, universe().looking[0].facts),), own_accounts=())

    assert f"arn:aws:iam::{B}:user/vendor" in [c.arn for c in callers(one)]
    assert {look.key for look in looked.looks} == {"aws:sourcearn", "kms:encryptioncontext:aws:s3:arn"}


def test_a_class_leaves_open_what_differs_within_it():
    variable = {"StringLike": {"kms:EncryptionContext:a": "${aws:username}"}}
    found = {c.arn: c for c in callers_of(universe(variable, {"AWS": [f"{NOBODY}", "*"]}), A)}

    assert found[NOBODY].open_keys == ()
    assert found[f"arn:aws:iam::{A}:user/a"].open_keys == ("aws:username",)


@pytest.mark.parametrize(
    "condition",
    [
        {"StringEquals": {"aws:username": "${aws:PrincipalTag/name}"}},
        {"StringEqualsIgnoreCase": {"aws:username": "stra\u00dfe"}},
        {"Bool": {"aws:username": "true"}},
    ],
)
def test_a_name_that_is_compared_with_what_is_open_is_left_open(condition):
    users = [c for c in callers_of(universe(condition), A) if c.kind is CallerKind.USER]

    assert all("aws:username" in c.open_keys for c in users)


def test_an_account_that_a_variable_names_is_known_where_no_text_tells_its_digits():
    own = {"StringLike": {"kms:EncryptionContext:a": f"*:${{aws:PrincipalAccount}}:trail/{B}"}}
    some = {"StringLike": {"kms:EncryptionContext:a": ["*:${aws:PrincipalAccount}:*", "*:4444*"]}}

    assert B in all_accounts(universe(own))
    assert {c.open_keys for c in callers_of(universe(own), "000000000000")} == {()}
    assert {c.open_keys for c in callers_of(universe(some), "000000000000")} == {("aws:principalaccount",)}
    assert {c.open_keys for c in callers_of(universe(some), A)} == {()}


def test_text_before_a_variable_may_hold_digits_if_it_is_fixed():
    statement = {
        "Effect": "Allow",
        "Principal": "*",
        "Action": DECRYPT,
        "Resource": "arn:aws:s3:::logs-1*/${kms:CallerAccount}",
    }

    assert not is_generic(["logs-1*"])
    open_keys = {c.open_keys for c in callers_of(looking_at(statement), "000000000000")}
    assert open_keys == {("kms:calleraccount",)}
    fixed = callers_of(looking_at(statement, fixed=("arn:aws:s3:::logs-1",)), "000000000000")
    assert {c.open_keys for c in fixed} == {()}


def test_numbers_of_accounts_are_found_whole():
    assert windows([f"x-{A}:1234567890123", B]) == (A, B)
    assert is_generic([f"a/*/{A}/????????????/2025/"])


def test_too_many_names_end_the_search():
    bombs = tuple((compile_pattern(f"*{a}*{b}*{a}*"),) for a in "abcdef" for b in "ghijk")

    with pytest.raises(TooMany):
        list(names("arn:", Tracks(arns=bombs), has_path=False, bound=200))
    with pytest.raises(TooMany):
        list(names("arn:", Tracks(arns=bombs), has_path=True, bound=200))


def test_accounts_without_any_test_are_one():
    assert accounts((), (), ["arn:aws:iam::"]) == ("0" * 12,)


def test_a_variable_joins_keys_that_are_then_not_split_alone():
    condition = {"StringEquals": {"aws:PrincipalTag/a": ["${aws:PrincipalTag/b}", "${aws:ResourceAccount}"]}}
    statement = {
        "Effect": "Allow",
        "Principal": "*",
        "Action": DECRYPT,
        "Resource": ["arn:aws:s3:::b/${aws:SourceIp}", "arn:aws:s3:::b/${aws:ResourceAccount}"],
        "Condition": condition,
    }
    one = looking_at(statement).looking[0]
    found = looked_for(one.vocabulary, one.facts)

    assert found.tied == {"aws:principaltag/a", "aws:principaltag/b", "aws:resourceaccount", "aws:sourceip"}
    assert [test.values for test in found.on("aws:principaltag/a")] == [(A,)]
    assert found.on("aws:username") == ()


def test_documents_without_variables_and_other_operators_are_taken_as_they_stand():
    statement = {
        "Effect": "Allow",
        "Principal": "*",
        "Action": DECRYPT,
        "Resource": "*",
        "Condition": {"Null": {"aws:username": "true"}, "StringLike": {"aws:username": "${*}x"}},
    }
    one = looking_at(statement).looking[0]

    assert one.vocabulary.variables == frozenset()
    assert len(one.vocabulary.on("aws:username")) == 2
