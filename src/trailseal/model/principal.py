"""
The principals of an account with the policies that IAM holds for them.

Source: https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountAuthorizationDetails.html
"""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

from trailseal.model.unreadable import Unreadable


class PrincipalKind(StrEnum):
    """What IAM knows as something that signs requests."""

    USER = "user"
    ROLE = "role"
    ROOT = "root"


class NamedPolicy(Struct, frozen=True, kw_only=True):
    """A policy document (JSON text) with the name that an explanation shows."""

    name: str
    document: str


class Principal(Struct, frozen=True, kw_only=True):
    """
    A user or role with everything of IAM that bears on its requests.

    `policies` are its own inline ones; `shared` names those of `Inventory.shared` that it has too:
    attached managed policies and its groups' own. `boundary` is None when there is none. `trust` is
    a role's trust policy, "" for a user.
    """

    arn: str
    kind: PrincipalKind
    principal_id: str = ""
    policies: tuple[NamedPolicy, ...] = ()
    shared: tuple[str, ...] = ()
    boundary: NamedPolicy | None = None
    trust: str = ""
    tags: dict[str, str] = {}


class Inventory(Struct, frozen=True, kw_only=True, tag="inventory"):
    """
    All principals of one account, and the organization's guardrails above it, root first.

    `service_control_policies` and `resource_control_policies` hold one tuple per level, as AWS lists
    them: with the type of policies not enabled, each level is an empty one. No level at all
    when the account is in no organization, is its management account, or when `guardrails` tells
    that they could not be read. `shared` holds each policy once that several principals have.
    """

    account: str
    principals: tuple[Principal, ...]
    shared: tuple[NamedPolicy, ...] = ()
    service_control_policies: tuple[tuple[NamedPolicy, ...], ...] = ()
    resource_control_policies: tuple[tuple[NamedPolicy, ...], ...] = ()
    guardrails: Unreadable | None = None
