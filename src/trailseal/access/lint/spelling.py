"""
Names that AWS does not know: actions, condition keys, operators, elements, services.

AWS accepts an unknown action or condition key and never matches it; an unknown operator or element
makes it refuse the document. Source:
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
"""

from __future__ import annotations

from collections.abc import Iterator

from trailseal.access.actions import ACTIONS
from trailseal.access.conditions.operator import operator_named
from trailseal.access.keys.table import all_keys, find
from trailseal.access.lint.finding import LintFinding, LintSeverity
from trailseal.access.lint.guesses import Guesses
from trailseal.access.lint.written import Clause, WrittenPolicy, WrittenStatement
from trailseal.access.match.wildcard import has_wildcard, matches
from trailseal.messages import Message, message

EXACT = frozenset({"StringEquals", "StringNotEquals", "StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase"})
KNOWN_KEYS = tuple(sorted({key.written for key in all_keys()}))
LISTED = {
    service: {f"{service}:{name}".lower(): f"{service}:{name}" for name in sorted(listed)}
    for service, listed in ACTIONS.items()
}
"""The actions of each service, by their name in lower case."""
EVERY_ACTION = tuple(action for listed in LISTED.values() for action in listed.values())
SERVICE_PREFIXES = frozenset({"aws", "kms", "s3", "sts", "iam"})
"""The services whose keys are all in the table."""


def check(policy: WrittenPolicy) -> Iterator[LintFinding]:
    """Yield what is misspelt in each statement, in the order of the document."""
    guesses = Guesses()
    for element in policy.strange:
        yield _refused("", message("`{name}` is not an element of a policy", name=element))
    for statement in policy.statements:
        yield from _elements(statement)
        for action in statement.actions:
            yield from _action(statement, action, guesses)
        for clause in statement.clauses:
            yield from _operator(statement, clause)
            yield from _key(statement, clause, guesses)
            yield from _wildcard(statement, clause)


def _refused(statement: str, text: Message) -> LintFinding:
    return LintFinding(
        rule="KP110",
        severity=LintSeverity.ERROR,
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


def _action(statement: WrittenStatement, action: str, guesses: Guesses) -> Iterator[LintFinding]:
    service, colon, _ = action.partition(":")
    listed = LISTED.get(service.lower(), {})
    if action == "*" or (colon and not listed) or _is_listed(action.lower(), listed):
        return
    close = guesses.closest(action, tuple(listed.values()) or EVERY_ACTION)
    yield LintFinding(
        rule="KP108",
        severity=LintSeverity.WARNING,
        statement=statement.name,
        text=message("`{action}` is not an action that AWS lists, so it never matches", action=action),
        remedy=message("did you mean `{close}`?", close=close)
        if close
        else message("look the action up in AWS's service authorization reference"),
    )


def _is_listed(action: str, listed: dict[str, str]) -> bool:
    return action in listed or (has_wildcard(action) and any(matches(action, name) for name in listed))


def _operator(statement: WrittenStatement, clause: Clause) -> Iterator[LintFinding]:
    if operator_named(clause.operator):
        return
    yield _refused(
        statement.name, message("`{operator}` is not a condition operator", operator=clause.operator)
    )


def _key(statement: WrittenStatement, clause: Clause, guesses: Guesses) -> Iterator[LintFinding]:
    prefix = clause.key.partition(":")[0].lower()
    if find(clause.key) is not None or (clause.key.count(":") >= 1 and prefix not in SERVICE_PREFIXES):
        return
    close = guesses.closest(clause.key, KNOWN_KEYS)
    yield LintFinding(
        rule="KP109",
        severity=LintSeverity.WARNING,
        statement=statement.name,
        text=message("`{key}` is not a condition key that AWS lists", key=clause.key),
        remedy=message("did you mean `{close}`?", close=close)
        if close
        else message("look the key up in AWS's list of condition keys"),
    )


def _wildcard(statement: WrittenStatement, clause: Clause) -> Iterator[LintFinding]:
    wild = [value for value in clause.values if "*" in value or "?" in value]
    if clause.bare_operator not in EXACT or not wild:
        return
    yield LintFinding(
        rule="KP111",
        severity=LintSeverity.ERROR,
        statement=statement.name,
        text=message(
            "{operator} takes `{value}` literally: `*` and `?` are wildcards only under StringLike",
            operator=clause.operator,
            value=wild[0],
        ),
        remedy=message("use StringLike for {key}", key=clause.key),
    )
