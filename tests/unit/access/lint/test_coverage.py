from __future__ import annotations

import json

import pytest

from key_policies import ACCOUNT, policy, statement
from trailseal.access.lint.coverage import MAX_WIDE, Comparisons, check, compare_all
from trailseal.access.lint.written import read_written

STAR = {"AWS": "*"}


def user(number: int) -> dict[str, str]:
    return {"AWS": f"arn:aws:iam::{ACCOUNT}:user/u{number}"}


def tag(number: int) -> dict[str, dict[str, str]]:
    return {"StringEquals": {"aws:PrincipalTag/team": str(number)}}


SHAPES = {
    "one principal each": lambda n: statement(f"s{n}", Principal=user(n)),
    "the same each": lambda n: statement(f"s{n}"),
    "one condition each": lambda n: statement(f"s{n}", Condition=tag(n)),
    "half of them wide": lambda n: statement(f"s{n}", Principal=STAR if n % 2 else user(n)),
    "one action each": lambda n: statement(f"s{n}", Action=f"kms:Action{n}"),
}


def made(shape: str, statements: int) -> int:
    comparisons = Comparisons(10**9)
    list(compare_all(read_written(policy(*map(SHAPES[shape], range(statements)))), comparisons))
    return comparisons.made


@pytest.mark.parametrize("shape", SHAPES)
def test_twice_the_statements_take_about_twice_the_comparisons(shape):
    assert made(shape, 400) <= 2.5 * made(shape, 200) + 10


def test_patterns_that_hide_what_they_cover_are_compared_up_to_a_bound():
    actions = [statement(f"s{n}", Action=[f"*a{n}*b{m}" for m in range(20)]) for n in range(60)]
    comparisons = Comparisons(1_000)

    found = list(compare_all(read_written(policy(*actions)), comparisons))

    assert [(f.rule, f.severity.value) for f in found] == [("KP121", "note")]


def test_many_wide_statements_are_told_of_a_narrow_one_up_to_a_bound():
    wide = [statement(f"w{n}", Principal=STAR, Action=["kms:Decrypt", f"kms:X{n}"]) for n in range(20)]

    found = [f for f in check(read_written(policy(*wide, statement("narrow")))) if f.rule == "KP102"]

    assert [f.statement for f in found] == [f"w{n}" for n in range(MAX_WIDE)]


def test_every_copy_of_a_statement_is_told_once():
    found = list(check(read_written(policy(*[statement(f"s{n}") for n in range(4)]))))

    assert [(f.rule, f.statement) for f in found] == [("KP101", "s1"), ("KP101", "s2"), ("KP101", "s3")]


def test_statements_that_cover_each_other_in_other_words_are_one_grant():
    text = policy(
        statement("a", Action=["kms:*", "kms:Decrypt"]), statement("b", Action=["kms:*", "kms:Encrypt"])
    )

    assert [(f.rule, f.statement) for f in check(read_written(text))] == [("KP101", "b")]


def test_conditions_that_are_not_all_in_the_narrow_one_make_nothing_wide():
    one, two = (
        {"aws:PrincipalTag/a": "x", "aws:username": "b"},
        {"aws:PrincipalTag/a": "x", "aws:username": "c"},
    )
    text = policy(
        statement("a", Condition={"StringEquals": one}), statement("b", Condition={"StringEquals": two})
    )

    assert list(check(read_written(text))) == []


def test_a_statement_without_an_action_is_covered_by_its_copy_only():
    bare = statement("bare", Action=None)

    found = list(check(read_written(json.loads(policy(bare, {**bare, "Sid": "again"}, statement("c"))))))

    assert [(f.rule, f.statement) for f in found] == [("KP101", "again")]
