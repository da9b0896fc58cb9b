"""
Which Regions' findings an aggregation Region shows beside its own.

Source: https://docs.aws.amazon.com/securityhub/latest/userguide/finding-aggregation.html
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from trailseal_lab.hub.state import Hub, Hubs
from trailseal_lab.world import World


@dataclass(frozen=True, kw_only=True)
class Aggregator:
    """An account's finding aggregator."""

    arn: str
    region: str
    mode: str
    regions: tuple[str, ...]

    def links(self, region: str) -> bool:
        """Whether findings of a Region are replicated to the aggregation Region."""
        match self.mode:
            case "ALL_REGIONS":
                return True
            case "ALL_REGIONS_EXCEPT_SPECIFIED":
                return region not in self.regions
            case _:
                return region in self.regions

    @property
    def answer(self) -> dict[str, Any]:
        """What the API says of it."""
        listed = {"Regions": list(self.regions)} if self.regions else {}
        return {
            "FindingAggregatorArn": self.arn,
            "FindingAggregationRegion": self.region,
            "RegionLinkingMode": self.mode,
            **listed,
        }


@dataclass
class Aggregators:
    """The aggregators, by account."""

    by_account: dict[str, Aggregator] = field(default_factory=dict)


def hubs_seen_from(world: World, hub: Hub) -> list[Hub]:
    """Return the hub, and in an aggregation Region those of the linked Regions."""
    found = world.part(Aggregators).by_account.get(hub.account)
    if found is None or found.region != hub.region:
        return [hub]
    others = (each for each in world.part(Hubs).by_place.values() if each.account == hub.account)
    return [hub, *(each for each in others if each.region != hub.region and found.links(each.region))]
