"""
One test of a Condition, and the patterns and variables in it, as AWS's pages have them.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import lru_cache

Context = Mapping[str, tuple[str, ...]]
VARIABLE = re.compile(r"\$\{([^}]*)\}")
ARN_PARTS = 6


class Undecided(Exception):
    """AWS's pages do not tell what this test comes to."""


@lru_cache(maxsize=50_000)
def _compiled(pattern: str) -> re.Pattern[str]:
    """`\\0` and `\\1` stand for a star and a mark that are meant as such."""
    parts = {"*": ".*", "?": ".", "\0": r"\*", "\1": r"\?"}
    return re.compile("".join(parts.get(c) or re.escape(c) for c in pattern), re.DOTALL)


def glob(pattern: str, text: str) -> bool:
    """Whether `*` and `?` make the pattern match, letter case and all."""
    return _compiled(pattern).fullmatch(text) is not None


def filled(text: str, context: Context) -> str | None:
    """
    The text with its variables replaced, None where one has no value.

    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
    """
    found = text
    for whole in VARIABLE.findall(text):
        value = _value(whole, context)
        if value is None:
            return None
        found = found.replace(f"${{{whole}}}", value, 1)
    return found


def _value(whole: str, context: Context) -> str | None:
    if whole in {"*", "?", "$"}:
        return {"*": "\0", "?": "\1", "$": "$"}[whole]
    key, _, default = whole.partition(",")
    values = context.get(key.strip().lower())
    if values is not None and len(values) > 1:
        raise Undecided(whole)
    if values:
        return values[0].replace("*", "\0").replace("?", "\1")
    return default.strip().strip("'") if default else None


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def moment(text: str) -> float | None:
    """A date in seconds: written as ISO 8601, or as a number of seconds."""
    if (number := _number(text)) is not None and len(text) > len("2026"):
        return number
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()


def _in_network(wanted: str, given: str) -> bool:
    try:
        return ipaddress.ip_address(given) in ipaddress.ip_network(wanted, strict=False)
    except ValueError:
        return False


def _arn(wanted: str, given: str) -> bool:
    """Each of the six parts for itself."""
    patterns, parts = wanted.split(":", 5), given.split(":", 5)
    if len(patterns) != ARN_PARTS or len(parts) != ARN_PARTS:
        if wanted == "*":
            raise Undecided(wanted)
        return False
    return all(map(glob, patterns, parts))


def _plain(text: str) -> str:
    return text.replace("\0", "*").replace("\1", "?")


def _compared(
    read: Callable[[str], float | None], meets: Callable[[float, float], bool]
) -> Callable[[str, str], bool]:
    def compare(wanted: str, given: str) -> bool:
        bound, value = read(wanted), read(given)
        return bound is not None and value is not None and meets(value, bound)

    return compare


ORDERS: dict[str, Callable[[float, float], bool]] = {
    "equals": lambda a, b: a == b,
    "notequals": lambda a, b: a == b,
    "lessthan": lambda a, b: a < b,
    "lessthanequals": lambda a, b: a <= b,
    "greaterthan": lambda a, b: a > b,
    "greaterthanequals": lambda a, b: a >= b,
}
TESTS: dict[str, Callable[[str, str], bool]] = {
    "stringequals": lambda w, g: _plain(w) == g,
    "stringnotequals": lambda w, g: _plain(w) == g,
    "stringequalsignorecase": lambda w, g: _plain(w).lower() == g.lower(),
    "stringnotequalsignorecase": lambda w, g: _plain(w).lower() == g.lower(),
    "stringlike": glob,
    "stringnotlike": glob,
    "arnequals": _arn,
    "arnlike": _arn,
    "arnnotequals": _arn,
    "arnnotlike": _arn,
    "bool": lambda w, g: w.lower() == g.lower(),
    "ipaddress": _in_network,
    "notipaddress": _in_network,
    **{f"numeric{name}": _compared(_number, order) for name, order in ORDERS.items()},
    **{f"date{name}": _compared(moment, order) for name, order in ORDERS.items()},
}
NEGATED = frozenset(name for name in TESTS if "not" in name)
WITH_VARIABLES = ("string", "arn")


def holds(operator: str, key: str, values: list[str], context: Context, *, variables: bool) -> bool:
    """Whether one test is met."""
    name = operator.lower()
    word, _, name = name.rpartition(":")
    given = context.get(key.lower())
    if name == "null":
        return (given is None or not given) is (values[0].lower() == "true")
    if_exists, name = name.endswith("ifexists"), name.removesuffix("ifexists")
    if name not in TESTS:
        raise Undecided(operator)
    if not given:
        if word == "foranyvalue" and (if_exists or name in NEGATED):
            raise Undecided(operator)
        return if_exists or word == "forallvalues" or (name in NEGATED and not word)
    if not word and len(given) > 1:
        raise Undecided(operator)
    wanted = _wanted(name, values, context) if variables else values

    def meets(value: str) -> bool:
        return any(TESTS[name](each, value) for each in wanted) is not (name in NEGATED)

    return (any if word == "foranyvalue" else all)(map(meets, given))


def _wanted(name: str, values: list[str], context: Context) -> list[str]:
    if not name.startswith(WITH_VARIABLES):
        return values
    return [text for value in values if (text := filled(value, context)) is not None]
