"""Which trail, which bucket: what the verbs of `history` share."""

from __future__ import annotations

import msgspec
from msgspec import Struct

from trailseal.aws.bucket_region import bucket_region
from trailseal.aws.plane.by_bucket import BucketPlanes
from trailseal.aws.plane.object_plane import ObjectPlane, PlaneSettings
from trailseal.aws.session import AwsSession
from trailseal.aws.trail_service import AwsTrailService
from trailseal.cli.command import AwsOptions
from trailseal.model.arn import is_arn
from trailseal.model.trail import NoSuchTrail
from trailseal.model.trail_place import TrailPlace, place_of_arn
from trailseal.run.gone_trail import with_organization


class Where(Struct, frozen=True, kw_only=True):
    """
    What the command line says of a trail's place.

    With `ask`, CloudTrail is asked even for a trail that is named by its ARN beside its bucket.
    """

    trail: str
    bucket: str = ""
    prefix: str | None = None
    organization: str = ""
    ask: bool = False


class HistoryPlace(Struct, frozen=True, kw_only=True):
    """A trail's bucket and the ways to reach it."""

    place: TrailPlace
    service: AwsTrailService
    settings: PlaneSettings
    session: AwsSession

    def plane(self) -> ObjectPlane:
        """Return an object plane for the bucket's Region."""
        return self.settings.open()

    def planes(self) -> BucketPlanes:
        """Return an object plane for this bucket and others, whatever their Regions."""
        s3 = self.session.client("s3", self.service.region)
        return BucketPlanes(
            lambda bucket: bucket_region(s3, bucket),
            lambda region: msgspec.structs.replace(self.settings, region=region).open(),
            known={self.place.bucket: self.settings.region},
        )


def open_history(aws: AwsOptions, where: Where) -> HistoryPlace:
    """
    Return where a trail's history is; a bucket given by the user wins over the trail's.

    Of a trail that is named by its ARN beside its bucket, nothing is asked: it may be gone.

    Raises:
        TrailsealError: there is no such trail or bucket, or AWS does not answer.
        UsageProblem: the bucket does not tell the trail's organization.
    """
    session = AwsSession(profile=aws.profile, region=aws.region)
    service = AwsTrailService(session)
    place, whole = _place(service, session, where)
    settings = PlaneSettings(region=service.bucket_region(place.bucket), profile=aws.profile)
    if not (whole or where.organization):
        with settings.open() as plane:
            place = with_organization(plane, place)
    return HistoryPlace(place=place, service=service, settings=settings, session=session)


def _place(service: AwsTrailService, session: AwsSession, where: Where) -> tuple[TrailPlace, bool]:
    """Return the place, and whether its organization is known or does not matter."""
    named = bool(where.bucket) and is_arn(where.trail)
    if named and not where.ask:
        return _by_arn(session, where), False
    try:
        told = service.place(where.trail)
    except NoSuchTrail:
        if not named:
            raise
        return _by_arn(session, where), True
    place = msgspec.structs.replace(
        told,
        bucket=where.bucket or told.bucket,
        prefix=told.prefix if where.prefix is None else where.prefix.strip("/"),
        organization=where.organization or told.organization,
    )
    return msgspec.structs.replace(place, told=place == told), True


def _by_arn(session: AwsSession, where: Where) -> TrailPlace:
    session.region_of(where.trail)
    prefix = (where.prefix or "").strip("/")
    return place_of_arn(where.trail, bucket=where.bucket, prefix=prefix, organization=where.organization)
