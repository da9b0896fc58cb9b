"""AWS Organizations, as far as a trail's owner and readers depend on it."""

from __future__ import annotations

from msgspec import Struct


class Organization(Struct, frozen=True, kw_only=True, tag="organization"):
    """The organization that the caller's account is in. `accounts` is empty when it may not list them."""

    organization_id: str
    management_account: str
    accounts: tuple[str, ...] = ()
    cloudtrail_administrators: tuple[str, ...] = ()
    """Delegated administrator accounts for cloudtrail.amazonaws.com."""


class NoOrganization(Struct, frozen=True, kw_only=True, tag="no_organization"):
    """The account is in no organization."""
