"""The lines that every verb's `--brief` is made of."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from trailseal.locale.language import say
from trailseal.messages import message
from trailseal.model.unreadable import Unreadable
from trailseal.view.words import clauses, listed


def line(name: str, parts: Iterable[str]) -> str:
    """Return the one line of a trail, or of what else has a name; a part that says nothing is left out."""
    return f"{name}: {clauses(filter(None, parts))}"


def of_account(account: str) -> str:
    """Return what stands in a trail's place for what concerns none."""
    return say(message("account {account}", account=account))


def no_trail(account: str) -> str:
    """Return the line of an account that has none."""
    return line(of_account(account), [say(message("no trail"))])


def unread(name: str, reasons: Iterable[Unreadable]) -> Iterator[str]:
    """Yield the line of the calls that were not answered, if there are any."""
    if calls := listed(dict.fromkeys(each.call for each in reasons)):
        yield line(name, [say(message("not read: {calls}", calls=calls))])
