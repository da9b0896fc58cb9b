"""
Numbers, dates and addresses lie on a line, which the tests cut: one value of every piece.

Sources:
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_Numeric
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_Date
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from itertools import count, pairwise

from trailseal.access.split.automaton import TooMany

ONE = Decimal(1)
MAX_MOMENT = Decimal(253_370_764_800)
"""The year 9999: what lies beyond has no date."""
NICE = (ip_address("203.0.113.1"), ip_address("2001:db8::1"))
MAX_DIGITS = 12
"""Before and after the point: enough for any key, and far from where decimals are rounded."""


def numbers(bounds: Iterable[str], *, whole: bool) -> tuple[str, ...]:
    """
    Return every bound, a number in every gap between two, and one on either side, from 0 up.

    No key counts below 0. Of `whole` numbers only those are returned that are.

    Raises:
        TooMany: a bound is no number, or one of too many digits.
    """
    cuts = sorted({_decimal(bound) for bound in bounds})
    if whole:
        found = {each for cut in cuts for each in _whole_beside(cut)} | {Decimal(0)}
        return tuple(_written(number) for number in sorted(found) if number >= 0)
    inside = [cut for cut in cuts if cut >= 0]
    gaps = [_between(low, high) for low, high in pairwise(sorted({Decimal(0), *inside}))]
    above = [(inside[-1] if inside else Decimal(0)) + 1]
    return tuple(_written(number) for number in sorted({Decimal(0), *inside, *gaps, *above}))


def moments(bounds: Iterable[str], *, now: float | None) -> tuple[tuple[str, str], ...]:
    """
    Return a moment on every bound, one in every gap and on either side: as date and as epoch time.

    Moments are whole seconds, and none lies before `now`, where that is given.

    Raises:
        TooMany: a bound is no moment.
    """
    cuts = {_moment(bound) for bound in bounds}
    first = None if now is None else Decimal(int(now))
    found = {each for cut in cuts for each in _whole_beside(cut)}
    found |= {Decimal(0) if first is None else first}
    kept = [m for m in sorted(found) if 0 <= m < MAX_MOMENT and (first is None or m >= first)]
    return tuple((_date(moment), _written(moment)) for moment in kept)


def addresses(networks: Iterable[str]) -> tuple[str, ...]:
    """
    Return one address of every piece into which the networks cut both versions of IP, a likely one first.

    Raises:
        TooMany: a value is no network.
    """
    try:
        cut = [ip_network(network, strict=False) for network in networks]
    except ValueError:
        raise TooMany from None
    found: list[str] = []
    for kind, nice in zip((IPv4Address, IPv6Address), NICE, strict=True):
        own = [n for n in cut if n.version == nice.version]
        starts = {0, *(int(n.network_address) for n in own), *(int(n.broadcast_address) + 1 for n in own)}
        ends = [*sorted(starts - {1 << nice.max_prefixlen}), 1 << nice.max_prefixlen]
        found += [str(nice if low <= int(nice) < high else kind(low)) for low, high in pairwise(ends)]
    likely = {str(address) for address in NICE}
    return tuple(sorted(found, key=lambda address: address not in likely))


def _decimal(text: str) -> Decimal:
    try:
        number = Decimal(text)
    except ArithmeticError:
        raise TooMany from None
    if not number.is_finite() or abs(number.adjusted()) > MAX_DIGITS or len(text) > MAX_DIGITS:
        raise TooMany
    return number


def _moment(text: str) -> Decimal:
    """Read a moment as conditions do: seconds since 1970, else a date, in UTC if it names no offset."""
    try:
        return _decimal(text)
    except TooMany:
        pass
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise TooMany from None
    return Decimal(str((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()))


def _date(moment: Decimal) -> str:
    return datetime.fromtimestamp(int(moment), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _whole_beside(cut: Decimal) -> Iterator[Decimal]:
    """Yield whole numbers at the cut and next to it on both sides."""
    low, high = cut.to_integral_value(ROUND_FLOOR), cut.to_integral_value(ROUND_CEILING)
    yield from (low - 1, low, high, high + 1)


def _between(low: Decimal, high: Decimal) -> Decimal:
    """Return a number strictly between two, with as few digits as can be."""
    steps = (ONE.scaleb(-digits) for digits in count())
    found = ((low / step).to_integral_value(ROUND_FLOOR) * step + step for step in steps)
    return next(number for number in found if number < high)


def _written(number: Decimal) -> str:
    return format(number.normalize() if number else Decimal(0), "f")
