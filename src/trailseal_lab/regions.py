"""
Regions that an account has switched off, by Account Management's own API: `aws account disable-region`.

A lab begins with every Region on. One that is off answers whoever is of that account as if the credentials
were wrong, in the words of the service that is asked; S3's are told by users, not by a page.
Sources: https://docs.aws.amazon.com/accounts/latest/reference/manage-acct-regions.html
and https://repost.aws/knowledge-center/iam-validate-access-credentials
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from trailseal_lab.answers import Forward, answers
from trailseal_lab.call import Call
from trailseal_lab.cloudtrail.trails import organization_of
from trailseal_lab.credentials import bad_token, unknown_key
from trailseal_lab.errors import ApiError
from trailseal_lab.world import World

OPT_IN = frozenset(
    (
        "af-south-1", "ap-east-1", "ap-east-2", "ap-south-2", "ap-southeast-3", "ap-southeast-4",
        "ap-southeast-5", "ap-southeast-6", "ap-southeast-7", "ca-west-1", "eu-central-2", "eu-south-1",
        "eu-south-2", "il-central-1", "me-central-1", "me-south-1", "mx-central-1",
    )
)  # fmt: skip
"""Regions that an account chooses to have."""
SERVICE = "account.amazonaws.com"


@dataclass
class SwitchedOff:
    """Which Regions are off, by account."""

    regions: dict[str, set[str]] = field(default_factory=dict)

    def of(self, account: str) -> set[str]:
        """Return those of one account, to look at and to change."""
        return self.regions.setdefault(account, set())


def check_region(world: World, call: Call) -> None:
    """
    Return when the caller's account has the Region that a call was signed for.

    Raises:
        ApiError: it has switched the Region off.
    """
    if call.region in world.part(SwitchedOff).of(call.caller.account):
        raise bad_token(call) if call.session_token else unknown_key(call)


@answers("account", "DisableRegion")
def disable_region(world: World, call: Call, forward: Forward) -> dict[str, Any]:
    """Switch a Region off; AWS takes minutes to hours for it."""
    del forward
    world.part(SwitchedOff).of(account_of(call)).add(_opt_in(call))
    return {}


@answers("account", "EnableRegion")
def enable_region(world: World, call: Call, forward: Forward) -> dict[str, Any]:
    """Switch a Region on again."""
    del forward
    world.part(SwitchedOff).of(account_of(call)).discard(_opt_in(call))
    return {}


def account_of(call: Call) -> str:
    """
    Return the account that is meant: the caller's, or one that its organization lets the caller reach.

    Source: https://docs.aws.amazon.com/accounts/latest/reference/API_DisableRegion.html

    Raises:
        ApiError: AccessDeniedException.
    """
    own = call.caller.account
    named = str(call.params.get("AccountId") or own)
    if named != own and not _administers(own, named):
        text = "You are not authorized to perform this operation."
        raise ApiError("AccessDeniedException", text, status=403)
    return named


def _administers(own: str, other: str) -> bool:
    """Whether an account manages the other's organization, or is its delegate for Account Management."""
    found = organization_of(other)
    if found is None:
        return False
    delegates = {str(admin.account.id) for admin in found.admins if SERVICE in admin.services}
    return own in {str(found.org.master_account_id), *delegates}


def _opt_in(call: Call) -> str:
    name = str(call.params["RegionName"])
    if name not in OPT_IN:
        raise ApiError("ValidationException", f"{name} cannot be enabled or disabled.", status=400)
    return name
