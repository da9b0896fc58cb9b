"""
The Principal element: whom a statement of a resource policy speaks of, and how.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
"""

from __future__ import annotations

from enum import StrEnum

from trailseal.access.caller import Caller, CallerKind
from trailseal.access.parse.statement import PrincipalElement
from trailseal.model.arn import Arn, is_arn


class Named(StrEnum):
    """
    How an element names a caller. It decides what else the caller needs, and what limits it.

    `ACCOUNT` grants to nobody by itself: it delegates to that account's IAM policies.
    """

    NOT = "not"
    ACCOUNT = "account"
    ROLE = "role"
    """The caller is a session and its role is named."""
    ITSELF = "itself"
    """The very user, session, federated user, service or root."""
    EVERYBODY = "everybody"


STRONGEST = (Named.EVERYBODY, Named.ITSELF, Named.ROLE, Named.ACCOUNT)


def named(element: PrincipalElement | None, caller: Caller) -> Named:
    """Return how the element names the caller. NotPrincipal names everybody whom it does not list."""
    if element is None:
        return Named.NOT
    ways = {_way(kind, value, caller) for kind, values in element.named.items() for value in values}
    listed = next((way for way in STRONGEST if way in ways), Named.NOT)
    if not element.inverted:
        return listed
    return Named.EVERYBODY if listed is Named.NOT else Named.NOT


def _way(kind: str, value: str, caller: Caller) -> Named:
    if kind == "*" or (kind == "AWS" and value == "*"):
        return Named.EVERYBODY
    if kind == "Service":
        return Named.ITSELF if caller.kind is CallerKind.SERVICE and value == caller.text else Named.NOT
    if kind != "AWS" or not caller.account:
        return Named.NOT
    return _aws(value, caller)


def _aws(value: str, caller: Caller) -> Named:
    if value in {caller.account, f"arn:{caller.partition}:iam::{caller.account}:root"}:
        return Named.ITSELF if caller.kind is CallerKind.ROOT else Named.ACCOUNT
    if value == caller.text:
        return Named.ROLE if caller.kind is CallerKind.ROLE else Named.ITSELF
    if caller.kind is CallerKind.SESSION and _is_role_of(value, caller):
        return Named.ROLE
    return Named.NOT


def _is_role_of(value: str, caller: Caller) -> bool:
    """Whether a role's ARN, path and all, is the role of a session, whose ARN has no path."""
    if not is_arn(value):
        return False
    arn = Arn.parse(value)
    same = (arn.partition, arn.service, arn.account, arn.resource_type)
    return (
        same == (caller.partition, "iam", caller.account, "role") and value.rpartition("/")[2] == caller.name
    )
