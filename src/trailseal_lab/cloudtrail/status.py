"""What a trail's deliveries have come to, per account and Region: the truth behind GetTrailStatus."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from trailseal_lab.errors import ApiError

Place = tuple[str, str]
"""An account and a Region: what one log file is of."""

DELIVERY_ERRORS = {
    "NoSuchBucket": "NoSuchBucket",
    "AccessDenied": "AccessDenied",
    "KMS.DisabledException": "KMS.DisabledException",
    "KMS.KMSInvalidStateException": "KMS.KMSInvalidStateException",
    "KMS.NotFoundException": "KMS.NotFoundException",
}
"""
What LatestDeliveryError says for what S3 answered. `AccessDenied` and `NoSuchBucket` are seen on AWS;
that a KMS refusal shows under these names is not verified there.
"""


@dataclass
class PlaceStatus:
    """One account's and Region's deliveries of one trail."""

    delivered: datetime | None = None
    tried: datetime | None = None
    error: str = ""
    digest_delivered: datetime | None = None
    digest_error: str = ""
    group_delivered: datetime | None = None
    group_error: str = ""


@dataclass
class TrailState:
    """One trail: whether it logs, how far it has read the event log, and what waits to be delivered."""

    logging: bool = False
    started: datetime | None = None
    stopped: datetime | None = None
    read_to: int = 0
    waiting: dict[Place, list[dict[str, Any]]] = field(default_factory=dict)
    for_group: list[dict[str, Any]] = field(default_factory=list)
    """What waits to be sent to the trail's log group."""
    places: dict[Place, PlaceStatus] = field(default_factory=dict)

    def place(self, place: Place) -> PlaceStatus:
        """Return the status of one place, made on first use."""
        return self.places.setdefault(place, PlaceStatus())


@dataclass
class TrailStates:
    """All trails by ARN."""

    by_arn: dict[str, TrailState] = field(default_factory=dict)

    def of(self, arn: str) -> TrailState:
        """Return the state of one trail, made on first use."""
        return self.by_arn.setdefault(arn, TrailState())


def delivery_error(problem: ApiError) -> str:
    """Return what LatestDeliveryError says of a failed delivery."""
    return DELIVERY_ERRORS.get(problem.code, problem.code)
