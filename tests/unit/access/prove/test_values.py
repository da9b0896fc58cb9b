from __future__ import annotations

import pytest

from key_policies import CONTEXT, administration, policy, statement
from trailseal.access.prove.values import ABSENT, candidates
from trailseal.access.prove.vocabulary import Comparison, Looked, merged, vocabulary
from trailseal.access.split.automaton import TooMany


def looked(*tests, as_set=False):
    return Looked(tests=frozenset(Comparison(family=f, value=v) for f, v in tests), as_set=as_set)


def flat(found):
    return {value for values in found for value in values}


def test_a_string_has_one_witness_for_each_way_to_match():
    found = candidates(looked(("StringLike", "dev-*"), ("StringEquals", "dev-1")))

    assert found[0] == ABSENT
    assert "dev-1" in flat(found)
    assert any(v.startswith("dev-") and v != "dev-1" for v in flat(found))
    assert any(not v.startswith("dev-") for v in flat(found))
    assert len(found) == 4


def test_case_is_tried_where_it_is_ignored():
    assert {"ABC", "abc"} <= flat(candidates(looked(("StringEqualsIgnoreCase", "abc"))))


def test_letters_beyond_ascii_are_tried():
    assert "ログ" in flat(candidates(looked(("StringEquals", "ログ"))))


def test_a_truth_value_is_true_or_false_or_absent():
    assert candidates(looked(("Bool", "true"))) == ((), ("true",), ("false",))


def test_a_number_is_tried_on_and_beside_each_bound():
    assert flat(candidates(looked(("NumericLessThan", "10")))) == {"9.5", "10", "10.5"}


def test_a_date_is_tried_on_and_beside_each_bound():
    found = flat(candidates(looked(("DateGreaterThan", "2026-01-01T00:00:00Z"))))

    assert found == {"2025-12-31T23:59:59Z", "2026-01-01T00:00:00Z", "2026-01-01T00:00:01Z"}


def test_a_date_without_an_offset_is_in_utc():
    assert "2026-01-01T00:00:00Z" in flat(candidates(looked(("DateEquals", "2026-01-01T00:00:00"))))


def test_a_network_is_tried_inside_and_beside():
    found = flat(candidates(looked(("IpAddress", "10.0.0.0/24"))))

    assert found == {"9.255.255.255", "10.0.0.0", "10.0.0.255", "10.0.1.0"}


def test_the_whole_internet_has_no_outside():
    assert flat(candidates(looked(("IpAddress", "0.0.0.0/0")))) == {"0.0.0.0", "255.255.255.255"}  # noqa: S104 - no binding


def test_an_address_of_version_six_is_split_too():
    assert "2001:db8::" in flat(candidates(looked(("IpAddress", "2001:db8::/32"))))


def test_a_key_that_is_only_asked_for_presence_has_two_kinds():
    assert candidates(looked(("Null", "true"))) == ((), ("anything",))


def test_a_set_is_tried_in_every_combination():
    found = candidates(looked(("Bool", "true"), as_set=True))

    assert found == ((), ("true",), ("false",), ("true", "false"))


@pytest.mark.parametrize(
    ("family", "value"),
    [("NumericEquals", "ten"), ("DateEquals", "soon"), ("IpAddress", "home"), ("BinaryEquals", "AA==")],
)
def test_what_can_not_be_split_ends_the_proof(family, value):
    with pytest.raises(TooMany):
        candidates(looked((family, value)))


def test_a_large_set_ends_the_proof():
    with pytest.raises(TooMany):
        candidates(looked(*(("StringEquals", f"v{n}") for n in range(8)), as_set=True))


def test_only_statements_about_the_actions_are_looked_at():
    text = policy(
        administration(),
        statement("a", Condition={"StringLike": {CONTEXT: "x*"}}),
        statement("b", Action="kms:CreateAlias", Condition={"StringEquals": {"kms:ViaService": "ec2"}}),
    )
    found = vocabulary((text, text, "not json"), ("kms:Decrypt",))

    assert list(found.keys) == [CONTEXT.lower()]
    assert not found.has_variables


def test_negation_looks_at_the_same_family():
    found = vocabulary(
        (policy(statement(Condition={"StringNotLike": {"aws:userid": "x"}})),), ("kms:Decrypt",)
    )

    assert found.keys["aws:userid"].tests == {Comparison(family="StringLike", value="x")}


def test_a_variable_is_noticed():
    text = policy(statement(Condition={"StringEquals": {"aws:userid": "${aws:username}"}}))

    assert vocabulary((text,), ("kms:Decrypt",)).has_variables


def test_merging_keeps_what_either_looks_at():
    first = vocabulary((policy(statement(Condition={"Bool": {"a:b": "true"}})),), ("kms:Decrypt",))
    second = vocabulary(
        (policy(statement(Condition={"ForAnyValue:StringEquals": {"a:b": "x"}})),), ("kms:Decrypt",)
    )

    both = merged(first, second).keys["a:b"]
    assert both.as_set
    assert len(both.tests) == 2
