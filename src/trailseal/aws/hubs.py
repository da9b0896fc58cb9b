"""
Security Hub in every Region in which findings on an account's trails can lie.

Those are the trails' home Regions, the Region to begin in, and the aggregation Region, which holds what
linked Regions found as well: where a Region does not tell itself, it is read there.
Sources: https://docs.aws.amazon.com/securityhub/latest/userguide/finding-aggregation.html
and https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_ListFindingAggregators.html
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeGuard

from botocore.exceptions import BotoCoreError, ClientError
from msgspec import structs

from trailseal.aws.errors import code_of, unreadable
from trailseal.aws.hub import NOT_ENABLED, linked_findings, read_hub
from trailseal.aws.session import AwsSession
from trailseal.aws.threads import each, together
from trailseal.model.arn import Arn, is_arn
from trailseal.model.securityhub import Hub, SecurityHub
from trailseal.model.unreadable import Unreadable

CALL = "securityhub:ListFindingAggregators"


def read_hubs(session: AwsSession, regions: Sequence[str], *, account: str) -> tuple[Hub, ...]:
    """Return Security Hub's side in these Regions and in the aggregation Region, and what was not told."""

    def read(region: str) -> Hub:
        return read_hub(session.client("securityhub", region), account=account, region=region)

    if not regions:
        return ()
    found: tuple[Any, ...] = together(
        lambda: each(read, regions), lambda: _aggregation_region(session, regions)
    )
    hubs, aggregating = found
    if isinstance(aggregating, Unreadable):
        return (*hubs, aggregating)
    if aggregating and aggregating not in regions:
        hubs = (*hubs, read(aggregating))
    return tuple(_aggregate(session, hub, hubs, account) if _is_in(hub, aggregating) else hub for hub in hubs)


def _is_in(hub: Hub, region: str) -> TypeGuard[SecurityHub]:
    return isinstance(hub, SecurityHub) and hub.region == region


def _aggregation_region(session: AwsSession, regions: Sequence[str]) -> str | Unreadable:
    """Return the aggregation Region, "" for none; any Region tells it in which Security Hub is enabled."""
    refused: list[Unreadable] = []
    for region in regions:
        try:
            lists = session.client("securityhub", region).get_paginator("list_finding_aggregators")
            arns = [
                one["FindingAggregatorArn"]
                for page in lists.paginate()
                for one in page.get("FindingAggregators", ())
            ]
        except (ClientError, BotoCoreError) as error:
            if code_of(error) not in NOT_ENABLED:
                refused.append(unreadable(error, call=CALL, where=region))
            continue
        return next((Arn.parse(arn).region for arn in arns if is_arn(arn)), "")
    return refused[0] if refused else ""


def _aggregate(session: AwsSession, hub: SecurityHub, hubs: Sequence[Hub], account: str) -> SecurityHub:
    """Return the aggregation Region's hub with what it holds of Regions that did not tell themselves."""
    unread = [other.where for other in hubs if isinstance(other, Unreadable)]
    client = session.client("securityhub", hub.region)
    try:
        more = tuple(linked_findings(client, account=account, regions=unread)) if unread else ()
    except (ClientError, BotoCoreError):  # what they did not tell stands as not read already
        more = ()
    return structs.replace(hub, findings=(*hub.findings, *more), is_aggregating=True)
