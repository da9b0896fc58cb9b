from __future__ import annotations

import itertools

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from trailseal.access.conditions.families import (
    arn_like,
    may_be_equal,
    string_equals,
    string_equals_ignore_case,
    string_like,
)
from trailseal.access.match.wildcard import LITERAL_MARK, LITERAL_STAR, literal, matcher
from trailseal.access.split.members import meets

OPERATORS = {
    "equals": string_equals,
    "equals-ignoring-case": string_equals_ignore_case,
    "like": string_like,
    "arn": arn_like,
}
ROLE = "arn:aws:iam::111122223333:role/"
SESSION = (f"{ROLE}scan", f"{ROLE}*/scan")
texts = st.text(f"aAk:*?{LITERAL_STAR}{LITERAL_MARK}", max_size=4)
SHORT = ["".join(w) for size in range(6) for w in itertools.product("aAk:z*?", repeat=size)]


def by_trying(patterns, wanted, comparison, tried):
    inside = [w for w in tried if any(matcher(p)(w) for p in patterns)]
    return {any(OPERATORS[comparison](test, w) for test in wanted) for w in inside}


@pytest.mark.sweep
@given(
    st.lists(texts, min_size=1, max_size=2).map(tuple),
    st.lists(texts, max_size=2).map(tuple),
    st.sampled_from(["equals", "equals-ignoring-case", "like"]),
)
@settings(max_examples=150, deadline=None)
def test_the_answer_is_that_of_every_string_tried(patterns, wanted, comparison):
    found = meets(patterns, wanted, comparison)
    tried = by_trying(patterns, wanted, comparison, SHORT)

    assert found is None or tried <= {found}
    assert found is not None or len(tried) == 2


arn_parts = st.lists(st.sampled_from(["a", "*", "?", "", "a*", "b"]), min_size=4, max_size=8).map(":".join)
ARNS = [":".join(w) for size in (5, 6, 7, 8) for w in itertools.product(("", "a", "b"), repeat=size)]


@pytest.mark.sweep
@given(
    st.lists(arn_parts, min_size=1, max_size=2).map(tuple),
    st.lists(arn_parts | st.just("*"), max_size=2).map(tuple),
)
@example(("a:a:a:a:a:a",), ("*:a",))
@settings(max_examples=60, deadline=None)
def test_the_parts_of_an_arn_are_compared_each_for_itself(patterns, wanted):
    found = meets(patterns, wanted, "arn")
    tried = by_trying(patterns, wanted, "arn", ARNS)

    assert found is None or tried <= {found}


@pytest.mark.parametrize(
    ("wanted", "comparison", "expected"),
    [
        ((f"{ROLE}scan",), "equals", None),
        ((f"{ROLE}other",), "equals", False),
        ((f"{ROLE}*",), "equals", False),
        ((f"{ROLE}*",), "like", True),
        ((f"{ROLE}soc/*",), "like", None),
        ((f"{ROLE}*scan",), "like", True),
        ((f"{ROLE}scan", f"{ROLE}*/scan"), "like", True),
        ((f"{ROLE}scan", f"{ROLE}?*/scan"), "like", None),
        (("arn:aws:iam::*:role/*",), "arn", True),
        (("arn:*:role/*",), "arn", False),
        (("*",), "arn", False),
        (("arn:aws:iam::444455556666:role/*",), "arn", False),
        ((), "like", False),
        ((f"{ROLE}SCAN".upper(),), "equals-ignoring-case", None),
        ((f"{ROLE}".upper(),), "equals-ignoring-case", False),
    ],
)
def test_a_session_s_role_has_a_path_that_nobody_told(wanted, comparison, expected):
    assert meets(SESSION, wanted, comparison) is expected


def test_one_string_meets_or_does_not():
    assert meets(("AbC",), ("aBc",), "equals-ignoring-case") is True
    assert meets(("AbC",), ("aBc",), "equals") is False
    assert meets(("k",), ("K",), "equals-ignoring-case") is True


def test_signs_that_came_out_of_a_variable_are_no_wildcards():
    assert meets((literal("a*"),), ("a?",), "like") is True
    assert meets((literal("a*"),), ("ab",), "like") is False
    assert meets(("ab",), (literal("a*"),), "like") is False
    assert meets(("a*",), (literal("a*"),), "like") is None


def test_case_beyond_ascii_is_not_decided():
    assert meets(("\u0130*",), ("i",), "equals-ignoring-case") is None


def test_the_kelvin_sign_may_be_a_letter_k_without_case():
    assert meets(("\u212a",), ("k",), "equals") is False
    assert meets(("?",), ("k", "K"), "equals-ignoring-case") is None
    assert not string_equals_ignore_case("k", "\u212a")
    assert may_be_equal("k", "\u212a")


def test_a_set_of_no_strings_says_nothing():
    assert meets((), ("*",), "like") is None


def test_too_many_kinds_are_not_decided():
    wanted = tuple(f"*{a}*{b}*" for a, b in itertools.permutations("abcdefgh", 2))

    assert meets(("*" + "?" * 12 + "x",), (*wanted, "*x"), "like") is None
