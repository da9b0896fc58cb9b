"""
Rows of short cells and one long one, which is wrapped beside them.

What `rich`'s tables do, without measuring every cell three times: a policy can have thousands of rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache

from rich.console import Console
from rich.text import Text

GAP = 2
NARROWEST = 20
"""Columns that the long cell has at the least, however wide the others are."""
Row = tuple[Text, ...]


def print_lines(lines: Iterable[Text], console: Console) -> None:
    """Write lines that are wrapped already, all at once."""
    given = list(lines)
    if given:
        console.print(Text("\n").join(given), soft_wrap=True)


def lines_of(rows: Iterable[Row], width: int) -> Iterator[Text]:
    """Yield the lines of rows whose cells but the last one are as wide as the widest of their column."""
    given = list(rows)
    columns = zip(*(row[:-1] for row in given), strict=True)
    widths = [max(cell.cell_len for cell in column) for column in columns]
    for row in given:
        yield from _lines(row, widths, width)


def _lines(row: Row, widths: list[int], width: int) -> Iterator[Text]:
    *short, long = row
    head = Text()
    for cell, wide in zip(short, widths, strict=True):
        head.append_text(cell)
        head.append(" " * (wide - cell.cell_len + GAP))
    indent = head.cell_len
    space = max(width - indent, NARROWEST)
    wrapped = [long] if long.cell_len <= space and "\n" not in long.plain else long.wrap(_page(), space)
    for number, part in enumerate(wrapped):
        line = Text(" " * indent) if number else head
        line.append_text(part)
        line.rstrip()
        yield line


@cache
def _page() -> Console:
    """Return a console to wrap texts with: only their own widths count."""
    return Console()
