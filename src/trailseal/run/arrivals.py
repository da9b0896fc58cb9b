"""
One look at what arrives after a switch, place by place.

Trail, key, status and objects are each asked about at every look, whatever became of the others: a
listing that is refused hides no delivery error. What cannot be read is a value, and the next look asks again.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from enum import StrEnum
from typing import TypeVar

from msgspec import Struct, structs

from trailseal.errors import TrailsealError
from trailseal.model.key import KeyState
from trailseal.model.log_file import StoredObject
from trailseal.model.trail import TrailStatus
from trailseal.model.unreadable import Unreadable
from trailseal.plan.facts import NO_TRAIL
from trailseal.plan.plan import Watched
from trailseal.run.deliveries import Deliveries, TrailSetting, folder_of, is_under

UNUSABLE = frozenset(state.value for state in KeyState if not state.is_usable)
GET_TRAIL, GET_STATUS = "cloudtrail:GetTrail", "cloudtrail:GetTrailStatus"
SSE_S3 = "SSE-S3"
"""What is said of a trail without a key."""
LIST, DESCRIBE = "s3:ListBucket", "kms:DescribeKey"

T = TypeVar("T")
KeyStateOf = Callable[[str], str]
"""Tells a key's state in AWS's word."""


class Arrival(StrEnum):
    """What is known of one place after a switch."""

    WAITING = "waiting"
    PROVEN = "proven"
    WRONG = "not under the key"
    FAILING = "failing"
    UNREADABLE = "unreadable"
    RESTORED = "as before"
    """The trail was put back, and has delivered since."""
    TURNED = "turned"
    """Somebody else has given the trail another key or bucket."""
    DELETED = "deleted"
    STOPPED = "stopped"
    """The trail does not log."""


ARRIVED = frozenset({Arrival.PROVEN, Arrival.WRONG, Arrival.RESTORED})
CHANGED = frozenset({Arrival.TURNED, Arrival.DELETED})
"""What somebody else did to the trail. To wait on for what this run did would be in vain."""
ALARMS = frozenset({Arrival.FAILING, Arrival.STOPPED}) | CHANGED
"""What has to be seen more than once before it counts: AWS is eventually consistent."""


class WatchedArrival(Struct, frozen=True, kw_only=True):
    """One place, what arrived there since the switch, and what that proves."""

    place: Watched
    arrival: Arrival
    newest: StoredObject | None = None
    error: str = ""
    """The delivery error, the key's state, the trail's other key or bucket, or what could not be read."""
    delivered: datetime | None = None
    """When CloudTrail says that it delivered last, where that is after the switch."""
    unread: tuple[Unreadable, ...] = ()
    """What this look was not told."""


class Switch(Struct, frozen=True, kw_only=True):
    """A trail that was turned to `key` ("" is SSE-S3) at a time by AWS's clock."""

    trail_arn: str
    home_region: str
    key: str
    at: datetime
    before: str = ""
    """What it had, and gets again when it is put back."""
    sure: bool = True
    """Whether it was read that the trail was turned; where it was not, it may still have what it had."""
    back: bool = False
    """Whether this was the roll back: whatever arrives then, arrives."""


