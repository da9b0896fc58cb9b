"""
A condition as written: qualifier, operator, IfExists, key, values.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from msgspec import Struct

from trailseal.access.conditions.families import OPERATORS, is_bool
from trailseal.access.parse.problem import InvalidPolicyError
from trailseal.messages import message

WRITTEN = re.compile(r"(?:(ForAllValues|ForAnyValue):)?([A-Za-z]+?)(IfExists)?", re.IGNORECASE | re.ASCII)
NAMES = {name.lower(): name for name in (*OPERATORS, "Null")}
QUALIFIERS = {"forallvalues": "ForAllValues", "foranyvalue": "ForAnyValue"}


class Condition(Struct, frozen=True, kw_only=True):
    """One key under one operator. `key` is lower case: AWS compares names of keys without case."""

    operator: str
    qualifier: str = ""
    if_exists: bool = False
    key: str
    written_key: str
    values: tuple[str, ...]
    has_variable: bool = False
    """Whether one of the values has a `${`: most have none, and are compared as they stand."""

    def __str__(self) -> str:
        """The condition as it reads in a policy, for explanations."""
        named = NamedOperator(self.operator, self.qualifier, self.if_exists)
        return f"{named} {self.written_key} {list(self.values)}"


def read_conditions(raw: object, place: str) -> tuple[Condition, ...]:
    """
    Return the conditions in a Condition element, all of which have to hold.

    Names of operators and keys are compared without case, so two spellings of one are that name twice:
    https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-policy-checks.html

    Raises:
        InvalidPolicyError: an operator is misspelt or stands twice, or a value is none of its family.
    """
    if not isinstance(raw, Mapping):
        raise InvalidPolicyError(place, message("conditions are an object of operators"))
    _check_spellings(raw, place)
    return tuple([each for name, keys in raw.items() for each in _under(str(name), keys, place)])


def _check_spellings(names: Mapping[Any, Any], place: str) -> None:
    seen: set[str] = set()
    for name in names:
        folded = str(name).lower()
        if folded in seen:
            raise InvalidPolicyError(
                f"{place}.{name}",
                message("`{name}` appears twice: upper and lower case are the same", name=str(name)),
            )
        seen.add(folded)


class NamedOperator(NamedTuple):
    """An operator of IAM's, by the parts of its name."""

    operator: str
    qualifier: str = ""
    if_exists: bool = False

    def __str__(self) -> str:
        """The name as AWS writes it."""
        qualifier = f"{self.qualifier}:" if self.qualifier else ""
        return f"{qualifier}{self.operator}{'IfExists' * self.if_exists}"


def operator_named(name: str) -> NamedOperator | None:
    """Return the operator of a name, whose case does not matter; None where IAM has none of that name."""
    written = WRITTEN.fullmatch(name)
    operator = NAMES.get(written[2].lower()) if written else None
    if written is None or operator is None or (operator == "Null" and (written[1] or written[3])):
        return None
    return NamedOperator(operator, QUALIFIERS.get((written[1] or "").lower(), ""), bool(written[3]))


def _under(name: str, keys: object, place: str) -> list[Condition]:
    named = operator_named(name)
    if named is None:
        raise InvalidPolicyError(f"{place}.{name}", message("no such operator"))
    if not isinstance(keys, Mapping):
        raise InvalidPolicyError(f"{place}.{name}", message("an operator holds an object of condition keys"))
    _check_spellings(keys, f"{place}.{name}")
    return [
        _condition(named, str(key), _values(named.operator, value, f"{place}.{name}.{key}"))
        for key, value in keys.items()
    ]


def _condition(named: NamedOperator, key: str, values: tuple[str, ...]) -> Condition:
    return Condition(
        operator=named.operator,
        qualifier=named.qualifier,
        if_exists=named.if_exists,
        key=key.lower(),
        written_key=key,
        values=values,
        has_variable=any("${" in value for value in values),
    )


def _values(operator: str, raw: object, place: str) -> tuple[str, ...]:
    many = raw if isinstance(raw, list | tuple) else (raw,)
    values = tuple(_text(each, place) for each in many)
    reads = is_bool if operator == "Null" else OPERATORS[operator].reads
    for value in values:
        if not reads(value):
            raise InvalidPolicyError(
                place,
                message("{operator} cannot compare with `{value}`", value=value, operator=operator),
            )
    return values


def _text(value: object, place: str) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | int | float):
        return str(value)
    raise InvalidPolicyError(place, message("a condition's value is text, a number or true or false"))
