"""A request that is made at a moment or after it: what tests on the time come to, without the time."""

from __future__ import annotations

import json
from itertools import pairwise

import pytest

from rows import each_row
from trailseal.access.conditions.families import OPERATORS
from trailseal.access.decision import Effect
from trailseal.access.evaluate import authorize
from trailseal.access.request import Policies, Request

NOW = 1_795_392_000
"""2026-11-23T00:00:00Z"""
DATE, SECONDS = "aws:CurrentTime", "aws:EpochTime"
FORMS = {
    NOW - 1: ("2026-11-22T23:59:59Z", str(NOW - 1)),
    NOW: ("2026-11-23T00:00:00Z", str(NOW)),
    NOW + 1: ("2026-11-23T00:00:01Z", str(NOW + 1)),
}
LATER = (NOW, NOW + 1, NOW + 2)
"""All that can be told apart of the times from now on."""
ORDERED = [name for name, operator in OPERATORS.items() if operator.from_then_on]
TESTS = [
    (name, key, moment, form)
    for name in ORDERED
    for key in (DATE, SECONDS)
    for moment, forms in FORMS.items()
    for form in forms
    if not (name.startswith("Numeric") and (key == DATE or "T" in form))
]


def asked(condition: object, context: dict[str, tuple[str, ...]] | None = None, *, now: float | None = None):
    statement = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*", "Condition": condition}
    request = Request(
        principal="arn:aws:iam::123456789012:user/a",
        action="s3:GetObject",
        resource="arn:aws:s3:::logs/a",
        resource_account="123456789012",
        context=context or {},
        not_before=now,
    )
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    return authorize(request, Policies(identity=(document,))).effect


@each_row("if_exists", ["", "IfExists"])
@each_row(("name", "key", "moment", "form"), TESTS)
def test_a_test_on_the_time_is_decided_where_all_times_from_now_on_agree(name, key, moment, form, if_exists):
    """Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_Date."""
    del moment
    condition = {name + if_exists: {key: form}}
    each = {asked(condition, {key: (str(second),)}) for second in LATER}
    expected = each.pop() if len(each) == 1 else Effect.UNKNOWN

    assert asked(condition, now=NOW) is expected
    assert asked(condition) is Effect.UNKNOWN


@pytest.mark.parametrize(("first", "second"), list(pairwise(sorted(FORMS))))
def test_of_several_values_one_is_enough(first, second):
    values = [FORMS[first][0], FORMS[second][0]]

    assert asked({"DateLessThan": {DATE: values}}, now=NOW - 5) is Effect.UNKNOWN
    assert asked({"DateLessThan": {DATE: values}}, now=NOW + 5) is Effect.IMPLICITLY_DENIED
    assert asked({"DateGreaterThan": {DATE: values}}, now=NOW + 5) is Effect.ALLOWED


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ({"NumericLessThan": {DATE: str(NOW - 9)}}, Effect.UNKNOWN),
        ({"StringLike": {DATE: "2020*"}}, Effect.UNKNOWN),
        ({"Null": {DATE: "false"}}, Effect.ALLOWED),
    ],
)
def test_no_other_operator_knows_more_of_the_time(condition, expected):
    assert asked(condition, now=NOW) is expected


def test_a_time_that_is_given_wins():
    condition = {"DateLessThan": {DATE: FORMS[NOW][0]}}

    assert asked(condition, {DATE: (FORMS[NOW - 1][0],)}, now=NOW) is Effect.ALLOWED
