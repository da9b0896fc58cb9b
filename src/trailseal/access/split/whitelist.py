"""
The forms that are split exactly: which operators, on which kind of key, with which set word.

One table. What is not on it leaves its key unknown, so that an answer that needs the key is unknown too.
Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
"""

from __future__ import annotations

from msgspec import Struct

from trailseal.access.keys.key import ConditionKey, ValueType
from trailseal.access.split.members import ARN, EQUALS, FOLDED, LIKE

COMPARISONS = {
    "StringEquals": EQUALS,
    "StringNotEquals": EQUALS,
    "StringEqualsIgnoreCase": FOLDED,
    "StringNotEqualsIgnoreCase": FOLDED,
    "StringLike": LIKE,
    "StringNotLike": LIKE,
    "ArnEquals": ARN,
    "ArnNotEquals": ARN,
    "ArnLike": ARN,
    "ArnNotLike": ARN,
}
"""How an operator on text compares."""
TEXT = frozenset(COMPARISONS)
ORDER = ("Equals", "NotEquals", "LessThan", "LessThanEquals", "GreaterThan", "GreaterThanEquals")
NUMERIC = frozenset(f"Numeric{name}" for name in ORDER)
DATES = frozenset(f"Date{name}" for name in ORDER)
ADDRESSES = frozenset({"IpAddress", "NotIpAddress"})
OPERATORS: dict[ValueType, frozenset[str]] = {
    ValueType.STRING: TEXT,
    ValueType.ARN: TEXT,
    ValueType.BOOLEAN: frozenset({"Bool"}),
    ValueType.NUMBER: NUMERIC,
    ValueType.INTEGER: NUMERIC,
    ValueType.DATE: DATES,
    ValueType.ADDRESS: ADDRESSES,
    ValueType.BINARY: frozenset(),
}
"""Any key may be tested with Null as well. Set words stand on keys that hold many values, and only there."""
EPOCH = "aws:epochtime"
"""The one date that AWS's page compares with numeric operators too."""


class Test(Struct, frozen=True, order=True):
    """One look at a key: the operator, its set word, and the values that it compares with."""

    operator: str
    qualifier: str
    values: tuple[str, ...]
    if_exists: bool = False

    @property
    def sees_empty(self) -> bool:
        """Whether an empty text may count as no value here, which makes it unlike any other text."""
        return self.operator == "Null" or bool(self.qualifier) or self.if_exists


def is_split(row: ConditionKey, test: Test) -> bool:
    """Whether the table holds this look at this key."""
    if test.operator == "Null":
        return True
    allowed = OPERATORS[row.values]
    if row.name.lower() == EPOCH:
        allowed |= NUMERIC
    if test.operator not in allowed:
        return False
    return bool(test.qualifier) if row.many else True
