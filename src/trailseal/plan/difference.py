"""
What changes between two policies, statement by statement: computed here, printed elsewhere.

Statements are matched by what they say first and by Sid second, so that moving one is no change.
"""

from __future__ import annotations

import msgspec
from msgspec import Struct

from trailseal.access.lint.difference import Change
from trailseal.plan.document import VERSION, Document, Statement, normal, parse, statements, write


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


def readers_let_in(before: str, after: str) -> dict[str, str]:
    """
    Return by principal the name of the statement of `after` alone that does nothing but let it decrypt.

    Raises:
        ValueError: one of the texts is no policy document.
    """
    old = [normal(statement) for statement in statements(parse(before))] if before else []
    return {
        reader: _name(statement, position)
        for position, statement in enumerate(statements(parse(after)))
        if normal(statement) not in old
        for reader in _readers(statement)
    }


def _readers(statement: Statement) -> tuple[str, ...]:
    if statement.get("Effect") != "Allow" or statement.get("Action") != "kms:Decrypt":
        return ()
    principal = statement.get("Principal")
    named = principal.get("AWS") if isinstance(principal, dict) else principal
    many = named if isinstance(named, list) else [named]
    return tuple(each for each in many if isinstance(each, str))


def heads(before: str, after: str) -> tuple[StatementTexts, ...]:
    """
    Return what changes in a document beside its statements: its Version, its Id, whatever it holds.

    Raises:
        ValueError: one of the texts is no policy document.
    """
    old = _head(parse(before) if before else {"Version": VERSION})
    new = _head(parse(after))
    return tuple(_changed_head(name, old, new) for name in {**old, **new} if old.get(name) != new.get(name))


def _head(document: Document) -> dict[str, str]:
    return {
        name: msgspec.json.encode({name: value}).decode()[1:-1]
        for name, value in document.items()
        if name != "Statement"
    }


def _changed_head(name: str, old: dict[str, str], new: dict[str, str]) -> StatementTexts:
    change = (
        Change.CHANGED if name in old and name in new else Change.ADDED if name in new else Change.REMOVED
    )
    return StatementTexts(change=change, name=name, before=old.get(name, ""), after=new.get(name, ""))


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
