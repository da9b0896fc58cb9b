"""Which trail, which bucket: what the verbs of `history` share."""

from __future__ import annotations

import msgspec
from msgspec import Struct

from trailseal.aws.plane.object_plane import ObjectPlane, PlaneSettings
from trailseal.aws.session import AwsSession
from trailseal.aws.trail_service import AwsTrailService
from trailseal.cli.command import AwsOptions
from trailseal.model.trail_place import TrailPlace


class HistoryPlace(Struct, frozen=True, kw_only=True):
    """A trail's bucket and the ways to reach it."""

    place: TrailPlace
    service: AwsTrailService
    settings: PlaneSettings
    session: AwsSession

    def plane(self) -> ObjectPlane:
        """Return an object plane for the bucket's Region."""
        return self.settings.open()


def open_history(aws: AwsOptions, trail: str, *, bucket: str = "", prefix: str | None = None) -> HistoryPlace:
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
    return HistoryPlace(place=place, service=service, settings=settings, session=session)
