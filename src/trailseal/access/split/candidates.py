"""
What a key that is left open may hold: one choice for each way in which the tests on it can answer.

Exact for the forms of the whitelist. For any other form there are no choices, and the key stays unknown.
"""

from __future__ import annotations

from functools import lru_cache

from msgspec import structs

from trailseal.access.conditions.families import OPERATORS
from trailseal.access.facts import Lack, OneOf, Value
from trailseal.access.keys.key import ConditionKey, ValueType
from trailseal.access.keys.table import find
from trailseal.access.split.automaton import STAR, TooMany
from trailseal.access.split.lines import addresses, moments, numbers
from trailseal.access.split.sets import sets
from trailseal.access.split.texts import NAME, SERVICE_NAMES, Domain, texts
from trailseal.access.split.whitelist import Test, is_split

KEPT = 20_000
CLOCK = ("aws:currenttime", "aws:epochtime")
"""The same moment, told in two keys."""
ABSENT: Value = ()
ACCOUNT = Domain(patterns=("????????????",), allowed="0123456789")
DOMAINS = {
    "aws:userid": Domain(allowed=NAME),
    "aws:principalorgid": Domain(patterns=("o-?*",), allowed="abcdefghijklmnopqrstuvwxyz0123456789"),
    "aws:principalorgpaths": Domain(patterns=("o-?*/*",), allowed="abcdefghijklmnopqrstuvwxyz0123456789-/"),
    "aws:principalaccount": ACCOUNT,
    "kms:calleraccount": ACCOUNT,
    "aws:sourceaccount": ACCOUNT,
    "aws:calledvia": SERVICE_NAMES,
    "aws:calledviafirst": SERVICE_NAMES,
    "aws:calledvialast": SERVICE_NAMES,
}
"""
What can be in a key, where AWS's pages are narrower than "a string".

https://docs.aws.amazon.com/organizations/latest/APIReference/API_Organization.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
"""


@lru_cache(maxsize=KEPT)
def candidates(
    key: str, tests: tuple[Test, ...], known: Value, without: tuple[str, ...] = ()
) -> tuple[Value, ...] | None:
    """
    Return the choices for a key (lower case) of which only `known` is known; None when it is not split.

    `without` are patterns of values that are somebody else's. An absent key comes first, where it can be.
    """
    row = find(key)
    if row is None or key in CLOCK or not all(is_split(row, test) for test in tests):
        return None
    try:
        values = _values(row, tests, known, without)
        if row.many:
            among = known.among if isinstance(known, OneOf) else ()
            found = sets(values, lambda value: _answers(tests, value), among=among)
        else:
            found = tuple((value,) for value in _distinct(tests, values))
    except TooMany:
        return None
    return found if isinstance(known, OneOf) else (ABSENT, *found)


@lru_cache(maxsize=KEPT)
def clock(tests: tuple[Test, ...], now: float | None) -> tuple[tuple[str, str], ...] | None:
    """Return the moments that tests on the time can tell apart, as date and epoch; None if not split."""
    rows = [find(key) for key in CLOCK]
    if not all(any(row is not None and is_split(row, test) for row in rows) for test in tests):
        return None
    try:
        return moments([v for test in tests if test.operator != "Null" for v in test.values], now=now)
    except TooMany:
        return None


def _values(
    row: ConditionKey, tests: tuple[Test, ...], known: Value, without: tuple[str, ...]
) -> tuple[str, ...]:
    bounds = [value for test in tests if test.operator != "Null" for value in test.values]
    match row.values:
        case ValueType.BOOLEAN:
            return ("true", "false")
        case ValueType.NUMBER | ValueType.INTEGER:
            return numbers(bounds, whole=row.values is ValueType.INTEGER)
        case ValueType.DATE:
            return tuple(date for date, _ in moments(bounds, now=None))
        case ValueType.ADDRESS:
            return addresses(bounds)
        case _:
            domain = _domain(row, known, without)
            return (*texts(tests, domain), *_empty(tests, domain))


def _empty(tests: tuple[Test, ...], domain: Domain) -> tuple[str, ...]:
    """Return the empty text as a value of its own, where it can be one and a test tells it apart."""
    can_be = any(not pattern.strip(STAR) for pattern in domain.patterns)
    return ("",) if can_be and any(test.sees_empty for test in tests) else ()


def _domain(row: ConditionKey, known: Value, without: tuple[str, ...]) -> Domain:
    domain = DOMAINS.get(row.name.lower(), Domain())
    if isinstance(known, OneOf) and known.patterns != ("*",):
        patterns = tuple(_whole(pattern) for pattern in known.patterns)
        domain = structs.replace(domain, patterns=patterns, usual=())
    theirs = known.but_for if isinstance(known, OneOf) else ()
    return structs.replace(domain, without=(*without, *theirs))


def _whole(pattern: str) -> str:
    """
    Return a pattern of user IDs with as many characters as an ID and a session's name have at least.

    Source: https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
    """
    if not pattern.startswith(("AROA", "AIDA")):
        return pattern
    head, colon, session = pattern.replace("*", "?*", 1).partition(":")
    return f"{head}{colon}{'??*' if session == '*' else session}"


def _distinct(tests: tuple[Test, ...], values: tuple[str, ...]) -> tuple[str, ...]:
    """Return the first value for each way in which the tests answer."""
    found: dict[tuple[bool, ...], str] = {}
    for value in values:
        found.setdefault(_answers(tests, value), value)
    return tuple(found.values())


def _answers(tests: tuple[Test, ...], value: str) -> tuple[bool, ...]:
    met = (
        any(OPERATORS[test.operator].meets(wanted, value) for wanted in test.values)
        for test in tests
        if test.operator != "Null"
    )
    return (not value, *met)


def settled(known: Value) -> bool:
    """Whether nothing is left open about a key."""
    return known is Lack.ABSENT or isinstance(known, tuple)
