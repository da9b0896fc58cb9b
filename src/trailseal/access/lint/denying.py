"""
The Denies beside an Allow that may take back what it gives, and the actions that show whether they do.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from trailseal.access.cross_account import usable_from_elsewhere
from trailseal.access.lint.asking import TELLING, fill
from trailseal.access.lint.matching import glob, reaches
from trailseal.access.lint.spelling import EVERY_ACTION, LISTED
from trailseal.access.lint.written import WrittenPolicy, WrittenStatement
from trailseal.access.match.wildcard import has_wildcard

Denies = tuple[WrittenStatement, ...]
OF_ANOTHER = "sqs:ReceiveMessage"
"""An action of a service whose actions are not listed."""
MAX_DENIES = 20
"""More Denies in one policy are not asked: what they take back is found all the same."""
MAX_ALIKE = 4
"""Actions asked of those that the same Denies are about."""


def denies_beside(statement: WrittenStatement, policy: WrittenPolicy) -> Denies:
    """Return the Denies about every resource that the statement is about."""
    return tuple(d for d in policy.statements if d.effect == "Deny" and _covers(d, statement))[:MAX_DENIES]


def _covers(deny: WrittenStatement, statement: WrittenStatement) -> bool:
    if "Resource" in deny.negated | statement.negated:
        return False
    return bool(deny.resources) and all(
        any(glob(wide, each) for wide in deny.resources) for each in statement.resources
    )


def actions_against(
    statement: WrittenStatement, denies: Denies, only: tuple[str, ...] = ()
) -> Iterator[tuple[str, Denies]]:
    """
    Yield actions that a statement allows, each with the Denies about it; a few stand for all alike.

    `only` are the actions that matter. Else it is all that callers of other accounts can do.
    """
    alike: dict[tuple[int, ...], list[str]] = defaultdict(list)
    for action in only or _usable(statement, denies):
        if reaches(statement, action):
            alike[tuple(i for i, deny in enumerate(denies) if reaches(deny, action))].append(action)
    for against, actions in alike.items():
        for action in actions[:MAX_ALIKE]:
            yield action, tuple(denies[i] for i in against)


def _usable(statement: WrittenStatement, denies: Denies) -> tuple[str, ...]:
    """Return the actions of which a stranger can make use; services that are not listed by an example."""
    written = [action for each in (statement, *denies) for action in each.actions]
    negated = any("Action" in each.negated for each in (statement, *denies))
    services = set() if negated else {a.partition(":")[0].lower() for a in written if ":" in a}
    made_up = (fill(action, "x") for action in written if action.partition(":")[0].lower() not in LISTED)
    return tuple(
        action
        for action in dict.fromkeys((*TELLING, *EVERY_ACTION, *made_up, OF_ANOTHER))
        if usable_from_elsewhere(action) and (not services or _is_of(action, services))
    )


def _is_of(action: str, services: set[str]) -> bool:
    """`*` alone tells no service: what else the statements name does."""
    service = action.partition(":")[0].lower()
    return any(glob(each, service) if has_wildcard(each) else each == service for each in services)
