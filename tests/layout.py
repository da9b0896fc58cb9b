"""The kinds of layout fault that a screen can have, in either language, and where a screen has one."""

from __future__ import annotations

import re
from collections.abc import Iterator

from trailseal.messages import WIDE
from trailseal.view.breaking import NOT_FIRST, NOT_LAST, line_ends, width_of

WIDTHS = (80, 120)
STRAY = re.compile(f"{WIDE.pattern} {WIDE.pattern}")
NARROW_SIGNS = re.compile(f"\\([^()]*{WIDE.pattern}[^()]*\\)|{WIDE.pattern}[,;] |{WIDE.pattern} ?\\((?!http)")
"""Parentheses and commas of English in a sentence of Japanese."""
IDENTIFIER_HEAD = re.compile(r"(arn:[\w-]+:[\w:/.-]*[/-]|\b[0-9a-f]{8}-([0-9a-f]{4}-){0,3}|T\d\d:\d\d:?)$")
"""An ARN, a UUID or a time that goes on in the next line."""
PLURAL = re.compile(
    r"(?<![\w.,:-])1 (objects|log files|digest files|folders|steps|trails|keys|requests|pairs|hours)\b"
)
DOUBLED = re.compile(r"[a-z,;]  ?[.,;:](?= )|[.;:] {2,}(?=[A-Z]\w* [a-z]+ )")


def faults(screen: str, width: int | None) -> list[tuple[str, str]]:
    """Return each fault of layout by its kind, with the line that has it."""
    return [(kind, line) for line in screen.splitlines() for kind in _faults(line, width)]


def _faults(line: str, width: int | None) -> Iterator[str]:  # noqa: C901 - a list of kinds
    text = line.strip()
    if text[:1] in NOT_FIRST and WIDE.match(text):
        yield "begins with what closes"
    if text[-1:] in NOT_LAST and WIDE.match(text[-1:]):
        yield "ends with what opens"
    if STRAY.search(line):
        yield "a blank between wide letters"
    if NARROW_SIGNS.search(line):
        yield "signs of English in Japanese"
    if width and width_of(line) > width and _can_end_sooner(line, width):
        yield "wider than the screen"
    if line != line.rstrip():
        yield "blanks at the end"
    if IDENTIFIER_HEAD.search(line):
        yield "a broken identifier"
    if PLURAL.search(line):
        yield "a plural of one"
    if DOUBLED.search(line):
        yield "stray blanks in a sentence"


def _can_end_sooner(line: str, width: int) -> bool:
    """Whether it is a sentence that might have been broken; JSON, a command and a row of a table are not."""
    return not re.search(r"\S  |[{}]", line.strip()) and bool(line_ends(line, width))
