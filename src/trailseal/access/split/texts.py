"""
Text and ARNs: one value for each way in which all tests on a key can answer together.

The tests run side by side over every string of the key's domain, so none is missed between two samples.
"""

from __future__ import annotations

import string
from collections import deque
from collections.abc import Iterator

from msgspec import Struct

from trailseal.access.match.wildcard import plain
from trailseal.access.service_name import ENDS, USUAL_END
from trailseal.access.split.automaton import (
    MARK,
    MAX_STATES,
    STAR,
    Joint,
    Pattern,
    TooMany,
    beginning,
    compile_pattern,
    joint,
)
from trailseal.access.split.members import FOLDED, compile_test
from trailseal.access.split.whitelist import COMPARISONS, Test

PRINTABLE = "".join(
    sorted(
        (chr(code) for code in range(32, 127)), key=lambda sign: (not sign.isalnum(), sign.isupper(), sign)
    )
)
NAME = string.ascii_lowercase + string.ascii_uppercase + string.digits + "_+=,.@-"


class Domain(Struct, frozen=True):
    """
    The strings a key can hold: those in one of the patterns, whose stars take the `allowed` characters.

    None of them lies in a pattern of `without`. One of the `usual` patterns is chosen where it will do.
    """

    patterns: tuple[str, ...] = (STAR,)
    usual: tuple[str, ...] = ()
    allowed: str = ""
    """Any character when empty."""
    without: tuple[str, ...] = ()


ANY = Domain()
SERVICE_NAMES = Domain(
    patterns=tuple(f"?*{end}" for end in ENDS),
    usual=(f"?*{USUAL_END}",),
    allowed="abcdefghijklmnopqrstuvwxyz0123456789-.",
)


def texts(tests: tuple[Test, ...], domain: Domain = ANY, bound: int = MAX_STATES) -> tuple[str, ...]:
    """
    Return one string of the domain for each way in which the tests can answer, the shortest first.

    The empty text stands for others only where there are none: some tests may count it as no value.

    Raises:
        TooMany: there are more states than the bound allows, or case matters beyond ASCII.
    """
    checks = [patterns_of(test) for test in tests]
    excluded = [[compile_pattern(pattern) for pattern in domain.without]]
    looked = joint([*checks, *excluded])
    letters = _letters(looked.named_letters() | _named(domain), domain.allowed or PRINTABLE)
    closed = "".join(letter for letter in letters if domain.allowed and letter not in domain.allowed)
    found: dict[tuple[bool, ...], str] = {}
    for patterns in filter(None, (domain.usual, domain.patterns)):
        inside = joint([[compile_pattern(pattern, barred=closed) for pattern in patterns]])
        for positions, word in _strings(inside, looked, letters, beginning(patterns), bound):
            *answer, barred = looked.answers(positions)
            if not barred and not found.get(tuple(answer)):
                found[tuple(answer)] = word
    return tuple(found.values())


def patterns_of(test: Test) -> list[Pattern]:
    """
    Return the patterns of a test on text; one that matches nothing has none.

    Raises:
        TooMany: letters outside ASCII are compared without case.
    """
    comparison = COMPARISONS.get(test.operator)
    if comparison is None:
        return []
    if comparison == FOLDED and not all(plain(value).isascii() for value in test.values):
        raise TooMany
    return [pattern for value in test.values if (pattern := compile_test(value, comparison)) is not None]


def _named(domain: Domain) -> set[str]:
    return {letter for pattern in domain.patterns for letter in plain(pattern)} - {STAR, MARK}


def _letters(named: set[str], allowed: str) -> str:
    """Return the characters that are told apart, in a readable order, after one for all others."""
    other = next((letter for letter in allowed if letter not in named), "")
    ordered = [letter for letter in PRINTABLE if letter in named]
    return "".join([other, *ordered, *sorted(named - set(ordered))])


def _strings(
    inside: Joint, looked: Joint, letters: str, prefix: str, bound: int
) -> Iterator[tuple[int, str]]:
    """Yield the state of the tests for each kind of string of the domain, with a shortest one."""
    here = (inside.run(inside.start, prefix), looked.run(looked.start, prefix))
    seen = {here} if prefix else set()  # what leads back to where the empty text is, is another text
    waiting = deque([(*here, prefix)])
    while waiting:
        at, positions, word = waiting.popleft()
        if inside.accepts(at):
            yield positions, word
        for letter in letters:
            further = inside.step(at, letter)
            if not further or (there := (further, looked.step(positions, letter))) in seen:
                continue
            seen.add(there)
            if len(seen) > bound:
                raise TooMany
            waiting.append((*there, word + letter))
