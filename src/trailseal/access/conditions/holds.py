"""
Whether a condition holds for what is known of a request: yes, no, or None for unknown.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-logic-multiple-context-keys-or-values.html
"""

from __future__ import annotations

from trailseal.access.conditions.families import OPERATORS, Operator
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
    wanted = _wanted(condition, operator, facts) if has_variables else list(condition.values)
    if wanted is None:
        return None
    return _compare(condition.qualifier, operator, wanted, given)


def _null(condition: Condition, *, absent: bool) -> bool:
    return any((value.lower() == "true") is absent for value in condition.values)


def _without_value(condition: Condition, operator: Operator) -> bool:
    """An absent key: yes for IfExists, ForAllValues and negated operators, no for the rest."""
    if condition.qualifier == "ForAnyValue":
        return condition.if_exists
    return condition.if_exists or condition.qualifier == "ForAllValues" or operator.negated


def _wanted(condition: Condition, operator: Operator, facts: Facts) -> list[str] | None:
    """Return the policy's values with variables replaced; None when one of them is not known."""
    if not operator.takes_variables:
        return list(condition.values)
    replaced = [replace(value, facts) for value in condition.values]
    if Lack.UNKNOWN in replaced:
        return None
    return [value for value in replaced if not isinstance(value, Lack)]


def _compare(qualifier: str, operator: Operator, wanted: list[str], given: tuple[str, ...]) -> bool:
    met = (any(operator.meets(each, value) for each in wanted) for value in given)
    answers = (is_met is not operator.negated for is_met in met)
    if qualifier == "ForAllValues" or (operator.negated and not qualifier):
        return all(answers)
    return any(answers)
