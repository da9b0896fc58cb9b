"""
What changes in a policy, statement by statement and element by element.

Nothing that is sent is left out: a statement that is added or removed stands with all its elements, one that
changes with the values that do. Only what stays is counted. Text that could be read as a sentence of ours is
shown as the JSON string that it is.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any

from msgspec import Struct
from rich.text import Text

from trailseal.access.lint.difference import Change
from trailseal.locale.language import say
from trailseal.messages import counted
from trailseal.plan.difference import StatementTexts, differences, heads
from trailseal.view.terminal import Terminal
from trailseal.view.words import listed

CHANGE_STYLE = {Change.ADDED: "green", Change.CHANGED: "yellow", Change.REMOVED: "red", Change.SAME: "dim"}
PLAIN = re.compile(r"(?!(?:true|false|null|-?\d[\d.eE+-]*)$)[!#-+\--~]+")
"""What is shown without quotes: one word of ASCII that is not another JSON value."""
ON_THE_FIRST_LINE = ("Effect", "Action")
STATEMENT, ELEMENT = " " * 7, " " * 11


class PolicyValue(Struct, frozen=True):
    """One value of a statement, and where it stands: `Principal AWS`."""

    place: str
    value: str


THE_KEY_ITSELF = PolicyValue("Resource", "*")
"""
What the statements of a key's policy have to say, and so is not shown; whatever else stands there is.

Source: https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-overview.html (Resource is required).
"""


def policy_changes(before: str, after: str) -> tuple[StatementTexts, ...]:
    """
    Return all that changes in a policy, first beside its statements; `before` is "" for a new one.

    Raises:
        ValueError: one of the texts is no policy document.
    """
    return (*heads(before, after), *differences(before, after))


def symbols(changes: tuple[StatementTexts, ...]) -> set[Change]:
    """Return the symbols that `print_changes` writes."""
    found = {each.change for each in changes if each.change is not Change.SAME}
    return found | ({Change.ADDED, Change.REMOVED} if Change.CHANGED in found else set())


def print_changes(changes: tuple[StatementTexts, ...], console: Terminal) -> None:
    """Write each change, and how many statements stay."""
    for each in changes:
        if each.change is Change.SAME:
            continue
        for line, style in _lines(each):
            console.prose(Text(line, style), indent=len(ELEMENT) + 4)
    same = sum(each.change is Change.SAME for each in changes)
    if same:
        text = counted("{count} statement stays as it is", "{count} statements stay as they are", same)
        console.print(Text(STATEMENT + say(text), "dim"))


def print_whole(changes: tuple[StatementTexts, ...], console: Terminal) -> None:
    """Write each change with the JSON before and after, and how many statements stay."""
    for each in changes:
        if each.change is Change.SAME:
            continue
        style = CHANGE_STYLE[each.change]
        console.print(Text(f"{STATEMENT}{each.change.value} {quoted(each.name)}", style))
        for symbol, text, shade in (("-", each.before, "red"), ("+", each.after, "green")):
            for line in text.splitlines():
                console.print(Text(f"{ELEMENT}{symbol} {line}", shade))
    print_changes(tuple(each for each in changes if each.change is Change.SAME), console)


def _lines(each: StatementTexts) -> Iterator[tuple[str, str]]:
    """Yield the lines of one change, each with its style."""
    before, after = _elements(each.before), _elements(each.after)
    head = f"{STATEMENT}{each.change.value} {quoted(each.name)}"
    style = CHANGE_STYLE[each.change]
    gone, new = _but(before, after), _but(after, before)
    if each.change is Change.CHANGED or not (before or after):
        yield head, style
        yield from ((f"{ELEMENT}- {line}", "red") for line in _told(gone, each.before, new))
        yield from ((f"{ELEMENT}+ {line}", "green") for line in _told(new, each.after, gone))
        return
    first = (listed(e.value for e in gone or new if e.place == place) for place in ON_THE_FIRST_LINE)
    rest = [e for e in gone or new if e.place not in ON_THE_FIRST_LINE and e != THE_KEY_ITSELF]
    yield f"{head}: {' '.join(first)}", style
    yield from ((f"{ELEMENT}{line}", style) for line in _joined(rest))


def _told(elements: list[PolicyValue], text: str, others: list[PolicyValue]) -> Iterable[str]:
    """Return the elements; where the difference is in none that can be told apart, the JSON."""
    return _joined(elements) if elements or others else text.splitlines()


def _joined(elements: Iterable[PolicyValue]) -> Iterator[str]:
    """Yield a line for each place, with its values in order."""
    places: dict[str, list[str]] = {}
    for each in elements:
        places.setdefault(each.place, []).append(each.value)
    for place, values in places.items():
        yield f"{place}: {', '.join(values)}"


def _but(elements: list[PolicyValue], others: list[PolicyValue]) -> list[PolicyValue]:
    return [each for each in elements if each not in others]


def _elements(text: str) -> list[PolicyValue]:
    """Return all values of a statement in order but its Sid; none for what is no statement."""
    if not text.startswith("{"):
        return []
    statement: dict[str, Any] = json.loads(text)
    return [
        PolicyValue(place, value)
        for name, held in statement.items()
        if name != "Sid"
        for place, value in _values(quoted(name), held)
    ]


def _values(place: str, held: object) -> Iterator[tuple[str, str]]:
    """Yield each value under a place; objects within objects are places of their own."""
    if isinstance(held, dict) and held:
        for name, inner in held.items():
            yield from _values(f"{place} {quoted(name)}", inner)
    elif isinstance(held, list) and held:
        yield from ((place, quoted(each)) for each in held)
    else:
        yield place, quoted(held)


def quoted(value: object) -> str:
    """Return a value of a policy: one plain word as it is, anything else as JSON."""
    if isinstance(value, str) and PLAIN.fullmatch(value):
        return value
    return json.dumps(value, ensure_ascii=False)
