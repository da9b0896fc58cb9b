"""
The statements of a policy that can matter to an action, and to a caller: found once, then remembered.

A policy is asked many times and changes never, so this is what makes the thousandth request cheap.
"""

from __future__ import annotations

from functools import lru_cache

from trailseal.access.caller import Caller
from trailseal.access.match.principal import Named, named
from trailseal.access.match.wildcard import matcher
from trailseal.access.parse.document import Policy
from trailseal.access.parse.statement import Element, Statement

KEPT = 50_000


@lru_cache(maxsize=KEPT)
def on_action(policy: Policy, action: str) -> tuple[Statement, ...]:
    """Return the statements whose Action or NotAction meets the action, in their order."""
    return tuple(s for s in policy.statements if _speaks_of(s.action, action))


@lru_cache(maxsize=KEPT)
def on_caller(
    policy: Policy, action: str, caller: Caller, *, bounded: bool
) -> tuple[tuple[Statement, Named], ...]:
    """
    Return the statements on the action that name the caller, each with how it does.

    A Deny with NotPrincipal denies every principal with a permissions boundary, whoever it lists.
    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html
    """
    ways = ((s, _way(s, caller, bounded=bounded)) for s in on_action(policy, action))
    return tuple((statement, way) for statement, way in ways if way is not Named.NOT)


def _speaks_of(element: Element | None, action: str) -> bool:
    """An absent Action matches nothing: KMS accepts such a statement and it has no effect."""
    if element is None:
        return False
    return any(matcher(p, ignore_case=True)(action) for p in element.patterns) is not element.inverted


def _way(statement: Statement, caller: Caller, *, bounded: bool) -> Named:
    element = statement.principal
    if bounded and element is not None and element.inverted and not statement.allows:
        return Named.EVERYBODY
    return named(element, caller)
