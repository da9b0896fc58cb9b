"""
The Denies beside an Allow that may take back what it gives, and the actions that show whether they do.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator
from functools import lru_cache

from msgspec import Struct

from trailseal.access.cross_account import usable_from_elsewhere
from trailseal.access.lint.asking import OF_ANOTHER, TELLING
from trailseal.access.lint.matching import fill, reaches, takes_all
from trailseal.access.lint.place import PolicyPlace
from trailseal.access.lint.spelling import EVERY_ACTION, LISTED
from trailseal.access.lint.written import WrittenPolicy, WrittenStatement
from trailseal.access.match.wildcard import has_wildcard, matches

MAX_TRIED = 1_200
"""Questions put past the Denies of one policy; after that whoever is asked about may get through."""
KEPT = 200
ACCOUNT_DIGITS = 12
MAX_DENIES = 20
"""More Denies in one policy are not asked: what they take back is found all the same."""
MAX_ALIKE = 3
"""Actions asked of those that the same Denies are about."""


class Tries:
    """How many questions are left to be asked of one policy."""

    def __init__(self, left: int = MAX_TRIED) -> None:
        self._left = left

    def take(self) -> bool:
        """Whether there was one left."""
        self._left -= 1
        return self._left >= 0


class Denies(Struct, frozen=True):
    """The Denies that an Allow is put past."""

    statements: tuple[WrittenStatement, ...] = ()
    tries: Tries | None = None

    def take(self) -> bool:
        """Whether one more question may be asked."""
        return self.tries is None or self.tries.take()


NO_DENIES = Denies()


def denies_beside(
    statement: WrittenStatement, policy: WrittenPolicy, tries: Tries, place: PolicyPlace
) -> Denies:
    """Return the Denies about every resource that the statement is about."""
    asked = tuple(_meant(each, statement, place) for each in statement.resources)
    found = tuple(
        d for d in policy.statements if d.effect == "Deny" and _covers(d, asked, negated=statement.negated)
    )
    return Denies(found[:MAX_DENIES], tries)


def _covers(deny: WrittenStatement, asked: tuple[str, ...], *, negated: frozenset[str]) -> bool:
    if "Resource" in deny.negated | negated:
        return False
    return bool(deny.resources) and all(any(takes_all(wide, one) for wide in deny.resources) for one in asked)


def _meant(resource: str, statement: WrittenStatement, place: PolicyPlace) -> str:
    """
    Return what a Resource stands for: a star beside actions of KMS alone is the key that has the policy.

    Source: https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-overview.html
    """
    of_a_key = resource == "*" and "Action" not in statement.negated
    if of_a_key and all(action.lower().startswith("kms:") for action in statement.actions):
        return f"arn:{place.partition}:kms:?*:{place.owner or '?' * ACCOUNT_DIGITS}:key/?*"
    return _of_objects(resource)


def _of_objects(resource: str) -> str:
    """Return a Resource with what every name of an object has: one sign at least."""
    return f"{resource.removesuffix('*')}?*" if ":s3:" in resource and resource.endswith("/*") else resource


def actions_against(
    statement: WrittenStatement, denies: Denies, only: tuple[str, ...] = ()
) -> Iterator[tuple[str, tuple[WrittenStatement, ...]]]:
    """
    Yield actions that a statement allows, each with the Denies about it; a few stand for all alike.

    `only` are the actions that matter. Else it is all that callers of other accounts can do.
    """
    for action, against in _grouped(_of_actions(statement), tuple(map(_of_actions, denies.statements)), only):
        yield action, tuple(denies.statements[i] for i in against)


def _of_actions(statement: WrittenStatement) -> WrittenStatement:
    """Return all that tells which actions a statement is about: many of a policy say the same."""
    return WrittenStatement(position=0, actions=statement.actions, negated=statement.negated & {"Action"})


@lru_cache(maxsize=KEPT)
def _grouped(
    statement: WrittenStatement, denies: tuple[WrittenStatement, ...], only: tuple[str, ...]
) -> tuple[tuple[str, tuple[int, ...]], ...]:
    """Return actions, each with the numbers of the Denies about it."""
    alike: dict[tuple[int, ...], list[str]] = defaultdict(list)
    for action in only or _usable((statement, *denies)):
        if reaches(statement, action):
            alike[tuple(i for i, deny in enumerate(denies) if reaches(deny, action))].append(action)
    return tuple((action, against) for against, actions in alike.items() for action in actions[:MAX_ALIKE])


def _usable(statements: tuple[WrittenStatement, ...]) -> tuple[str, ...]:
    """Return the actions of which a stranger can make use; services that are not listed by an example."""
    written = [action for each in statements for action in each.actions]
    negated = any("Action" in each.negated for each in statements)
    services = set() if negated else {a.partition(":")[0].lower() for a in written if ":" in a}
    made_up = (fill(action, "x") for action in written if action.partition(":")[0].lower() not in LISTED)
    return tuple(
        dict.fromkeys(
            (*_of(frozenset(services)), *(a for a in made_up if not services or _is_of(a, services)))
        )
    )


@lru_cache(maxsize=KEPT)
def _of(services: frozenset[str]) -> tuple[str, ...]:
    return tuple(
        action
        for action in dict.fromkeys((*TELLING, *EVERY_ACTION, OF_ANOTHER))
        if usable_from_elsewhere(action) is not False and (not services or _is_of(action, services))
    )


def _is_of(action: str, services: Collection[str]) -> bool:
    """`*` alone tells no service: what else the statements name does."""
    service = action.partition(":")[0].lower()
    return any(matches(each, service) if has_wildcard(each) else each == service for each in services)
