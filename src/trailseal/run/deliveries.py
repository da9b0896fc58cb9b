"""
Waiting for the log files that prove a switch, and looking at the objects themselves.

CloudTrail delivers about every five minutes, without a promise, so nothing here counts on a number:
the wait ends when each Region that was delivering has delivered again, or when the user's time is up.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import pairwise
from statistics import median
from typing import Protocol

from msgspec import Struct

from trailseal.messages import counted, message
from trailseal.model.key import KeyState
from trailseal.model.log_file import Delivered, StoredObject
from trailseal.model.trail import TrailStatus
from trailseal.model.unreadable import Unreadable
from trailseal.plan.plan import Watched
from trailseal.run.events import Observer, Progress, Told
from trailseal.run.ports import Clock

USUAL = timedelta(minutes=5)
"""Source: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/get-and-view-cloudtrail-log-files.html."""
SHORTEST_LOOK, LONGEST_LOOK, SLOWER = 1.0, 15.0, 1.25
"""Seconds between looks: often at first, then less."""
SURE = 2
"""How many looks in a row must show the same delivery error before it counts as one."""
UNUSABLE = frozenset(state.value for state in KeyState if not state.is_usable)


class Folder(Struct, frozen=True, kw_only=True):
    """One account's and Region's log files or digest files in a bucket."""

    bucket: str
    root: str
    region: str
    kind: Delivered = Delivered.LOG_FILE


class Deliveries(Protocol):
    """Looks at what CloudTrail delivered."""

    def delivered(
        self, folder: Folder, *, since: datetime, until: datetime
    ) -> tuple[StoredObject, ...] | Unreadable:
        """Return what HeadObject shows of the objects of that time, newest first."""
        ...

    def times(self, folder: Folder, *, since: datetime, until: datetime) -> tuple[datetime, ...] | Unreadable:
        """Return when the objects of that time were delivered, newest first, without looking at each."""
        ...

    def regions(self, folder: Folder) -> tuple[str, ...] | Unreadable:
        """Return the Regions that have files of this kind under the folder's root."""
        ...

    def status(self, trail_arn: str, region: str) -> TrailStatus | Unreadable:
        """Return what GetTrailStatus says in one Region."""
        ...

    def close(self) -> None:
        """Close what was opened."""
        ...


class Arrival(StrEnum):
    """What is known of one place after a switch."""

    WAITING = "waiting"
    PROVEN = "proven"
    WRONG = "not under the key"
    FAILING = "failing"
    UNREADABLE = "unreadable"


class WatchedArrival(Struct, frozen=True, kw_only=True):
    """One place, what arrived there since the switch, and what that proves."""

    place: Watched
    arrival: Arrival
    newest: StoredObject | None = None
    error: str = ""


class Switch(Struct, frozen=True, kw_only=True):
    """A trail that was turned to `key` ("" is SSE-S3) at a time by AWS's clock."""

    trail_arn: str
    key: str
    at: datetime


def expected_gap(deliveries: Deliveries, places: tuple[Watched, ...], clock: Clock) -> timedelta:
    """Return how far apart deliveries were lately: the median over all places, else AWS's five minutes."""
    now = clock.now()
    gaps: list[float] = []
    for place in places:
        times = deliveries.times(_folder(place), since=now - timedelta(hours=1), until=now)
        if not isinstance(times, Unreadable):
            gaps += [(later - earlier).total_seconds() for later, earlier in pairwise(times)]
    real = [gap for gap in gaps if gap >= 1]
    return timedelta(seconds=median(real)) if real else USUAL


