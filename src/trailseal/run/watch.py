"""
The watch after a switch: it looks until every place is settled, or the time is up, and at nothing less.

CloudTrail delivers about every five minutes, without a promise, so nothing here counts on a number. No
answer ends the watch, and none that is missing: what fails is looked at again. Time is that of a clock
that only goes forward.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from msgspec import structs

from trailseal.messages import Duration, Message, counted, message
from trailseal.plan.plan import Watched
from trailseal.run.arrivals import (
    ALARMS,
    CHANGED,
    SSE_S3,
    Arrival,
    Glance,
    KeyStateOf,
    Switch,
    WatchedArrival,
)
from trailseal.run.deliveries import Deliveries
from trailseal.run.events import Observer, Progress, Told
from trailseal.run.flow import what_to_do
from trailseal.run.ports import Clock

SHORTEST_LOOK, LONGEST_LOOK, SLOWER = 1.0, 15.0, 1.25
"""Seconds between looks: often at first, then less."""
SURE = 2
"""How many looks in a row must show the same alarm before it counts as one."""
AHEAD = timedelta(days=1)
"""So far beyond our own clock objects are looked for: theirs is AWS's."""
SETTLED = frozenset({Arrival.PROVEN, Arrival.RESTORED, Arrival.STOPPED}) | CHANGED

PutBack = Callable[[str], Message | None]
"""Puts a trail back to what it had, and returns why it could not."""
Spot = tuple[str, str, str]


