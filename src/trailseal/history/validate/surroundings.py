"""What stands around a chain's digest files: CloudTrail's own times, and whether there are older ones."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Protocol

from trailseal.history.rules.chain import ChainId, own_keys
from trailseal.history.rules.timeline import TrailTimes
from trailseal.history.rules.walk import NeedKeys
from trailseal.model.region_off import NOT_TAKEN
from trailseal.model.trail import TrailStatus
from trailseal.model.trail_place import TrailPlace
from trailseal.model.unreadable import Unreadable
from trailseal.objects.calls import ObjectRequest, ObjectResponse, Objects, list_objects
from trailseal.objects.folders import next_page, page_of


class StatusService(Protocol):
    """What is asked of CloudTrail."""

    def status(self, trail_arn: str, region: str) -> TrailStatus | Unreadable:
        """Return what CloudTrail tells of the trail's deliveries in one Region."""
        ...

    def statuses(self, trail_arn: str, regions: Iterable[str]) -> tuple[TrailStatus | Unreadable, ...]:
        """Return that of each of many Regions."""
        ...


NOT_IN_USE = NOT_TAKEN | {"InvalidSignatureException", "EndpointConnectionError"}
"""What is answered where a Region takes no credentials that others take, or CloudTrail has no endpoint."""


class Statuses:
    """GetTrailStatus, asked once for each Region that needs it; a trail that is gone is not asked about."""

    def __init__(self, service: StatusService, trail: TrailPlace) -> None:
        self._service = service
        self._trail = trail
        self._asked: dict[str, TrailStatus | Unreadable] = {}

    @property
    def refusals(self) -> tuple[Unreadable, ...]:
        """The Regions that did not answer."""
        return tuple(each for each in self._asked.values() if isinstance(each, Unreadable))

    def delivered_in(self, regions: Iterable[str], since: datetime) -> tuple[str, ...]:
        """
        Return the Regions in which CloudTrail has delivered digest files of the account since then.

        One that is off, or has no endpoint, is not among them, and no refusal: nothing of it is here. Any
        other that does not tell is a refusal of its place.
        """
        asked = sorted(set(regions) - self._asked.keys())
        answers = dict(zip(asked, self._service.statuses(self._trail.arn, asked), strict=True))
        self._asked |= {
            region: each
            for region, each in answers.items()
            if not (isinstance(each, Unreadable) and each.code in NOT_IN_USE)
        }
        told = (each for each in answers.values() if isinstance(each, TrailStatus))
        times = ((each.region, each.latest_digest_delivery_time) for each in told)
        return tuple(region for region, at in times if at is not None and at >= since)

    def told(self, chain: ChainId) -> TrailTimes:
        """
        Return what CloudTrail tells of a chain.

        Delivery times are those of the caller's account. Stopping and starting are of the whole trail.
        """
        if not self._trail.told:
            return TrailTimes()
        own = chain.account == self._trail.account
        region = chain.region if own else self._trail.home_region
        if region not in self._asked:
            self._asked[region] = self._service.status(self._trail.arn, region)
        status = self._asked[region]
        if isinstance(status, Unreadable):
            return TrailTimes()
        return TrailTimes(
            answered=own,
            delivered=status.latest_digest_delivery_time if own else None,
            started=status.start_logging_time,
            stopped=status.stop_logging_time,
        )


def any_older(objects: Objects, places: Iterable[NeedKeys], start: datetime) -> bool | None:
    """
    Return whether a chain has a digest file before a time, in one of its places. Few keys are listed for it.

    None where none is found and a place cannot be listed: each has been listed before, and its refusal told.

    Raises:
        TrailsealError: an answer is no listing, or a listing does not go on.
    """
    found: bool | None = False
    for place in places:
        here = _older_in(objects, place, start)
        if here:
            return True
        found = None if here is None else found
    return found


def _older_in(objects: Objects, place: NeedKeys, start: datetime) -> bool | None:
    chain = place.chain
    found: bool | None = False

    def then(answer: ObjectResponse) -> Iterable[ObjectRequest]:
        nonlocal found
        if answer.error:
            found = None
            return ()
        page = page_of(answer)
        found = bool(own_keys(page.objects, chain, start, start).earlier)
        past = page.objects and page.objects[-1].key > chain.first_key(start)
        return () if found or past else next_page(answer, page)

    call = list_objects(place.bucket, chain.folder)
    for _ in objects.each((call,), then):
        pass
    return found
