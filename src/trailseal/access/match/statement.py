"""
Whether a statement speaks of a request: every clause has to, and None is "cannot be known".

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements.html
"""

from __future__ import annotations

from msgspec import Struct

from trailseal.access.conditions.holds import holds
from trailseal.access.conditions.operator import Condition
from trailseal.access.facts import Facts, Lack
from trailseal.access.match.wildcard import matcher
from trailseal.access.parse.statement import Statement
from trailseal.access.variables import replace


class Asked(Struct, frozen=True):
    """What every clause is held against: the action, the resource and the facts of the request."""

    action: str
    resource: str
    facts: Facts


class Meeting(Struct, frozen=True):
    """`applies` is None when only the conditions in `open_conditions` stand between yes and no."""

    applies: bool | None
    open_conditions: tuple[Condition, ...] = ()


YES, NO = Meeting(applies=True), Meeting(applies=False)
EVERYTHING = ("*",)


def meet(statement: Statement, asked: Asked, *, resource_may_be_absent: bool = False) -> Meeting:
    """
    Return whether the resource and the conditions of a statement meet the request.

    Action and principal are asked before (`match.relevant`). A trust policy has no Resource.
    """
    found = _resource(statement, asked, may_be_absent=resource_may_be_absent)
    if found is False:
        return NO
    if found and not statement.conditions:
        return YES
    return _conditions(statement, asked.facts, certain=found is True)


def _resource(statement: Statement, asked: Asked, *, may_be_absent: bool) -> bool | None:
    element = statement.resource
    if element is None:
        return may_be_absent
    if element.patterns == EVERYTHING:
        return not element.inverted
    answers = [_names(pattern, asked, has_variables=statement.has_variables) for pattern in element.patterns]
    if True in answers:
        return not element.inverted
    return None if None in answers else element.inverted


def _names(pattern: str, asked: Asked, *, has_variables: bool) -> bool | None:
    replaced = replace(pattern, asked.facts) if has_variables else pattern
    if isinstance(replaced, Lack):
        return None if replaced is Lack.UNKNOWN else False
    return matcher(replaced)(asked.resource)


def _conditions(statement: Statement, facts: Facts, *, certain: bool) -> Meeting:
    unknown: list[Condition] = []
    for condition in statement.conditions:
        answer = holds(condition, facts, has_variables=statement.has_variables)
        if answer is False:
            return NO
        if answer is None:
            unknown.append(condition)
    if unknown or not certain:
        return Meeting(applies=None, open_conditions=tuple(unknown))
    return YES
