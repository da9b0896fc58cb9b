"""
Two statements that grant the same: narrowing one of them changes nothing while the other stands.

The console's key policy holds such a pair, and the restriction that is usually published narrows
only one of the two.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from trailseal.access.lint.finding import LintFinding, Severity
from trailseal.access.lint.matching import EVERYBODY, names_action
from trailseal.access.lint.written import WrittenPolicy, WrittenStatement
from trailseal.messages import message


def check(policy: WrittenPolicy) -> Iterator[LintFinding]:
    """Yield one finding for each pair of Allow statements of which one makes the other idle."""
    for first, second in combinations([s for s in policy.statements if s.grants and not s.negated], 2):
        ahead, behind = _covers(first, second), _covers(second, first)
        if ahead and behind:
            yield _duplicate(first, second)
        elif ahead:
            yield _idle(narrow=second, wide=first)
        elif behind:
            yield _idle(narrow=first, wide=second)


def _covers(wide: WrittenStatement, narrow: WrittenStatement) -> bool:
    """Whether all that `narrow` grants directly is granted by `wide` too."""
    who = EVERYBODY in wide.principals or set(narrow.principals) <= set(wide.principals)
    what = all(any(names_action(w, n) for w in wide.actions) for n in narrow.actions)
    where = "*" in wide.resources or set(narrow.resources) <= set(wide.resources)
    services_only = all(kind == "Service" for kind, _ in narrow.principals)
    reachable = bool(narrow.actions) and bool(narrow.principals) and not services_only
    same_services = set(narrow.principals) <= set(wide.principals)
    return (
        (reachable or same_services) and who and what and where and set(wide.clauses) <= set(narrow.clauses)
    )


def _duplicate(first: WrittenStatement, second: WrittenStatement) -> LintFinding:
    return LintFinding(
        rule="KP101",
        severity=Severity.WARNING,
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
            severity=Severity.ERROR,
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
        severity=Severity.ERROR if EVERYBODY in wide.principals else Severity.WARNING,
        statement=wide.name,
        text=message(
            "`{wide}` still grants to more callers what `{narrow}` grants to few, so the narrow "
            "statement restricts nobody",
            wide=wide.name,
            narrow=narrow.name,
        ),
        remedy=message("narrow the Principal of `{wide}` as well, or remove it", wide=wide.name),
    )
