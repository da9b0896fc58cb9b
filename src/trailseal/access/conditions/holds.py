"""
Whether a condition holds for what is known of a request: yes, no, or None for unknown.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-logic-multiple-context-keys-or-values.html
"""

from __future__ import annotations

from trailseal.access.conditions.families import OPERATORS, Meets, Operator
from trailseal.access.conditions.operator import Condition
from trailseal.access.facts import Facts, Lack
from trailseal.access.variables import replace


def holds(condition: Condition, facts: Facts, *, has_variables: bool) -> bool | None:
    """Return whether the condition holds."""
    given = facts.get(condition.key)
    if given is Lack.UNKNOWN:
        return None
    if condition.operator == "Null":
        return _null(condition, absent=not isinstance(given, tuple) or not given)
    operator = OPERATORS[condition.operator]
    if isinstance(given, Lack) or not given:
        return _without_value(condition, operator)
    if not (has_variables and condition.has_variable and operator.takes_variables):
        return _compare(condition.qualifier, operator, condition.values, given)
    wanted = _wanted(condition, operator, facts)
    if isinstance(wanted, Lack):
        return None if wanted is Lack.UNKNOWN else False
    return _compare(condition.qualifier, operator, wanted, given)


def _null(condition: Condition, *, absent: bool) -> bool:
    return any((value.lower() == "true") is absent for value in condition.values)


def _without_value(condition: Condition, operator: Operator) -> bool:
    """An absent key: yes for IfExists, ForAllValues and negated operators, no for the rest."""
    if condition.qualifier == "ForAnyValue":
        return condition.if_exists
    return condition.if_exists or condition.qualifier == "ForAllValues" or operator.negated


def _wanted(condition: Condition, operator: Operator, facts: Facts) -> tuple[str, ...] | Lack:
    """
    Return the policy's values with variables replaced; a Lack when that is not possible.

    A variable without a value makes a statement invalid rather than let a negated operator hold.
    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
    """
    replaced = [replace(value, facts) for value in condition.values]
    if Lack.UNKNOWN in replaced:
        return Lack.UNKNOWN
    found = tuple(value for value in replaced if not isinstance(value, Lack))
    return Lack.ABSENT if operator.negated and len(found) < len(replaced) else found


def _compare(qualifier: str, operator: Operator, wanted: tuple[str, ...], given: tuple[str, ...]) -> bool:
    negated = operator.negated
    if qualifier == "ForAllValues" or (negated and not qualifier):
        return all(_met(operator.meets, wanted, value) is not negated for value in given)
    return any(_met(operator.meets, wanted, value) is not negated for value in given)


def _met(meets: Meets, wanted: tuple[str, ...], value: str) -> bool:
    return any(meets(each, value) for each in wanted)
