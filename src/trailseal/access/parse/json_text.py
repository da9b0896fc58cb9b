"""
JSON text to a value, strictly: a name that stands twice in one object is found, with its place.

Which of the two a reader takes is its own choice, so a document with such a name has no one meaning.
Sources:
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
https://www.rfc-editor.org/rfc/rfc8259#section-4
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import msgspec

from trailseal.access.parse.problem import InvalidPolicyError
from trailseal.messages import message

BLANKS = b" \t\n\r"
TAB, LINE_END, RETURN = BLANKS[1:]
NO_BLANKS = dict.fromkeys(BLANKS)
NOT_READABLE = (msgspec.DecodeError, UnicodeError, RecursionError)


class _Pairs(tuple[tuple[str, Any], ...]):
    """An object as it stands in the text, every pair of it."""

    __slots__ = ()


def read_json(text: str | bytes) -> Any:
    """
    Return the value in `text`.

    Raises:
        InvalidPolicyError: it is not JSON, is nested too deeply, or has a name twice; `place` tells where.
    """
    value, twice = read_leniently(text)
    if twice:
        raise doubled(twice[0])
    return value


def read_leniently(text: str | bytes) -> tuple[Any, tuple[str, ...]]:
    """
    Return the value in `text`, and the places of names that stand twice: the last one is in the value.

    Raises:
        InvalidPolicyError: it is not JSON, or is nested too deeply.
    """
    try:
        value = msgspec.json.decode(text)
        return value, names_twice(text) if marks(text) > count_names(value) else ()
    except NOT_READABLE as problem:
        raise InvalidPolicyError("", message("not JSON: {problem}", problem=str(problem))) from None


def doubled(place: str) -> InvalidPolicyError:
    """Return the problem of a name that stands twice."""
    return InvalidPolicyError(
        place, message("`{name}` stands twice in one object", name=place.rpartition(".")[2])
    )


def marks(text: str | bytes) -> int:
    """
    Return how many names `text` may hold at the most: where they are more than were read, one was lost.

    Counting what ends a name is quick, and quicker where no blank follows a quotation mark, as in most JSON.
    What looks alike inside a text only makes for a closer look.
    """
    if isinstance(text, bytes):
        blank = text.find(b'" ') >= 0 or TAB in text or LINE_END in text or RETURN in text
        return (text.translate(None, BLANKS) if blank else text).count(b'":')
    return text.translate(NO_BLANKS).count('":')


def count_names(value: Any) -> int:
    """Return how many names all objects in a value have together."""
    names, waiting = 0, [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, Mapping):
            names += len(one)
            waiting.extend(one.values())
        elif isinstance(one, list | tuple):
            waiting.extend(one)
    return names


def names_twice(text: str | bytes) -> tuple[str, ...]:
    """Return the place of each name that stands again in its object, in the order of the text."""
    root = json.loads(text, object_pairs_hook=_Pairs, parse_int=len, parse_float=len)
    found: list[str] = []
    waiting: list[tuple[str, Any]] = [("", root)]
    while waiting:
        place, value = waiting.pop()
        if isinstance(value, _Pairs):
            inner = [(f"{place}.{name}" if place else name, each) for name, each in value]
            found += _again([where for where, _ in inner])
            waiting += reversed(inner)
        elif isinstance(value, list):
            waiting += reversed([(f"{place}[{i}]", each) for i, each in enumerate(value)])
    return tuple(dict.fromkeys(found))


def _again(names: list[str]) -> list[str]:
    seen: set[str] = set()
    again: list[str] = []
    for name in names:
        if name in seen:
            again.append(name)
        seen.add(name)
    return again
