"""
Whether the strings of a set, given by patterns, meet what a policy wants: all, none, or some of them.

A key that is only partly determined (a session's role has a path that nobody told us) is such a set.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from trailseal.access.match.wildcard import plain
from trailseal.access.split.automaton import (
    MAX_STATES,
    Joint,
    Pattern,
    beginning,
    compile_arn,
    compile_pattern,
    joint,
)

EQUALS, FOLDED, LIKE, ARN = "equals", "equals-ignoring-case", "like", "arn"
KEPT = 20_000
PRIVATE_USE = range(0xE000, 0xF8FF)


@lru_cache(maxsize=KEPT)
def meets(
    patterns: tuple[str, ...], wanted: tuple[str, ...], comparison: str, but_for: tuple[str, ...] = ()
) -> bool | None:
    """
    Return whether the strings that lie in one of `patterns`, and in none of `but_for`, meet one of `wanted`.

    True: every string does. False: none does. None: some do, or there are too many kinds to tell.
    `comparison` is `equals`, `equals-ignoring-case`, `like` or `arn`, as conditions compare.
    """
    if not patterns:
        return None
    if comparison == FOLDED and not all(text.isascii() for text in map(plain, (*patterns, *wanted))):
        return None
    members = joint([[compile_pattern(pattern) for pattern in patterns]])
    tests = joint([[test for text in wanted if (test := compile_test(text, comparison)) is not None]])
    others = joint([[compile_pattern(pattern) for pattern in but_for]])
    seen: set[bool] = set()
    for found in _answers(members, tests, others, beginning(patterns)):
        seen.add(found)
        if len(seen) > 1:
            return None
    return seen.pop() if seen else None


def compile_test(text: str, comparison: str) -> Pattern | None:
    """Return the pattern of one value of a policy, None when it matches nothing."""
    if comparison == ARN:
        return compile_arn(text)
    return compile_pattern(text, literal=comparison in {EQUALS, FOLDED}, fold=comparison == FOLDED)


def _answers(members: Joint, tests: Joint, others: Joint, prefix: str) -> Iterator[bool]:
    """Yield for each kind of string in the set whether a test is met; both answers when it gets too long."""
    letters = _letters(members.named_letters() | tests.named_letters() | others.named_letters())
    here = tuple(each.run(each.start, prefix) for each in (members, tests, others))
    seen = {here}
    waiting = [here]
    while waiting:
        inside, outside, theirs = waiting.pop()
        if members.accepts(inside) and not others.accepts(theirs):
            yield tests.accepts(outside)
        for letter in letters:
            further = members.step(inside, letter)
            there = (further, tests.step(outside, letter), others.step(theirs, letter))
            if not further or there in seen:
                continue
            seen.add(there)
            waiting.append(there)
        if len(seen) > MAX_STATES:
            yield from (True, False)


def _letters(named: set[str]) -> tuple[str, ...]:
    """Return the characters that are told apart, and one that stands for all others."""
    other = next(sign for code in PRIVATE_USE if (sign := chr(code)) not in named)
    return (*sorted(named), other)
