"""What the policies look at: the tests on each context key, in the statements that matter."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct

from trailseal.access.lint.matching import reaches
from trailseal.access.lint.written import WrittenStatement, read_written
from trailseal.errors import UsageProblem

SET_TESTS = ("ForAllValues:", "ForAnyValue:")


class Comparison(Struct, frozen=True, kw_only=True, order=True):
    """One value that a key is compared with. `family` is the operator without Not, IfExists and set words."""

    family: str
    value: str


class Looked(Struct, frozen=True, kw_only=True):
    """All tests on one key; `as_set` when it is looked at as a set of values."""

    tests: frozenset[Comparison] = frozenset()
    as_set: bool = False


class Vocabulary(Struct, frozen=True, kw_only=True):
    """Keys in lower case with their tests; the principals and resources that are named."""

    keys: dict[str, Looked]
    principals: frozenset[tuple[str, str]]
    resources: frozenset[str]
    has_variables: bool


def vocabulary(documents: Iterable[str], actions: tuple[str, ...]) -> Vocabulary:
    """Return what the documents look at when they decide on `actions`. Unreadable text adds nothing."""
    statements = [s for d in dict.fromkeys(documents) for s in _statements(d) if _matters(s, actions)]
    keys: dict[str, Looked] = {}
    for statement in statements:
        for clause in statement.clauses:
            name = clause.key.lower()
            before = keys.get(name, Looked())
            family = _family(clause.bare_operator)
            tests = frozenset(Comparison(family=family, value=value) for value in clause.values)
            as_set = before.as_set or clause.operator.startswith(SET_TESTS)
            keys[name] = Looked(tests=before.tests | tests, as_set=as_set)
    return Vocabulary(
        keys=keys,
        principals=frozenset(p for s in statements for p in s.principals),
        resources=frozenset(r for s in statements for r in s.resources),
        has_variables=any(_has_variable(s) for s in statements),
    )


def _statements(document: str) -> tuple[WrittenStatement, ...]:
    try:
        return read_written(document).statements
    except UsageProblem:
        return ()


def _matters(statement: WrittenStatement, actions: tuple[str, ...]) -> bool:
    return any(reaches(statement, action) for action in actions)


def _family(operator: str) -> str:
    return operator.replace("Not", "", 1) if "Not" in operator else operator


def _has_variable(statement: WrittenStatement) -> bool:
    values = [v for clause in statement.clauses for v in clause.values]
    return any("${" in text for text in (*values, *statement.resources))


def merged(first: Vocabulary, second: Vocabulary) -> Vocabulary:
    """Return what either looks at."""
    keys = dict(first.keys)
    for name, looked in second.keys.items():
        before = keys.get(name, Looked())
        keys[name] = Looked(tests=before.tests | looked.tests, as_set=before.as_set or looked.as_set)
    return Vocabulary(
        keys=keys,
        principals=first.principals | second.principals,
        resources=first.resources | second.resources,
        has_variables=first.has_variables or second.has_variables,
    )
