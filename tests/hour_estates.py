"""
Estates of log files and digest files that were tampered with at random, and what is true of each hour.

What is true is told hour by hour from what was done, by a rule that walks no chain: the first digest file
that is listed after an hour decides it, and where none is, CloudTrail's times or later log files do.
"""

from __future__ import annotations

import gzip
import os
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import pairwise
from random import Random

from msgspec import Struct, field, structs

from history_estate import (
    ACCOUNT,
    BUCKET,
    HOUR,
    PLACE,
    REGION,
    START,
    Bucket,
    MemoryObjects,
    MemoryTrailService,
    digest_file,
    log_file,
)
from trailseal.history.rules.hours import HourState, Why
from trailseal.history.rules.validation import Window
from trailseal.model.trail_place import TrailPlace

HOURS = 10
FROM = int(os.environ.get("TRAILSEAL_ESTATES_FROM", "0"))
"""The first estate; the nightly run goes through others."""
MEMBER = "210987654321"
ORGANIZATION = "o-exampleorg"
IN_PREFIX = structs.replace(PLACE, prefix="sec")
IN_BUCKET = structs.replace(PLACE, bucket="elsewhere")
State = tuple[HourState, Why]


class Harm(StrEnum):
    """What became of a file."""

    NONE = ""
    DELETED = "deleted"
    CHANGED = "changed"
    REFUSED = "refused"


LOG_WHYS = {Harm.DELETED: Why.MISSING, Harm.CHANGED: Why.CHANGED, Harm.REFUSED: Why.UNREADABLE}
WHYS = {Harm.DELETED: Why.MISSING, Harm.CHANGED: Why.INVALID, Harm.REFUSED: Why.UNREADABLE}


class HourPlan(Struct, kw_only=True):
    """One hour as it was, and what was done to it."""

    on: bool = True
    """Whether validation was on, so that a digest file was delivered."""
    logging: bool = True
    empty: bool = False
    place: TrailPlace = PLACE
    digest: Harm = Harm.NONE
    log: Harm = Harm.NONE
    backfill: Harm | None = None
    """The backfill digest file of the hour, None where there is none."""


class Made(Struct, kw_only=True):
    """An estate, what is asked about it, and each hour of it."""

    hours: list[HourPlan]
    place: TrailPlace
    account: str
    window: Window
    objects: MemoryObjects
    service: MemoryTrailService
    digests: dict[int, str] = field(default_factory=dict)
    named: dict[int, int | None] = field(default_factory=dict)
    """By hour of a digest file: the hour of the one that it names."""
    stopped: tuple[int, int] | None = None


def at(hour: int) -> datetime:
    """Return when an hour begins."""
    return START + hour * HOUR


def planned(random: Random, *, refusals: bool) -> list[HourPlan]:
    """Return hours with pauses, moves and harm; a file that is refused is one of its kinds."""
    hours = [HourPlan(empty=random.random() < 0.15) for _ in range(HOURS)]
    for _ in range(random.choice((0, 0, 1, 2))):
        first = random.randrange(1, HOURS)
        for hour in hours[first : first + random.randrange(1, 4)]:
            hour.on = False
            hour.logging = random.random() < 0.4
    for _ in range(random.choice((0, 0, 0, 1, 2))):
        first = random.randrange(1, HOURS)
        there = random.choice((PLACE, IN_PREFIX, IN_BUCKET))
        for hour in hours[first:]:
            hour.place = there
    _plan_harm(hours, random, (Harm.REFUSED,) if refusals else ())
    return hours


def _plan_harm(hours: list[HourPlan], random: Random, more: tuple[Harm, ...]) -> None:
    for _ in range(random.choice((0, 0, 1, 2, 4))):
        harm = random.choice((Harm.DELETED, Harm.DELETED, Harm.CHANGED, *more))
        first = random.randrange(HOURS)
        for hour in hours[first : first + random.choice((1, 1, 2, 4))]:
            setattr(hour, random.choice(("digest", "digest", "log")), harm)
    if random.random() < 0.25:
        first = random.randrange(HOURS - 3)
        for hour in hours[first : first + 3]:
            hour.backfill = random.choice((Harm.NONE, Harm.NONE, Harm.DELETED, Harm.CHANGED))


def made(seed: int, *, refusals: bool = True, suffix: str = "") -> Made:
    """Return the estate of a seed; its buckets' names end with the suffix."""
    random = Random(seed)  # noqa: S311 - the same estate for a seed
    hours = planned(random, refusals=refusals)
    member = random.random() < 0.4
    organization = ORGANIZATION if member else ""
    account = MEMBER if member else ACCOUNT
    for hour in hours:
        hour.place = structs.replace(
            hour.place, organization=organization, multi_region=True, bucket=hour.place.bucket + suffix
        )
    start = random.choice((-2, 0, 0, 3, 5))
    end = random.choice((HOURS, HOURS, HOURS + 3, random.randrange(6, HOURS)))
    due = random.choice((end, end, max(start, end - 2)))
    window = Window(start=at(start), end=at(end), until=at(end), due=at(due), accounts=(account,))
    found = Made(
        hours=hours,
        place=hours[-1].place,
        account=account,
        window=window,
        objects=MemoryObjects(**{BUCKET + suffix: {}, IN_BUCKET.bucket + suffix: {}}),
        service=MemoryTrailService(),
    )
    _deliver(found)
    _harm(found)
    _tell(found, random)
    return found


