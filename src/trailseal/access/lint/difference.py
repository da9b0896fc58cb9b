"""
What changed between two policies: their Version, and statement by statement. Order is no change.

Source of what a Version is: without one a policy is of 2008-10-17, which has no variables.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_version.html
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Iterator
from enum import StrEnum

from msgspec import Struct, structs

from trailseal.access.lint.written import WrittenPolicy, WrittenStatement

OLD = "2008-10-17"
CLAUSES = ("effect", "principals", "actions", "resources", "clauses", "negated")


class Change(StrEnum):
    """What happens to a statement; the value is the symbol that stands beside the words, never alone."""

    ADDED = "+"
    CHANGED = "~"
    REMOVED = "-"
    SAME = "="


class StatementChange(Struct, frozen=True, kw_only=True):
    """One statement before and after; `fields` name what differs when it is changed."""

    change: Change
    name: str
    before: WrittenStatement | None = None
    after: WrittenStatement | None = None
    fields: tuple[str, ...] = ()


class VersionChange(Struct, frozen=True, kw_only=True):
    """The Version that counts before and after."""

    before: str
    after: str


def compare_versions(before: WrittenPolicy, after: WrittenPolicy) -> VersionChange | None:
    """Return the change of the Version that counts, None where there is none."""
    was, now = before.version or OLD, after.version or OLD
    return None if was == now else VersionChange(before=was, after=now)


def compare(before: WrittenPolicy, after: WrittenPolicy) -> tuple[StatementChange, ...]:
    """
    Return every statement of both policies with what happened to it.

    Statements are the same when all clauses are; else they are paired by Sid. A renamed statement
    counts as the same one.
    """
    return tuple(_pairs(list(before.statements), list(after.statements)))


def _pairs(old: list[WrittenStatement], new: list[WrittenStatement]) -> Iterator[StatementChange]:
    partner = _partners(old, new)
    for was in old:
        match = partner.get(was.position)
        if match is None:
            yield StatementChange(change=Change.REMOVED, name=was.name, before=was)
            continue
        fields = tuple(f for f in CLAUSES if _field(was, f) != _field(match, f))
        kind = Change.CHANGED if fields else Change.SAME
        yield StatementChange(change=kind, name=match.name, before=was, after=match, fields=fields)
    taken = {match.position for match in partner.values()}
    for added in new:
        if added.position not in taken:
            yield StatementChange(change=Change.ADDED, name=added.name, after=added)


def _partners(old: list[WrittenStatement], new: list[WrittenStatement]) -> dict[int, WrittenStatement]:
    """Pair by name and content, then by Sid, then by content: a narrowed twin is not its sibling."""
    found: dict[int, WrittenStatement] = {}
    rounds: tuple[Callable[[WrittenStatement], object], ...] = (
        lambda s: (s.sid, _content(s)),
        lambda s: s.sid or None,
        _content,
    )
    for trait in rounds:
        taken = {match.position for match in found.values()}
        free: dict[object, deque[WrittenStatement]] = defaultdict(deque)
        for statement in new:
            if statement.position not in taken and (same := trait(statement)) is not None:
                free[same].append(statement)
        for was in old:
            if was.position not in found and (like := free.get(trait(was))):
                found[was.position] = like.popleft()
    return found


def _content(statement: WrittenStatement) -> WrittenStatement:
    plain = structs.replace(statement, position=0, sid="", strange=())
    return structs.replace(
        plain, **{f: _field(statement, f) for f in ("principals", "actions", "resources", "clauses")}
    )


def _field(statement: WrittenStatement, name: str) -> object:
    value = getattr(statement, name)
    return tuple(sorted(value)) if isinstance(value, tuple) else value
