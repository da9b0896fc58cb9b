"""AWS Organizations, as far as a trail's owner and readers depend on it."""

from __future__ import annotations

import re

from msgspec import Struct

from trailseal.model.unreadable import Unreadable

ORGANIZATION_ID = re.compile(r"o-[a-z0-9]{10,32}")
"""Source: https://docs.aws.amazon.com/organizations/latest/APIReference/API_Organization.html"""


class Organization(Struct, frozen=True, kw_only=True, tag="organization"):
    """The organization that the caller's account is in. `accounts` is empty when it may not list them."""

    organization_id: str
    management_account: str
    accounts: tuple[str, ...] = ()
    cloudtrail_administrators: tuple[str, ...] | Unreadable = ()
    """Delegated administrator accounts for cloudtrail.amazonaws.com, as far as this one may ask."""

    @property
    def administrators(self) -> tuple[str, ...]:
        """The accounts that are known to change its trails."""
        told = self.cloudtrail_administrators
        return (self.management_account, *(() if isinstance(told, Unreadable) else told))


class NoOrganization(Struct, frozen=True, kw_only=True, tag="no_organization"):
    """The account is in no organization."""
