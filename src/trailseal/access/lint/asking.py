"""
Statements put to the engine: would this caller get through, for what is known of him?

A statement is asked alone, as AWS may hold it: a form that the strict reader refuses counts for what
it may mean. A key of which nothing is known may have any value that requests of such a caller can hold.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec
from msgspec import Struct

from trailseal.access.caller import CallerKind, read_caller
from trailseal.access.cross_account import usable_from_elsewhere
from trailseal.access.decision import Effect
from trailseal.access.evaluate import authorize
from trailseal.access.facts import Lack, OneOf, Value
from trailseal.access.keys.key import There
from trailseal.access.keys.presence import Presence, goes_with, presence
from trailseal.access.keys.table import find
from trailseal.access.lint.matching import fill, reaches
from trailseal.access.lint.resources import is_asked_of, resource_of, with_free_variables
from trailseal.access.lint.spelling import EVERY_ACTION, LISTED
from trailseal.access.lint.written import Clause, WrittenStatement
from trailseal.access.match.wildcard import has_wildcard
from trailseal.access.request import Policies, Request

ALL_IAM = '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}'
"""What a caller's own account may allow him: anything."""
TELLING = (
    "kms:Decrypt",
    "kms:ReEncryptFrom",
    "kms:CreateGrant",
    "kms:GenerateDataKey",
    "kms:DescribeKey",
    "kms:PutKeyPolicy",
    "s3:GetObject",
    "s3:PutObject",
    "s3:GetBucketAcl",
    "s3:ListBucket",
    "s3:PutBucketPolicy",
    "sts:AssumeRole",
)
"""The actions that a statement is asked about, where it reaches them; what matters most comes first."""
OF_ANOTHER = "sqs:ReceiveMessage"
"""An action of a service whose actions are not listed."""
MAX_ACTIONS = 3
MAX_FILLED = 4
LONGEST = 700
"""No ARN of a principal, account, organization or network is longer: a path has 512 characters, a name 64."""


class Asker(Struct, frozen=True, kw_only=True):
    """Who asks, and what his request holds. A key that is not in `context` is what the engine derives."""

    principal: str
    context: dict[str, Value] = {}

    @property
    def kind(self) -> CallerKind:
        """What kind of principal it is."""
        return read_caller(self.principal).kind


class PolicyQuestion(Struct, frozen=True, kw_only=True):
    """A policy, and the action and resource that it is asked about."""

    text: str
    action: str
    resource: str
    owner: str


def is_principal(text: str) -> bool:
    """Whether an ARN can ask for something: a user's, role's, session's, federated user's or root's."""
    try:
        return read_caller(text).kind is not CallerKind.SERVICE
    except ValueError:
        return False


def passes(asked: PolicyQuestion, asker: Asker, *, by_iam: bool) -> bool:
    """Whether the caller gets through, or may; `by_iam` gives him all that IAM can give."""
    return answer(asked, asker, by_iam=by_iam) in {Effect.ALLOWED, Effect.UNKNOWN}


def answer(asked: PolicyQuestion, asker: Asker, *, by_iam: bool = False) -> Effect:
    """Return what the engine answers a caller; `by_iam` gives him all that IAM can give."""
    request = Request(
        principal=asker.principal,
        action=asked.action,
        resource=asked.resource,
        resource_account=asked.owner,
        context=asker.context,
    )
    policies = Policies(resource=asked.text, identity=(ALL_IAM,) if by_iam else None)
    return authorize(request, policies, stored=True).effect


def as_text(statements: Iterable[WrittenStatement], version: str) -> str:
    """Return a policy of these statements, as JSON."""
    raw = [_raw(statement) for statement in statements]
    return msgspec.json.encode({"Version": version or "2008-10-17", "Statement": raw}).decode()


def _raw(statement: WrittenStatement) -> dict[str, Any]:
    def name(element: str) -> str:
        return f"Not{element}" if element in statement.negated else element

    kinds: dict[str, list[str]] = {}
    for kind, value in statement.principals:
        kinds.setdefault(kind, []).append(value)
    tests: dict[str, dict[str, tuple[str, ...]]] = {}
    for clause in statement.clauses:
        values = tuple(_matchable(value) for value in clause.values)
        tests.setdefault(clause.operator, {})[clause.key] = values
    found = {
        name("Principal"): kinds,
        name("Action"): statement.actions,
        name("Resource"): statement.resources,
        "Condition": tests,
    }
    return {"Effect": statement.effect} | {element: value for element, value in found.items() if value}


def _matchable(value: str) -> str:
    """Return a value, or one that nothing matches for a pattern longer than all that it could match."""
    return value if len(value) <= LONGEST or len(value.replace("*", "")) <= LONGEST else "-"


def questions(
    statement: WrittenStatement, *, version: str, owner: str, partition: str, most: int = MAX_ACTIONS
) -> tuple[PolicyQuestion, ...]:
    """Return the statement with the actions that tell most of it on its resources: a few stand for all."""
    wide = with_free_variables(statement)
    text = as_text([wide], version)
    asked = [
        PolicyQuestion(
            text=text, action=action, resource=resource_of(wide, action, owner, partition), owner=owner
        )
        for action in _actions(statement)
    ]
    fitting = [each for each in asked if is_asked_of(each.action, each.resource)]
    return tuple((fitting or asked)[:most])


def _actions(statement: WrittenStatement) -> list[str]:
    """Return the telling actions that it reaches; where no other account can use them, every one."""
    told = [action for action in TELLING if reaches(statement, action)]
    if any(map(_is_shared, told)):
        return told
    listed = (action for action in (*EVERY_ACTION, OF_ANOTHER) if reaches(statement, action))
    every = dict.fromkeys((*told, *listed, *_made_up(statement)))
    return sorted(every, key=_is_shared, reverse=True)


def _is_shared(action: str) -> bool:
    return usable_from_elsewhere(action) is not False


def _made_up(statement: WrittenStatement) -> Iterator[str]:
    """Yield actions that it names and that are not listed, in lower case, as the engine takes any case."""
    for pattern in () if "Action" in statement.negated else statement.actions[:MAX_ACTIONS]:
        name = fill(pattern, "x").lower()
        service, colon, _ = name.partition(":")
        if colon and name not in LISTED.get(service, {}):
            yield name


def fillings(values: Iterable[str], filler: str) -> tuple[str, ...]:
    """Return texts that match the patterns among the values and are none of the plain ones."""
    plain = {value for value in values if not has_wildcard(value)}
    wild = [value for value in values if has_wildcard(value)][:MAX_FILLED]
    filled = dict.fromkeys(fill(value, each) for value in wild for each in (filler, ""))
    return tuple(text for text in filled if text and text not in plain)


def free_value(key: str, kind: CallerKind, action: str) -> Value:
    """Return what a request of such a caller holds under a key in which he is free."""
    row = find(key)
    if row is None:
        return Lack.UNKNOWN
    if not goes_with(row, action):
        return Lack.ABSENT
    if row.there is There.ON_THE_WAY:
        return Lack.UNKNOWN if kind is not CallerKind.SERVICE else Lack.ABSENT
    match presence(row, kind):
        case Presence.CERTAIN:
            return OneOf(("*",))
        case Presence.POSSIBLE:
            return Lack.UNKNOWN
        case _:
            return Lack.ABSENT


def tests(statement: WrittenStatement) -> Mapping[str, tuple[Clause, ...]]:
    """Return the tests of a statement by key, in lower case."""
    found: dict[str, tuple[Clause, ...]] = {}
    for clause in statement.clauses:
        key = clause.key.lower()
        found[key] = (*found.get(key, ()), clause)
    return found
