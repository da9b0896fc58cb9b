"""
JSON text to a value, strictly: a name that stands twice in one object is found, with its place.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
"""

from __future__ import annotations

from typing import Any

import msgspec

from trailseal.access.parse.problem import InvalidPolicyError
from trailseal.messages import message
from trailseal.model.json_text import count_names, marks, names_twice

NOT_READABLE = (msgspec.DecodeError, UnicodeError, RecursionError)


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
        place, message("`{name}` appears twice in one object", name=place.rpartition(".")[2])
    )
