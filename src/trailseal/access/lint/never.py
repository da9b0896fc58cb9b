"""
Statements that can never match, and so do nothing.

Sources: https://docs.aws.amazon.com/kms/latest/APIReference/API_PutKeyPolicy.html (a statement with no
Action or Resource is accepted and has no effect) and
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from trailseal.access.lint.finding import LintFinding, Severity
from trailseal.access.lint.matching import glob
from trailseal.access.lint.written import Clause, WrittenPolicy, WrittenStatement
from trailseal.messages import Message, message

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
    exact = [c for c in clauses if c.operator == "StringEquals"]
    for clause in exact:
        for other in clauses:
            if other.key.lower() == clause.key.lower() and _excludes(clause, other):
                yield clause.key


def _excludes(clause: Clause, other: Clause) -> bool:
    if other.operator == "Null":
        return other.values == ("true",)
    if other.operator in {"StringNotEquals", "StringNotLike"}:
        return all(any(glob(no, yes) for no in other.values) for yes in clause.values)
    if other.operator == "StringLike":
        return not any(glob(like, yes) for like in other.values for yes in clause.values)
    return False
