"""
Patterns with `*` and `?` run side by side over a string, to find every way in which they can answer.

Each pattern is a bit set of positions; reading a character moves all of them at once. Two strings that
leave the same bit sets are the same to every policy.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from msgspec import Struct

from trailseal.messages import Message

MAX_STATES = 6_000
State = tuple[int, ...]


class TooMany(Exception):
    """Something that a proof would have to tell apart and can not; `why` is None for the bound."""

    def __init__(self, why: Message | None = None) -> None:
        super().__init__(str(why or ""))
        self.why = why


class Pattern(Struct, frozen=True):
    """A pattern's positions: those of a `*`, those of a `?`, and those of each character."""

    stars: int
    anything: int
    letters: dict[str, int]
    end: int

    def start(self) -> int:
        """Return the positions before anything was read."""
        return self._past_stars(1)

    def step(self, positions: int, letter: str) -> int:
        """Return the positions after one more character."""
        moved = (positions & (self.anything | self.letters.get(letter, 0))) << 1
        return self._past_stars(moved | (positions & self.stars))

    def accepts(self, positions: int) -> bool:
        """Whether the string read so far matches as a whole."""
        return bool(positions & self.end)

    def _past_stars(self, positions: int) -> int:
        return positions | (positions & self.stars) << 1


def compile_pattern(text: str, *, literal: bool = False) -> Pattern:
    """Return the pattern of `text`; `literal` takes `*` and `?` as themselves."""
    stars = anything = 0
    letters: dict[str, int] = {}
    position = 0
    previous = ""
    for letter in text:
        if not literal and letter == "*":
            if previous == "*":
                continue
            stars |= 1 << position
        elif not literal and letter == "?":
            anything |= 1 << position
        else:
            letters[letter] = letters.get(letter, 0) | 1 << position
        previous = letter if not literal else ""
        position += 1
    return Pattern(stars, anything, letters, 1 << position)


def run(patterns: tuple[Pattern, ...], state: State, text: str) -> State:
    """Return the state after `text`."""
    for letter in text:
        state = tuple(p.step(s, letter) for p, s in zip(patterns, state, strict=True))
    return state


def start(patterns: tuple[Pattern, ...]) -> State:
    """Return the state before anything was read."""
    return tuple(p.start() for p in patterns)


def alphabet(patterns: Iterable[Pattern], allowed: str) -> str:
    """Return the allowed characters that some pattern names, and one that none does when there is one."""
    named = {letter for pattern in patterns for letter in pattern.letters}
    others = [letter for letter in allowed if letter not in named]
    return "".join(letter for letter in allowed if letter in named) + "".join(others[:1])


def words(
    patterns: tuple[Pattern, ...], state: State, *, allowed: str, not_last: str = "", bound: int = MAX_STATES
) -> Iterator[tuple[State, str]]:
    """
    Yield every state that some non-empty word leads to, with a shortest such word.

    Words that end in a character of `not_last` lead on but are not yielded themselves.

    Raises:
        TooMany: the bound was reached.
    """
    letters = alphabet(patterns, allowed)
    seen: set[tuple[State, bool]] = set()
    frontier = [(state, "")]
    while frontier:
        following = []
        for here, word in frontier:
            for letter in letters:
                there = tuple(p.step(s, letter) for p, s in zip(patterns, here, strict=True))
                ends = letter not in not_last
                if (there, ends) in seen:
                    continue
                seen.add((there, ends))
                if len(seen) > bound:
                    raise TooMany
                if ends:
                    yield there, word + letter
                following.append((there, word + letter))
        frontier = following


def fixed_length(
    patterns: tuple[Pattern, ...], state: State, *, allowed: str, length: int, bound: int = MAX_STATES
) -> dict[State, str]:
    """
    Return every state after exactly `length` characters, each with one such word.

    Raises:
        TooMany: the bound was reached.
    """
    letters = alphabet(patterns, allowed)
    level = {state: ""}
    for _ in range(length):
        following: dict[State, str] = {}
        for here, word in level.items():
            for letter in letters:
                there = tuple(p.step(s, letter) for p, s in zip(patterns, here, strict=True))
                following.setdefault(there, word + letter)
                if len(following) > bound:
                    raise TooMany
        level = following
    return level


def answers(patterns: tuple[Pattern, ...], state: State) -> tuple[bool, ...]:
    """Return which patterns match the string that led to `state`."""
    return tuple(p.accepts(s) for p, s in zip(patterns, state, strict=True))
