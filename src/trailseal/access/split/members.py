"""
Whether the strings of a set, given by patterns, meet what a policy wants: all, none, or some of them.

A key that is only partly determined (a session's role has a path that nobody told us) is such a set.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import takewhile

from trailseal.access.match.wildcard import LITERAL_MARK, LITERAL_STAR, ONE_SEGMENT
from trailseal.access.split.automaton import (
    ESCAPED,
    MARK,
    MAX_STATES,
    STAR,
    Joint,
    Pattern,
    compile_arn,
    compile_pattern,
    joint,
)

EQUALS, FOLDED, LIKE, ARN = "equals", "equals-ignoring-case", "like", "arn"
KEPT = 20_000
WILD = re.compile(f"[{STAR}{MARK}{ONE_SEGMENT}]")
PRIVATE_USE = range(0xE000, 0xF8FF)


@lru_cache(maxsize=KEPT)
def meets(patterns: tuple[str, ...], wanted: tuple[str, ...], comparison: str) -> bool | None:
    """
    Return whether the strings that lie in one of `patterns` meet one of `wanted`.

    True: every string does. False: none does. None: some do, or there are too many kinds to tell.
    `comparison` is `equals`, `equals-ignoring-case`, `like` or `arn`, as conditions compare.
    """
    if not patterns:
        return None
    if comparison == FOLDED and not all(text.isascii() for text in map(_plain, (*patterns, *wanted))):
        return None
    members = joint([[compile_pattern(pattern) for pattern in patterns]])
    tests = joint([[test for text in wanted if (test := _test(text, comparison)) is not None]])
    seen: set[bool] = set()
    for found in _answers(members, tests, _prefix(patterns)):
        seen.add(found)
        if len(seen) > 1:
            return None
    return seen.pop()


def _plain(text: str) -> str:
    return text.replace(LITERAL_STAR, STAR).replace(LITERAL_MARK, MARK)


def _test(text: str, comparison: str) -> Pattern | None:
    if comparison == ARN:
        return compile_arn(text)
    return compile_pattern(text, literal=comparison in {EQUALS, FOLDED}, fold=comparison == FOLDED)


def _prefix(patterns: tuple[str, ...]) -> str:
    """Return what all members begin with: it is read in one go."""
    heads = [WILD.split(pattern)[0] for pattern in patterns]
    columns = takewhile(lambda letters: len(set(letters)) == 1, zip(*heads, strict=False))
    return "".join(ESCAPED.get(letters[0], letters[0]) for letters in columns)


def _answers(members: Joint, tests: Joint, prefix: str) -> Iterator[bool]:
    """Yield for each kind of string in the set whether a test is met; both answers when it gets too long."""
    letters = _letters(members.named_letters() | tests.named_letters())
    here = (members.run(members.start, prefix), tests.run(tests.start, prefix))
    seen = {here}
    waiting = [here]
    while waiting:
        inside, outside = waiting.pop()
        if members.accepts(inside):
            yield tests.accepts(outside)
        for letter in letters:
            further = members.step(inside, letter)
            if not further or (there := (further, tests.step(outside, letter))) in seen:
                continue
            seen.add(there)
            waiting.append(there)
        if len(seen) > MAX_STATES:
            yield from (True, False)


def _letters(named: set[str]) -> tuple[str, ...]:
    """Return the characters that are told apart, and one that stands for all others."""
    other = next(sign for code in PRIVATE_USE if (sign := chr(code)) not in named)
    return (*sorted(named), other)
