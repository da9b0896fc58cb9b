"""
Statements that can never match, and so do nothing.

Sources: https://docs.aws.amazon.com/kms/latest/APIReference/API_PutKeyPolicy.html (a statement with no
Action or Resource is accepted and has no effect) and
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from trailseal.access.conditions.families import OPERATORS
from trailseal.access.conditions.operator import NamedOperator, operator_named
from trailseal.access.keys.key import ConditionKey
from trailseal.access.keys.presence import goes_with
from trailseal.access.keys.table import find
from trailseal.access.lint.finding import LintFinding, LintSeverity
from trailseal.access.lint.named_callers import brought_by_nobody, is_kept_from
from trailseal.access.lint.place import PolicyPlace
from trailseal.access.lint.principals import is_nobody
from trailseal.access.lint.resources import may_be_key
from trailseal.access.lint.spelling import EVERY_ACTION
from trailseal.access.lint.together import BEHIND_US, exclude_each_other
from trailseal.access.lint.written import Clause, WrittenPolicy, WrittenStatement
from trailseal.access.match.wildcard import has_wildcard, matches
from trailseal.messages import Message, message

LIKE = frozenset({"StringLike", "StringNotLike", "StringNotEquals"})
CLOCK = frozenset({"aws:currenttime", "aws:epochtime"})
UP_TO = {
    f"{family}{name}": f"{family}{compared}"
    for family in ("Date", "Numeric")
    for name, compared in (
        ("LessThan", "LessThan"),
        ("LessThanEquals", "LessThanEquals"),
        ("Equals", "LessThanEquals"),
    )
}
"""The operators that set an end, by the one that tells whether the end is still to come."""
MAX_COMPARED = 20_000
"""Values against patterns in one statement; more are not compared."""
MAX_PATTERNS = 100


def check(policy: WrittenPolicy, place: PolicyPlace) -> Iterator[LintFinding]:
    """Yield the statements that no request can match, each with the first reason found."""
    for statement in policy.statements:
        reasons = (
            *_reasons(statement, of_a_key=_is_key_policy(policy)),
            *_against_nothing(statement),
            *_kept_from(statement, place),
        )
        reason = next(iter(reasons), None)
        if reason is not None:
            yield LintFinding(
                rule="KP112",
                severity=LintSeverity.WARNING,
                statement=statement.name,
                text=reason,
                remedy=message("correct `{sid}`, or remove it", sid=statement.name),
            )


def is_dead(statement: WrittenStatement) -> bool:
    """Whether no request can match the statement, as far as that shows in it alone."""
    return next(_reasons(statement, of_a_key=False), None) is not None


def _is_key_policy(policy: WrittenPolicy) -> bool:
    return any(a.lower().startswith("kms:") for s in policy.statements if s.principals for a in s.actions)


def _reasons(statement: WrittenStatement, *, of_a_key: bool) -> Iterator[Message]:
    sid = statement.name
    if not statement.actions or (not statement.resources and any(map(_wants_a_resource, statement.actions))):
        yield message("`{sid}` has no Action or no Resource, so AWS keeps it and it does nothing", sid=sid)
    listed = () if "Action" in statement.negated else statement.actions
    if of_a_key and listed and not any(_is_kms(action) for action in listed):
        yield message("`{sid}` is in a key policy and names no kms: action", sid=sid)
    if of_a_key and "Resource" not in statement.negated and not any(map(may_be_key, statement.resources)):
        yield message("`{sid}` names a Resource that is not a key: in a key policy write `*`", sid=sid)
    named = () if "Principal" in statement.negated else statement.principals
    if named and all(is_nobody(*principal) for principal in named):
        yield message("`{sid}` names only principals that do not exist or cannot match", sid=sid)
    yield from (
        message("`{sid}` tests {key}, which no request for its actions holds", sid=sid, key=key)
        for key in never_held(statement)
    )
    yield from (
        message("`{sid}` tests {key}, which no request of those whom it names holds", sid=sid, key=key)
        for key in never_brought(statement)
    )
    told = tuple(clause for clause in statement.clauses if clause.values)
    if any(map(_is_past, told)):
        yield message("`{sid}` asks for a time that is past", sid=sid)
    yield from (
        message("`{sid}` asks of {key} what cannot be true at once", sid=sid, key=key)
        for key in _contradictions(told)
    )
    yield from (_tests_nothing(sid, clause) for clause in statement.clauses if _meets_no_value(clause))


def _meets_no_value(clause: Clause) -> bool:
    """
    Whether a test without a value never holds: with `ForAnyValue`, AWS says.

    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-policy-checks.html
    """
    named = operator_named(clause.operator)
    if clause.values or named is None or named.qualifier != "ForAnyValue" or named.if_exists:
        return False
    return not OPERATORS[named.operator].negated


def _against_nothing(statement: WrittenStatement) -> Iterator[Message]:
    """Yield plain tests without a value: what AWS's page says of them goes two ways, and neither is meant."""
    for clause in statement.clauses:
        if not clause.values and operator_named(clause.operator) == NamedOperator(clause.operator):
            yield _tests_nothing(statement.name, clause)


