"""A name that stands twice is found wherever it is; everything else in a text is read as it stands."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trailseal.access.parse.json_text import read_json, read_leniently
from trailseal.access.parse.problem import InvalidPolicyError
from trailseal.model.json_text import count_names, marks, names_twice

scalars = st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=6)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=10,
)
objects = st.dictionaries(st.text(max_size=4), values, min_size=1, max_size=3)
separators = st.sampled_from([(",", ":"), (", ", ": "), (" ,\t", " : "), ("\n,", "\n:\r")])


@given(value=values, between=separators, ascii_only=st.booleans())
def test_json_without_a_doubled_name_is_read_as_any_reader_reads_it(
    *, value: Any, between: tuple[str, str], ascii_only: bool
) -> None:
    text = json.dumps(value, separators=between, ensure_ascii=ascii_only)

    assert read_json(text) == value
    assert read_json(text.encode()) == value
    assert marks(text) >= count_names(value)
    assert marks(text.encode()) == marks(text)


def doubled(one: dict[str, Any], between: tuple[str, str]) -> str:
    """Return the object as text with its first name once more at the end."""
    text = json.dumps(one, separators=between)
    return f"{text[:-1]}{between[0]}{json.dumps(next(iter(one)))}{between[1]}0}}"


@given(objects, separators, st.integers(0, 3))
def test_a_doubled_name_is_found_at_any_depth(
    one: dict[str, Any], between: tuple[str, str], depth: int
) -> None:
    text = doubled(one, between)
    for _ in range(depth):
        text = f'{{"a" :[1, {text}]}}'

    with pytest.raises(InvalidPolicyError) as problem:
        read_json(text)

    inside = "a[1]." * depth
    assert problem.value.place == f"{inside}{next(iter(one))}"


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ('{"a":1,"a":2}', ("a",)),
        ('{"a":1,"\\u0061":2}', ("a",)),
        ('{"S":[{"A":1},{"A":1,"B":2,"A":3}]}', ("S[1].A",)),
        ('{"C":{"k":1,"k":2},"C":0}', ("C", "C.k")),
        ('{"a":1,"A":2}', ()),
        ('{"a":"\\":","b":" : "}', ()),
    ],
)
def test_places_are_paths_into_the_document(text: str, places: tuple[str, ...]) -> None:
    assert set(names_twice(text)) == set(places)
    assert read_leniently(text)[1] == names_twice(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[1,]",
        '{"a":NaN}',
        '{"a":Infinity}',
        '"\\ud800"',
        "\ufeff{}",
        '{"a":1}x',
        "[" * 100_000,
        b"\xff",
    ],
    ids=["empty", "cut", "comma", "nan", "infinity", "surrogate", "mark", "tail", "deep", "bytes"],
)
def test_what_is_not_json_is_refused_without_a_traceback(text: str | bytes) -> None:
    with pytest.raises(InvalidPolicyError, match="not JSON"):
        read_json(text)


@pytest.mark.parametrize("depth", [100, 300, 5_000])
def test_depth_ends_in_an_answer(depth: int) -> None:
    text = '{"a":' * depth + '{"b":1,"b":2}' + "}" * depth

    with pytest.raises(InvalidPolicyError):
        read_json(text)
