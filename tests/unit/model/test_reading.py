"""Documents from outside: each thing that can be wrong with one has one sentence."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trailseal.errors import UsageProblem
from trailseal.model.foreign import DEEPEST
from trailseal.model.json_text import count_names, depth, marks, marks_outside_texts, names_twice
from trailseal.model.reading import BOM, FOUND, SIGNS, Kind, decode, json_value, text_in


class Inner(msgspec.Struct):
    number: int


class Form(msgspec.Struct, forbid_unknown_fields=True):
    format: int = 1
    inner: Inner | None = None


def said(raw: bytes, kind: Kind = Kind.PLAN) -> str:
    with pytest.raises(UsageProblem) as refused:
        decode(raw, Form, kind=kind, name="x")
    return str(refused.value)


@pytest.mark.parametrize(
    ("raw", "sentence"),
    [
        pytest.param(b"", "`x` is empty", id="empty"),
        pytest.param(BOM + b" \n", "`x` is empty", id="blank"),
        pytest.param(b"{", "`x` is not JSON, or is cut short, at byte 1", id="cut short"),
        pytest.param(b'{"a": nul}', "`x` is not JSON, or is cut short, at byte 10", id="no JSON"),
        pytest.param(b"{}\n{}", "`x` is not JSON, or is cut short, at byte 4", id="two lines"),
        pytest.param(b"?\n{}", "`x` is not JSON, or is cut short, at byte 0", id="no line"),
        pytest.param(b"\xff\xfe", "`x` is not text in UTF-8", id="binary"),
        pytest.param(b'{"a": "\xff"}', "`x` is not text in UTF-8", id="a text that is none"),
        pytest.param(b"[" * 100_000, "`x` is nested too deeply", id="deep and cut short"),
        pytest.param(
            b"[" * (DEEPEST + 1) + b"]" * (DEEPEST + 1), "`x` is nested too deeply", id="deeper than any"
        ),
        pytest.param(
            b"[" + b"[]," * (1 << 20) + b"0]", "`x` has more parts than any document", id="more than any"
        ),
        pytest.param(
            b'{"inner": {"number": 1, "number": 2}}',
            "`x` has `inner.number` twice, so it says two things",
            id="a name twice",
        ),
        pytest.param(b'{"format": 2}', "`x` has format 2, this version reads 1", id="newer"),
        pytest.param(
            b'{"format": "2"}',
            "`x` is not a document that this version reads: look at `$.format`",
            id="no number of a format",
        ),
        pytest.param(
            b"[]", "`x` is not a document that this version reads: look at `$`", id="something else"
        ),
        pytest.param(
            b'{"more": 1}', "`x` is not a document that this version reads: look at `$.more`", id="a field"
        ),
        pytest.param(
            b'{"inner": {}}',
            "`x` is not a document that this version reads: look at `$.inner.number`",
            id="a missing field",
        ),
        pytest.param(
            b'{"inner": {"number": "1"}}',
            "`x` is not a document that this version reads: look at `$.inner.number`",
            id="a text for a number",
        ),
    ],
)
def test_what_is_wrong_is_one_sentence(raw: bytes, sentence: str) -> None:
    assert said(raw) == sentence


@pytest.mark.parametrize("kind", Kind)
@pytest.mark.parametrize("wanted", Kind)
def test_a_document_of_another_kind_is_called_what_it_is(kind: Kind, wanted: Kind) -> None:
    document = json.dumps(dict.fromkeys(SIGNS[kind], 0)).encode()

    text = said(document, wanted)

    assert (text == FOUND[kind].replace("{name}", "x")) is (kind is not wanted)


@pytest.mark.parametrize("kind", Kind)
@pytest.mark.parametrize("wanted", Kind)
def test_a_document_of_many_lines_is_known_by_its_first(kind: Kind, wanted: Kind) -> None:
    lines = json.dumps(dict.fromkeys(SIGNS[kind], 0)).encode() + b'\n{"key": "k"}\n'

    text = said(lines, wanted)

    assert (text == FOUND[kind].replace("{name}", "x")) is (kind is not wanted)


def test_a_value_may_be_as_deep_as_the_bound() -> None:
    assert depth(json_value(b"[" * DEEPEST + b"]" * DEEPEST, name="x", kind=Kind.PLAN)) == DEEPEST


def test_a_byte_order_mark_is_passed_over() -> None:
    assert decode(BOM + b'{"format": 1}', Form, kind=Kind.PLAN, name="x") == Form()
    assert text_in(BOM + b"text", name="x") == "text"


def test_a_lenient_reader_takes_a_name_that_stands_twice() -> None:
    twice = b'{"a": 1, "a": 2}'

    assert json_value(twice, name="x", kind=Kind.POLICY, lenient=True) == {"a": 2}


values = st.recursive(
    st.none() | st.integers(-9, 9) | st.text(alphabet='\\":a é', max_size=6),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text('\\":a ', max_size=3), inner, max_size=3)
    ),
    max_leaves=10,
)


@given(values, st.sampled_from([(",", ":"), (", ", ": "), (" ,\t", " : ")]))
def test_no_name_is_missed_by_the_closer_count(value: Any, between: tuple[str, str]) -> None:
    text = json.dumps(value, separators=between).encode()

    assert count_names(value) <= marks_outside_texts(text) <= marks(text)
    assert json_value(text, name="x", kind=Kind.PLAN) == value


@given(values, st.text('\\":a ', max_size=3))
def test_a_name_twice_is_found_beside_whatever_looks_like_one(value: Any, name: str) -> None:
    text = f'{{"other": {json.dumps(value)}, {json.dumps(name)}: 1, {json.dumps(name)}: 2}}'.encode()

    assert names_twice(text)
    assert "twice" in said(text)


@given(values)
def test_a_value_in_a_list_is_one_deeper(value: Any) -> None:
    assert depth([value]) == depth(value) + 1
