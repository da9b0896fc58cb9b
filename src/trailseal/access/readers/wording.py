r"""
What is written in a policy: the names and texts of it as they were read.

JSON writes one text in many ways (`\u0061` is an `a`, `\/` a `/`), so that nothing is looked for in the
text of a document itself.
Source: https://www.rfc-editor.org/rfc/rfc8259#section-7
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from trailseal.access.parse.json_text import read_leniently
from trailseal.access.parse.problem import InvalidPolicyError
from trailseal.access.variables import ESCAPES

KEPT = 10_000
SIGNS = tuple("${" + sign + "}" for sign in ESCAPES)
VARIABLE = "${"


@lru_cache(maxsize=KEPT)
def texts_in(document: str) -> frozenset[str]:
    """Return every name and text in a document; one that is not JSON stands for itself."""
    try:
        waiting = [read_leniently(document)[0]]
    except InvalidPolicyError:
        return frozenset({document})
    found: set[str] = set()
    while waiting:
        one = waiting.pop()
        if isinstance(one, str):
            found.add(one)
        elif isinstance(one, Mapping):
            waiting += [*one, *one.values()]
        elif isinstance(one, list):
            waiting += one
    return frozenset(found)


@lru_cache(maxsize=KEPT)
def speaks_of(document: str, words: tuple[str, ...]) -> bool:
    """Whether one of the words (lower case) stands somewhere in the document, in upper or lower case."""
    return any(word in text for text in map(str.lower, texts_in(document)) for word in words)


@lru_cache(maxsize=KEPT)
def has_variable(document: str) -> bool:
    """Whether a policy variable stands in the document that is no sign for itself, as `${*}` is."""
    return any(VARIABLE in _without_signs(text) for text in texts_in(document))


def _without_signs(text: str) -> str:
    for sign in SIGNS:
        text = text.replace(sign, "")
    return text
