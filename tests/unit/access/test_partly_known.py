from __future__ import annotations

import json

import pytest

from trailseal.access.decision import Decision, Effect
from trailseal.access.evaluate import authorize
from trailseal.access.facts import OTHERS, THERE, Lack, OneOf, Value
from trailseal.access.request import Policies, Request

ACCOUNT = "123456789012"
KEY = f"arn:aws:kms:ap-northeast-1:{ACCOUNT}:key/11111111-2222-3333-4444-555555555555"
ALICE = f"arn:aws:iam::{ACCOUNT}:user/alice"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/team/reader"
SESSION = f"arn:aws:sts::{ACCOUNT}:assumed-role/reader/s1"
PAIR = "kms:EncryptionContext:aws:cloudtrail:arn"
TRAIL = f"arn:aws:cloudtrail:ap-northeast-1:{ACCOUNT}:trail/story"


def asked(condition: dict[str, object], context: dict[str, Value], principal: str = ALICE) -> Effect:
    return decided(condition, context, principal).effect


def decided(condition: dict[str, object], context: dict[str, Value], principal: str = ALICE) -> Decision:
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": "*"},
        "Action": "kms:*",
        "Resource": "*",
        "Condition": condition,
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    request = Request(principal=principal, action="kms:Decrypt", resource=KEY, context=context)
    return authorize(request, Policies(resource=policy))


def granted(grant: dict[str, object], context: dict[str, Value], principal: str = ALICE) -> Decision:
    request = Request(principal=principal, action="kms:Decrypt", resource=KEY, context=context)
    whole = {"GrantId": "g1", "GranteePrincipal": ALICE, "Operations": ["Decrypt"], **grant}
    return authorize(request, Policies(grants=(whole,)))


def told(decision: Decision) -> list[str]:
    return [str(condition) for condition in decision.conditions]


ALL, SOME, NONE = Effect.ALLOWED, Effect.UNKNOWN, Effect.IMPLICITLY_DENIED
SOC = OneOf(("soc-*",))


@pytest.mark.parametrize(
    ("operator", "wanted", "effect"),
    [
        ("StringLike", "soc-*", ALL),
        ("StringLike", "soc-?*", SOME),
        ("StringLike", "dev-*", NONE),
        ("StringNotLike", "soc-*", NONE),
        ("StringNotLike", "dev-*", ALL),
        ("StringNotLike", "soc-a*", SOME),
        ("StringEquals", "soc-1", SOME),
        ("StringEquals", "dev", NONE),
        ("StringNotEquals", "dev", ALL),
        ("StringEqualsIgnoreCase", "SOC-1", SOME),
        ("StringLikeIfExists", "soc-*", ALL),
        ("ForAllValues:StringLike", "soc-*", ALL),
        ("ForAllValues:StringLike", "dev-*", NONE),
        ("ForAnyValue:StringLike", "soc-*", ALL),
        ("ForAnyValue:StringNotLike", "soc-*", NONE),
        ("Null", "true", NONE),
        ("Null", "false", ALL),
        ("NumericEquals", "1", SOME),
    ],
)
def test_a_condition_over_a_set_holds_where_it_holds_for_all_of_it(operator, wanted, effect):
    assert asked({operator: {"aws:SourceIdentity": wanted}}, {"aws:SourceIdentity": SOC}) is effect


@pytest.mark.parametrize(
    ("operator", "wanted", "effect"),
    [
        ("Bool", "true", SOME),
        ("Bool", ["true", "false"], ALL),
        ("NumericLessThan", "10", SOME),
    ],
)
def test_a_set_of_plain_values_is_asked_value_by_value(operator, wanted, effect):
    values = OneOf(("5", "15")) if operator.startswith("Numeric") else OneOf(("true", "false"))

    assert asked({operator: {"aws:SourceIdentity": wanted}}, {"aws:SourceIdentity": values}) is effect


@pytest.mark.parametrize(
    ("operator", "effect"),
    [
        ("ForAnyValue:StringEquals", ALL),
        ("ForAllValues:StringNotEquals", NONE),
        ("ForAllValues:StringEquals", SOME),
        ("ForAnyValue:StringNotEquals", SOME),
        ("StringEquals", SOME),
    ],
)
def test_a_value_that_is_certainly_among_many_settles_what_it_can(operator, effect):
    context = {"aws:CalledVia": OneOf(("*",), among=("athena.amazonaws.com",))}

    assert asked({operator: {"aws:CalledVia": "athena.amazonaws.com"}}, context) is effect


def test_the_rest_of_a_family_can_be_closed():
    tagged = {"aws:ResourceTag/" + OTHERS: (), "aws:ResourceTag/data": ("public",)}

    assert asked({"StringEquals": {"aws:ResourceTag/data": "public"}}, tagged) is ALL
    assert asked({"StringEquals": {"aws:ResourceTag/team": "blue"}}, tagged) is NONE
    assert asked({"StringEquals": {"aws:ResourceTag/team": "blue"}}, {}) is SOME


