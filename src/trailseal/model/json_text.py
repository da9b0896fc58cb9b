"""
Names that stand twice in one object of a JSON text, and how deep a value is.

Which of two equal names a reader takes is its own choice, so a text with such a name has no one meaning.
Source: https://www.rfc-editor.org/rfc/rfc8259#section-4
"""

from __future__ import annotations

import json
from typing import Any

BLANKS = b" \t\n\r"
TAB, LINE_END, RETURN = BLANKS[1:]
NO_BLANKS = dict.fromkeys(BLANKS)


class _Pairs(tuple[tuple[str, Any], ...]):
    """An object as it stands in the text, every pair of it."""

    __slots__ = ()


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


def marks_outside_texts(text: bytes) -> int:
    r"""
    Return the same, closer: an escaped quote ends no name, but for one after an escaped backslash.

    A text inside a text, as a policy in a snapshot is, is full of `\":`.
    """
    bare = text.translate(None, BLANKS)
    return bare.count(b'":') - bare.count(b'\\":') + bare.count(b'\\\\":')


def count_names(value: Any) -> int:
    """Return how many names all objects in a value have together."""
    names, waiting = 0, [value] if isinstance(value, dict | list) else []
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict):
            names += len(one)
            waiting += [each for each in one.values() if isinstance(each, dict | list)]
        else:
            waiting += [each for each in one if isinstance(each, dict | list)]
    return names


def depth(value: Any) -> int:
    """Return how many objects and lists lie in one another at the most."""
    deepest, level = 0, [value]
    while level := [each for each in level if isinstance(each, dict | list)]:
        deepest += 1
        level = [inner for each in level for inner in (each.values() if isinstance(each, dict) else each)]
    return deepest


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