class Glance:
    """One look. Each thing is asked about once, however many places rest on it."""

    def __init__(self, deliveries: Deliveries, key_state: KeyStateOf | None, *, until: datetime) -> None:
        self._deliveries = deliveries
        self._key_state = key_state
        self._until = until
        self._told: dict[tuple[str, ...], object] = {}

    def at(self, place: Watched, switch: Switch) -> WatchedArrival:
        """Return what this look shows of a place."""
        arn, home, eyes = switch.trail_arn, switch.home_region, self._deliveries
        setting = self._ask((GET_TRAIL, arn), lambda: eyes.setting(arn, home))
        if not switch.sure and isinstance(setting, TrailSetting) and setting.key == switch.before:
            switch = structs.replace(switch, key=switch.before, back=True)
        status = self._ask((GET_STATUS, arn, place.region), lambda: eyes.status(arn, place.region))
        objects = self._ask(
            (LIST, place.bucket, place.root, place.region),
            lambda: eyes.delivered(folder_of(place), since=switch.at, until=self._until),
        )
        state = self._state(switch.key)
        seen = WatchedArrival(
            place=place,
            arrival=Arrival.WAITING,
            delivered=_delivered(status, switch),
            unread=tuple(each for each in (setting, status, objects, state) if isinstance(each, Unreadable)),
        )
        for arrival, error in (_of_trail(setting, status, place, switch), _of_objects(objects, switch)):
            if arrival is not None:
                return structs.replace(seen, arrival=arrival, error=error, newest=_newest(objects, switch))
        if error := _delivery_error(status, switch) or _key_error(state):
            return structs.replace(seen, arrival=Arrival.FAILING, error=error)
        if isinstance(objects, Unreadable):
            error = f"{objects.call} {objects.code}"
            return structs.replace(seen, arrival=Arrival.UNREADABLE, error=error)
        return seen

    def _state(self, key: str) -> str | Unreadable:
        known = self._key_state
        return "" if known is None or not key else self._ask((DESCRIBE, key), lambda: known(key))

    def _ask(self, name: tuple[str, ...], ask: Callable[[], T]) -> T | Unreadable:
        """Return the answer, or why there is none: whatever is wrong may be right at the next look."""
        if name not in self._told:
            try:
                self._told[name] = ask()
            except TrailsealError as problem:
                self._told[name] = Unreadable(call=name[0], code=str(problem.what), where=name[1])
        return self._told[name]  # type: ignore[return-value]  # what was asked under this name


Found = tuple[Arrival | None, str]


def _of_trail(
    setting: TrailSetting | Unreadable, status: TrailStatus | Unreadable, place: Watched, switch: Switch
) -> Found:
    """Return what somebody else did to the trail since, None for nothing that anybody told."""
    if isinstance(setting, Unreadable):
        # Another Region than its home may not know a trail yet that there is.
        at_home = (setting, status) if place.region == switch.home_region else (setting,)
        if any(isinstance(each, Unreadable) and each.code == NO_TRAIL for each in at_home):
            return Arrival.DELETED, ""
    else:
        if setting.key != switch.key:
            return Arrival.TURNED, setting.key or SSE_S3
        above = f"{setting.prefix}/" if setting.prefix else ""
        if setting.bucket != place.bucket or not place.root.startswith(f"{above}AWSLogs/"):
            return Arrival.TURNED, f"s3://{setting.bucket}/{above}"
    if isinstance(status, TrailStatus) and not status.is_logging:
        return Arrival.STOPPED, ""
    return None, ""


def _of_objects(objects: tuple[StoredObject, ...] | Unreadable, switch: Switch) -> Found:
    newest = _newest(objects, switch)
    if newest is None:
        return None, ""
    if switch.back:
        return Arrival.RESTORED, ""
    return Arrival.PROVEN if is_under(newest, switch.key) else Arrival.WRONG, ""


def _newest(objects: tuple[StoredObject, ...] | Unreadable, switch: Switch) -> StoredObject | None:
    if isinstance(objects, Unreadable):
        return None
    return next((each for each in objects if each.last_modified > switch.at), None)


def _delivered(status: TrailStatus | Unreadable, switch: Switch) -> datetime | None:
    if isinstance(status, Unreadable):
        return None
    last = status.latest_delivery_time
    return last if last and last > switch.at else None


def _delivery_error(status: TrailStatus | Unreadable, switch: Switch) -> str:
    """Return the delivery error that the switch may have caused, "" when there is none."""
    if isinstance(status, Unreadable) or _delivered(status, switch):
        return ""
    return status.log_file_error


def _key_error(state: str | Unreadable) -> str:
    """Return the key's state where nothing can be delivered in it, "" where it can, or nobody knows."""
    return state if isinstance(state, str) and state in UNUSABLE else ""
