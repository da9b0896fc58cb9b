"""Who reads the log files after a plan: one line for each, grouped by what becomes of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from rich.text import Text

from trailseal.locale.language import aside, say, translate
from trailseal.messages import message
from trailseal.plan.reading import LacksIn, ReaderImpact
from trailseal.view.policy_changes import quoted
from trailseal.view.reader_changes import OUTLOOKS, SIDES, missing_statements, reasons_for, side_of
from trailseal.view.rows import print_rows
from trailseal.view.terminal import Terminal
from trailseal.view.words import listed

AGAIN = message("To keep their access, plan again with:")


def print_readers(
    readers: Sequence[ReaderImpact],
    console: Terminal,
    *,
    key_of: Callable[[ReaderImpact], str],
    name: Callable[[str], str] = str,
    added: Mapping[str, str] | None = None,
) -> None:
    """
    Write the readers of each trail by what becomes of them, and each statement that they lack once.

    `added` has by principal the Sid of the statement that the plan adds for it.
    """
    of_trails: dict[tuple[str, ...], list[ReaderImpact]] = {}
    for reader in readers:
        of_trails.setdefault(reader.trails, []).append(reader)
    for trails, theirs in of_trails.items():
        if len(of_trails) > 1:
            console.print(Text(f"  {listed(trails)}"))
        for outlook, (word, style) in OUTLOOKS.items():
            if group := [each for each in theirs if each.outlook is outlook]:
                console.print(Text("  " + translate(word) + aside(str(len(group))), style))
                rows = [_row(each, name(each.principal), key_of(each), added or {}) for each in group]
                print_rows(rows, console, indent=4)
        for missing in missing_statements(theirs, key_of):
            if missing.options:
                console.prose(Text(f"    {say(AGAIN)}"), indent=6)
                console.print(Text(f"      {missing.options}"))
            console.prose(Text(f"    {say(missing.told)}"), indent=6)
            console.print(Text(f"      {missing.statement}", "dim"))


def _row(reader: ReaderImpact, name: str, key: str, added: Mapping[str, str]) -> tuple[Text, Text]:
    who = Text(name)
    if reader.known_as:
        who.append(aside(translate(reader.known_as)), "dim")
    reasons = reasons_for(reader)
    if sid := added.get(reader.principal):
        by_plan = say(message("{sid}, which this plan adds", sid=quoted(sid)))
        reasons = [by_plan, *(each for each in reasons if each != sid)]
    side = side_of(reader, key)
    if side is not LacksIn.NOTHING:
        reasons = [translate(SIDES[side])]
    return who, Text(listed(reasons) or "-", "dim")
