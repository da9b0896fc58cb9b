"""
Integrations that Security Hub takes findings from: those that an account has switched on.

Sources: https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_EnableImportFindingsForProduct.html,
https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_DisableImportFindingsForProduct.html
and https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_ListEnabledProductsForImport.html
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from trailseal_lab.answers import Forward, answers
from trailseal_lab.call import Call
from trailseal_lab.errors import ApiError
from trailseal_lab.hub.operations import hub_arn, hub_of
from trailseal_lab.world import World

PRODUCT = re.compile(r"arn:aws:securityhub:([a-z0-9-]+):(\d{12})?:product/([^/]+)/([^/]+)")
MOST = 100


@dataclass
class Subscriptions:
    """The ARNs of what is switched on, by account and Region."""

    by_place: dict[tuple[str, str], list[str]] = field(default_factory=dict)

    def of(self, account: str, region: str) -> list[str]:
        """Return the list of one account in one Region."""
        return self.by_place.setdefault((account, region), [])


@answers("securityhub", "EnableImportFindingsForProduct")
def enable_product(world: World, call: Call, forward: Forward) -> dict[str, Any]:
    """
    Switch an integration on.

    Raises:
        ApiError: InvalidInputException for no product of this Region, or
            ResourceConflictException for one that is on.
    """
    del forward
    hub, found = hub_of(world, call), PRODUCT.fullmatch(str(call.params["ProductArn"]))
    if found is None or found[1] != hub.region:
        raise ApiError("InvalidInputException", "Invalid parameter 'ProductArn'.")
    arn, known = hub_arn(hub, "product-subscription", f"{found[3]}/{found[4]}"), _of(world, call)
    if arn in known:
        raise ApiError("ResourceConflictException", "The product is enabled already.", status=409)
    known.append(arn)
    return {"ProductSubscriptionArn": arn}


@answers("securityhub", "DisableImportFindingsForProduct")
def disable_product(world: World, call: Call, forward: Forward) -> dict[str, Any]:
    """
    Switch an integration off.

    Raises:
        ApiError: ResourceNotFoundException for one that is not on.
    """
    del forward
    hub_of(world, call)
    known, arn = _of(world, call), str(call.params["ProductSubscriptionArn"])
    if arn not in known:
        raise ApiError("ResourceNotFoundException", "There is no such product subscription.", status=404)
    known.remove(arn)
    return {}


@answers("securityhub", "ListEnabledProductsForImport")
def list_products(world: World, call: Call, forward: Forward) -> dict[str, Any]:
    """Return a page of the integrations that are on."""
    del forward
    hub_of(world, call)
    known, given = _of(world, call), str(call.params.get("NextToken") or "0")
    start = int(given) if given.isascii() and given.isdecimal() else len(known)
    end = start + int(call.params.get("MaxResults") or MOST)
    more = {"NextToken": str(end)} if len(known) > end else {}
    return {"ProductSubscriptions": known[start:end], **more}


def _of(world: World, call: Call) -> list[str]:
    return world.part(Subscriptions).of(call.caller.account, call.region)
