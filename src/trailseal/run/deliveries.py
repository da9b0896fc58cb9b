"""What CloudTrail delivers, as a port: objects, the times of them, what the trail and its status say."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import median
from typing import Protocol

from msgspec import Struct

from trailseal.errors import TrailsealError
from trailseal.model.log_file import Delivered, StoredObject
from trailseal.model.passed_over import PassedOver
from trailseal.model.trail import TrailStatus
from trailseal.model.unreadable import Unreadable
from trailseal.plan.plan import Watched
from trailseal.run.ports import Clock

USUAL = timedelta(minutes=5)
"""Source: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/get-and-view-cloudtrail-log-files.html."""


class Folder(Struct, frozen=True, kw_only=True):
    """One account's and Region's log files or digest files in a bucket."""

    bucket: str
    root: str
    region: str
    kind: Delivered = Delivered.LOG_FILE


class Stored(Struct, frozen=True):
    """An object as a listing shows it."""

    key: str
    last_modified: datetime


class TrailSetting(Struct, frozen=True, kw_only=True):
    """What a trail says of how and where it delivers; `key` is "" for SSE-S3."""

    key: str
    bucket: str
    prefix: str = ""


class FoundPlaces(Struct, frozen=True, kw_only=True):
    """Where a trail delivers, as the folders of its bucket tell, and what would not be listed."""

    places: tuple[Watched, ...] = ()
    refused: tuple[Unreadable, ...] = ()
    passed_over: tuple[PassedOver, ...] = ()


class Deliveries(Protocol):
    """Looks at what CloudTrail delivered."""

    def delivered(
        self, folder: Folder, *, since: datetime, until: datetime
    ) -> tuple[StoredObject, ...] | Unreadable:
        """Return what HeadObject shows of the objects of that time, newest first."""
        ...

    def listed(self, folder: Folder, *, since: datetime, until: datetime) -> tuple[Stored, ...] | Unreadable:
        """Return the objects of that time, newest first, without looking at each."""
        ...

    def look(self, bucket: str, keys: Iterable[str]) -> tuple[StoredObject, ...] | Unreadable:
        """Return what HeadObject shows of these objects, newest first; what is gone is left out."""
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

    def setting(self, trail_arn: str, home_region: str) -> TrailSetting | Unreadable:
        """Return what GetTrail says in the home Region."""
        ...

    def close(self) -> None:
        """Close what was opened."""
        ...


def expected_gap(deliveries: Deliveries, places: tuple[Watched, ...], clock: Clock) -> timedelta:
    """
    Return how far apart deliveries were lately: the median over all places, else AWS's five minutes.

    It is said to whoever waits and nothing rests on it, so a place that cannot be looked at is left out.
    """
    now = clock.now()
    gaps: list[float] = []
    for place in places:
        try:
            times = deliveries.times(folder_of(place), since=now - timedelta(hours=1), until=now)
        except TrailsealError:
            continue
        if not isinstance(times, Unreadable):
            gaps += [(later - earlier).total_seconds() for later, earlier in pairwise(times)]
    real = [gap for gap in gaps if gap >= 1]
    return timedelta(seconds=median(real)) if real else USUAL


def is_under(stored: StoredObject, key: str) -> bool:
    """Whether an object is encrypted as a trail with this key delivers; "" is SSE-S3."""
    if not key:
        return stored.encryption == "AES256"
    return stored.encryption == "aws:kms" and stored.kms_key_id == key


def folder_of(place: Watched) -> Folder:
    """Return the folder of a place's log files."""
    return Folder(bucket=place.bucket, root=place.root, region=place.region)