@pytest.mark.parametrize(
    "family", ["aws:PrincipalTag/", "aws:ResourceTag/", "s3:ExistingObjectTag/", "new:Tag/"]
)
def test_a_tag_that_is_called_star_tells_nothing_of_other_tags(family):
    tagged = {"StringEquals": {f"{family}team": "blue"}}

    assert asked(tagged, {f"{family}*": ("blue",)}) is asked(tagged, {})
    assert asked({"StringEquals": {f"{family}*": "blue"}}, {f"{family}*": ("blue",)}) is ALL


def test_a_key_that_no_page_lists_is_unknown():
    assert asked({"StringEquals": {"new:Key": "a"}}, {}) is SOME


def test_a_derived_key_can_be_given_as_unknown_or_absent():
    named = {"StringEquals": {"aws:username": "alice"}}

    assert asked(named, {}) is ALL
    assert asked(named, {"aws:username": Lack.UNKNOWN}) is SOME
    assert asked(named, {"aws:username": Lack.ABSENT}) is NONE


@pytest.mark.parametrize(
    ("context", "effect"),
    [
        ({}, NONE),
        ({"aws:CalledVia": ("athena.amazonaws.com",)}, ALL),
        ({"aws:CalledVia": THERE}, ALL),
        ({"aws:CalledVia": Lack.UNKNOWN}, SOME),
        ({"kms:ViaService": ("s3.ap-northeast-1.amazonaws.com",)}, ALL),
        ({"kms:ViaService": ("ec2.ap-northeast-1.amazonaws.com",)}, SOME),
        ({"kms:ViaService": Lack.UNKNOWN}, SOME),
        ({"kms:ViaService": Lack.ABSENT}, NONE),
    ],
)
def test_whether_a_service_calls_follows_from_the_way(context, effect):
    assert asked({"Bool": {"aws:ViaAWSService": "true"}}, context) is effect


def test_the_ends_of_a_chain_of_services_follow_from_it():
    first = {"StringEquals": {"aws:CalledViaFirst": "athena.amazonaws.com"}}
    chain = ("athena.amazonaws.com", "glue.amazonaws.com")

    assert asked(first, {"aws:CalledVia": chain}) is ALL
    assert asked(first, {"aws:CalledVia": chain[::-1]}) is NONE
    assert asked(first, {"aws:CalledVia": THERE}) is SOME
    assert asked(first, {"aws:ViaAWSService": ("true",)}) is SOME
    assert asked(first, {}) is NONE


@pytest.mark.parametrize(
    ("given", "effect"), [(OneOf((TRAIL,)), ALL), (OneOf(("arn:aws:cloudtrail:*",)), SOME), ((), NONE)]
)
def test_a_grants_context_is_compared_with_what_is_known(given, effect):
    constraints = {"Constraints": {"EncryptionContextSubset": {"aws:cloudtrail:arn": TRAIL}}}

    assert granted(constraints, {PAIR: given}).effect is effect


def test_what_a_grant_waits_for_is_told():
    constraints = {"Constraints": {"EncryptionContextSubset": {"aws:cloudtrail:arn": TRAIL}}}
    by_source = {"Constraints": {"SourceArn": TRAIL}}
    of_session = {"GranteePrincipal": SESSION}

    assert told(granted(constraints, {PAIR: Lack.UNKNOWN})) == ["(grant g1: the encryption context fits)"]
    for source in (Lack.UNKNOWN, OneOf(("arn:aws:cloudtrail:*",))):
        assert told(granted(by_source, {"aws:SourceArn": source})) == [f"(grant g1: aws:SourceArn {TRAIL})"]
    assert told(granted(of_session, {}, principal=ROLE)) == [f"(grant g1: the session is {SESSION})"]
    assert granted(by_source, {}).effect is NONE


def test_a_resource_that_may_be_named_is_told_as_it_is_written():
    policy = {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Deny", "Action": "kms:*", "NotResource": "arn:aws:kms:*:*:key/${aws:SourceIdentity}"}
        ],
    }
    request = Request(principal=SESSION, action="kms:Decrypt", resource=KEY)
    allowing = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": {"AWS": SESSION}, "Action": "kms:*", "Resource": "*"}],
    }

    found = authorize(request, Policies(identity=(policy,), resource=allowing))

    assert found.conditions == ("not (NotResource ['arn:aws:kms:*:*:key/${aws:SourceIdentity}'])",)


def test_a_key_policy_does_not_tell_what_it_makes_of_aliases():
    aliased = {"ForAnyValue:StringEquals": {"kms:ResourceAliases": "alias/app"}}

    assert asked(aliased, {"kms:ResourceAliases": ("alias/app",)}) is SOME


def test_a_set_leaves_out_what_is_somebody_elses():
    guarded = {"StringNotLike": {"aws:userid": ["AROAREADER00:*"]}}
    others = OneOf(("AROA*:*",), but_for=("AROAREADER00", "AROAREADER00:*"))

    assert asked(guarded, {"aws:userid": others}) is ALL
    assert asked(guarded, {"aws:userid": OneOf(("AROA*:*",))}) is SOME


def test_a_long_path_in_a_principal_is_read_in_no_time():
    path = "a/" * 200
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:role/{path}!"},
        "Action": "kms:*",
        "Resource": "*",
    }
    request = Request(principal=ALICE, action="kms:Decrypt", resource=KEY)

    found = authorize(request, Policies(resource={"Version": "2012-10-17", "Statement": [statement]}))

    assert found.effect is Effect.INVALID
