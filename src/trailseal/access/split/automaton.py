"""
Patterns with `*` and `?` run side by side over a string, to find every way in which they can answer.

Each pattern is a bit set of positions; reading a character moves all of them at once. Two strings that
leave the same bit sets are the same to every policy.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import takewhile

from msgspec import Struct

from trailseal.access.match.wildcard import LITERAL_MARK, LITERAL_STAR, ONE_SEGMENT, plain
from trailseal.messages import Message
from trailseal.model.arn import PARTS

WILD = re.compile(f"[*?{ONE_SEGMENT}]")
MAX_STATES = 6_000
KELVIN = "\u212a"
"""Its lower case is a plain `k`: the one sign outside ASCII that is a letter of ASCII without case."""
STAR, MARK = "*", "?"
ESCAPED = {LITERAL_STAR: STAR, LITERAL_MARK: MARK}


class TooMany(Exception):
    """Something that would have to be told apart and cannot; `why` is None for the bound."""

    def __init__(self, why: Message | None = None) -> None:
        super().__init__(str(why or ""))
        self.why = why


class Pattern(Struct, frozen=True):
    """
    A pattern's positions: those of a `*`, those of a `?`, those of each character, and the last one.

    `barred` holds, for a character, the positions of stars and marks that do not take it.
    """

    stars: int
    anything: int
    letters: dict[str, int]
    end: int
    barred: dict[str, int] = {}

    def start(self) -> int:
        """Return the positions before anything was read."""
        return 1 | (1 & self.stars) << 1


def compile_pattern(text: str, *, literal: bool = False, fold: bool = False, barred: str = "") -> Pattern:
    """
    Return the pattern of `text`, case and all unless `fold`.

    `literal` takes `*` and `?` as themselves. No star and no mark takes a character of `barred`.
    """
    return _compiled([(text, barred)], literal=literal, fold=fold)


def compile_arn(text: str) -> Pattern | None:
    """
    Return the pattern that compares the six parts of an ARN each for itself; None if it matches nothing.

    A star in the first five parts ends with its part.
    """
    parts = text.split(":", PARTS - 1)
    if len(parts) < PARTS:
        return None
    pieces = [(f"{part}:", ":") for part in parts[:-1]]
    return _compiled([*pieces, (parts[-1], "")], literal=False, fold=False)


def _compiled(pieces: list[tuple[str, str]], *, literal: bool, fold: bool) -> Pattern:
    stars = anything = position = 0
    letters: dict[str, int] = {}
    barred: dict[str, int] = {}
    for text, closed in pieces:
        previous = ""
        for letter in text:
            wild = not literal and letter in {STAR, MARK, ONE_SEGMENT}
            if wild and letter == previous == STAR:
                continue
            bit = 1 << position
            if wild:
                stars |= 0 if letter == MARK else bit
                anything |= bit if letter == MARK else 0
                apart = f"{closed}/" if letter == ONE_SEGMENT else closed
                barred |= {each: barred.get(each, 0) | bit for each in apart}
            for each in () if wild else _spellings(letter, fold=fold):
                letters[each] = letters.get(each, 0) | bit
            previous = letter if wild else ""
            position += 1
    return Pattern(stars, anything, letters, 1 << position, barred)


def _spellings(letter: str, *, fold: bool) -> Iterable[str]:
    written = ESCAPED.get(letter, letter)
    if not fold:
        return (written,)
    both = {written.lower(), written.upper()}
    return both | {KELVIN} if "k" in both else both


class Joint(Struct, frozen=True):
    """
    Patterns laid end to end, so that one number holds the positions of all of them.

    `tests` are groups of patterns: a string meets a test when one of the group matches.
    """

    stars: int
    anything: int
    letters: dict[str, int]
    barred: dict[str, int]
    start: int
    ends: tuple[int, ...]

    def step(self, positions: int, letter: str) -> int:
        """Return the positions after one more character."""
        here = positions & ~self.barred.get(letter, 0)
        moved = ((here & self.anything) | (positions & self.letters.get(letter, 0))) << 1
        moved |= here & self.stars
        return moved | (moved & self.stars) << 1

    def run(self, positions: int, text: str) -> int:
        """Return the positions after `text`."""
        for letter in text:
            positions = self.step(positions, letter)
        return positions

    def answers(self, positions: int) -> tuple[bool, ...]:
        """Return which tests the string met that led to `positions`."""
        return tuple([positions & end != 0 for end in self.ends])

    def accepts(self, positions: int) -> bool:
        """Whether the string met any test."""
        return any(positions & end for end in self.ends)

    def named_letters(self) -> set[str]:
        """Return the characters that some pattern treats apart from others."""
        return {*self.letters, *self.barred}


def joint(tests: Iterable[Iterable[Pattern]]) -> Joint:
    """Return the patterns of all tests side by side."""
    stars = anything = begin = offset = 0
    letters: dict[str, int] = {}
    barred: dict[str, int] = {}
    ends: list[int] = []
    for test in tests:
        end = 0
        for pattern in test:
            stars |= pattern.stars << offset
            anything |= pattern.anything << offset
            begin |= pattern.start() << offset
            end |= pattern.end << offset
            for ours, theirs in ((letters, pattern.letters), (barred, pattern.barred)):
                for letter, positions in theirs.items():
                    ours[letter] = ours.get(letter, 0) | positions << offset
            offset += pattern.end.bit_length()
        ends.append(end)
    return Joint(stars, anything, letters, barred, begin, tuple(ends))


def alphabet(named: set[str], allowed: str) -> str:
    """Return the allowed characters that are told apart, and one that is not when there is one."""
    others = [letter for letter in allowed if letter not in named]
    return "".join(letter for letter in allowed if letter in named) + "".join(others[:1])


def words(
    tests: Joint, positions: int, *, allowed: str, bound: int = MAX_STATES
) -> Iterator[tuple[int, str]]:
    """
    Yield every state that some non-empty word leads to, with a shortest such word.

    Raises:
        TooMany: the bound was reached.
    """
    letters = alphabet(tests.named_letters(), allowed)
    seen: set[int] = set()
    frontier = [(positions, "")]
    while frontier:
        following = []
        for here, word in frontier:
            for letter in letters:
                there = tests.step(here, letter)
                if there in seen:
                    continue
                seen.add(there)
                if len(seen) > bound:
                    raise TooMany
                yield there, word + letter
                following.append((there, word + letter))
        frontier = following


def fixed_length(
    tests: Joint, positions: int, *, allowed: str, length: int, bound: int = MAX_STATES
) -> dict[int, str]:
    """
    Return every state after exactly `length` characters, each with one such word.

    Raises:
        TooMany: the bound was reached.
    """
    letters = alphabet(tests.named_letters(), allowed)
    level = {positions: ""}
    for _ in range(length):
        following: dict[int, str] = {}
        for here, word in level.items():
            for letter in letters:
                following.setdefault(tests.step(here, letter), word + letter)
                if len(following) > bound:
                    raise TooMany
        level = following
    return level


def beginning(patterns: Iterable[str]) -> str:
    """Return what every string that lies in one of the patterns begins with."""
    heads = [WILD.split(pattern)[0] for pattern in patterns]
    columns = takewhile(lambda letters: len(set(letters)) == 1, zip(*heads, strict=False))
    return plain("".join(letters[0] for letters in columns))
