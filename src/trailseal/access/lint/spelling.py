"""
Names that AWS does not know: actions, condition keys, operators, elements, services.

AWS accepts an unknown action or condition key and never matches it; an unknown operator or element
makes it refuse the document. Source:
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
"""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches

from trailseal.access.keys.table import all_keys, find
from trailseal.access.lint.finding import LintFinding, Severity
from trailseal.access.lint.known import ACTIONS, names
from trailseal.access.lint.matching import names_action
from trailseal.access.lint.written import Clause, WrittenPolicy, WrittenStatement
from trailseal.messages import Message, message

OPERATORS = names(
    """
    StringEquals StringNotEquals StringEqualsIgnoreCase StringNotEqualsIgnoreCase StringLike StringNotLike
    NumericEquals NumericNotEquals NumericLessThan NumericLessThanEquals NumericGreaterThan
    NumericGreaterThanEquals DateEquals DateNotEquals DateLessThan DateLessThanEquals DateGreaterThan
    DateGreaterThanEquals Bool BinaryEquals IpAddress NotIpAddress ArnEquals ArnLike ArnNotEquals ArnNotLike
    Null
    """
)
EXACT = frozenset({"StringEquals", "StringNotEquals", "StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase"})
KNOWN_KEYS = frozenset(key.written for key in all_keys())
SERVICE_PREFIXES = frozenset({"aws", "kms", "s3", "sts", "iam"})
"""The services whose keys are all in the table."""


def check(policy: WrittenPolicy) -> Iterator[LintFinding]:
    """Yield what is misspelt in each statement, in the order of the document."""
    for element in policy.strange:
        yield _refused("", message("`{name}` is not an element of a policy", name=element))
    for statement in policy.statements:
        yield from _elements(statement)
        for action in statement.actions:
            yield from _action(statement, action)
        for clause in statement.clauses:
            yield from _operator(statement, clause)
            yield from _key(statement, clause)
            yield from _wildcard(statement, clause)


def _refused(statement: str, text: Message) -> LintFinding:
    return LintFinding(
        rule="KP110",
        severity=Severity.ERROR,
        statement=statement,
        text=text,
        remedy=message("correct the spelling: AWS refuses a document with it"),
    )


def _elements(statement: WrittenStatement) -> Iterator[LintFinding]:
    for element in statement.strange:
        yield _refused(statement.name, message("`{name}` is not an element of a statement", name=element))
    if statement.effect not in {"Allow", "Deny"}:
        yield _refused(
            statement.name, message("Effect is `{effect}`, neither Allow nor Deny", effect=statement.effect)
        )


def _action(statement: WrittenStatement, action: str) -> Iterator[LintFinding]:
    service, colon, _ = action.partition(":")
    listed = ACTIONS.get(service.lower(), frozenset())
    if action == "*" or (colon and not listed):
        return
    full = [f"{service.lower()}:{name}" for name in listed]
    if any(names_action(action, name) for name in full):
        return
    close = get_close_matches(action, full, n=1, cutoff=0.6)
    yield LintFinding(
        rule="KP108",
        severity=Severity.WARNING,
        statement=statement.name,
        text=message("`{action}` is no action that AWS lists, so it never matches", action=action),
        remedy=message("did you mean `{close}`?", close=close[0])
        if close
        else message("look the action up in AWS's service authorization reference"),
    )


def _operator(statement: WrittenStatement, clause: Clause) -> Iterator[LintFinding]:
    qualifier, _, _ = clause.operator.rpartition(":")
    if clause.bare_operator in OPERATORS and qualifier in {"", "ForAllValues", "ForAnyValue"}:
        return
    yield _refused(
        statement.name, message("`{operator}` is not a condition operator", operator=clause.operator)
    )


def _key(statement: WrittenStatement, clause: Clause) -> Iterator[LintFinding]:
    prefix = clause.key.partition(":")[0].lower()
    if find(clause.key) is not None or (clause.key.count(":") >= 1 and prefix not in SERVICE_PREFIXES):
        return
    close = get_close_matches(clause.key, sorted(KNOWN_KEYS), n=1, cutoff=0.6)
    yield LintFinding(
        rule="KP109",
        severity=Severity.WARNING,
        statement=statement.name,
        text=message("`{key}` is no condition key that AWS lists", key=clause.key),
        remedy=message("did you mean `{close}`?", close=close[0])
        if close
        else message("look the key up in AWS's list of condition keys"),
    )


def _wildcard(statement: WrittenStatement, clause: Clause) -> Iterator[LintFinding]:
    wild = [value for value in clause.values if "*" in value or "?" in value]
    if clause.bare_operator not in EXACT or not wild:
        return
    yield LintFinding(
        rule="KP111",
        severity=Severity.ERROR,
        statement=statement.name,
        text=message(
            "{operator} takes `{value}` literally: `*` and `?` are wildcards only under StringLike",
            operator=clause.operator,
            value=wild[0],
        ),
        remedy=message("use StringLike for {key}", key=clause.key),
    )
