"""
Where a line may end, for every view and every help text: between words, and in Japanese between phrases.

No line begins with what closes or ends with what opens (JIS X 4051's 禁則), no word is broken that is written
without wide letters: an ARN, a time, an option. A text that has no wide letter needs neither rich nor BudouX,
so `--help` loads none of them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cache
from itertools import accumulate

from trailseal.messages import WIDE

NARROW = "\u02ff"
"""Letters up to this one take one column each."""
NOT_FIRST = frozenset(
    "、。，．・：；？！゛゜ヽヾゝゞ々〻ー〜ｰ）］｝〕〉》」』】〗〙〟”’»‐…‥"
    "ぁぃぅぇぉっゃゅょゎゕゖァィゥェォッャュョヮヵヶㇰㇱㇲㇳㇴㇵㇶㇷㇸㇹㇺㇻㇼㇽㇾㇿ,.;:!?)]}%"
)
NOT_LAST = frozenset("（［｛〔〈《「『【〖〘〝“‘«([{$#")
CLOSED, OPENED = frozenset("、。）」"), frozenset("（「")
"""Signs that have a blank within themselves."""
PARTICLE = 6
"""Columns of a particle or a unit, which stays with the word before it."""
BLANKS = re.compile(r"\s+")
COMMAND = re.compile(
    r"""(?<=: )(?:trailseal|aws) [a-z](?:'[^']*'|"[^"]*"|(?!, |、).)*(?:, |、)?""", re.DOTALL
)
"""
What stands after a colon for somebody to type: it is copied as it stands. What a comma parts from it is none
of it; a sentence about a command has it in backticks.
"""
NUMBER = re.compile(r"(?<![^\s,（])[\d,.]+\s*$")
"""Before what is counted."""


def width_of(text: str) -> int:
    """Return the columns that a text takes."""
    if not text or max(text) <= NARROW:
        return len(text)
    from rich.cells import cell_len

    return cell_len(text)


def line_ends(text: str, width: int, indent: int = 0) -> list[int]:
    """
    Return where each line but the last ends, so that none is wider than `width` if that can be.

    A line after the first has `indent` columns less. Blanks at an end belong to the line that ends. A command
    to type stays whole.
    """
    lead = len(text) - len(text.lstrip())
    line = _Line(width, indent, used=width_of(text[:lead]))
    command = COMMAND.search(text)
    begin, end = command.span() if command else (len(text), len(text))
    line.put(text[lead:begin], lead)
    if command:
        line.put_whole(command[0], begin)
    line.put(text[end:], end)
    return line.ends


def joined(first: str, second: str) -> str:
    """Return two texts as one; between wide letters and beside wide signs no blank is written."""
    wide = WIDE.match(first[-1:]) and WIDE.match(second[:1])
    close = wide or first[-1:] in CLOSED or second[:1] in OPENED
    return f"{first}{'' if close else ' '}{second}" if first else second


class _Line:
    """Lines that are filled piece by piece."""

    def __init__(self, width: int, indent: int, *, used: int) -> None:
        self._width, self._indent, self._used = width, indent, used
        self._empty = True
        self.ends: list[int] = []

    def put(self, text: str, start: int, ways: tuple[Callable[[str], list[int]], ...] = ()) -> None:
        """Set a text by its phrases; one that is wider than a line by its words, a word by its letters."""
        way, *finer = ways or (_phrases, _words, _letters)
        for begin, end in _parts(text, way(text)):
            piece = text[begin:end]
            wide = width_of(piece.rstrip())
            if finer and wide > self._width - self._indent:
                self.put(piece, start + begin, tuple(finer))
                continue
            self.put_whole(piece, start + begin)

    def put_whole(self, piece: str, start: int) -> None:
        """Set a text that is not broken, on a line of its own where this one has no room left."""
        if self._used + width_of(piece.rstrip()) > self._width and not self._empty:
            self.ends.append(start)
            self._used = self._indent
        self._used += width_of(piece)
        self._empty = False


def _parts(text: str, ends: list[int]) -> Iterator[tuple[int, int]]:
    begin = 0
    for end in [*ends, len(text)]:
        if end > begin:
            yield begin, end
        begin = end


def _phrases(text: str) -> list[int]:
    """Return the ends of phrases: a word with the particle that follows it."""
    if not WIDE.search(text):
        return _words(text)
    ends = [end for end in accumulate(map(len, _parser()(text))) if _may_end(text, end)]
    found = {*ends, *(end for end in _words(text) if not _particle_follows(text, end, ends))}
    return sorted(end for end in found if not NUMBER.search(text[:end]) or not WIDE.match(text[end]))


def _particle_follows(text: str, end: int, ends: list[int]) -> bool:
    """Whether a blank parts a word from a short wide one that belongs to the same phrase."""
    if end in ends or not WIDE.match(text[end]):
        return False
    following = next((other for other in ends if other > end), len(text))
    return width_of(text[end:following].strip()) <= PARTICLE


def _words(text: str) -> list[int]:
    return [found.end() for found in BLANKS.finditer(text) if _may_end(text, found.end())]


def _letters(text: str) -> list[int]:
    return [end for end in range(1, len(text)) if _may_end(text, end)]


def _may_end(text: str, end: int) -> bool:
    """Whether a line may end before the letter at `end`."""
    if not 0 < end < len(text) or text[end].isspace():
        return False
    before, after = text[end - 1], text[end]
    if before.isspace():
        return not (after in NOT_FIRST and WIDE.match(after))
    wide = WIDE.match(before) or WIDE.match(after)
    return bool(wide) and after not in NOT_FIRST and before not in NOT_LAST


@cache
def _parser() -> Callable[[str], list[str]]:
    """Return the model's own reading of Japanese; its file is read once, where a wide line is too long."""
    from budoux import load_default_japanese_parser

    return load_default_japanese_parser().parse
