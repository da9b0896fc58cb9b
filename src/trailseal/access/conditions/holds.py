"""
Whether a condition holds for what is known of a request: yes, no, or None for unknown.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-logic-multiple-context-keys-or-values.html
"""

from __future__ import annotations

from msgspec import structs

from trailseal.access.conditions.families import OPERATORS, Meets, Operator
from trailseal.access.conditions.operator import Condition
from trailseal.access.facts import THERE, Facts, Lack, OneOf, Value
from trailseal.access.kleene import Kleene, contrary, either
from trailseal.access.match.wildcard import ONE_SEGMENT, has_wildcard
from trailseal.access.split.members import ARN, meets
from trailseal.access.variables import replace

ARN_COLONS = 5
EMPTY = ""


def holds(condition: Condition, facts: Facts, *, has_variables: bool) -> Kleene:
    """Return whether the condition holds."""
    given = facts.get(condition.key)
    if not condition.values:
        return _against_nothing(condition, given)
    if given is not Lack.UNKNOWN:
        return _holds_for(condition, given, facts, has_variables=has_variables)
    absent, there = (
        _holds_for(condition, value, facts, has_variables=has_variables) for value in (Lack.ABSENT, THERE)
    )
    return absent if absent is there else None


def _against_nothing(condition: Condition, given: Value) -> Kleene:
    """
    Return whether a condition without a value holds, as far as AWS says.

    With `ForAllValues` or `IfExists` it does "only if the key is missing", with `ForAnyValue` never. Of a
    plain one the page says that it returns true and that its statement gives no permissions, and of
    negated operators nothing of their own.
    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-policy-checks.html
    """
    operator = OPERATORS.get(condition.operator)
    if operator is None or not (condition.qualifier or condition.if_exists):
        return None
    there: Kleene = None if operator.negated else False
    absent: Kleene = _without_value(condition, operator)
    if condition.qualifier == "ForAnyValue" and condition.if_exists:
        absent = None
    if given is Lack.UNKNOWN or (not isinstance(given, Lack) and _may_be_empty(given)):
        return absent if absent is there else None
    return absent if isinstance(given, Lack) or not given else there


def _holds_for(condition: Condition, given: Value, facts: Facts, *, has_variables: bool) -> Kleene:
    if condition.operator == "Null":
        return _null(condition, given)
    operator = OPERATORS[condition.operator]
    if isinstance(given, Lack) or not given:
        return _without_value(condition, operator)
    wanted: tuple[str, ...] | Lack = condition.values
    if has_variables and condition.has_variable and operator.takes_variables:
        wanted = _wanted(condition, facts)
    if isinstance(wanted, Lack):
        return None
    if (condition.qualifier or condition.if_exists) and _may_be_empty(given):
        return _with_empty(condition, operator, wanted, given)
    return _held(condition, operator, wanted, given)


def _held(
    condition: Condition, operator: Operator, wanted: tuple[str, ...], given: tuple[str, ...] | OneOf
) -> Kleene:
    """
    Whether what is given meets what is wanted, in every reading.

    Of patterns for ARNs, a short one settles nothing.
    """
    if operator.comparison == ARN and any(_is_short(value) for value in wanted):
        whole = tuple(value for value in wanted if not _is_short(value))
        answer = _answer(condition, operator, whole, given)
        return answer if answer is not operator.negated else None
    answer = _answer(condition, operator, wanted, given)
    if operator.otherwise is None:
        return answer
    widest = structs.replace(operator, meets=operator.otherwise)
    return answer if _answer(condition, widest, wanted, given) is answer else None


def _may_be_empty(given: tuple[str, ...] | OneOf) -> bool:
    """Whether a value is given as the empty text. A pattern that takes in any text is not counted as one."""
    return EMPTY in (given if isinstance(given, tuple) else (*given.patterns, *given.among))