class Waiter:
    """One wait for the deliveries after some switches."""

    def __init__(
        self,
        deliveries: Deliveries,
        clock: Clock,
        observe: Observer,
        *,
        gap: timedelta,
        key_state: Callable[[str], str] | None = None,
    ) -> None:
        self._key_state = key_state
        self._deliveries = deliveries
        self._clock = clock
        self._observe = observe
        self._gap = gap
        self._errors: dict[tuple[str, str], int] = {}

    def wait(
        self, switches: tuple[Switch, ...], places: tuple[Watched, ...], *, timeout: timedelta
    ) -> tuple[WatchedArrival, ...]:
        """Return what each place shows once all are settled, or the time is up."""
        by_trail = {switch.trail_arn: switch for switch in switches}
        watched = tuple(place for place in places if place.trail_arn in by_trail and place.lately)
        self._tell_expectation(watched, timeout)
        began, pause = self._clock.now(), SHORTEST_LOOK
        while True:
            seen = tuple(self._look(place, by_trail[place.trail_arn]) for place in watched)
            waited = self._clock.now() - began
            self._tell_progress(seen, waited)
            if self._is_over(seen) or waited >= timeout:
                return seen
            self._clock.sleep(min(pause, (timeout - waited).total_seconds()))
            pause = min(pause * SLOWER, LONGEST_LOOK)

    def _is_over(self, seen: tuple[WatchedArrival, ...]) -> bool:
        if any(each.arrival is Arrival.FAILING for each in seen):
            return True
        return all(each.arrival in {Arrival.PROVEN, Arrival.UNREADABLE} for each in seen)

    def _look(self, place: Watched, switch: Switch) -> WatchedArrival:
        objects = self._deliveries.delivered(
            _folder(place), since=switch.at, until=self._clock.now() + timedelta(days=1)
        )
        if isinstance(objects, Unreadable):
            return WatchedArrival(
                place=place, arrival=Arrival.UNREADABLE, error=f"{objects.call} {objects.code}"
            )
        after = [each for each in objects if each.last_modified > switch.at]
        if after and is_under(after[0], switch.key):
            return WatchedArrival(place=place, arrival=Arrival.PROVEN, newest=after[0])
        if after:
            return WatchedArrival(place=place, arrival=Arrival.WRONG, newest=after[0])
        return self._undelivered(place, switch)

    def _undelivered(self, place: Watched, switch: Switch) -> WatchedArrival:
        status = self._deliveries.status(place.trail_arn, place.region)
        spot = (place.trail_arn, place.root + place.region)
        error = _new_error(status, switch) or self._key_error(switch)
        self._errors[spot] = self._errors.get(spot, 0) + 1 if error else 0
        arrival = Arrival.FAILING if self._errors[spot] >= SURE else Arrival.WAITING
        return WatchedArrival(place=place, arrival=arrival, error=error)

    def _key_error(self, switch: Switch) -> str:
        """Return the key's state where nothing can be delivered in it, "" where it can, or nobody knows."""
        if self._key_state is None or not switch.key:
            return ""
        state = self._key_state(switch.key)
        return state if state in UNUSABLE else ""

    def _tell_expectation(self, watched: tuple[Watched, ...], timeout: timedelta) -> None:
        self._observe(
            Told(
                what=counted(
                    "waiting for the next log file in {count} place: about {expected}, at most {timeout}",
                    "waiting for the next log files in {count} places: about {expected}, at most {timeout}",
                    len(watched),
                    expected=_span(self._gap),
                    timeout=_span(timeout),
                )
            )
        )

    def _tell_progress(self, seen: tuple[WatchedArrival, ...], waited: timedelta) -> None:
        proven = sum(each.arrival is Arrival.PROVEN for each in seen)
        waiting = sorted({s.place.region for s in seen if s.arrival in {Arrival.WAITING, Arrival.WRONG}})
        self._observe(
            Progress(
                what=message(
                    "{regions}: {waited} of about {expected}",
                    regions=", ".join(waiting) or "-",
                    waited=_span(waited),
                    expected=_span(self._gap),
                ),
                done=proven,
                total=len(seen),
            )
        )


def is_under(stored: StoredObject, key: str) -> bool:
    """Whether an object is encrypted as a trail with this key delivers; "" is SSE-S3."""
    if not key:
        return stored.encryption == "AES256"
    return stored.encryption == "aws:kms" and stored.kms_key_id == key


def _new_error(status: TrailStatus | Unreadable, switch: Switch) -> str:
    """Return the delivery error that the switch may have caused, "" when there is none."""
    if isinstance(status, Unreadable) or not status.latest_delivery_error:
        return ""
    delivered = status.latest_delivery_time
    return "" if delivered and delivered > switch.at else status.latest_delivery_error


def _folder(place: Watched) -> Folder:
    return Folder(bucket=place.bucket, root=place.root, region=place.region)


def _span(span: timedelta) -> str:
    seconds = round(span.total_seconds())
    minutes, rest = divmod(seconds, 60)
    return f"{minutes} min {rest} s" if minutes and rest else f"{minutes} min" if minutes else f"{rest} s"
