"""
The operators, by family: what it means that one value of the request meets one value of the policy.

A policy's value is read by its operator's family when the document is read, and refused where it is no
number, date, address, truth value or base64. A value that a *request* brings and that is none is no match.
Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from operator import eq, ge, gt, le, lt

from msgspec import Struct

from trailseal.access.kleene import Kleene
from trailseal.access.match.wildcard import lower, matcher, plain
from trailseal.model.arn import PARTS

Meets = Callable[[str, str], bool]
"""Whether a policy's value (first) is met by a request's value (second)."""
KEPT = 4096
NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?")
DATE = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
    r"(?:T[0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?(?:Z|[+-][0-9]{2}:?[0-9]{2})?)?"
)
YEAR = re.compile(r"[0-9]{4}")
MONTH = re.compile(r"[0-9]{4}-[0-9]{2}")
RANGE = re.compile(r"[0-9A-Fa-f:.]+(?:/[0-9]{1,3})?")


def _anything(_text: str) -> bool:
    return True


class Operator(Struct, frozen=True):
    """
    `negated` operators hold when no value of the policy is met, and when the key is absent.

    `comparison` is the name of the comparison for whole sets of texts, "" where they are not compared so.

    `otherwise` is the widest reading of a comparison of which AWS does not say all.

    `reads` tells whether a policy's value is one that the operator can compare. Variables go with
    text and ARNs only: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html

    `from_then_on` compares a policy's value (first) with all that is not less than the second.
    """

    meets: Meets
    negated: bool = False
    takes_variables: bool = True
    comparison: str = ""
    otherwise: Meets | None = None
    reads: Callable[[str], bool] = _anything
    from_then_on: Callable[[str, str], Kleene] | None = None


def string_equals(wanted: str, given: str) -> bool:
    """Exact comparison."""
    return plain(wanted) == given


def string_equals_ignore_case(wanted: str, given: str) -> bool:
    """Comparison without case, of the letters of ASCII."""
    return lower(plain(wanted)) == lower(given)


def may_be_equal(wanted: str, given: str) -> bool:
    """Whether two texts may be equal without case: what is the same letter beyond ASCII, AWS does not say."""
    return string_equals_ignore_case(wanted, given) or not (plain(wanted).isascii() and given.isascii())


def string_like(wanted: str, given: str) -> bool:
    """Wildcard comparison, with case."""
    return matcher(wanted)(given)


def arn_like(wanted: str, given: str) -> bool:
    """Compare the six parts of an ARN each for itself. ArnEquals does the same."""
    ours, theirs = wanted.split(":", PARTS - 1), given.split(":", PARTS - 1)
    if len(ours) != PARTS or len(theirs) != PARTS:
        return False
    return all(matcher(pattern)(part) for pattern, part in zip(ours, theirs, strict=True))


def bool_equals(wanted: str, given: str) -> bool:
    """Compare `true` and `false` without case."""
    return wanted.lower() == given.lower() and given.lower() in {"true", "false"}


def is_bool(text: str) -> bool:
    """Whether a text is `true` or `false`, in any case."""
    return text.lower() in {"true", "false"}


def binary_equals(wanted: str, given: str) -> bool:
    """Compare the bytes that base64 stands for."""
    ours, theirs = _bytes(wanted), _bytes(given)
    return ours is not None and ours == theirs


def _bytes(text: str) -> bytes | None:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None


def ip_in(wanted: str, given: str) -> bool:
    """Whether an address lies in a range, or is the address."""
    network = _network(wanted)
    try:
        return network is not None and ip_address(given) in network
    except ValueError:
        return False


@lru_cache(maxsize=KEPT)
def _network(text: str) -> IPv4Network | IPv6Network | None:
    """Return a range in CIDR notation; a lone address is a range of one."""
    try:
        return ip_network(text, strict=False) if RANGE.fullmatch(text) else None
    except ValueError:
        return None


def _number(text: str) -> Decimal | None:
    return Decimal(text) if NUMBER.fullmatch(text) else None


@lru_cache(maxsize=KEPT)
def _moment(text: str) -> Decimal | None:
    """
    Return seconds since 1970 for an ISO 8601 date or for such a number, None for four digits.

    `2027` is a year of ISO 8601 and a number of seconds, and AWS takes both forms.
    """
    if YEAR.fullmatch(text):
        return None
    if (number := _number(text)) is not None:
        return number
    day = f"{text}-01" if MONTH.fullmatch(text) else text
    try:
        moment = datetime.fromisoformat(day) if DATE.fullmatch(day) else None
    except ValueError:
        return None
    if moment is None:
        return None
    return Decimal(repr((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()))


def _comparing(read: Callable[[str], Decimal | None], compare: Callable[[Decimal, Decimal], bool]) -> Meets:
    def meets(wanted: str, given: str) -> bool:
        ours, theirs = read(wanted), read(given)
        return ours is not None and theirs is not None and compare(theirs, ours)

    return meets


def _ordered(family: str, read: Callable[[str], Decimal | None]) -> dict[str, Operator]:
    comparisons = {"LessThan": lt, "LessThanEquals": le, "GreaterThan": gt, "GreaterThanEquals": ge}
    ending = {lt: lt, le: le, eq: le}

    def reads(text: str) -> bool:
        return read(text) is not None

    def made(compare: Callable[[Decimal, Decimal], bool], *, negated: bool = False) -> Operator:
        def from_then_on(wanted: str, first: str) -> Kleene:
            ours, earliest = read(wanted), read(first)
            if ours is None or earliest is None:
                return None
            if compare in ending:
                return None if ending[compare](earliest, ours) else False
            return True if compare(earliest, ours) else None

        return Operator(
            _comparing(read, compare),
            negated=negated,
            takes_variables=False,
            reads=reads,
            from_then_on=from_then_on,
        )

    ordered = {f"{family}{name}": made(compare) for name, compare in comparisons.items()}
    return ordered | {f"{family}Equals": made(eq), f"{family}NotEquals": made(eq, negated=True)}


def _is_range(text: str) -> bool:
    return _network(text) is not None


def _is_base64(text: str) -> bool:
    return _bytes(text) is not None


OPERATORS: dict[str, Operator] = {
    "StringEquals": Operator(string_equals, comparison="equals"),
    "StringNotEquals": Operator(string_equals, negated=True, comparison="equals"),
    "StringEqualsIgnoreCase": Operator(
        string_equals_ignore_case, comparison="equals-ignoring-case", otherwise=may_be_equal
    ),
    "StringNotEqualsIgnoreCase": Operator(
        string_equals_ignore_case, negated=True, comparison="equals-ignoring-case", otherwise=may_be_equal
    ),
    "StringLike": Operator(string_like, comparison="like"),
    "StringNotLike": Operator(string_like, negated=True, comparison="like"),
    "ArnEquals": Operator(arn_like, comparison="arn"),
    "ArnNotEquals": Operator(arn_like, negated=True, comparison="arn"),
    "ArnLike": Operator(arn_like, comparison="arn"),
    "ArnNotLike": Operator(arn_like, negated=True, comparison="arn"),
    "Bool": Operator(bool_equals, takes_variables=False, reads=is_bool),
    "BinaryEquals": Operator(binary_equals, takes_variables=False, reads=_is_base64),
    "IpAddress": Operator(ip_in, takes_variables=False, reads=_is_range),
    "NotIpAddress": Operator(ip_in, negated=True, takes_variables=False, reads=_is_range),
    **_ordered("Numeric", _number),
    **_ordered("Date", _moment),
}
