"""Policy documents compared by what they say."""

from __future__ import annotations

import json

import pytest

from plan_estate import ROOT, ROOT_ONLY
from trailseal.plan.document import as_sent, fits, labels, parse, same


def test_one_string_and_a_list_of_one_say_the_same() -> None:
    listed = json.dumps({"Version": "2012-10-17", "Statement": [{**ROOT, "Action": ["kms:*"]}]})

    assert same(ROOT_ONLY, listed)


def test_order_and_a_missing_list_mean_nothing() -> None:
    alone = json.dumps({"Statement": ROOT, "Version": "2012-10-17"})

    assert same(ROOT_ONLY, alone)


def test_another_action_is_another_policy() -> None:
    other = json.dumps({"Version": "2012-10-17", "Statement": [{**ROOT, "Action": "kms:Decrypt"}]})

    assert not same(ROOT_ONLY, other)


def test_what_is_no_policy_is_like_itself_alone() -> None:
    assert same("?", "?")
    assert not same("?", ROOT_ONLY)


TWICE = '{"Statement": [{"Action": "sqs:*", "Action": "kms:*"}]}'


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"Statement": "all"}', '{"Statement": [1]}', TWICE])
def test_what_is_no_policy_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - its text is the document
        parse(text)


def test_a_policy_fits_into_32_kilobytes() -> None:
    assert fits("x" * 32_768)
    assert not fits("x" * 32_769)


def test_a_statement_is_named_by_a_sid_of_one_word_else_by_its_place() -> None:
    policy = json.dumps({"Statement": [{"Sid": "Root"}, {"Sid": "Allow me to read"}, {"Sid": "確認済み"}]})
    names = ("Root", "Allow me to read", "確認済み", "#2", "not there", "", "Root")

    assert labels(names, policy) == ("Root", "#2", "#3")
    assert labels(("Allow me to read", "#1"), "?") == ("#1",)


def test_what_is_sent_is_written_anew_from_what_was_read() -> None:
    spaced = '\n{ "Statement" : [ { "Sid":"\\u0061", "Effect" : "Allow" } ] }\n'

    assert as_sent(spaced) == '{"Statement":[{"Sid":"a","Effect":"Allow"}]}'
    assert same(as_sent(ROOT_ONLY), ROOT_ONLY)
    with pytest.raises(ValueError, match="twice"):
        as_sent(TWICE)


@pytest.mark.parametrize(
    ("one", "other"),
    [("true", "1"), ("1", "1.0"), ('[["a", 1], ["b", 2]]', '{"a": 1, "b": 2}'), ("null", '"None"')],
    ids=["a truth", "a fraction", "pairs", "nothing"],
)
def test_values_of_two_kinds_never_say_the_same(one: str, other: str) -> None:
    texts = [json.dumps({"Statement": [{"Condition": json.loads(each)}]}) for each in (one, other)]

    assert not same(*texts)
