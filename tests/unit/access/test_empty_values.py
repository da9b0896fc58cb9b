"""A context key whose value is the empty text, and a condition without a value: what AWS says of either."""

from __future__ import annotations

import pytest

from rows import each_row
from trailseal.access.evaluate import authorize
from trailseal.access.facts import Lack, OneOf, Value
from trailseal.access.request import Policies, Request

ALICE = "arn:aws:iam::123456789012:user/alice"
OBJECT = "arn:aws:s3:::trail-logs/a"
YES, OPEN, NO = "allowed", "unknown", "implicitly_denied"


def asked(operator: str, wanted: object, given: Value) -> str:
    statement = {
        "Effect": "Allow",
        "Action": "*",
        "Resource": "*",
        "Condition": {operator: {"new:Key": wanted}},
    }
    request = Request(principal=ALICE, action="s3:GetObject", resource=OBJECT, context={"new:Key": given})
    policy = {"Version": "2012-10-17", "Statement": [statement]}
    return authorize(request, Policies(identity=(policy,))).effect


@pytest.mark.parametrize(
    ("operator", "wanted", "alone", "with_a"),
    [
        ("StringEquals", "a", NO, OPEN),
        ("StringEquals", "", YES, OPEN),
        ("StringNotEquals", "a", YES, OPEN),
        ("StringEqualsIfExists", "a", OPEN, OPEN),
        ("StringEqualsIfExists", "", YES, OPEN),
        ("StringLikeIfExists", "*", YES, YES),
        ("StringNotEqualsIfExists", "a", YES, OPEN),
        ("StringNotEqualsIfExists", "", OPEN, OPEN),
        ("ForAllValues:StringEquals", "a", YES, OPEN),
        ("ForAllValues:StringEquals", "b", YES, NO),
        ("ForAllValues:StringEquals", ["a", ""], YES, YES),
        ("ForAllValues:StringNotEquals", "", YES, OPEN),
        ("ForAllValues:StringNotEquals", "a", YES, NO),
        ("ForAllValues:StringEqualsIfExists", "a", YES, OPEN),
        ("ForAnyValue:StringEquals", "a", NO, YES),
        ("ForAnyValue:StringEquals", "", OPEN, OPEN),
        ("ForAnyValue:StringLike", "*", OPEN, YES),
        ("ForAnyValue:StringNotEquals", "b", OPEN, YES),
        ("ForAnyValue:StringNotEquals", "a", OPEN, OPEN),
        ("ForAnyValue:StringNotEquals", "", NO, YES),
        ("ForAnyValue:StringEqualsIfExists", "a", OPEN, YES),
        ("ForAnyValue:StringEqualsIfExists", "", YES, OPEN),
        ("ForAnyValue:NumericEquals", "1", NO, NO),
        ("ForAllValues:NumericEquals", "1", YES, NO),
        ("Null", "true", OPEN, NO),
        ("Null", "false", OPEN, YES),
        ("Null", ["true", "false"], YES, YES),
    ],
)
def test_an_empty_text_counts_as_a_value_and_as_none(operator, wanted, alone, with_a):
    assert asked(operator, wanted, ("",)) == alone
    assert asked(operator, wanted, ("", "a")) == with_a


@pytest.mark.parametrize("operator", ["ForAllValues:StringEquals", "StringEqualsIfExists", "Null"])
def test_a_value_that_may_be_the_empty_text_settles_none_of_these(operator):
    wanted = "false" if operator == "Null" else "a"

    assert asked(operator, wanted, OneOf(("",))) == OPEN
    assert asked(operator, wanted, OneOf(("a",))) == YES


POSITIVE = ("StringEquals", "ArnLike", "Bool", "NumericEquals", "IpAddress")
NEGATED = ("StringNotLike", "ArnNotEquals", "NumericNotEquals", "NotIpAddress")
THERE = (("a",), ("a", "b"), OneOf(("*",)))
IN_DOUBT = (("",), ("a", ""), Lack.UNKNOWN, OneOf(("",)))


@each_row("given", [*THERE, *IN_DOUBT, (), Lack.ABSENT])
@each_row("operator", [*POSITIVE, *NEGATED])
def test_a_plain_condition_without_a_value_settles_nothing(operator, given):
    assert asked(operator, [], given) == OPEN


@pytest.mark.parametrize(
    ("form", "absent", "there", "in_doubt"),
    [
        ("{}IfExists", YES, NO, OPEN),
        ("ForAllValues:{}", YES, NO, OPEN),
        ("ForAllValues:{}IfExists", YES, NO, OPEN),
        ("ForAnyValue:{}", NO, NO, NO),
        ("ForAnyValue:{}IfExists", OPEN, NO, OPEN),
    ],
)
def test_what_a_condition_without_a_value_settles_is_what_aws_says_of_it(form, absent, there, in_doubt):
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-policy-checks.html"""
    for operator in POSITIVE:
        written = form.format(operator)
        assert {asked(written, [], given) for given in (Lack.ABSENT, ())} == {absent}
        assert {asked(written, [], given) for given in THERE} == {there}
        assert {asked(written, [], given) for given in IN_DOUBT} == {in_doubt}
    for operator in NEGATED:
        written = form.format(operator)
        assert {asked(written, [], given) for given in (Lack.ABSENT, ())} == {absent}
        assert {asked(written, [], given) for given in (*THERE, *IN_DOUBT)} == {OPEN}


@pytest.mark.parametrize("given", [("a",), (), Lack.UNKNOWN])
def test_null_without_a_value_settles_nothing(given):
    assert asked("Null", [], given) == OPEN


@pytest.mark.parametrize(
    ("operator", "wanted", "right"),
    [
        ("Null", ["true", "false"], YES),
        ("Null", "true", OPEN),
        ("Null", "false", OPEN),
        ("StringLikeIfExists", "*", YES),
        ("StringLikeIfExists", ["a", "*"], YES),
        ("StringLikeIfExists", "?*", OPEN),
        ("ForAllValues:StringLike", "*", YES),
        ("ForAllValues:StringLike", "a*", OPEN),
        ("ForAnyValue:StringLike", "*", OPEN),
        ("StringLike", "*", OPEN),
        ("StringNotLike", "*", OPEN),
        ("StringNotEquals", "a", OPEN),
        ("StringEquals", "${new:Other}", NO),
        ("StringNotEquals", "${new:Other}", YES),
        ("StringEquals", "${new:Unknown}", OPEN),
        ("NumericEqualsIfExists", "1", OPEN),
        ("ArnLikeIfExists", "*", OPEN),
        ("ArnLikeIfExists", "arn:*:*:*:*:*", OPEN),
    ],
)
def test_an_unknown_key_leaves_open_only_what_depends_on_it(operator, wanted, right):
    def effect(given: Value) -> str:
        statement = {"Effect": "Allow", "Action": "*", "Resource": "*"}
        condition = {operator: {"new:Key": wanted}}
        context = {"new:Key": given, "new:Other": Lack.ABSENT, "new:Unknown": Lack.UNKNOWN}
        request = Request(principal=ALICE, action="s3:GetObject", resource=OBJECT, context=context)
        policy = {"Version": "2012-10-17", "Statement": [statement | {"Condition": condition}]}
        return authorize(request, Policies(identity=(policy,))).effect

    assert effect(Lack.UNKNOWN) == right
    known = {effect(given) for given in (Lack.ABSENT, ("a",), ("b*",), ("",), ("1",), (ALICE,))}
    assert known == {right} or right == OPEN
