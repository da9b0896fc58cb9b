"""What a key may hold: no value that the tests can tell apart is missed."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trailseal.access.conditions.families import OPERATORS
from trailseal.access.facts import Lack, OneOf
from trailseal.access.split import whitelist
from trailseal.access.split.automaton import TooMany
from trailseal.access.split.candidates import candidates, clock, settled
from trailseal.access.split.lines import addresses, moments, numbers
from trailseal.access.split.sets import sets
from trailseal.access.split.texts import Domain, texts

UNKNOWN = Lack.UNKNOWN
TAG, PATHS = "aws:principaltag/team", "aws:principalorgpaths"


def asks(operator, *values, qualifier=""):
    return whitelist.Test(operator, qualifier, values)


def flat(found):
    return {value for values in found for value in values}


def met(tests, value):
    return tuple(any(OPERATORS[t.operator].meets(wanted, value) for wanted in t.values) for t in tests)


SIGNS = "aA:*?b"
text_tests = st.lists(
    st.builds(
        asks,
        st.sampled_from(["StringEquals", "StringEqualsIgnoreCase", "StringLike", "StringNotLike", "ArnLike"]),
        st.text(SIGNS, max_size=3),
        st.text(SIGNS, max_size=3),
    ),
    min_size=1,
    max_size=3,
).map(tuple)
SHORT = ["".join(word) for size in range(5) for word in itertools.product("aAb:*?z", repeat=size)]


@pytest.mark.sweep
@given(text_tests)
@settings(max_examples=80, deadline=None)
def test_every_way_in_which_tests_on_text_answer_has_a_value(tests):
    found = candidates(TAG, tests, UNKNOWN)

    assert {met(tests, word) for word in SHORT} <= {met(tests, value) for value in flat(found)}


@pytest.mark.parametrize(
    "test", [asks("Null", "true"), whitelist.Test("StringEquals", "", ("a",), if_exists=True)]
)
def test_an_empty_text_is_a_choice_of_its_own_where_a_test_may_count_it_as_none(test):
    assert "" in flat(candidates(TAG, (test,), UNKNOWN))
    assert "0" in flat(candidates(TAG, (test,), UNKNOWN))
    assert "" not in flat(candidates(TAG, (test,), OneOf(("a*",))))


def test_an_absent_key_comes_first_unless_the_key_is_there():
    tests = (asks("StringEquals", "a"),)

    assert candidates(TAG, tests, UNKNOWN) == ((), ("0",), ("a",))
    assert candidates(TAG, tests, OneOf(("*",))) == (("0",), ("a",))


def test_a_key_lies_in_what_is_known_of_it():
    tests = (asks("StringLike", "*/soc/*"), asks("StringEquals", "role/scan"))
    found = candidates("aws:principalarn", tests, OneOf(("role/scan", "role/*/scan")))

    assert {met(tests, value) for value in flat(found)} == {(False, True), (False, False), (True, False)}
    assert all(value.startswith("role/") for value in flat(found))


def test_what_is_somebody_elses_is_left_out():
    tests = (asks("StringLike", "*:alice"),)
    found = candidates("aws:userid", tests, OneOf(("AROA*:*",)), ("*:alice",))

    assert [met(tests, value) for value in flat(found)] == [(False,)]


def test_user_ids_are_as_long_as_they_are():
    found = candidates("aws:userid", (asks("StringLike", "*"),), OneOf(("AROA*:*",)))
    for text in flat(found):
        role, _, session = text.partition(":")

        assert len(role) > len("AROA")
        assert len(session) >= 2
    assert candidates("aws:userid", (asks("StringLike", "*"),), OneOf(("AROA1:al",))) == (("AROA1:al",),)


def test_case_is_ignored_in_every_mixture():
    tests = (asks("StringEqualsIgnoreCase", "abc"), asks("StringLike", "aB*"))

    assert {met(tests, v) for v in flat(candidates(TAG, tests, UNKNOWN))} >= {(True, True), (True, False)}


def test_letters_beyond_ascii_are_tried_and_their_case_is_not_split():
    assert "ログ" in flat(candidates(TAG, (asks("StringEquals", "ログ"),), UNKNOWN))
    assert candidates(TAG, (asks("StringEqualsIgnoreCase", "ß"),), UNKNOWN) is None


def test_too_many_kinds_of_text_are_not_split():
    bombs = tuple(asks("StringLike", f"*{a}*{b}*{a}*") for a, b in itertools.permutations("abcdefg", 2))

    assert candidates(TAG, bombs, UNKNOWN) is None
    with pytest.raises(TooMany):
        texts(bombs, bound=100)


def test_a_truth_value_is_true_or_false():
    found = candidates("aws:multifactorauthpresent", (asks("Bool", "true"),), UNKNOWN)

    assert found == ((), ("true",), ("false",))


@pytest.mark.parametrize(
    ("key", "test"),
    [
        ("aws:multifactorauthpresent", asks("StringEquals", "true")),
        (TAG, asks("NumericLessThan", "5")),
        (TAG, asks("Bool", "true")),
        (TAG, asks("BinaryEquals", "AA==")),
        ("aws:sourceip", asks("StringLike", "10.*")),
        ("s3:tlsversion", asks("StringEquals", "1.2")),
        ("aws:tokenissuetime", asks("NumericLessThan", "5")),
        (PATHS, asks("StringLike", "o-a/*")),
        ("vendor:thing", asks("StringEquals", "a")),
        ("aws:currenttime", asks("DateLessThan", "2027-01-01")),
        ("aws:sourceip", asks("IpAddress", "home")),
    ],
)
def test_what_is_not_in_the_table_is_not_split(key, test):
    assert candidates(key, (test,), UNKNOWN) is None


def test_presence_alone_has_two_kinds():
    for key in (TAG, "aws:sourceip", "aws:tokenissuetime", "kms:recipientattestation:imagesha384", PATHS):
        assert len(candidates(key, (asks("Null", "true"),), UNKNOWN)) >= 2


bounds = st.decimals(min_value=-3, max_value=6, places=3).map(str)


@given(st.lists(bounds, max_size=4), st.decimals(min_value=0, max_value=7, places=4).map(str))
def test_a_number_of_every_piece_is_tried(cuts, number):
    tests = tuple(asks(f"Numeric{name}", cut) for cut in cuts for name in ("LessThan", "Equals"))

    assert met(tests, number) in {met(tests, found) for found in numbers(cuts, whole=False)}


@given(st.lists(bounds, max_size=4), st.integers(min_value=0, max_value=9).map(str))
def test_a_whole_number_of_every_piece_is_tried(cuts, number):
    tests = tuple(asks(f"Numeric{name}", cut) for cut in cuts for name in ("LessThan", "Equals"))

    assert met(tests, number) in {met(tests, found) for found in numbers(cuts, whole=True)}
    assert all("." not in found for found in numbers(cuts, whole=True))


def test_the_shortest_number_between_two_is_taken():
    assert "1.3" in numbers(["1.25", "1.35"], whole=False)
    assert "1.200005" not in numbers(["1.2", "1.20001"], whole=False)


@pytest.mark.parametrize("bound", ["ten", "nan", "1e999", "1" * 40])
def test_what_is_no_common_number_is_not_split(bound):
    with pytest.raises(TooMany):
        numbers([bound], whole=False)


seconds = st.integers(min_value=1_700_000_000, max_value=1_700_000_009)


@given(st.lists(seconds, max_size=3), seconds)
def test_a_second_of_every_piece_is_tried(cuts, second):
    tests = tuple(asks(f"Date{name}", str(c)) for c in cuts for name in ("LessThan", "GreaterThan"))

    found = moments([str(cut) for cut in cuts], now=None)
    assert met(tests, str(second)) in {met(tests, date) for date, _ in found}
    assert {met(tests, date) == met(tests, epoch) for date, epoch in found} == {True}


def test_dates_without_an_offset_are_in_utc_and_time_does_not_go_back():
    assert ("2026-01-01T00:00:00Z", "1767225600") in moments(["2026-01-01T00:00:00"], now=None)
    assert moments(["2020-01-01"], now=1_767_225_600.5) == (("2026-01-01T00:00:00Z", "1767225600"),)


@pytest.mark.parametrize("moment", ["soon", "nan"])
def test_what_is_no_moment_is_not_split(moment):
    with pytest.raises(TooMany):
        moments([moment], now=None)


def test_both_clocks_show_one_moment():
    found = clock((asks("DateLessThan", "2027-01-01"), asks("NumericGreaterThan", "1830297600")), None)

    assert ("2027-01-01T00:00:00Z", "1798761600") in (found or ())
    assert len(clock((asks("Null", "false"),), 5.0) or ()) == 1
    assert clock((asks("StringLike", "2026*"),), None) is None
    assert clock((asks("DateLessThan", "soon"),), None) is None


def test_an_address_of_every_piece_is_tried_in_both_versions():
    tests = tuple(asks("IpAddress", n) for n in ("10.0.0.0/8", "10.1.0.0/16", "2001:db8::/32"))
    found = addresses([v for t in tests for v in t.values])

    tried = ("9.0.0.1", "10.0.0.1", "10.1.2.3", "11.0.0.1", "2001:db8::1", "::1", "ffff::")
    assert {met(tests, each) for each in tried} == {met(tests, each) for each in found}
    assert found[:2] == ("203.0.113.1", "2001:db8::1")
    assert len(addresses(["0.0.0.0/0", "::/0"])) == 2


@given(st.lists(st.lists(st.sampled_from("abcd"), min_size=1, max_size=3), min_size=1, max_size=3))
@settings(max_examples=60, deadline=None)
def test_every_set_of_values_is_seen_as_one_that_is_tried(wanted):
    tests = tuple(asks("StringLike", *(f"o-a/{w}/*" for w in ws), qualifier="ForAnyValue") for ws in wanted)
    values = [f"o-a/{letter}/" for letter in "abcdz"]

    def seen(members):
        answers = [met(tests, value) for value in members]
        return tuple(map(all, zip(*answers, strict=True))), tuple(map(any, zip(*answers, strict=True)))

    every = (c for size in range(1, 6) for c in itertools.combinations(values, size))
    found = candidates(PATHS, tests, UNKNOWN)
    assert {seen(members) for members in every} <= {seen(members) for members in found if members}


def test_too_many_sets_are_not_split():
    singles = [tuple(place == n for place in range(12)) for n in range(12)]

    with pytest.raises(TooMany):
        sets(map(str, range(12)), lambda value: singles[int(value)])


def test_a_domain_can_be_closed_to_letters():
    found = texts((asks("StringLike", "*-*"),), Domain(patterns=("a*",), allowed="ab"))

    assert found == ("a",)


def test_what_is_known_is_settled():
    assert settled(Lack.ABSENT)
    assert settled(())
    assert not settled(UNKNOWN)
    assert not settled(OneOf(("*",)))
