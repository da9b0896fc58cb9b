"""
Statements that can never match, and so do nothing.

Sources: https://docs.aws.amazon.com/kms/latest/APIReference/API_PutKeyPolicy.html (a statement with no
Action or Resource is accepted and has no effect) and
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator

from trailseal.access.lint.finding import LintFinding, Severity
from trailseal.access.lint.matching import glob
from trailseal.access.lint.written import Clause, WrittenPolicy, WrittenStatement
from trailseal.access.match.wildcard import has_wildcard
from trailseal.messages import Message, message

LIKE = frozenset({"StringLike", "StringNotLike", "StringNotEquals"})
MAX_COMPARED = 20_000
"""Values against patterns in one statement; more are not compared."""
UNIQUE_ID = re.compile(r"A(?:IDA|ROA|GPA|NPA)[A-Z0-9]{12,}")


def check(policy: WrittenPolicy) -> Iterator[LintFinding]:
    """Yield the statements that no request can match, each with the first reason found."""
    for statement in policy.statements:
        reason = next(_reasons(statement, _is_key_policy(policy)), None)
        if reason is not None:
            yield LintFinding(
                rule="KP112",
                severity=Severity.WARNING,
                statement=statement.name,
                text=reason,
                remedy=message("correct `{sid}`, or remove it", sid=statement.name),
            )


def _is_key_policy(policy: WrittenPolicy) -> bool:
    return any(a.lower().startswith("kms:") for s in policy.statements if s.principals for a in s.actions)


def _reasons(statement: WrittenStatement, of_a_key: bool) -> Iterator[Message]:  # noqa: FBT001 - private
    sid = statement.name
    if not statement.actions or not statement.resources:
        yield message("`{sid}` has no Action or no Resource, so AWS keeps it and it does nothing", sid=sid)
    if of_a_key and not any(_is_kms(action) for action in statement.actions):
        yield message("`{sid}` stands in a key policy and names no kms: action", sid=sid)
    if of_a_key and "Resource" not in statement.negated and not any(map(_may_be_key, statement.resources)):
        yield message("`{sid}` names a Resource that is no key: in a key policy write `*`", sid=sid)
    if statement.principals and all(_is_nobody(*principal) for principal in statement.principals):
        yield message("`{sid}` names only principals that do not exist or can not match", sid=sid)
    yield from (
        message("`{sid}` asks of {key} what can not be true at once", sid=sid, key=key)
        for key in _contradictions(statement.clauses)
    )


def _is_kms(action: str) -> bool:
    service, colon, _ = action.partition(":")
    return not colon or glob(service.lower(), "kms")


def _may_be_key(resource: str) -> bool:
    return resource.startswith("*") or (resource.startswith("arn:") and ":kms:" in resource)


def _is_nobody(kind: str, value: str) -> bool:
    if kind == "AWS":
        half_wild = value != "*" and ("*" in value or "?" in value)
        return half_wild or UNIQUE_ID.fullmatch(value) is not None
    return kind == "Service" and not value.endswith((".amazonaws.com", ".amazonaws.com.cn", ".amazon.com"))


def _contradictions(clauses: tuple[Clause, ...]) -> Iterator[str]:
    for clause in clauses:
        if not clause.values:
            yield clause.key
    by_key: dict[str, list[Clause]] = defaultdict(list)
    for clause in clauses:
        by_key[clause.key.lower()].append(clause)
    for clause in clauses:
        if clause.operator == "StringEquals" and any(
            _excludes(clause, other) for other in by_key[clause.key.lower()]
        ):
            yield clause.key


def _excludes(clause: Clause, other: Clause) -> bool:
    """Whether none of a clause's plain values meets another clause; lists too long to compare may."""
    if other.operator == "Null":
        return other.values == ("true",)
    if other.operator not in LIKE:
        return False
    wild = other.operator != "StringNotEquals"
    patterns = [value for value in other.values if wild and has_wildcard(value)]
    if len(patterns) * len(clause.values) > MAX_COMPARED:
        return False
    plain = frozenset(other.values)
    alike = (yes in plain or any(glob(like, yes) for like in patterns) for yes in clause.values)
    return not any(alike) if other.operator == "StringLike" else all(alike)
