"""
Keys that hold several values: one set for each way in which tests over all, or over any, can answer.

What ForAllValues and ForAnyValue see of a set is, for each test, whether all of its values meet it and
whether one does. Starting from single values, one after the other is added until nothing new appears.
Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import reduce

from trailseal.access.split.automaton import TooMany

MAX_SETS = 400
Seen = tuple[tuple[bool, ...], tuple[bool, ...]]


def sets(
    values: Iterable[str],
    answers: Callable[[str], tuple[bool, ...]],
    *,
    among: tuple[str, ...] = (),
    bound: int = MAX_SETS,
) -> tuple[tuple[str, ...], ...]:
    """
    Return a smallest set for each way to answer; `answers` tells which tests a single value meets.

    Values that are certainly `among` the key's are in every set.

    Raises:
        TooMany: there are more ways than the bound allows.
    """
    single: dict[tuple[bool, ...], str] = {}
    for value in values:
        single.setdefault(answers(value), value)
    found: dict[Seen, tuple[str, ...]] = {(answer, answer): (value,) for answer, value in single.items()}
    if among:
        certain = [answers(value) for value in among]
        found = {(reduce(_both, certain), reduce(_either, certain)): among}
    frontier = list(found.items())
    while frontier:
        following: list[tuple[Seen, tuple[str, ...]]] = []
        for (every, some), members in frontier:
            for answer, value in single.items():
                seen = (_both(every, answer), _either(some, answer))
                if seen not in found:
                    found[seen] = (*members, value)
                    following.append((seen, found[seen]))
            if len(found) > bound:
                raise TooMany
        frontier = following
    return tuple(found.values())


def _both(one: tuple[bool, ...], other: tuple[bool, ...]) -> tuple[bool, ...]:
    return tuple([a and b for a, b in zip(one, other, strict=True)])


def _either(one: tuple[bool, ...], other: tuple[bool, ...]) -> tuple[bool, ...]:
    return tuple([a or b for a, b in zip(one, other, strict=True)])