def _tests_nothing(sid: str, clause: Clause) -> Message:
    return message("`{sid}` tests {key} against no value at all", sid=sid, key=clause.key)


def _wants_a_resource(action: str) -> bool:
    """Whether policies on the action name a resource: a role's trust policy, for one, means its own role."""
    service, colon, _ = action.lower().partition(":")
    return not colon or matches(service, "kms") or matches(service, "s3")


def _is_kms(action: str) -> bool:
    service, colon, _ = action.partition(":")
    return not colon or matches(service.lower(), "kms")


def never_held(statement: WrittenStatement) -> Iterator[str]:
    """Yield the keys that a statement wants to be there and that no request for its actions holds."""
    for clause in statement.clauses:
        row = find(clause.key)
        if (
            clause.values
            and row is not None
            and row.only_for
            and _wants(clause)
            and not _is_for(row, statement)
        ):
            yield clause.key


def never_brought(statement: WrittenStatement) -> Iterator[str]:
    """Yield the keys that a statement wants to be there and that no request of those whom it names holds."""
    for clause in statement.clauses:
        if clause.values and _wants(clause) and brought_by_nobody(statement, clause.key):
            yield clause.key


def _kept_from(statement: WrittenStatement, place: PolicyPlace) -> Iterator[Message]:
    if is_kept_from(statement, place.owner):
        yield message(
            "`{sid}` lets other accounts do only what AWS takes from the owning account",
            sid=statement.name,
        )


def _wants(clause: Clause) -> bool:
    """Whether a test fails when its key is absent."""
    if clause.operator.lower() == "null":
        return True not in clause.wants_absent
    operator = clause.operator.lower()
    negated = clause.bare_operator.lower().startswith(
        ("stringnot", "arnnot", "notip", "numericnot", "datenot")
    )
    return not (operator.endswith("ifexists") or operator.startswith("forallvalues:") or negated)


def _is_for(row: ConditionKey, statement: WrittenStatement) -> bool:
    if "Action" in statement.negated:
        return True
    plain = (action for action in statement.actions if not has_wildcard(action))
    wild = [action.lower() for action in statement.actions if has_wildcard(action)]
    if any(goes_with(row, action) for action in plain) or len(wild) > MAX_PATTERNS:
        return True
    names = [name for name in EVERY_ACTION if goes_with(row, name)]
    return any(matches(pattern, name.lower()) for pattern in wild for name in names)


def _is_past(clause: Clause) -> bool:
    """Whether a test of the clock can hold no more: every moment that it names lies behind this program."""
    bare = clause.bare_operator
    operator = OPERATORS.get(bare)
    if clause.key.lower() not in CLOCK or operator is None or bare not in UP_TO:
        return False
    reaches_us = OPERATORS[UP_TO[bare]].meets
    return all(operator.reads(value) and not reaches_us(value, BEHIND_US) for value in clause.values)


def _contradictions(clauses: tuple[Clause, ...]) -> Iterator[str]:
    by_key: dict[str, list[Clause]] = defaultdict(list)
    for clause in clauses:
        by_key[clause.key.lower()].append(clause)
    for clause in clauses:
        if clause.operator == "StringEquals" and any(
            _excludes(clause, other) for other in by_key[clause.key.lower()]
        ):
            yield clause.key
    for tests in by_key.values():
        if len(tests) > 1 and exclude_each_other(tuple(tests)):
            yield tests[0].key


def _excludes(clause: Clause, other: Clause) -> bool:
    """Whether none of a clause's plain values meets another clause; lists too long to compare may."""
    if other.operator == "Null":
        return other.wants_absent == {True}
    if other.operator not in LIKE:
        return False
    wild = other.operator != "StringNotEquals"
    patterns = [value for value in other.values if wild and has_wildcard(value)]
    if len(patterns) * len(clause.values) > MAX_COMPARED:
        return False
    plain = frozenset(other.values)
    alike = (yes in plain or any(matches(like, yes) for like in patterns) for yes in clause.values)
    return not any(alike) if other.operator == "StringLike" else all(alike)