def _deliver(made: Made) -> None:
    previous: dict[str, str | None] = {}
    last: int | None = None
    backfill: dict[str, str | None] = {}
    for number, hour in enumerate(made.hours):
        bucket, root = made.objects.buckets[hour.place.bucket], _root(hour.place)
        logs = []
        if hour.logging and not hour.empty:
            moment = at(number) + HOUR / 2
            logs = [log_file(bucket, root, made.account, REGION, moment, number, 1, hour.place.bucket)]
        about = (bucket, root, made.account, REGION, at(number), at(number + 1))
        if hour.on:
            previous = digest_file(*about, logs, previous, hour.place, backfill=False)
            made.digests[number], made.named[number] = str(previous["key"]), last
            last = number
        else:
            previous, last = {}, None
        if hour.backfill is None:
            backfill = {}
        else:
            backfill = digest_file(*about, logs, backfill, hour.place, backfill=True)


def _root(place: TrailPlace) -> str:
    parts = [part for part in (place.prefix, "AWSLogs", place.organization) if part]
    return "/".join(parts) + "/"


def _harm(made: Made) -> None:
    for number, hour in enumerate(made.hours):
        bucket = made.objects.buckets[hour.place.bucket]
        stamp = f"{at(number + 1):%Y%m%dT%H%M%SZ}"
        for harm, keys in (
            (hour.digest, [key for key in (made.digests.get(number),) if key]),
            (hour.log, logs_of(made, number)),
            (hour.backfill, [key for key in bucket if f"{stamp}_backfill" in key]),
        ):
            for key in keys:
                _do(made, bucket, key, harm or Harm.NONE)


def _do(made: Made, bucket: Bucket, key: str, harm: Harm) -> None:
    match harm:
        case Harm.DELETED:
            bucket.pop(key, None)
        case Harm.CHANGED:
            bucket[key].body = gzip.compress(b"x")
        case Harm.REFUSED:
            made.objects.errors[key] = "AccessDenied"
        case Harm.NONE:
            pass


def logs_of(made: Made, number: int) -> list[str]:
    """Return the keys of an hour's log files that are in the bucket."""
    stamp = f"{at(number) + HOUR / 2:%Y%m%dT%H%MZ}"
    bucket = made.objects.buckets[made.hours[number].place.bucket]
    return [key for key in bucket if f"_CloudTrail_{REGION}_{stamp}" in key]


def _tell(made: Made, random: Random) -> None:
    """Let CloudTrail tell of the last delivery, and of the last time that logging was stopped."""
    if made.digests and random.random() < 0.8:
        made.service.last = at(max(made.digests) + 1)
    quiet = [number for number, hour in enumerate(made.hours) if not hour.logging]
    if quiet and random.random() < 0.7:
        first = last = quiet[-1]
        while first - 1 in quiet:
            first -= 1
        made.stopped = (first, last + 1)
        made.service.stopped, made.service.started = at(first), at(last + 1)


