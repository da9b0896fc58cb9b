from __future__ import annotations

import itertools
import string

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trailseal.access.conditions.families import arn_like
from trailseal.access.lint.matching import glob
from trailseal.access.match.wildcard import literal
from trailseal.access.split.automaton import (
    TooMany,
    alphabet,
    answers,
    compile_arn,
    compile_pattern,
    fixed_length,
    run,
    start,
    words,
)

LETTERS = "abc"
patterns = st.lists(st.text("abc*?", max_size=6), min_size=1, max_size=3)


def matched(texts, word):
    compiled = tuple(compile_pattern(t) for t in texts)
    return answers(compiled, run(compiled, start(compiled), word))


@given(patterns, st.text(LETTERS, max_size=7))
@settings(max_examples=300, deadline=None)
def test_the_automaton_agrees_with_plain_matching(texts, word):
    assert matched(texts, word) == tuple(glob(t, word) for t in texts)


@given(patterns)
@settings(max_examples=150, deadline=None)
def test_every_way_to_answer_has_a_witness(texts):
    compiled = tuple(compile_pattern(t) for t in texts)
    found = {answers(compiled, state) for state, _ in words(compiled, start(compiled), allowed=LETTERS + "z")}
    tried = (
        "".join(letters) for size in range(1, 5) for letters in itertools.product(LETTERS + "z", repeat=size)
    )

    assert {matched(texts, word) for word in tried} <= found


def test_a_witness_leads_where_it_is_said_to():
    compiled = tuple(compile_pattern(t) for t in ("a*", "*b", "ab"))

    for state, word in words(compiled, start(compiled), allowed="abz"):
        assert run(compiled, start(compiled), word) == state


def test_a_literal_takes_stars_as_themselves():
    literal = (compile_pattern("a*?", literal=True),)

    assert answers(literal, run(literal, start(literal), "a*?")) == (True,)
    assert answers(literal, run(literal, start(literal), "abc")) == (False,)


def test_stars_in_a_row_are_one():
    assert compile_pattern("a**b") == compile_pattern("a*b")


def test_words_do_not_end_where_they_must_not():
    compiled = (compile_pattern("a/b"),)
    found = [word for _, word in words(compiled, start(compiled), allowed="ab/", not_last="/")]

    assert "a/b" in found
    assert not [word for word in found if word.endswith("/")]


def test_words_of_a_fixed_length_tell_all_states_apart():
    compiled = (compile_pattern("12*"),)
    found = fixed_length(compiled, start(compiled), allowed="0123456789", length=12)

    assert {answers(compiled, state) for state in found} == {(True,), (False,)}
    assert {len(word) for word in found.values()} == {12}


def test_the_alphabet_holds_one_letter_that_no_pattern_names():
    assert alphabet([compile_pattern("ba")], "abcd") == "abc"
    assert alphabet([compile_pattern("ab")], "ab") == "ab"


def test_too_many_states_stop_the_search():
    bombs = tuple(compile_pattern(f"*{a}*{b}*") for a, b in itertools.permutations("abcdefgh", 2))

    with pytest.raises(TooMany):
        list(words(bombs, start(bombs), allowed="abcdefgh", bound=500))
    with pytest.raises(TooMany):
        fixed_length(bombs, start(bombs), allowed="abcdefgh", length=8, bound=500)


def matched_one(pattern, word):
    return answers((pattern,), run((pattern,), start((pattern,)), word)) == (True,)


def test_a_barred_star_does_not_take_the_letter():
    pattern = compile_pattern("a*/b?", barred="/")

    assert matched_one(pattern, "axx/bc")
    assert not matched_one(pattern, "ax/x/bc")
    assert not matched_one(pattern, "a/b/")


def test_without_case_both_spellings_move():
    pattern = compile_pattern("Ab*", literal=True, fold=True)

    assert matched_one(pattern, "aB*")
    assert not matched_one(pattern, "aBc")
    assert set("aAbB") <= set(alphabet([pattern], string.printable))


def test_signs_out_of_a_variable_match_themselves():
    pattern = compile_pattern(literal("*?"))

    assert matched_one(pattern, "*?")
    assert not matched_one(pattern, "ab")


arn_texts = st.lists(st.text("a*?", max_size=2), min_size=5, max_size=8).map(":".join)


@given(arn_texts | st.just("*"), arn_texts.map(lambda t: t.replace("*", "b").replace("?", "a")))
@settings(max_examples=300, deadline=None)
def test_the_pattern_of_an_arn_agrees_with_the_condition(wanted, given_arn):
    pattern = compile_arn(wanted)

    assert (pattern is not None and matched_one(pattern, given_arn)) == arn_like(wanted, given_arn)
