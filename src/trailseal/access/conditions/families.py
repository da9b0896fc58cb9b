"""
The operators, by family: what it means that one value of the request meets one value of the policy.

A comparison that cannot be made, because one side is not a number, date or address, is no match.
Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from datetime import UTC, datetime
from functools import lru_cache
from ipaddress import ip_address, ip_network
from operator import eq, ge, gt, le, lt

from msgspec import Struct

from trailseal.access.match.wildcard import LITERAL_MARK, LITERAL_STAR, matcher

Meets = Callable[[str, str], bool]
"""Whether a policy's value (first) is met by a request's value (second)."""
ARN_PARTS = 6


class Operator(Struct, frozen=True):
    """
    `negated` operators hold when no value of the policy is met, and when the key is absent.

    `comparison` is the name of the comparison for whole sets of texts, "" where they are not compared so.
    """

    meets: Meets
    negated: bool = False
    takes_variables: bool = True
    comparison: str = ""


def _plain(value: str) -> str:
    return value.replace(LITERAL_STAR, "*").replace(LITERAL_MARK, "?")


def string_equals(wanted: str, given: str) -> bool:
    """Exact comparison."""
    return _plain(wanted) == given


def string_equals_ignore_case(wanted: str, given: str) -> bool:
    """Comparison without case."""
    return _plain(wanted).lower() == given.lower()


def string_like(wanted: str, given: str) -> bool:
    """Wildcard comparison, with case."""
    return matcher(wanted)(given)


def arn_like(wanted: str, given: str) -> bool:
    """Compare the six parts of an ARN each for itself. ArnEquals does the same."""
    if wanted == "*":
        return True
    ours, theirs = wanted.split(":", ARN_PARTS - 1), given.split(":", ARN_PARTS - 1)
    if len(ours) != ARN_PARTS or len(theirs) != ARN_PARTS:
        return False
    return all(matcher(pattern)(part) for pattern, part in zip(ours, theirs, strict=True))


def bool_equals(wanted: str, given: str) -> bool:
    """Compare `true` and `false` without case."""
    return wanted.lower() == given.lower() and given.lower() in {"true", "false"}


def binary_equals(wanted: str, given: str) -> bool:
    """Compare the bytes that base64 stands for."""
    try:
        return base64.b64decode(wanted, validate=True) == base64.b64decode(given, validate=True)
    except (binascii.Error, ValueError):
        return False


def ip_in(wanted: str, given: str) -> bool:
    """Whether an address lies in a range, or is the address."""
    try:
        return ip_address(given) in ip_network(wanted, strict=False)
    except ValueError:
        return False


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


@lru_cache(maxsize=4096)
def _moment(text: str) -> float | None:
    """Return seconds since 1970 for an ISO 8601 date or for such a number."""
    if (number := _number(text)) is not None:
        return number
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def _comparing(read: Callable[[str], float | None], compare: Callable[[float, float], bool]) -> Meets:
    def meets(wanted: str, given: str) -> bool:
        ours, theirs = read(wanted), read(given)
        return ours is not None and theirs is not None and compare(theirs, ours)

    return meets


def _ordered(family: str, read: Callable[[str], float | None]) -> dict[str, Operator]:
    comparisons = {"LessThan": lt, "LessThanEquals": le, "GreaterThan": gt, "GreaterThanEquals": ge}
    made = {
        f"{family}{name}": Operator(_comparing(read, c), takes_variables=False)
        for name, c in comparisons.items()
    }
    same = _comparing(read, eq)
    return made | {
        f"{family}Equals": Operator(same, takes_variables=False),
        f"{family}NotEquals": Operator(same, negated=True, takes_variables=False),
    }


OPERATORS: dict[str, Operator] = {
    "StringEquals": Operator(string_equals, comparison="equals"),
    "StringNotEquals": Operator(string_equals, negated=True, comparison="equals"),
    "StringEqualsIgnoreCase": Operator(string_equals_ignore_case, comparison="equals-ignoring-case"),
    "StringNotEqualsIgnoreCase": Operator(
        string_equals_ignore_case, negated=True, comparison="equals-ignoring-case"
    ),
    "StringLike": Operator(string_like, comparison="like"),
    "StringNotLike": Operator(string_like, negated=True, comparison="like"),
    "ArnEquals": Operator(arn_like, comparison="arn"),
    "ArnNotEquals": Operator(arn_like, negated=True, comparison="arn"),
    "ArnLike": Operator(arn_like, comparison="arn"),
    "ArnNotLike": Operator(arn_like, negated=True, comparison="arn"),
    "Bool": Operator(bool_equals, takes_variables=False),
    "BinaryEquals": Operator(binary_equals, takes_variables=False),
    "IpAddress": Operator(ip_in, takes_variables=False),
    "NotIpAddress": Operator(ip_in, negated=True, takes_variables=False),
    **_ordered("Numeric", _number),
    **_ordered("Date", _moment),
}
