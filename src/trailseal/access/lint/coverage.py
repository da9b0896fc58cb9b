"""
Two statements that grant the same: narrowing one of them changes nothing while the other stands.

The console's key policy holds such a pair, and the restriction that is usually published narrows
only one of the two. Statements are looked up by what they hold, so that not every one is held
against every other; where even that would take too long, the finding KP121 says what was left out.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import chain

from msgspec import Struct

from trailseal.access.lint.finding import LintFinding, LintSeverity
from trailseal.access.lint.matching import EVERYBODY, takes_all
from trailseal.access.lint.written import Clause, WrittenPolicy, WrittenStatement
from trailseal.messages import message

MAX_COMPARED = 40_000
"""Tests of one statement or action against another, more than any policy of a sane author needs."""
MAX_WIDE = 5
"""Wider statements that are told of one narrow statement: once they are mended, lint tells the next."""


Mark = str | tuple[str, str]


class Held(Struct, frozen=True, kw_only=True):
    """A statement with its clauses as sets, to be compared."""

    statement: WrittenStatement
    principals: frozenset[tuple[str, str]]
    actions: frozenset[str]
    resources: frozenset[str]
    clauses: frozenset[Clause]

    @property
    def grants_to_callers(self) -> bool:
        """Whether somebody else than services is granted something."""
        return bool(self.actions) and any(kind != "Service" for kind, _ in self.principals)


class Shelves(Struct, frozen=True, kw_only=True):
    """
    Where a wider statement is looked for.

    By its conditions and the beginning of an action or a principal; sets of conditions by their first one.
    """

    by_mark: dict[frozenset[Clause], dict[Mark, list[Held]]]
    by_clause: dict[Clause | None, list[frozenset[Clause]]]


class Comparisons:
    """Counts what was compared, and says when enough was."""

    def __init__(self, limit: int = MAX_COMPARED) -> None:
        self.made = 0
        self.limit = limit

    def one_more(self) -> bool:
        """Count a comparison; False when it may not be made any more."""
        self.made += 1
        return self.made <= self.limit


def check(policy: WrittenPolicy) -> Iterator[LintFinding]:
    """Yield the pairs of Allow statements of which one makes the other idle."""
    return compare_all(policy, Comparisons())


def compare_all(policy: WrittenPolicy, comparisons: Comparisons) -> Iterator[LintFinding]:
    """Yield the findings, and at last one that says so when not everything was compared."""
    twins: dict[tuple[object, ...], list[Held]] = defaultdict(list)
    for statement in policy.statements:
        if statement.grants and not statement.negated:
            held = _held(statement)
            twins[held.principals, held.actions, held.resources, held.clauses].append(held)
    for first, *others in twins.values():
        yield from (_duplicate(first.statement, other.statement) for other in others)
    firsts = [same[0] for same in twins.values()]
    shelves = _shelves(list(chain.from_iterable(twins.values())))
    for narrow in firsts:
        yield from _about(narrow, shelves, comparisons)
    if comparisons.made > comparisons.limit:
        yield _unfinished()


def _held(statement: WrittenStatement) -> Held:
    return Held(
        statement=statement,
        principals=frozenset(statement.principals),
        actions=frozenset(action.lower() for action in statement.actions),
        resources=frozenset(statement.resources),
        clauses=frozenset(statement.clauses),
    )


def _shelves(statements: list[Held]) -> Shelves:
    shelves: dict[frozenset[Clause], dict[Mark, list[Held]]] = defaultdict(lambda: defaultdict(list))
    for held in statements:
        for mark in {_head(action) for action in held.actions} | held.principals or {""}:
            shelves[held.clauses][mark].append(held)
    by_clause: dict[Clause | None, list[frozenset[Clause]]] = defaultdict(list)
    for clauses in shelves:
        by_clause[min(clauses, default=None)].append(clauses)
    return Shelves(by_mark=shelves, by_clause=by_clause)


def _head(pattern: str) -> str:
    """Return what stands before the first wildcard; of a plain action, all of it and an end mark."""
    ends = [at for at in (pattern.find("*"), pattern.find("?")) if at >= 0]
    return pattern[: min(ends)] if ends else f"{pattern}\0"


def _about(narrow: Held, shelves: Shelves, comparisons: Comparisons) -> Iterator[LintFinding]:
    told = 0
    for wide in _candidates(narrow, shelves, comparisons):
        if told == MAX_WIDE:
            return
        if not _covers(wide, narrow, comparisons):
            continue
        mutual = _covers(narrow, wide, comparisons)
        if not mutual:
            told += 1
            yield _idle(narrow=narrow.statement, wide=wide.statement)
        elif wide.statement.position < narrow.statement.position:
            told += 1
            yield _duplicate(wide.statement, narrow.statement)


def _candidates(narrow: Held, shelves: Shelves, comparisons: Comparisons) -> Iterator[Held]:
    """Yield statements whose conditions are all in the narrow one's, and whose actions or callers may be."""
    action = min(narrow.actions, default="")
    heads = [action[:length] for length in range(len(action) + 1)] + [f"{action}\0"]
    callers = [min(narrow.principals), EVERYBODY] if narrow.principals else heads
    seen: set[int] = {narrow.statement.position}
    for first in (None, *sorted(narrow.clauses)):
        for clauses in shelves.by_clause.get(first, ()):
            if not comparisons.one_more():
                return
            if clauses <= narrow.clauses:
                shelf = shelves.by_mark[clauses]
                piles = [[shelf[mark] for mark in marks if mark in shelf] for marks in (heads, callers)]
                yield from _unseen(min(piles, key=lambda lists: sum(map(len, lists))), seen)


