"""The values that a key is tried with, in one call or in several that share it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from trailseal.access.caller_facts import UNIQUE_ID
from trailseal.access.facts import Lack, OneOf, Value
from trailseal.access.keys.key import SetBy, Travels
from trailseal.access.keys.table import find
from trailseal.access.match.wildcard import has_wildcard
from trailseal.access.split.call import Part
from trailseal.access.split.candidates import CLOCK, candidates, clock
from trailseal.access.split.whitelist import Test

ARN, USER_ID = "aws:principalarn", "aws:userid"
TOGETHER = {
    "aws:principalorgid": ("aws:principalorgpaths", 0),
    "aws:sourceorgid": ("aws:sourceorgpaths", 0),
    "aws:sourceaccount": ("aws:sourcearn", 4),
}
"""A key, another one, and which part of the other's values is a value of the first."""


def choices(key: str, parts: Sequence[Part], now: float | None) -> tuple[Value, ...] | None:
    """
    Return the values, None where the key is in a form that is not split.

    `now` is the moment of the question, None for any; a moment is told in two keys.
    """
    keys = CLOCK if key in CLOCK else (key,)
    if any(part.tests.tied.intersection(keys) or part.hides(key) for part in parts):
        return None
    tests = tuple(sorted({test for part in parts for each in keys for test in part.tests.on(each)}))
    if key in CLOCK:
        return clock(tests, now)
    known = _known_together([part.known(key) for part in parts])
    row = find(key)
    if row is not None and row.set_by is SetBy.RESOURCE:
        return None
    if row is not None and all(part.call.behind for part in parts):
        if row.travels is Travels.NO:
            return ((),)
        if row.set_by is SetBy.REQUEST and (row.only_for or row.travels is Travels.UNVERIFIED):
            return None  # what a service sends that calls for somebody is not the caller's to choose
    without = tuple(sorted({each for part in parts for each in part.call.without.get(key, ())}))
    return candidates(key, (*tests, *_told_apart(key, parts)), known, without)


def _told_apart(key: str, parts: Sequence[Part]) -> tuple[Test, ...]:
    """Return values that another key or a principal names, so that a way in is found with both."""
    if key in (ARN, USER_ID):
        return tuple(sorted(_of_principals(key, parts)))
    other, place = TOGETHER.get(key, ("", 0))
    values = {value for part in parts for test in part.tests.on(other) for value in test.values}
    named = {pieces[place] for value in values if len(pieces := re.split("[/:]", value)) > place}
    return tuple(Test("StringEquals", "", (name,)) for name in sorted(named) if not has_wildcard(name))


def _of_principals(key: str, parts: Sequence[Part]) -> Iterator[Test]:
    """
    Yield a test for each principal that a session may turn out to be: a role by its path, or by its ID.

    A session's ARN tells neither, so that what is chosen for the key decides whether a statement names it.
    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
    """
    named = {value for part in parts for kind, value in part.principals if kind == "AWS"}
    for value in named:
        if key == ARN and value.startswith("arn:"):
            yield Test("StringEquals", "", (value,))
        if key == USER_ID and UNIQUE_ID.match(value):
            yield Test("StringLike", "", (value, f"{value}:*"))


def _known_together(values: list[Value]) -> Value:
    """Return what is known of a key that several calls share: the most that one of them tells."""
    sets = [value for value in values if isinstance(value, OneOf)]
    return max(sets, key=lambda each: sum(map(len, each.patterns)), default=Lack.UNKNOWN)
