"""
The statements of a policy that can matter to an action, and to a caller: found once, then remembered.

A policy is asked many times and changes never, so this is what makes the thousandth request cheap.
"""

from __future__ import annotations

from functools import lru_cache

from trailseal.access.caller import Caller
from trailseal.access.match.principal import Named, Naming, named
from trailseal.access.match.statement import looks_at_facts, without_facts
from trailseal.access.match.wildcard import matcher
from trailseal.access.parse.document import Policy
from trailseal.access.parse.statement import Element, Statement

KEPT = 50_000
EVERYBODY = (Naming(Named.EVERYBODY),)


@lru_cache(maxsize=KEPT)
def on_action(policy: Policy, action: str) -> tuple[Statement, ...]:
    """Return the statements whose Action or NotAction meets the action, in their order."""
    return tuple(s for s in policy.statements if _speaks_of(s.action, action))


@lru_cache(maxsize=KEPT)
def is_settled(policy: Policy, action: str, resource: str) -> bool:
    """Whether no fact of a request changes which statements meet the action on the resource."""
    asked = without_facts(action, resource)
    return not any(looks_at_facts(statement, asked) for statement in on_action(policy, action))


@lru_cache(maxsize=KEPT)
def on_caller(
    policy: Policy, action: str, caller: Caller, *, bounded: bool, trust: bool
) -> tuple[tuple[Statement, Naming], ...]:
    """
    Return the statements on the action that name the caller, or may, each with how it does.

    A Deny with NotPrincipal denies every principal with a permissions boundary, whoever it lists.
    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html
    """
    return tuple(
        (statement, naming)
        for statement in on_action(policy, action)
        for naming in _namings(statement, caller, bounded=bounded, trust=trust)
    )


@lru_cache(maxsize=KEPT)
def on_limited(policy: Policy, action: str, caller: Caller) -> tuple[tuple[Statement, bool], ...]:
    """
    Return the statements on the action that limit the caller, or may, each with whether that is certain.

    In a policy that only limits, one that may name principals has to name the caller; one that names
    nobody means all.
    """
    return tuple(
        (statement, naming.certain)
        for statement in on_action(policy, action)
        for naming in (
            EVERYBODY
            if statement.principal is None
            else named(statement.principal, caller, allows=statement.allows, trust=False)[:1]
        )
    )


@lru_cache(maxsize=KEPT)
def uses_variables(policy: Policy, action: str) -> bool:
    """Whether a statement on the action has a policy variable in its resources or conditions."""
    return any(
        any(condition.has_variable for condition in statement.conditions)
        or any("${" in pattern for pattern in (statement.resource.patterns if statement.resource else ()))
        for statement in on_action(policy, action)
    )


def _speaks_of(element: Element | None, action: str) -> bool:
    """An absent Action matches nothing: KMS accepts such a statement and it has no effect."""
    if element is None:
        return False
    return any(matcher(p, ignore_case=True)(action) for p in element.patterns) is not element.inverted


def _namings(statement: Statement, caller: Caller, *, bounded: bool, trust: bool) -> tuple[Naming, ...]:
    element = statement.principal
    if bounded and element is not None and element.inverted and not statement.allows:
        return EVERYBODY
    return named(element, caller, allows=statement.allows, trust=trust)
