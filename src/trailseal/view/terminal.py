"""
Where text goes out: safe to show, never cut, in whatever encoding the other side has.

Off a terminal lines have no width, unless COLUMNS is exported: what is read by a program or kept as
evidence stands whole on one line.
On a terminal sentences are wrapped between words; what may be copied, a name or a command, stays whole.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from typing import TextIO

from rich.console import Console
from rich.text import Text

from trailseal.messages import visible
from trailseal.view.breaking import line_ends

ENDLESS = 1_000_000
"""Columns of a line that has no width."""


class Terminal(Console):
    """Our console: what is printed is data, not markup."""

    def __init__(self, *, stderr: bool = False, file: TextIO | None = None, width: int | None = None) -> None:
        super().__init__(stderr=stderr, file=file, width=width, highlight=False, emoji=False, markup=False)
        if width is None and not self.is_terminal and "COLUMNS" not in os.environ:
            self.width = ENDLESS

    def print(self, text: str | Text = "") -> None:  # type: ignore[override]
        """Write one line as it is: a name, a command, a setting; the terminal alone may break it."""
        self.print_lines([safe_text(text)])

    def prose(self, text: str | Text, *, indent: int = 0) -> None:
        """Write a sentence, wrapped between words at this width; what follows a break is indented."""
        self.print_lines(wrap(safe_text(text), self.width, indent))

    def on_broken_pipe(self) -> None:
        """Leave it to the command line what a closed pipe means; rich would end the process with 1."""
        raise BrokenPipeError

    def print_lines(self, lines: Iterable[Text]) -> None:
        """Write lines that are safe and wrapped already, all at once."""
        given = list(lines)
        if not self.is_terminal:
            for line in given:
                line.rstrip()
        if given:
            super().print(Text("\n").join(given), soft_wrap=True)


def safe_text(text: str | Text) -> Text:
    """Return a text as it is safe to show; one that has to be changed for it keeps the style of its whole."""
    if isinstance(text, str):
        return Text(visible(text))
    safe = visible(text.plain)
    return text if safe == text.plain else Text(safe, text.style)


def wrap(line: Text, width: int, indent: int = 0) -> Iterator[Text]:
    """Yield a line in parts that end where `breaking` lets them; later ones begin with `indent` blanks."""
    if line.cell_len <= width:
        yield line
        return
    lead = indent or len(line.plain) - len(line.plain.lstrip())
    for number, part in enumerate(line.divide(line_ends(line.plain, width, lead))):
        part.rstrip()
        yield Text(" " * lead).append_text(part) if number else part
