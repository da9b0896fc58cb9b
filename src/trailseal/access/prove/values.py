"""
For one context key, a witness of each kind of value that its tests can tell apart.

Numbers, dates and addresses lie on a line that the tests cut into intervals: the ends of each
interval and what lies just beside them are enough. Strings are split by the automaton.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from ipaddress import ip_address, ip_network
from itertools import combinations

from trailseal.access.prove.vocabulary import Comparison, Looked
from trailseal.access.split.automaton import TooMany, answers, compile_pattern, start, words

Values = tuple[str, ...]
ABSENT: Values = ()
MAX_SET = 5
PRINTABLE = "".join(chr(code) for code in range(33, 127) if chr(code) not in "*?") + " "
STRINGS = {"StringEquals", "StringEqualsIgnoreCase", "StringLike", "ArnEquals", "ArnLike"}
LITERAL = {"StringEquals", "StringEqualsIgnoreCase"}


def candidates(looked: Looked) -> tuple[Values, ...]:
    """
    Return one value of each kind, the absent key first.

    Raises:
        TooMany: the key is looked at in a way that has too many kinds, or one that is not split here.
    """
    single = tuple(dict.fromkeys(_singles(looked.tests)))
    if not looked.as_set:
        return (ABSENT, *((value,) for value in single))
    if len(single) > MAX_SET:
        raise TooMany
    sets = (c for size in range(1, len(single) + 1) for c in combinations(single, size))
    return (ABSENT, *sets)


def _singles(tests: frozenset[Comparison]) -> Iterator[str]:
    families = {test.family for test in tests}
    yield from _strings([t for t in tests if t.family in STRINGS])
    for family in sorted(families - STRINGS - {"Null"}):
        values = sorted(t.value for t in tests if t.family == family)
        yield from _others(family, values)
    if families <= {"Null"}:
        yield "anything"


def _others(family: str, values: list[str]) -> Iterator[str]:
    if family == "Bool":
        yield from ("true", "false")
    elif family.startswith("Numeric"):
        yield from _numbers(values)
    elif family.startswith("Date"):
        yield from _dates(values)
    elif family == "IpAddress":
        yield from _addresses(values)
    else:
        raise TooMany


def _strings(tests: Iterable[Comparison]) -> Iterator[str]:
    ordered = sorted(tests)
    if not ordered:
        return
    fold = any(test.family == "StringEqualsIgnoreCase" for test in ordered)
    patterns = tuple(compile_pattern(t.value, literal=t.family in LITERAL) for t in ordered)
    seen: set[tuple[bool, ...]] = set()
    for state, word in words(patterns, start(patterns), allowed=_letters(ordered)):
        if (answer := answers(patterns, state)) not in seen:
            seen.add(answer)
            yield word
            if fold and word.swapcase() != word:
                yield word.swapcase()


def _letters(tests: Iterable[Comparison]) -> str:
    beyond = {letter for test in tests for letter in test.value} - set(PRINTABLE)
    return PRINTABLE + "".join(sorted(beyond))


def _numbers(values: list[str]) -> Iterator[str]:
    for value in values:
        try:
            number = Decimal(value)
        except InvalidOperation:
            raise TooMany from None
        half = Decimal("0.5")
        yield from (format(n, "f") for n in (number - half, number, number + half))


def _dates(values: list[str]) -> Iterator[str]:
    second = timedelta(seconds=1)
    for value in values:
        try:
            moment = datetime.fromisoformat(value)
            moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
            near = [moment - second, moment, moment + second]
        except (ValueError, OverflowError):
            raise TooMany from None
        yield from (n.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") for n in near)


def _addresses(values: list[str]) -> Iterator[str]:
    for value in values:
        try:
            network = ip_network(value, strict=False)
        except ValueError:
            raise TooMany from None
        first, last = int(network.network_address), int(network.broadcast_address)
        kind = type(network.network_address)
        for number in (first - 1, first, last, last + 1):
            if 0 <= number < 1 << network.max_prefixlen:
                yield str(ip_address(str(kind(number))))
