from __future__ import annotations

import itertools
import string

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trailseal.access.conditions.families import arn_like
from trailseal.access.match.wildcard import literal, matches
from trailseal.access.split.automaton import (
    TooMany,
    alphabet,
    compile_arn,
    compile_pattern,
    fixed_length,
    joint,
    words,
)

LETTERS = "abc"
patterns = st.lists(st.text("abc*?", max_size=6), min_size=1, max_size=3)


def together(texts, **more):
    return joint([[compile_pattern(text, **more)] for text in texts])


def matched(texts, word, **more):
    tests = together(texts, **more)
    return tests.answers(tests.run(tests.start, word))


@pytest.mark.sweep
@given(patterns, st.text(LETTERS, max_size=7))
@settings(max_examples=300, deadline=None)
def test_the_automaton_agrees_with_plain_matching(texts, word):
    assert matched(texts, word) == tuple(matches(t, word) for t in texts)


@pytest.mark.sweep
@given(patterns)
@settings(max_examples=100, deadline=None)
def test_every_way_to_answer_has_a_witness(texts):
    tests = together(texts)
    found = {tests.answers(state) for state, _ in words(tests, tests.start, allowed=LETTERS + "z")}
    tried = (
        "".join(letters) for size in range(1, 5) for letters in itertools.product(LETTERS + "z", repeat=size)
    )

    assert {matched(texts, word) for word in tried} <= found


def test_a_witness_leads_where_it_is_said_to():
    tests = together(("a*", "*b", "ab"))

    for state, word in words(tests, tests.start, allowed="abz"):
        assert tests.run(tests.start, word) == state


def test_a_test_of_several_patterns_is_met_by_any_of_them():
    tests = joint([[compile_pattern("a"), compile_pattern("b*")], [], [compile_pattern("c")]])

    assert tests.answers(tests.run(tests.start, "bc")) == (True, False, False)
    assert tests.accepts(tests.run(tests.start, "c"))
    assert not tests.accepts(tests.run(tests.start, "d"))


def test_a_literal_takes_stars_as_themselves():
    assert matched(("a*?",), "a*?", literal=True) == (True,)
    assert matched(("a*?",), "abc", literal=True) == (False,)


def test_stars_in_a_row_are_one():
    assert compile_pattern("a**b") == compile_pattern("a*b")


def test_words_of_a_fixed_length_tell_all_states_apart():
    tests = together(("12*",))
    found = fixed_length(tests, tests.start, allowed="0123456789", length=12)

    assert {tests.answers(state) for state in found} == {(True,), (False,)}
    assert {len(word) for word in found.values()} == {12}


def test_the_alphabet_holds_one_letter_that_no_pattern_names():
    assert alphabet({"a", "b"}, "abcd") == "abc"
    assert alphabet({"a", "b"}, "ab") == "ab"


def test_too_many_states_stop_the_search():
    bombs = together(f"*{a}*{b}*" for a, b in itertools.permutations("abcdefgh", 2))

    with pytest.raises(TooMany):
        list(words(bombs, bombs.start, allowed="abcdefgh", bound=500))
    with pytest.raises(TooMany):
        fixed_length(bombs, bombs.start, allowed="abcdefgh", length=8, bound=500)


def test_a_barred_star_does_not_take_the_letter():
    assert matched(("a*/b?",), "axx/bc", barred="/") == (True,)
    assert matched(("a*/b?",), "ax/x/bc", barred="/") == (False,)
    assert matched(("a*/b?",), "a/b/", barred="/") == (False,)


def test_without_case_both_spellings_move():
    tests = together(("Ab*",), literal=True, fold=True)

    assert matched(("Ab*",), "aB*", literal=True, fold=True) == (True,)
    assert matched(("Ab*",), "aBc", literal=True, fold=True) == (False,)
    assert set("aAbB") <= set(alphabet(tests.named_letters(), string.printable))


def test_signs_out_of_a_variable_match_themselves():
    assert matched((literal("*?"),), "*?") == (True,)
    assert matched((literal("*?"),), "ab") == (False,)


arn_texts = st.lists(st.text("a*?", max_size=2), min_size=5, max_size=8).map(":".join)


@pytest.mark.sweep
@given(arn_texts | st.just("*"), arn_texts.map(lambda t: t.replace("*", "b").replace("?", "a")))
@settings(max_examples=300, deadline=None)
def test_the_pattern_of_an_arn_agrees_with_the_condition(wanted, given_arn):
    pattern = compile_arn(wanted)
    tests = joint([[pattern] if pattern else []])

    assert tests.answers(tests.run(tests.start, given_arn)) == (arn_like(wanted, given_arn),)
