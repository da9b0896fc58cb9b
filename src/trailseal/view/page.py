"""
Pages of the documentation as plain text: headings, paragraphs, lists, tables and blocks of code.

What the documentation uses of Markdown is told apart, and nothing else: a line that is none of it is prose.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from functools import reduce
from pathlib import PurePosixPath

from rich.cells import cell_len

from trailseal.view.breaking import joined
from trailseal.view.rows import GAP, print_rows
from trailseal.view.terminal import Terminal

COMMENT = re.compile(r"<!--.*?-->\n?", re.DOTALL)
OTHER_LANGUAGE = re.compile(r"^\(?\[(?:日本語|English)\]\([^)]*\)\)?\n+", re.MULTILINE)
PICTURE = re.compile(r"^!\[[^\]]*\]\([^)]*\)\n+", re.MULTILINE)
LINK = re.compile(r"\[(?P<text>[^\]]*)\]\((?P<target>[^)#\s]*)(?:#[^)\s]*)?\)")
QUOTED = re.compile(r"(`[^`]*`)")
STRONG = re.compile(r"(?<![\w*])(\*{1,2})(?=\S)([^*]+?)(?<=\S)\1(?![\w*])", re.ASCII)
ADDRESS = re.compile(r"<(https?://[^>]+)>")
HEADING = re.compile(r"(?P<level>#+) (?P<text>.*)")
ITEM = re.compile(r"(?P<mark>[-*]|\d+\.) (?P<text>.*)")
CELL = re.compile(r"(?<!\\)\|")
RULE = re.compile(r"\|[\s:|-]+\|")
FENCE = "```"
CODE = 4


def title(text: str) -> str:
    """Return a page's first heading."""
    return next((found["text"] for line in text.splitlines() if (found := HEADING.fullmatch(line))), "")


def print_page(text: str, console: Terminal, *, shown: Collection[str]) -> None:
    """
    Write a page without its pictures.

    A link to what `trailseal help` shows too, named in `shown`, tells that command.
    """
    whole = PICTURE.sub("", OTHER_LANGUAGE.sub("", COMMENT.sub("", text)))
    for number, block in enumerate(_blocks(whole)):
        if number:
            console.print()
        _print_block(block, console, shown)


def _blocks(text: str) -> Iterator[list[str]]:
    """Yield what stands between empty lines, code as a whole with its fence, and each heading by itself."""
    block: list[str] = []
    inside = False
    for line in text.splitlines():
        fence = line.startswith(FENCE)
        if block and not inside and (fence or not line.strip() or HEADING.fullmatch(line)):
            yield block
            block = []
        if line.strip() or inside:
            block.append(line)
        inside ^= fence
        if block and not inside and (fence or HEADING.fullmatch(line)):
            yield block
            block = []
    if block:
        yield block


def _print_block(block: list[str], console: Terminal, shown: Collection[str]) -> None:
    first = block[0]
    if first.startswith(FENCE):
        for line in block[1:-1]:
            console.print(" " * CODE + line if line else "")
    elif found := HEADING.fullmatch(first):
        _print_heading(_plain(found["text"], shown), len(found["level"]), console)
    elif first.startswith("|"):
        _print_table(block, console, shown)
    elif first.startswith(" " * CODE):
        for line in block:
            console.print(line)
    else:
        for mark, prose in _items(block):
            said = _plain(reduce(joined, prose.splitlines(), ""), shown)
            console.prose(f"{mark}{said}", indent=len(mark))


def _print_heading(text: str, level: int, console: Terminal) -> None:
    console.prose(text)
    if level <= 2:  # noqa: PLR2004 - the page's name and its parts
        console.print(("=" if level == 1 else "-") * min(cell_len(text), console.width))


def _print_table(block: list[str], console: Terminal, shown: Collection[str]) -> None:
    """Write a table's rows; one that is wider than the console says what each cell is about."""
    lines = [line for line in block if not RULE.fullmatch(line.strip())]
    rows = [[_plain(cell.strip(), shown) for cell in CELL.split(line.strip()[1:-1])] for line in lines]
    widest = (max(map(cell_len, column)) for column in zip(*rows, strict=True))
    if sum(widest) + GAP * len(rows[0]) <= console.width:
        print_rows(rows, console)
        return
    heads, *others = rows
    for first, *more in others:
        console.prose(f"- {first}", indent=len("- "))
        for head, cell in zip(heads[1:], more, strict=True):
            console.prose(f"  {head}: {cell}" if head else f"  {cell}", indent=2 * len("- "))


def _items(block: list[str]) -> Iterator[tuple[str, str]]:
    """Yield each paragraph or item of a list with its mark; a line without one belongs to the item above."""
    parts: list[list[str]] = []
    for line in block:
        if not parts or ITEM.fullmatch(line):
            parts.append([line])
        else:
            parts[-1].append(line.strip())
    for first, *more in parts:
        found = ITEM.fullmatch(first)
        mark, text = (f"{found['mark']} ", found["text"]) if found else ("", first)
        yield mark, "\n".join([text, *more])


def _plain(text: str, shown: Collection[str]) -> str:
    """Return a sentence without the marks of Markdown."""

    def named(link: re.Match[str]) -> str:
        target = link["target"]
        if target.startswith(("https:", "http:")):
            return f"{link['text']} ({target})"
        name = PurePosixPath(target).name.removesuffix(".md").removesuffix(".ja")
        return f"{link['text']} (trailseal help {name})" if name in shown else link["text"]

    parts = QUOTED.split(ADDRESS.sub(r"\1", LINK.sub(named, text)).replace("\\|", "|"))
    return "".join(part if part.startswith("`") else STRONG.sub(r"\2", part) for part in parts)
