"""Huge, deep and malicious documents end in an answer, in bounded time."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trailseal.access.decision import Effect
from trailseal.access.evaluate import authorize
from trailseal.access.lines import answer_line
from trailseal.access.match.wildcard import matches
from trailseal.access.request import Policies, Request

ALICE = "arn:aws:iam::123456789012:user/alice"
SOON = 120
"""Seconds. No measure of speed: what this guards against would not end in a lifetime."""


def ask(document: Any, resource: str = "arn:aws:s3:::logs/key") -> Effect:
    """Return the effect of one identity policy."""
    request = Request(principal=ALICE, action="s3:GetObject", resource=resource)
    return authorize(request, Policies(identity=(document,)), unknown_context="absent").effect


def policy(*statements: dict[str, Any]) -> str:
    """Return a policy as text."""
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allow(**more: Any) -> dict[str, Any]:
    """Return an Allow for everything, as narrowed."""
    return {"Effect": "Allow", "Action": "*", "Resource": "*", **more}


@pytest.mark.parametrize(
    "pattern", ["*a" * 30 + "b", "*a*" * 400 + "b", "?*" * 500 + "b", "a*" * 2000 + "b", "*" * 10_000 + "b"]
)
def test_a_wildcard_bomb_is_answered_soon(pattern: str) -> None:
    started = time.process_time()

    assert ask(policy(allow(Resource=pattern)), "a" * 20_000) is Effect.IMPLICITLY_DENIED
    assert time.process_time() - started < SOON


@pytest.mark.sweep
def test_ten_thousand_statements_are_answered_soon() -> None:
    many = [allow(Sid=f"S{i}", Resource=f"arn:aws:s3:::bucket-{i}/*") for i in range(10_000)]
    started = time.process_time()

    assert ask(policy(*many, allow(Sid="Last"))) is Effect.ALLOWED
    assert time.process_time() - started < SOON


def test_deep_nesting_is_invalid_and_no_crash() -> None:
    deep = '{"Statement":' + "[" * 200_000

    assert ask(deep) is Effect.INVALID
    assert json.loads(answer_line(deep.encode()))["effect"] == "invalid"


def test_deep_nesting_inside_an_element_is_invalid() -> None:
    deep = '{"Statement":[{"Effect":"Allow","Resource":"*","Action":' + "[" * 400 + "]" * 400 + "}]}"

    assert ask(deep) is Effect.INVALID


@pytest.mark.parametrize("text", ["\ud800", "ключ", "鍵\u0000", "\ue000", "i\u0307"])
def test_text_of_every_kind_matches_itself(text: str) -> None:
    document = {"Statement": allow(Resource=f"arn:aws:s3:::b/{text}")}

    assert ask(document, f"arn:aws:s3:::b/{text}") is Effect.ALLOWED


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
words = st.sampled_from(
    ["Effect", "Allow", "Deny", "Action", "Resource", "Principal", "Condition", "StringEquals", "*", "Sid"]
)


@given(st.dictionaries(words, json_values | words, max_size=5))
def test_no_document_crashes_the_engine(statement: dict[str, Any]) -> None:
    assert ask({"Version": "2012-10-17", "Statement": [statement]}) in Effect


@given(st.binary(max_size=60))
def test_no_line_crashes_simulate(raw: bytes) -> None:
    assert json.loads(answer_line(raw))["effect"] == "invalid"


@given(st.text(alphabet="ab*?", max_size=8), st.text(alphabet="ab", max_size=10))
def test_wildcards_match_as_the_plain_definition_does(pattern: str, text: str) -> None:
    assert matches(pattern, text) is _by_definition(pattern, text)


def _by_definition(pattern: str, text: str) -> bool:
    if not pattern:
        return not text
    if pattern[0] == "*":
        return any(_by_definition(pattern[1:], text[i:]) for i in range(len(text) + 1))
    return bool(text) and pattern[0] in ("?", text[0]) and _by_definition(pattern[1:], text[1:])
