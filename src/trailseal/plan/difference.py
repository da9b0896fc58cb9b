"""
What changes between two policies, statement by statement: computed here, printed elsewhere.

Statements are matched by what they say first and by Sid second, so that moving one is no change.
"""

from __future__ import annotations

from msgspec import Struct

from trailseal.access.lint.difference import Change
from trailseal.plan.document import Statement, normal, parse, statements, write


class StatementTexts(Struct, frozen=True, kw_only=True):
    """One statement with its text before and after; "" where there is none."""

    change: Change
    name: str
    """The Sid, else the position: `#2`."""
    before: str = ""
    after: str = ""


def differences(before: str, after: str) -> tuple[StatementTexts, ...]:
    """
    Return each statement's change, in the order of `after`, what is removed last.

    `before` may be "", for a key that has yet to be made.

    Raises:
        ValueError: one of the texts is no policy document.
    """
    old = statements(parse(before)) if before else []
    new = statements(parse(after))
    left = list(enumerate(old))
    pairs = [(statement, _take(left, statement)) for statement in new]
    changes: list[StatementTexts] = []
    for position, (statement, same) in enumerate(pairs):
        earlier = same or _take_by_sid(left, statement)
        changes.append(_changed(earlier, statement, position))
    removed = [
        StatementTexts(change=Change.REMOVED, name=_name(statement, position), before=write(statement))
        for position, statement in left
    ]
    return (*changes, *removed)


def _changed(earlier: Statement | None, statement: Statement, position: int) -> StatementTexts:
    name, after = _name(statement, position), write(statement)
    if earlier is None:
        return StatementTexts(change=Change.ADDED, name=name, after=after)
    change = Change.SAME if normal(earlier) == normal(statement) else Change.CHANGED
    return StatementTexts(change=change, name=name, before=write(earlier), after=after)


def _take(left: list[tuple[int, Statement]], wanted: Statement) -> Statement | None:
    return _first(left, [entry for entry in left if normal(entry[1]) == normal(wanted)])


def _take_by_sid(left: list[tuple[int, Statement]], wanted: Statement) -> Statement | None:
    sid = wanted.get("Sid")
    return _first(left, [entry for entry in left if sid and entry[1].get("Sid") == sid])


def _first(left: list[tuple[int, Statement]], found: list[tuple[int, Statement]]) -> Statement | None:
    if not found:
        return None
    left.remove(found[0])
    return found[0][1]


def _name(statement: Statement, position: int) -> str:
    return str(statement.get("Sid") or f"#{position + 1}")