def _with_empty(
    condition: Condition, operator: Operator, wanted: tuple[str, ...], given: tuple[str, ...] | OneOf
) -> Kleene:
    """
    Return the answer for an empty text, where AWS counts it as no value in one place and not in others.

    `ForAllValues` holds where the values come to "a null dataset, such as an empty string". Elsewhere
    the answer is known where it is the same with the empty text as a value and as none.
    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html
    """
    if isinstance(given, OneOf):
        return None
    others = tuple(value for value in given if value)
    if not others and condition.qualifier == "ForAllValues":
        return True
    as_none = _held(condition, operator, wanted, others) if others else _without_value(condition, operator)
    return as_none if _held(condition, operator, wanted, given) is as_none else None


def _is_short(pattern: str) -> bool:
    """
    Whether a pattern for ARNs has fewer than six parts: AWS compares each of six, and tells of no others.

    A lone star is such a pattern too.

    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_ARN
    """
    return pattern.count(":") < ARN_COLONS


def _answer(
    condition: Condition, operator: Operator, wanted: tuple[str, ...], given: tuple[str, ...] | OneOf
) -> Kleene:
    if isinstance(given, OneOf):
        return _over_all(condition.qualifier, operator, wanted, given)
    return _compare(condition.qualifier, operator, wanted, given)


def _null(condition: Condition, given: Value) -> Kleene:
    """
    Whether the key is absent, or there, as the condition wants it: there "and its value is not null".

    Whether an empty text is null, AWS does not say.
    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_Null
    """
    wanted = {value.lower() == "true" for value in condition.values}
    if len(wanted) > 1:
        return True
    if isinstance(given, Lack) or not given:
        return True in wanted
    values = given if isinstance(given, tuple) else given.among or given.patterns
    return None if not any(values) else False in wanted


def _without_value(condition: Condition, operator: Operator) -> bool:
    """An absent key: yes for IfExists, ForAllValues and negated operators, no for the rest."""
    if condition.qualifier == "ForAnyValue":
        return condition.if_exists
    return condition.if_exists or condition.qualifier == "ForAllValues" or operator.negated


def _wanted(condition: Condition, facts: Facts) -> tuple[str, ...] | Lack:
    """
    Return the policy's values with variables replaced, UNKNOWN when one of them cannot be.

    A variable without a value is met by nothing: a positive operator does not hold, a negated one does.
    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
    """
    replaced = [replace(value, facts) for value in condition.values]
    if Lack.UNKNOWN in replaced:
        return Lack.UNKNOWN
    return tuple(value for value in replaced if not isinstance(value, Lack))


def _over_all(qualifier: str, operator: Operator, wanted: tuple[str, ...], given: OneOf) -> Kleene:
    """
    Return the answer for a key that is there and of which only the set of its values is known.

    Whatever set word the condition has: where all of the set meet it, or none, so does each value.
    """
    for value in given.among:
        holds_for_it = _met(operator.meets, wanted, value) is not operator.negated
        if holds_for_it is (qualifier == "ForAnyValue") and qualifier:
            return holds_for_it
    if given.since and operator.from_then_on:
        met = either(*(operator.from_then_on(value, given.since) for value in wanted))
    elif any(has_wildcard(pattern) or ONE_SEGMENT in pattern for pattern in given.patterns):
        met = _met_by_all(operator, wanted, given)
    else:
        answers = {_met(operator.meets, wanted, value) for value in given.patterns}
        met = answers.pop() if len(answers) == 1 else None
    return contrary(met) if operator.negated else met


def _met_by_all(operator: Operator, wanted: tuple[str, ...], given: OneOf) -> Kleene:
    if not operator.comparison:
        return None
    return meets(given.patterns, wanted, operator.comparison, given.but_for)


def _compare(qualifier: str, operator: Operator, wanted: tuple[str, ...], given: tuple[str, ...]) -> Kleene:
    """
    Return the answer for values that are all known.

    Of several values without a set word AWS tells no answer: it is known where each value gives the same.
    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html
    """
    answers = {_met(operator.meets, wanted, value) is not operator.negated for value in given}
    if not qualifier:
        return answers.pop() if len(answers) == 1 else None
    return all(answers) if qualifier == "ForAllValues" else any(answers)


def _met(meets: Meets, wanted: tuple[str, ...], value: str) -> bool:
    return any(meets(each, value) for each in wanted)