class Waiter:
    """One wait for the deliveries after some switches."""

    def __init__(
        self,
        deliveries: Deliveries,
        clock: Clock,
        observe: Observer,
        *,
        gap: timedelta,
        key_state: KeyStateOf | None = None,
        put_back: PutBack | None = None,
    ) -> None:
        """`put_back` is called for a trail whose deliveries fail, at every look until it could."""
        self._key_state = key_state
        self._deliveries = deliveries
        self._clock = clock
        self._observe = observe
        self._gap = gap
        self._put_back = put_back
        self._alarms: dict[Spot, tuple[Arrival, int]] = {}
        self._told: set[Message] = set()
        self._tried: set[str] = set()
        """Trails that were to be put back: some of that may have been done."""
        self._since: dict[Spot, datetime] = {}
        self.seen: tuple[WatchedArrival, ...] = ()
        """What the last look showed of each place."""
        self.refused: dict[str, Message] = {}
        """Why a trail whose deliveries fail could not be put back."""

    def wait(
        self, switches: tuple[Switch, ...], places: tuple[Watched, ...], *, timeout: timedelta
    ) -> tuple[WatchedArrival, ...]:
        """Return what each place shows once all are settled, or the time is up."""
        turned = {switch.trail_arn: switch for switch in switches}
        watched = tuple(place for place in places if place.trail_arn in turned and place.lately)
        self._tell_expectation(watched, timeout)
        began, pause = self._clock.elapsed(), SHORTEST_LOOK
        while True:
            self._look_at(watched, turned, ends=began + timeout.total_seconds(), began=began)
            self._put_back_what_fails(turned)
            waited = self._clock.elapsed() - began
            self._tell_progress(waited)
            left = timeout.total_seconds() - waited
            if self._is_over() or left <= 0:
                return self.seen
            self._clock.sleep(min(pause, left))
            pause = min(pause * SLOWER, LONGEST_LOOK)

    def _is_over(self) -> bool:
        given_up = {Arrival.FAILING} if self._put_back is None else set()
        if given_up & {each.arrival for each in self.seen}:
            return True
        return all(each.arrival in SETTLED for each in self.seen)

    def _look_at(
        self, watched: tuple[Watched, ...], turned: dict[str, Switch], *, began: float, ends: float
    ) -> None:
        """Look at each place; where answers take so long that the time is up, what was seen before stays."""
        earlier = {_spot(each.place): each for each in self.seen}
        waited = timedelta(seconds=self._clock.elapsed() - began)
        # Our own clock may be wrong or be set: a switch is noted by AWS's, and the time since is measured.
        latest = max((self._clock.now(), *(switch.at + waited for switch in turned.values())))
        look = Glance(self._deliveries, self._key_state, until=latest + AHEAD)
        found = []
        for place in watched:
            spot = _spot(place)
            if spot in earlier and self._clock.elapsed() >= ends:
                found.append(earlier[spot])
                continue
            switch = turned[place.trail_arn]
            since = self._since.get(spot, switch.at)
            seen = self._sure(spot, look.at(place, structs.replace(switch, at=since)))
            if not self._is_ours(seen, switch):
                self._tell_what_is_new(seen)
            found.append(seen)
        self.seen = tuple(found)

    def _sure(self, spot: Spot, seen: WatchedArrival) -> WatchedArrival:
        """Return an alarm as such once it was seen in two looks running, and as waiting until then."""
        alarm, count = self._alarms.get(spot, (Arrival.WAITING, 0))
        count = count + 1 if seen.arrival is alarm else 1
        self._alarms[spot] = seen.arrival, count
        if seen.arrival in ALARMS and count < SURE:
            return structs.replace(seen, arrival=Arrival.WAITING)
        return seen

    def _put_back_what_fails(self, turned: dict[str, Switch]) -> None:
        failing = {
            each.place.trail_arn
            for each in self.seen
            if each.arrival is Arrival.FAILING or self._is_ours(each, turned[each.place.trail_arn])
        }
        self.refused = {arn: why for arn, why in self.refused.items() if arn in failing}
        for arn in sorted(failing):
            if self._put_back is None or turned[arn].back:
                continue
            self._tell_once(message("deliveries of {trail} fail: rolling it back", trail=arn))
            if why := self._put_back(arn):
                self.refused[arn] = why
                self._tried.add(arn)
                told = message(
                    "{trail} could not be rolled back: {what}; trying again", trail=arn, what=str(why)
                )
                self._tell_once(told, because=why)
            else:
                self._begin_again(arn, turned)

    def _is_ours(self, seen: WatchedArrival, switch: Switch) -> bool:
        """Whether a trail has what it had because it was put back here, though the answer was lost."""
        is_back = seen.arrival is Arrival.TURNED and seen.error == (switch.before or SSE_S3)
        return is_back and switch.trail_arn in self._tried

    def _begin_again(self, arn: str, turned: dict[str, Switch]) -> None:
        """Wait for what arrives now that the trail is put back: anything newer than what was seen."""
        self.refused.pop(arn, None)
        before = turned[arn]
        turned[arn] = structs.replace(before, key=before.before, back=True)
        for each in self.seen:
            if each.place.trail_arn == arn:
                times = [before.at, each.delivered, each.newest.last_modified if each.newest else None]
                self._since[_spot(each.place)] = max(time for time in times if time)
                self._alarms.pop(_spot(each.place), None)
        self.seen = tuple(
            structs.replace(each, arrival=Arrival.WAITING) if each.place.trail_arn == arn else each
            for each in self.seen
        )

    def _tell_once(self, what: Message, *, because: Message | None = None) -> None:
        if what not in self._told:
            self._told.add(what)
            self._observe(Told(what=what, because=because))

    def _tell_what_is_new(self, seen: WatchedArrival) -> None:
        """Tell at once what somebody did to the trail, and what could not be read."""
        if (what := what_to_do(seen)) is not None:
            self._tell_once(what)
        for each in seen.unread:
            if seen.arrival not in CHANGED:
                self._tell_once(
                    message("not read: {call} {code}; looking again", call=each.call, code=each.code)
                )

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

    def _tell_progress(self, waited: float) -> None:
        proven = sum(each.arrival is Arrival.PROVEN for each in self.seen)
        waiting = sorted({each.place.region for each in self.seen if each.arrival not in SETTLED})
        self._observe(
            Progress(
                what=message(
                    "{regions}: {waited} of about {expected}",
                    regions=tuple(waiting) or "-",
                    waited=Duration(round(waited)),
                    expected=_span(self._gap),
                ),
                done=proven,
                total=len(self.seen),
            )
        )


def _spot(place: Watched) -> Spot:
    return place.trail_arn, place.root, place.region


def _span(span: timedelta) -> Duration:
    return Duration(round(span.total_seconds()))
