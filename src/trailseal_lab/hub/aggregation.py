"""
Cross-Region aggregation: one Region of an account shows what linked Regions found as well.

Source: https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_CreateFindingAggregator.html
"""

from __future__ import annotations

import uuid

from trailseal_lab.answers import Answer, Forward, answers
from trailseal_lab.call import Call
from trailseal_lab.errors import ApiError
from trailseal_lab.hub.linked import Aggregator, Aggregators
from trailseal_lab.hub.operations import hub_arn, hub_of
from trailseal_lab.regions import OPT_IN
from trailseal_lab.world import World

MODES = frozenset(("ALL_REGIONS", "ALL_REGIONS_EXCEPT_SPECIFIED", "SPECIFIED_REGIONS", "NO_REGIONS"))


@answers("securityhub", "CreateFindingAggregator")
def create_finding_aggregator(world: World, call: Call, forward: Forward) -> Answer:
    """Make this Region the aggregation Region."""
    del forward
    hub, known = hub_of(world, call), world.part(Aggregators).by_account
    mode = str(call.params.get("RegionLinkingMode", ""))
    if mode not in MODES or hub.account in known or hub.region in OPT_IN:
        raise ApiError("InvalidInputException", "The finding aggregator cannot be made.")
    arn = hub_arn(hub, "finding-aggregator", str(uuid.uuid4()))
    regions = tuple(map(str, call.params.get("Regions") or ()))
    known[hub.account] = Aggregator(arn=arn, region=hub.region, mode=mode, regions=regions)
    return known[hub.account].answer


@answers("securityhub", "ListFindingAggregators")
def list_finding_aggregators(world: World, call: Call, forward: Forward) -> Answer:
    """Return the aggregator's ARN, in any Region."""
    del forward
    found = world.part(Aggregators).by_account.get(hub_of(world, call).account)
    return {"FindingAggregators": [{"FindingAggregatorArn": found.arn}] if found else []}


@answers("securityhub", "GetFindingAggregator")
def get_finding_aggregator(world: World, call: Call, forward: Forward) -> Answer:
    """Return the aggregator."""
    del forward
    return _named(world, call).answer


@answers("securityhub", "DeleteFindingAggregator")
def delete_finding_aggregator(world: World, call: Call, forward: Forward) -> Answer:
    """Stop to gather."""
    del forward
    _named(world, call)
    del world.part(Aggregators).by_account[call.caller.account]
    return {}


def _named(world: World, call: Call) -> Aggregator:
    found = world.part(Aggregators).by_account.get(hub_of(world, call).account)
    if found is None or found.arn != str(call.params.get("FindingAggregatorArn")):
        raise ApiError("ResourceNotFoundException", "There is no such finding aggregator.", status=404)
    return found
