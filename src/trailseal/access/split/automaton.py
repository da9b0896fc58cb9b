"""
Patterns with `*` and `?` run side by side over a string, to find every way in which they can answer.

Each pattern is a bit set of positions; reading a character moves all of them at once. Two strings that
leave the same bit sets are the same to every policy.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from msgspec import Struct

from trailseal.access.match.wildcard import LITERAL_MARK, LITERAL_STAR, ONE_SEGMENT
from trailseal.messages import Message

MAX_STATES = 6_000
ARN_PARTS = 6
KELVIN = "\u212a"
"""Its lower case is a plain `k`: the one sign outside ASCII that is a letter of ASCII without case."""
STAR, MARK = "*", "?"
ESCAPED = {LITERAL_STAR: STAR, LITERAL_MARK: MARK}
State = tuple[int, ...]


class TooMany(Exception):
    """Something that would have to be told apart and cannot; `why` is None for the bound."""

    def __init__(self, why: Message | None = None) -> None:
        super().__init__(str(why or ""))
        self.why = why


class Pattern(Struct, frozen=True):
    """
    A pattern's positions: those of a `*`, those of a `?`, and those of each character.

    `barred` holds, for a character, the positions of stars and marks that do not take it.
    """

    stars: int
    anything: int
    letters: dict[str, int]
    end: int
    barred: dict[str, int] = {}

    def start(self) -> int:
        """Return the positions before anything was read."""
        return self._past_stars(1)

    def step(self, positions: int, letter: str) -> int:
        """Return the positions after one more character."""
        here = positions & ~self.barred.get(letter, 0) if self.barred else positions
        moved = ((here & self.anything) | (positions & self.letters.get(letter, 0))) << 1
        return self._past_stars(moved | (here & self.stars))

    def accepts(self, positions: int) -> bool:
        """Whether the string read so far matches as a whole."""
        return bool(positions & self.end)

    def _past_stars(self, positions: int) -> int:
        return positions | (positions & self.stars) << 1


def compile_pattern(text: str, *, literal: bool = False, fold: bool = False, barred: str = "") -> Pattern:
    """
    Return the pattern of `text`, case and all unless `fold`.

    `literal` takes `*` and `?` as themselves. No star and no mark takes a character of `barred`.
    """
    return _compiled([(text, barred)], literal=literal, fold=fold)


def compile_arn(text: str) -> Pattern | None:
    """
    Return the pattern that compares the six parts of an ARN each for itself; None if it matches nothing.

    A star in the first five parts ends with its part, a lone `*` takes everything.
    """
    parts = text.split(":", ARN_PARTS - 1)
    if text == STAR:
        return compile_pattern(text)
    if len(parts) < ARN_PARTS:
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
    plain = ESCAPED.get(letter, letter)
    if not fold:
        return (plain,)
    both = {plain.lower(), plain.upper()}
    return both | {KELVIN} if "k" in both else both


def run(patterns: tuple[Pattern, ...], state: State, text: str) -> State:
    """Return the state after `text`."""
    for letter in text:
        state = tuple(p.step(s, letter) for p, s in zip(patterns, state, strict=True))
    return state


def start(patterns: tuple[Pattern, ...]) -> State:
    """Return the state before anything was read."""
    return tuple(p.start() for p in patterns)


def named_letters(patterns: Iterable[Pattern]) -> set[str]:
    """Return the characters that some pattern treats apart from others."""
    return {letter for pattern in patterns for letter in (*pattern.letters, *pattern.barred)}


def alphabet(patterns: Iterable[Pattern], allowed: str) -> str:
    """Return the allowed characters that some pattern names, and one that none does when there is one."""
    named = named_letters(patterns)
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
