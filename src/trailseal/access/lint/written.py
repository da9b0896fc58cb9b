"""
A policy as its author sees it: statements with their clauses as written, nothing evaluated.

Evaluation has its own, strict reading (`parse`), which refuses what AWS refuses. This one takes any
document and keeps what is misspelt in it, so that it can be shown and found.
Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

import msgspec
from msgspec import Struct, structs

from trailseal.access.conditions.operator import operator_named
from trailseal.access.parse.document import ELEMENTS as DOCUMENT_ELEMENTS
from trailseal.access.parse.json_text import read_leniently
from trailseal.access.parse.problem import InvalidPolicyError
from trailseal.access.parse.statement import ELEMENTS
from trailseal.errors import UsageProblem
from trailseal.messages import Message, message
from trailseal.model.reading import HINTS, Kind

KEPT = 4_096
LONGEST = 65_536
"""Characters, twice as many as the longest policy that AWS takes has; more are not looked at."""


class Clause(Struct, frozen=True, kw_only=True, order=True):
    """One test of a Condition block: every value of `key` tried with `operator`."""

    operator: str
    """As AWS writes it, where it is one of IAM's: policies may write it in any case."""
    key: str
    values: tuple[str, ...]

    @property
    def bare_operator(self) -> str:
        """The operator without `ForAllValues:`, `ForAnyValue:` and `IfExists`."""
        return self.operator.rpartition(":")[2].removesuffix("IfExists")

    @property
    def wants_absent(self) -> frozenset[bool]:
        """What `Null` asks of its key: to be absent, to be there, or both, which always holds."""
        return frozenset(value.lower() == "true" for value in self.values)


class WrittenStatement(Struct, frozen=True, kw_only=True):
    """
    One statement; a clause that is not there is an empty tuple.

    `principals` are (kind, value) pairs, `("AWS", "*")` also for a bare `"*"`. `negated` names the
    clauses written as NotPrincipal, NotAction or NotResource.
    """

    position: int
    sid: str = ""
    effect: str = ""
    principals: tuple[tuple[str, str], ...] = ()
    actions: tuple[str, ...] = ()
    resources: tuple[str, ...] = ()
    clauses: tuple[Clause, ...] = ()
    negated: frozenset[str] = frozenset()
    strange: tuple[str, ...] = ()
    """Elements that the policy language does not have."""

    @property
    def name(self) -> str:
        """The Sid, or the position (`#2`)."""
        return self.sid or f"#{self.position}"

    @property
    def grants(self) -> bool:
        """Whether this is an Allow."""
        return self.effect == "Allow"


class WrittenPolicy(Struct, frozen=True, kw_only=True):
    """A document with its statements in order."""

    statements: tuple[WrittenStatement, ...]
    version: str = ""
    id: str = ""
    strange: tuple[str, ...] = ()
    twice: tuple[str, ...] = ()
    """The places of names that stand twice in one object: the last one was read."""
    document: Any = None
    """What was read: its JSON text if there was one, else the value."""

    @property
    def compact(self) -> str:
        """The document as it would be sent, with no blanks between."""
        value = msgspec.json.decode(self.document) if isinstance(self.document, str) else self.document
        return msgspec.json.encode(value).decode()

    @property
    def is_endless(self) -> bool:
        """Whether it is so long that only that is said of it."""
        return len(self.compact) > LONGEST


def with_names(policy: WrittenPolicy) -> WrittenPolicy:
    """Return the policy with the position beside every Sid that occurs twice."""
    often = Counter(statement.sid for statement in policy.statements)
    return structs.replace(
        policy,
        statements=tuple(
            structs.replace(s, sid=f"{s.sid} (#{s.position})") if s.sid and often[s.sid] > 1 else s
            for s in policy.statements
        ),
    )


def read_written(document: str | bytes | Mapping[str, Any], *, name: str = "policy") -> WrittenPolicy:
    """
    Return the policy in `document`.

    Raises:
        UsageProblem: it is not JSON, or not an object with statements.
    """
    raw, twice = _parsed(document, name) if isinstance(document, str | bytes) else (document, ())
    statements = _listed(raw.get("Statement")) if isinstance(raw, Mapping) else []
    if not isinstance(raw, Mapping) or not all(isinstance(s, Mapping) for s in statements):
        raise UsageProblem(message("`{name}` is not a policy: it holds no statements", name=name), _hint())
    if "Statement" not in raw:
        raise UsageProblem(message("`{name}` is not a policy: it has no `Statement`", name=name), _hint())
    return WrittenPolicy(
        statements=tuple(_statement(i, s) for i, s in enumerate(statements, 1)),
        version=str(raw.get("Version", "")),
        id=str(raw.get("Id", "")),
        strange=tuple(sorted(set(raw) - DOCUMENT_ELEMENTS)),
        twice=twice,
        document=document.decode() if isinstance(document, bytes) else document,
    )


@lru_cache(maxsize=KEPT)
def statements_in(document: str) -> tuple[WrittenStatement, ...]:
    """Return a policy's statements, () of a document that is no policy."""
    try:
        return read_written(document).statements if document else ()
    except UsageProblem:
        return ()


def principals_in(document: str) -> Iterator[tuple[str, str]]:
    """Yield the principals of a policy's statements, by type and value."""
    return (principal for statement in statements_in(document) for principal in statement.principals)


def resources_in(document: str) -> Iterator[str]:
    """Yield the resources of a policy's statements."""
    return (resource for statement in statements_in(document) for resource in statement.resources)


def _parsed(document: str | bytes, name: str) -> tuple[Any, tuple[str, ...]]:
    try:
        return read_leniently(document)
    except InvalidPolicyError as problem:
        why = problem.what.facts.get("problem", "")
        raise UsageProblem(
            message("`{name}` is not JSON, or is cut short: {problem}", name=name, problem=str(why)),
            _hint(),
        ) from None


def _hint() -> Message:
    return Message(HINTS[Kind.POLICY])


def _statement(position: int, raw: Mapping[str, Any]) -> WrittenStatement:
    names = ("Principal", "Action", "Resource")
    return WrittenStatement(
        position=position,
        sid=str(raw.get("Sid", "")),
        effect=str(raw.get("Effect", "")),
        principals=tuple(_principals(raw.get("Principal", raw.get("NotPrincipal")))),
        actions=_texts(raw.get("Action", raw.get("NotAction"))),
        resources=_texts(raw.get("Resource", raw.get("NotResource"))),
        clauses=tuple(sorted(_clauses(raw.get("Condition")))),
        negated=frozenset(n for n in names if f"Not{n}" in raw),
        strange=tuple(sorted(set(raw) - ELEMENTS)),
    )


def _principals(raw: Any) -> Iterator[tuple[str, str]]:
    if isinstance(raw, Mapping):
        for kind, values in raw.items():
            yield from ((str(kind), value) for value in _texts(values))
    else:
        yield from (("AWS", value) for value in _texts(raw))


def _clauses(raw: Any) -> Iterator[Clause]:
    for operator, tests in raw.items() if isinstance(raw, Mapping) else ():
        for key, values in tests.items() if isinstance(tests, Mapping) else ():
            yield Clause(
                operator=str(operator_named(str(operator)) or operator), key=str(key), values=_texts(values)
            )


def _listed(raw: Any) -> list[Any]:
    if raw is None:
        return []
    return list(raw) if isinstance(raw, list | tuple) else [raw]


def _texts(raw: Any) -> tuple[str, ...]:
    return tuple(_text(value) for value in _listed(raw))


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else str(value)
