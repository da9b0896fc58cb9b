"""
PutInsightSelectors and GetInsightSelectors, which a trail without any answers with an error.

Sources: https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_GetInsightSelectors.html
and https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_PutInsightSelectors.html
"""

from __future__ import annotations

from typing import Any

from trailseal_lab.answers import Answer, Forward, answers
from trailseal_lab.call import Call
from trailseal_lab.cloudtrail.trails import find_trail, own_trail
from trailseal_lab.errors import ApiError
from trailseal_lab.world import World


@answers("cloudtrail", "PutInsightSelectors")
def put_insight_selectors(world: World, call: Call, forward: Forward) -> Answer:
    """Keep a trail's selectors in place of those before; none turns Insights off."""
    del world, forward
    trail = own_trail(call, _trail_name(call))
    trail.insight_selectors = list(call.params["InsightSelectors"])
    return _shown(trail)


@answers("cloudtrail", "GetInsightSelectors")
def get_insight_selectors(world: World, call: Call, forward: Forward) -> Answer:
    """
    Return a trail's selectors.

    Raises:
        ApiError: InsightNotEnabledException.
    """
    del world, forward
    trail = find_trail(call, _trail_name(call))
    if not trail.insight_selectors:
        text = (
            f"Trail {trail.trail_name} does not have Insights enabled. Edit the trail settings to enable it."
        )
        raise ApiError("InsightNotEnabledException", text)
    return _shown(trail)


def _shown(trail: Any) -> dict[str, Any]:
    return {"TrailARN": trail.arn, "InsightSelectors": trail.insight_selectors}


def _trail_name(call: Call) -> str:
    if call.params.get("EventDataStore"):
        raise ApiError("NotImplemented", "The lab has no Insights of event data stores.", status=501)
    return str(call.params.get("TrailName", ""))
