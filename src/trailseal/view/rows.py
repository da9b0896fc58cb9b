"""
Rows of cells in columns: nothing is ever cut, and no word is broken.

A cell that is much longer than its column is for stands whole and pushes the rest of its own row alone. The
last cell is wrapped beside the others where it has room, and stands below them where it has none.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence

from rich.text import Text

from trailseal.view.terminal import Terminal, safe_text, wrap

GAP = 2
WIDEST = 48
"""Columns that a cell may have and still set the width of its column."""
NARROWEST = 20
"""Columns that the last cell needs to stand beside the others."""
BELOW = 2
"""How far the last cell is indented where it stands below the others."""
Cell = Text | str | Sequence[Text]
"""The last cell of a row may have lines of its own."""


def print_rows(
    rows: Iterable[Sequence[Cell]], console: Terminal, *, indent: int = 0, right: Collection[int] = ()
) -> None:
    """Write rows in columns; those numbered in `right` hold numbers and end together."""
    blanks = " " * indent
    console.print_lines(
        Text(blanks).append_text(line) for line in lines_of(rows, console.width - indent, right)
    )


def lines_of(rows: Iterable[Sequence[Cell]], width: int, right: Collection[int] = ()) -> Iterator[Text]:
    """Yield the lines of rows, columns as wide as their widest cell of common length."""
    given = [([_line(cell) for cell in row[:-1]], _lines_in(row[-1])) for row in rows]
    lengths = [[*(cell.cell_len for cell in short), max(map(cell_width, long))] for short, long in given]
    widths = [max((n for n in column if n <= WIDEST), default=0) for column in zip(*lengths, strict=True)]
    for short, long in given:
        yield from _lines(short, long, widths, width, right)


def cell_width(text: Text) -> int:
    """Return the columns that a text takes."""
    return text.cell_len


def _line(cell: Cell) -> Text:
    return safe_text(cell) if isinstance(cell, str | Text) else Text(" ").join(map(safe_text, cell))


def _lines_in(cell: Cell) -> tuple[Text, ...]:
    return (safe_text(cell),) if isinstance(cell, str | Text) else tuple(map(safe_text, cell))


def _lines(
    short: list[Text], long: tuple[Text, ...], widths: list[int], width: int, right: Collection[int]
) -> Iterator[Text]:
    head = Text()
    for number, (cell, wide) in enumerate(zip(short, widths, strict=False)):
        blanks = " " * max(wide - cell.cell_len, 0)
        head.append(blanks if number in right else "").append_text(cell)
        head.append(("" if number in right else blanks) + " " * GAP)
    if len(short) in right:
        head.append(" " * max(widths[-1] - long[0].cell_len, 0))
    yield from _with_last(head, long, width)


def _with_last(head: Text, lines: tuple[Text, ...], width: int) -> Iterator[Text]:
    room, indent = width - head.cell_len, head.cell_len
    if room < min(NARROWEST, max(line.cell_len for line in lines)):
        head.rstrip()
        yield head
        room, indent, head = max(width - BELOW, NARROWEST), BELOW, Text(" " * BELOW)
    for number, part in enumerate(part for line in lines for part in wrap(line, room)):
        line = Text(" " * indent).append_text(part) if number else head.append_text(part)
        line.rstrip()
        yield line
