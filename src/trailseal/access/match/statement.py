"""
Whether a statement speaks of a request: every clause has to, and None is "cannot be known".

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements.html
"""

from __future__ import annotations

from msgspec import Struct
from msgspec.structs import replace as replace_fields

from trailseal.access.caller import ANONYMOUS, Caller, CallerKind
from trailseal.access.conditions.holds import holds
from trailseal.access.conditions.operator import Condition
from trailseal.access.facts import Facts, Lack
from trailseal.access.match.resource import resource_matcher
from trailseal.access.parse.statement import Element, Statement
from trailseal.access.variables import replace_in_resource


class RequestFacts(Struct, frozen=True):
    """What every clause is held against: the action, the resource and the facts of the request."""

    action: str
    resource: str
    facts: Facts
    stored: bool = False
    """Whether the policies were read from AWS, which took them: a form that is refused is then undecided."""


class OpenElement(Struct, frozen=True):
    """An element of a statement that may name the caller or the resource, told as it is written."""

    element: str
    values: tuple[str, ...]

    def __str__(self) -> str:
        """The element as it reads in a policy, for explanations."""
        return f"{self.element} {list(self.values)}"


Open = Condition | OpenElement


class Meeting(Struct, frozen=True):
    """`applies` is None when only what is in `open_conditions` stands between yes and no."""

    applies: bool | None
    open_conditions: tuple[Open, ...] = ()


YES, NO = Meeting(applies=True), Meeting(applies=False)
NO_FACTS = Facts(known={}, closed=False, caller=Caller(kind=CallerKind.ANONYMOUS, text=ANONYMOUS))
EVERYTHING = ("*",)


def meet(statement: Statement, asked: RequestFacts, *, resource_may_be_absent: bool = False) -> Meeting:
    """
    Return whether the resource and the conditions of a statement meet the request.

    Action and principal are asked before (`match.relevant`). A trust policy has no Resource.
    """
    if statement.undecided is not None:
        return _undecided(statement, asked, resource_may_be_absent=resource_may_be_absent)
    found = _resource(statement, asked, may_be_absent=resource_may_be_absent)
    if found is False:
        return NO
    if found and not statement.conditions:
        return YES
    element = statement.resource
    before = () if found or element is None else (_open_resource(element),)
    return _conditions(statement, asked.facts, before)


def without_facts(action: str, resource: str) -> RequestFacts:
    """Return what statements are held against that look at no fact of a request."""
    return RequestFacts(action, resource, NO_FACTS)


def looks_at_facts(statement: Statement, asked: RequestFacts) -> bool:
    """Whether it takes the facts of a request to tell that the statement meets what is asked, or does not."""
    patterns = () if statement.resource is None else statement.resource.patterns
    if statement.has_variables and any("${" in pattern for pattern in patterns):
        return True
    return bool(statement.conditions) and _resource(statement, asked, may_be_absent=True) is not False


def naming(statement: Statement, meeting: Meeting, *, certain: bool) -> Meeting:
    """Return the meeting for a caller whom the Principal element names, or only may name."""
    if certain or statement.principal is None:
        return meeting
    element = statement.principal
    name = "NotPrincipal" if element.inverted else "Principal"
    values = tuple(f"{kind}: {value}" for kind, values in element.named.items() for value in values)
    return in_doubt(meeting, OpenElement(name, values))


def in_doubt(meeting: Meeting, element: OpenElement) -> Meeting:
    """Return the meeting of a statement of which one more thing is not known."""
    if meeting.applies is False:
        return meeting
    return Meeting(applies=None, open_conditions=(element, *meeting.open_conditions))


def _undecided(statement: Statement, asked: RequestFacts, *, resource_may_be_absent: bool) -> Meeting:
    """What could be read of the statement may rule the request out, and never settles it."""
    decided = replace_fields(statement, undecided=None)
    found = meet(decided, asked, resource_may_be_absent=resource_may_be_absent)
    return NO if found.applies is False else Meeting(applies=None, open_conditions=found.open_conditions)


def _resource(statement: Statement, asked: RequestFacts, *, may_be_absent: bool) -> bool | None:
    element = statement.resource
    if element is None:
        return may_be_absent
    if element.patterns == EVERYTHING:
        return not element.inverted
    answers = [_names(pattern, asked, has_variables=statement.has_variables) for pattern in element.patterns]
    if True in answers:
        return not element.inverted
    return None if None in answers else element.inverted


def _names(pattern: str, asked: RequestFacts, *, has_variables: bool) -> bool | None:
    replaced = replace_in_resource(pattern, asked.facts) if has_variables else pattern
    if isinstance(replaced, Lack):
        return None if replaced is Lack.UNKNOWN else False
    return resource_matcher(replaced)(asked.resource)


def _open_resource(element: Element) -> OpenElement:
    return OpenElement("NotResource" if element.inverted else "Resource", element.patterns)


def _conditions(statement: Statement, facts: Facts, before: tuple[OpenElement, ...]) -> Meeting:
    unknown: list[Open] = [*before]
    for condition in statement.conditions:
        answer = holds(condition, facts, has_variables=statement.has_variables)
        if answer is False:
            return NO
        if answer is None:
            unknown.append(condition)
    return Meeting(applies=None, open_conditions=tuple(unknown)) if unknown else YES
