"""How a help page is laid out: its lines end where `view.breaking` lets them, in either language."""

from __future__ import annotations

from collections.abc import Iterable
from functools import reduce
from itertools import groupby, pairwise

import click

from trailseal.view.breaking import joined, line_ends, width_of


class HelpText(click.HelpFormatter):
    """Click's pages with our lines: click's break an option at its hyphens, and Japanese at blanks alone."""

    def write_text(self, text: str) -> None:
        """Write paragraphs; those that are further in, as examples are, stay so."""
        for number, (lead, paragraph) in enumerate(_paragraphs(text)):
            if number:
                self.write("\n")
            blanks = " " * (self.current_indent + lead)
            for line in _broken(paragraph, self.width - len(blanks)):
                self.write(f"{blanks}{line}\n")

    def write_dl(self, rows: Iterable[tuple[str, str]], col_max: int = 30, col_spacing: int = 2) -> None:
        """Write names with their texts beside them, or below a name that is too long."""
        listed = list(rows)
        column = min(max((width_of(name) for name, _ in listed), default=0), col_max) + col_spacing
        blanks = " " * self.current_indent
        for name, text in listed:
            first, *others = _broken(text, max(self.width - self.current_indent - column, 10))
            gap = " " * (column - width_of(name))
            beside = gap if len(gap) >= col_spacing else f"\n{blanks}{' ' * column}"
            self.write(f"{blanks}{name}{beside if first else ''}{first}\n")
            for line in others:
                self.write(f"{blanks}{' ' * column}{line}\n")


class HelpContext(click.Context):
    """A context whose help is laid out by us."""

    formatter_class = HelpText


def _paragraphs(text: str) -> Iterable[tuple[int, str]]:
    for is_text, lines in groupby(text.splitlines(), key=lambda line: bool(line.strip())):
        if is_text:
            (first, *others) = lines
            yield len(first) - len(first.lstrip()), _whole([first, *others])


def _whole(lines: Iterable[str]) -> str:
    return reduce(joined, (line.strip() for line in lines), "")


def _broken(text: str, width: int) -> list[str]:
    ends = [0, *line_ends(text, width), len(text)]
    return [text[begin:end].rstrip() for begin, end in pairwise(ends)]
