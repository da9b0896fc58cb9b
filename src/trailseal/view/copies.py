"""The copies of a trail's events, as terminal text: each with what guards it and who can read it."""

from __future__ import annotations

from collections.abc import Sequence

from rich.text import Text

from trailseal.access.readers.event_copy import Copy, CopyKind, CopyReader, TrailCopies
from trailseal.locale.language import say, translate
from trailseal.messages import N_, Message, message
from trailseal.model.unreadable import NOT_ASKED, Unreadable
from trailseal.view.no_copies import print_no_copies
from trailseal.view.reading import PrincipalNames, name_of_many
from trailseal.view.terminal import Terminal
from trailseal.view.words import SHOWN, clauses, listed

KINDS = {
    CopyKind.LOG_GROUP: N_("CloudWatch Logs group"),
    CopyKind.EVENT_HISTORY: N_("Event history of account"),
    CopyKind.EVENT_DATA_STORE: N_("event data store"),
    CopyKind.REPLICA: N_("replica in bucket"),
    CopyKind.ACCESS_POINT: N_("access point"),
}


def print_copies(copies: TrailCopies | None, console: Terminal, *, indent: int = 0) -> None:
    """Write each copy, and what was not looked for; or that nobody looked."""
    if copies is None:
        print_no_copies(console)
        return
    console.print()
    console.print(Text(" " * indent + translate(N_("Copies of the events, with their own readers")), "bold"))
    for copy in copies.copies:
        _copy(copy, console, indent + 2, only=copies.only)
    left = message("not looked at: {what}", what=clauses(map(say, copies.not_looked_at)))
    console.prose(Text(" " * (indent + 2) + say(left), "dim"), indent=indent + 2)


def _copy(copy: Copy, console: Terminal, indent: int, *, only: str) -> None:
    head = f"{' ' * indent}{translate(KINDS[copy.kind])} {copy.name}"
    if not copy.looked_at:
        reasons = listed(say(_refused(each)) for each in copy.unread)
        told = message("not looked at: {what}", what=reasons)
        console.prose(Text(f"{head}: {say(told)}", "yellow"), indent=indent + 2)
        return
    guard = say(copy.encryption) if copy.encryption else translate(N_("not known what guards it"))
    console.prose(Text(f"{head}: {guard}"), indent=indent + 2)
    inner = indent + 2
    for line in _lines(copy, only):
        console.prose(Text(" " * inner + line, "dim"), indent=inner + 2)
    for each in copy.unread:
        text = message("not read: {what}", what=say(_refused(each)))
        console.prose(Text(" " * inner + say(text), "yellow"), indent=inner + 2)


def _lines(copy: Copy, only: str) -> Sequence[str]:
    sure = [r for r in copy.readers if r.is_sure]
    possible = [r for r in copy.readers if not r.is_sure]
    lines = [say(remark) for remark in copy.remarks]
    if sure:
        lines.append(say(message("can read ({number}): {names}", number=len(sure), names=_names(sure))))
    if possible:
        lines.append(
            say(message("may be able to ({number}): {names}", number=len(possible), names=_names(possible)))
        )
    if not copy.readers and not copy.unread:
        alone = message("{principal} is not one of its readers", principal=only)
        lines.append(say(alone if only else message("nobody among the principals that were read")))
    if copy.goes_on_to:
        lines.append(say(message("sent on to: {targets}", targets=listed(copy.goes_on_to))))
    return lines


def _names(readers: Sequence[CopyReader]) -> str:
    several = PrincipalNames(several=len({r.account for r in readers}) > 1)
    names = [
        name_of_many(r.kind, r.principal, r.account) or several.short(r.principal) for r in readers[:SHOWN]
    ]
    more = len(readers) - SHOWN
    return listed(names) + (f" +{more}" if more > 0 else "")


def _refused(reason: Unreadable) -> Message:
    """Return which permission, or which account's view, is missing."""
    if reason.code == NOT_ASKED:
        return message(
            "{call} ({where} was not asked: --also-profile does)", call=reason.call, where=reason.where
        )
    return message("{call} ({code})", call=reason.call, code=reason.code)
