"""Policy documents compared by what they say."""

from __future__ import annotations

import json

import pytest

from plan_estate import ROOT, ROOT_ONLY
from trailseal.plan.document import fits, parse, same


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