def _unseen(piles: Iterable[list[Held]], seen: set[int]) -> Iterator[Held]:
    for held in chain.from_iterable(piles):
        if held.statement.position not in seen:
            seen.add(held.statement.position)
            yield held


def _covers(wide: Held, narrow: Held, comparisons: Comparisons) -> bool:
    """Whether all that `narrow` grants directly is granted by `wide` too."""
    if not comparisons.one_more():
        return False
    same = narrow.principals <= wide.principals
    who = same or (EVERYBODY in wide.principals and narrow.grants_to_callers)
    where = "*" in wide.resources or narrow.resources <= wide.resources
    return who and where and wide.clauses <= narrow.clauses and _covers_actions(wide, narrow, comparisons)


def _covers_actions(wide: Held, narrow: Held, comparisons: Comparisons) -> bool:
    left = narrow.actions - wide.actions
    patterns = [pattern for pattern in wide.actions if "*" in pattern or "?" in pattern]
    return all(any(comparisons.one_more() and takes_all(w, n) for w in patterns) for n in left)


def _duplicate(first: WrittenStatement, second: WrittenStatement) -> LintFinding:
    return LintFinding(
        rule="KP101",
        severity=LintSeverity.WARNING,
        statement=second.name,
        text=message(
            "`{second}` grants the same as `{first}` under another name: narrowing only one of them "
            "restricts nobody",
            first=first.name,
            second=second.name,
        ),
        remedy=message("change both statements together, or remove `{second}`", second=second.name),
    )


def _idle(*, narrow: WrittenStatement, wide: WrittenStatement) -> LintFinding:
    if set(wide.clauses) < set(narrow.clauses):
        return LintFinding(
            rule="KP103",
            severity=LintSeverity.ERROR,
            statement=wide.name,
            text=message(
                "`{wide}` grants without the conditions of `{narrow}` what that one grants under them, "
                "so those conditions have no effect",
                wide=wide.name,
                narrow=narrow.name,
            ),
            remedy=message("give `{wide}` the same conditions, or remove it", wide=wide.name),
        )
    return LintFinding(
        rule="KP102",
        severity=LintSeverity.ERROR if EVERYBODY in wide.principals else LintSeverity.WARNING,
        statement=wide.name,
        text=message(
            "`{wide}` still grants to more callers what `{narrow}` grants to few, so the narrow "
            "statement restricts nobody",
            wide=wide.name,
            narrow=narrow.name,
        ),
        remedy=message("narrow the Principal of `{wide}` as well, or remove it", wide=wide.name),
    )


def _unfinished() -> LintFinding:
    return LintFinding(
        rule="KP121",
        severity=LintSeverity.NOTE,
        statement="",
        text=message(
            "not every statement was compared with every other: {limit} comparisons were made",
            limit=MAX_COMPARED,
        ),
        remedy=message("split the policy, or use fewer patterns, to have all statements compared"),
    )