class Truth:
    """What is true of each hour of an estate, as far as anybody can know."""

    def __init__(self, made: Made) -> None:
        self.made = made
        self.places = self._places()
        self.backfill_places = self._backfill_places()
        self.listed = sorted(number for number in made.digests if self._is_listed(number))

    def hours(self) -> dict[datetime, State]:
        """Return the state of each hour of the window."""
        window = self.made.window
        first, last = (window.start - START) // HOUR, (window.until - START) // HOUR
        return {at(number): self.state(number) for number in range(first, last)}

    def _places(self) -> set[tuple[str, str]]:
        """Return the places that files of the chain are known to lie in: where one names one of another."""
        hours = self.made.hours
        known = {_where(self.made.place)}
        while True:
            more = {
                _where(hours[before].place)
                for number, before in self.made.named.items()
                if before is not None
                and _where(hours[number].place) in known
                and hours[number].digest is Harm.NONE
            }
            if more <= known:
                return known
            known |= more

    def _backfill_places(self) -> set[tuple[str, str]]:
        """Return where backfill digest files are looked at: there, and where one of them names another."""
        hours, known = self.made.hours, set(self.places)
        for older, newer in reversed(list(pairwise(hours))):
            both = older.backfill is not None and newer.backfill is Harm.NONE
            known |= {_where(older.place)} if both and _where(newer.place) in known else set()
        return known

    def _is_listed(self, number: int) -> bool:
        hour = self.made.hours[number]
        return _where(hour.place) in self.places and hour.digest is not Harm.DELETED

    def state(self, number: int) -> State:
        """Return what is true of one hour."""
        found, backfill = self._ordinary(number), self._backfill(number)
        if backfill is None:
            return found
        worse = backfill[0] is HourState.NOT_PROVEN is not found[0]
        return backfill if worse or found[0] is HourState.NOT_KNOWN else found

    def _ordinary(self, number: int) -> State:
        hours = self.made.hours
        after = [each for each in self.listed if each >= number]
        if after and hours[after[0]].digest in WHYS:
            return HourState.NOT_PROVEN, WHYS[hours[after[0]].digest]
        if after and after[0] == number:
            return self._covered(number)
        if after and self.made.named[after[0]] is not None:
            return self._stopped(number, (HourState.NOT_PROVEN, Why.MISSING))
        if after:
            older = any(each < after[0] for each in self.listed)
            return self._open(number, Why.OFF if older else Why.NONE_BEFORE)
        return self._after(number)

    def _covered(self, number: int) -> State:
        hour = self.made.hours[number]
        if hour.empty or not hour.logging:
            return HourState.NOTHING_LOGGED, Why.NO_LOG_FILES
        if hour.log is Harm.NONE:
            return HourState.PROVEN, Why.NONE
        return HourState.NOT_PROVEN, LOG_WHYS[hour.log]

    def _stopped(self, number: int, otherwise: State) -> State:
        stopped = self.made.stopped
        if stopped is None or not stopped[0] <= number < stopped[1]:
            return otherwise
        return HourState.NOTHING_LOGGED, Why.STOPPED

    def _open(self, number: int, why: Why) -> State:
        """Return the state of an hour that no digest file covers, and none has to."""
        if why is not Why.NONE_AFTER and self._loose(number):
            return HourState.NOT_PROVEN, Why.UNNAMED
        return self._stopped(number, (HourState.NOT_KNOWN, why))

    def _unnamed(self, number: int) -> bool:
        if not 0 <= number < HOURS or _where(self.made.hours[number].place) not in self.places:
            return False
        inside = self.made.window.start <= at(number) < self.made.window.until
        return inside and bool(logs_of(self.made, number))

    def _after(self, number: int) -> State:
        """Return the state of an hour after which no digest file is listed."""
        window, service = self.made.window, self.made.service
        newest = self.listed[-1] + 1 if self.listed else None
        own = self.made.account == ACCOUNT
        told = service.last if own and isinstance(service.last, datetime) else None
        begins, ends, why = self._gap(newest, told, own=own)
        if begins <= number < ends:
            return self._stopped(number, (HourState.NOT_PROVEN, Why.MISSING))
        if at(number) >= window.due:
            return self._stopped(number, (HourState.NOT_DUE, Why.NONE))
        return self._open(number, why)

    def _gap(self, newest: int | None, told: datetime | None, *, own: bool) -> tuple[int, int, Why]:
        """Return the hours after the newest digest file whose digest files are missing."""
        window = self.made.window
        start, due = (window.start - START) // HOUR, (window.due - START) // HOUR
        logs = [number for number in range(max(0, start), HOURS) if self._loose(number)]
        if told is not None and newest is not None:
            return newest, (told - START) // HOUR, Why.NONE_DELIVERED
        if told is not None:
            last = (told - START) // HOUR
            return min([*logs[:1], last - 1]), last, Why.NONE_HERE
        late = [n for n in logs if newest is None or n > newest]
        if newest is None:
            return (
                (0, 0, Why.NONE_HERE) if own or not late else (late[0], min(late[-1] + 1, due), Why.NONE_HERE)
            )
        if not [n for n in late if at(n) + HOUR / 2 > at(newest) + timedelta(hours=2)]:
            return 0, 0, Why.NONE_AFTER
        return newest, min(late[-1] + 1, due), Why.NONE_AFTER

    def _loose(self, number: int) -> bool:
        """Whether an hour has log files that no digest file names which is seen."""
        if not self._unnamed(number):
            return False
        hour = self.made.hours[number]
        named = number in self.listed and hour.digest is Harm.NONE
        return not named and hour.backfill is not Harm.NONE

    def _backfill(self, number: int) -> State | None:
        """Return what the backfill chain says of an hour, None for nothing."""
        if not 0 <= number < HOURS or self.made.hours[number].backfill is None:
            return None
        hours = self.made.hours
        hour = hours[number]
        if _where(hour.place) not in self.backfill_places:
            return None
        named = number + 1 < HOURS and hours[number + 1].backfill is Harm.NONE
        if hour.backfill is Harm.DELETED:
            return (HourState.NOT_PROVEN, Why.MISSING) if named else None
        if hour.backfill is Harm.CHANGED:
            return HourState.NOT_PROVEN, Why.INVALID
        covered = self._covered(number)
        return None if covered[0] is HourState.NOTHING_LOGGED else covered


def _where(place: TrailPlace) -> tuple[str, str]:
    return place.bucket, place.prefix
