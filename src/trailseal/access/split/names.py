"""
ARNs and account numbers, split by everything that policies ask of a caller's own identity.

An ARN is fixed text around an account and a name. Names of users and roles may have a path before them,
of any printable characters: https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html
"""

from __future__ import annotations

import re
import string
from collections.abc import Iterable, Iterator
from heapq import heapify, heappop, heappush

from msgspec import Struct

from trailseal.access.split.automaton import (
    MAX_STATES,
    Joint,
    Pattern,
    TooMany,
    alphabet,
    fixed_length,
    joint,
    words,
)
from trailseal.access.split.texts import NAME, PRINTABLE

DIGITS = string.digits
PATH = PRINTABLE.replace(" ", "")
ACCOUNT_LENGTH = 12
Tests = tuple[tuple[Pattern, ...], ...]
TOKEN = re.compile(r"[0-9*?]+")
WINDOW = re.compile(r"(?<![0-9])[0-9]{12}(?![0-9])")


class Tracks(Struct, frozen=True, kw_only=True):
    """Tests on a whole ARN, and tests on what its name gives to another key, after `before`."""

    arns: Tests
    others: Tests = ()
    before: str = ""


def accounts(arns: Tests, numbers: Tests, heads: Iterable[str]) -> tuple[str, ...]:
    """
    Return one account for each way in which tests on numbers, and on ARNs that begin so, can go on.

    Raises:
        TooMany: there are more than the bound allows.
    """
    found: set[str] = set()
    for head in heads:
        alive = _alive(arns, head)
        of_arns, together = joint(alive), joint([*alive, *numbers])
        width = max((end.bit_length() for end in of_arns.ends), default=0)
        begin = of_arns.run(of_arns.start, head) | joint(numbers).start << width
        states = fixed_length(together, begin, allowed=DIGITS, length=ACCOUNT_LENGTH)
        found.update(states.values())
    return tuple(sorted(found))


def _alive(tests: Tests, head: str) -> list[list[Pattern]]:
    """Return the tests that some ARN with this beginning can still meet."""
    together = joint(tests)
    left = together.run(together.start, head)
    alive: list[list[Pattern]] = []
    for test in tests:
        kept = []
        for pattern in test:
            width = pattern.end.bit_length()
            kept += [pattern] if left & ((1 << width) - 1) else []
            left >>= width
        alive += [kept] if kept else []
    return alive


def names(head: str, tracks: Tracks, *, has_path: bool, bound: int = MAX_STATES) -> Iterator[str]:
    """
    Yield an ARN for each way in which the tests can answer over all ARNs that begin with `head`.

    Raises:
        TooMany: there are more states than the bound allows.
    """
    arns, others = joint(_alive(tracks.arns, head)), joint(tracks.others)
    begin = arns.run(arns.start, head)
    begins = {begin: ""}
    if has_path:
        for positions, word in words(arns, begin, allowed=PATH, bound=bound):
            begins.setdefault(arns.step(positions, "/"), f"{word}/")
    other = others.run(others.start, tracks.before)
    answered: set[tuple[bool, ...]] = set()
    for answer, word in _named(arns, others, [(b, other, w) for b, w in begins.items()], bound):
        if answer not in answered:
            answered.add(answer)
            yield head + word


def _named(
    arns: Joint, others: Joint, begins: list[tuple[int, int, str]], bound: int
) -> Iterator[tuple[tuple[bool, ...], str]]:
    letters = alphabet(arns.named_letters() | others.named_letters(), NAME)
    seen: set[tuple[int, int]] = set()
    waiting = [(len(word), n, at, other, word) for n, (at, other, word) in enumerate(begins)]
    heapify(waiting)
    turn = len(waiting)
    while waiting:
        _, _, at, other, word = heappop(waiting)
        for letter in letters:
            there = (arns.step(at, letter), others.step(other, letter))
            if there in seen:
                continue
            seen.add(there)
            if len(seen) > bound:
                raise TooMany
            yield (*arns.answers(there[0]), *others.answers(there[1])), word + letter
            turn += 1
            heappush(waiting, (len(word) + 1, turn, *there, word + letter))


def is_generic(texts: Iterable[str]) -> bool:
    """
    Whether no text tells a number of an account from another but by naming it whole.

    A run of digits between other characters either is the whole number or cannot be a part of it;
    digits beside a `*` or `?` may be any part.
    """
    tokens = [token for text in texts for token in TOKEN.findall(text)]
    return all(token.isdigit() or not any(sign.isdigit() for sign in token) for token in tokens)


def windows(texts: Iterable[str]) -> tuple[str, ...]:
    """Return every number of twelve digits in the texts."""
    return tuple(sorted({found for text in texts for found in WINDOW.findall(text)}))
