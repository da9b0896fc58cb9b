"""Which trail, which bucket, which time: what the verbs of `history` share."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec
from msgspec import Struct

from trailseal.aws.plane.object_plane import ObjectPlane, PlaneSettings
from trailseal.aws.session import AwsSession
from trailseal.aws.trail_service import AwsTrailService
from trailseal.cli.command import AwsOptions
from trailseal.errors import UsageProblem
from trailseal.history.rules.digest import read_time
from trailseal.messages import message
from trailseal.model.trail_place import TrailPlace

FIRST, LAST = datetime(2013, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
"""CloudTrail is of 2013; far beyond, days cannot be added to a time."""


class History(Struct, frozen=True, kw_only=True):
    """A trail's bucket and the ways to reach it."""

    place: TrailPlace
    service: AwsTrailService
    settings: PlaneSettings
    session: AwsSession

    def plane(self) -> ObjectPlane:
        """Return an object plane for the bucket's Region."""
        return self.settings.open()


def open_history(aws: AwsOptions, trail: str, *, bucket: str = "", prefix: str | None = None) -> History:
    """
    Return where a trail's history is; a bucket given by the user wins over the trail's.

    Raises:
        TrailsealError: there is no such trail or bucket, or AWS does not answer.
    """
    session = AwsSession(profile=aws.profile, region=aws.region)
    service = AwsTrailService(session)
    place = service.place(trail)
    if bucket:
        place = msgspec.structs.replace(place, bucket=bucket)
    if prefix is not None:
        place = msgspec.structs.replace(place, prefix=prefix.strip("/"))
    settings = PlaneSettings(region=service.bucket_region(place.bucket), profile=aws.profile)
    return History(place=place, service=service, settings=settings, session=session)


def time_of(text: str) -> datetime | None:
    """
    Return a time in UTC, None where nothing is said.

    Raises:
        UsageProblem: it is not ISO 8601, or far from any log file.
    """
    if not text:
        return None
    try:
        time = read_time(text).astimezone(UTC)
    except (ValueError, OverflowError):
        time = None
    if time is None or not FIRST <= time <= LAST:
        raise UsageProblem(
            message("`{text}` is not a time", text=text), message("write it as 2026-11-23T00:00:00Z")
        )
    return time
