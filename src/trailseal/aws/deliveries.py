"""What CloudTrail delivered: listings of its day folders and what HeadObject shows of the objects."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from trailseal.aws.accounts import AwsAccounts
from trailseal.aws.bucket_owner import Membership
from trailseal.aws.bucket_region import bucket_region
from trailseal.aws.delivered import Looker
from trailseal.aws.errors import problem, stops, unreadable
from trailseal.aws.plane.object_plane import ObjectPlane, PlaneSettings
from trailseal.aws.response_parsers import NotAwsAnswerError
from trailseal.aws.trail_status import trail_status
from trailseal.model.foreign import ForeignError
from trailseal.model.foreign_values import http_time_in, number_in
from trailseal.model.log_file import StoredObject, day_folder, delivery_folder, region_folder
from trailseal.model.trail import Trail, TrailStatus
from trailseal.model.unreadable import Unreadable
from trailseal.objects.calls import ObjectResponse, head
from trailseal.plan.plan import Watched
from trailseal.run.deliveries import Folder, FoundPlaces, Stored, TrailSetting

SLACK = timedelta(hours=1)
"""A file may lie in the folder of the day on which its delivery began."""
EARLIEST = datetime.min.replace(tzinfo=UTC)
AFTER_ANY = "~"
"""Comes after the names of all files that CloudTrail delivers."""
CONNECTIONS = 32


class AwsDeliveries:
    """Lists with boto3 and looks at many objects at once through the object plane; `close` it."""

    def __init__(self, accounts: AwsAccounts) -> None:
        self._accounts = accounts
        self._session = accounts.first
        self._regions: dict[str, str] = {}
        self._planes: dict[tuple[str, str | None], ObjectPlane] = {}

    def close(self) -> None:
        """Close all connections."""
        for plane in self._planes.values():
            plane.close()
        self._planes.clear()

    def times(self, folder: Folder, *, since: datetime, until: datetime) -> tuple[datetime, ...] | Unreadable:
        """Return when the objects of that time were delivered, newest first."""
        found = self.listed(folder, since=since, until=until)
        return found if isinstance(found, Unreadable) else tuple(each.last_modified for each in found)

    def delivered(
        self, folder: Folder, *, since: datetime, until: datetime
    ) -> tuple[StoredObject, ...] | Unreadable:
        """Return what HeadObject shows of the objects of that time, newest first."""
        found = self.listed(folder, since=since, until=until)
        if isinstance(found, Unreadable):
            return found
        return self.look(folder.bucket, (each.key for each in found))

    def look(self, bucket: str, keys: Iterable[str]) -> tuple[StoredObject, ...] | Unreadable:
        """Return what HeadObject shows of these objects, newest first; what is gone is left out."""
        asked = tuple(keys)
        if not asked:
            return ()
        try:
            plane = self._plane(bucket)
        except BotoCoreError as error:
            return unreadable(error, call="s3:GetObject", where=bucket)
        found: list[StoredObject] = []
        for answer in plane.each(head(bucket, key) for key in asked):
            if answer.error == "404":
                continue
            if answer.error:
                return Unreadable(call="s3:GetObject", code=answer.error, where=answer.call.key)
            try:
                found.append(_stored(answer))
            except (KeyError, ForeignError):  # S3 tells these of every object
                return Unreadable(call="s3:GetObject", code=NotAwsAnswerError.code, where=answer.call.key)
        return tuple(sorted(found, key=lambda each: (each.last_modified, each.key), reverse=True))

    def places(self, trail: Trail, organization: Membership) -> FoundPlaces:
        """Return where the trail delivers: a listing for its accounts, and one for each account's Regions."""
        bucket = trail.s3_bucket_name
        known = self._session.regions() | {trail.home_region}
        try:
            looker = Looker(self._s3(bucket), bucket, regions=known)
        except BotoCoreError as error:
            refused = unreadable(error, call="s3:ListBucket", where=bucket)
            return FoundPlaces(refused=(refused,))
        found = [each for account in looker.accounts(trail, organization) for each in looker.places(*account)]
        return FoundPlaces(
            places=tuple(
                Watched(
                    trail_arn=trail.arn,
                    bucket=bucket,
                    root=each.root,
                    account=each.account,
                    region=each.region,
                )
                for each in found
                if each.reason is None
            ),
            refused=tuple(each.reason for each in found if each.reason is not None),
            passed_over=tuple(sorted(looker.strays)),
        )

    def regions(self, folder: Folder) -> tuple[str, ...] | Unreadable:
        """Return the Regions that have files of this kind under the folder's root."""
        day = delivery_folder(root=folder.root, kind=folder.kind, region="", day=datetime.now(UTC))
        above = day.partition("//")[0] + "/"
        try:
            client = self._s3(folder.bucket)
            pages = client.get_paginator("list_objects_v2").paginate(
                Bucket=folder.bucket, Prefix=above, Delimiter="/"
            )
            found = [each["Prefix"] for page in pages for each in page.get("CommonPrefixes", ())]
        except (ClientError, BotoCoreError) as error:
            return unreadable(error, call="s3:ListBucket", where=folder.bucket)
        names = (name.removeprefix(above).rstrip("/") for name in found)
        return tuple(name for name in names if name in self._session.regions())

    def status(self, trail_arn: str, region: str) -> TrailStatus | Unreadable:
        """Return what GetTrailStatus says in one Region."""
        return trail_status(self._session.client("cloudtrail", region), trail_arn, region)

    def setting(self, trail_arn: str, home_region: str) -> TrailSetting | Unreadable:
        """Return what GetTrail says in the home Region."""
        try:
            raw = self._session.client("cloudtrail", home_region).get_trail(Name=trail_arn)["Trail"]
        except (ClientError, BotoCoreError) as error:
            return unreadable(error, call="cloudtrail:GetTrail", where=trail_arn)
        return TrailSetting(
            key=raw.get("KmsKeyId", ""), bucket=raw["S3BucketName"], prefix=raw.get("S3KeyPrefix", "")
        )

    def listed(self, folder: Folder, *, since: datetime, until: datetime) -> tuple[Stored, ...] | Unreadable:
        """Return the objects of that time, newest first: one listing, from the folder of its first day on."""
        try:
            found = list(_from_day_to_day(self._s3(folder.bucket), folder, since, until))
        except (ClientError, BotoCoreError) as error:
            if stops(error):
                raise problem(error, call="s3:ListBucket", where=folder.bucket) from error
            return unreadable(error, call="s3:ListBucket", where=folder.bucket)
        within = (each for each in found if since <= each.last_modified <= until)
        return tuple(sorted(within, key=lambda each: (each.last_modified, each.key), reverse=True))

    def _s3(self, bucket: str) -> Any:
        return self._accounts.holding(bucket).client("s3", self._region(bucket))

    def _region(self, bucket: str) -> str:
        if bucket not in self._regions:
            try:
                self._regions[bucket] = bucket_region(self._accounts.holding(bucket).client("s3"), bucket)
            except (ClientError, BotoCoreError):  # the listing fails as well, and says why; it is asked again
                return self._session.region
        return self._regions[bucket]

    def _plane(self, bucket: str) -> ObjectPlane:
        place = self._region(bucket), self._accounts.holding(bucket).profile
        if place not in self._planes:
            region, profile = place
            settings = PlaneSettings(region=region, profile=profile, connections=CONNECTIONS)
            self._planes[place] = settings.open()
        return self._planes[place]


def _from_day_to_day(client: Any, folder: Folder, since: datetime, until: datetime) -> Iterator[Stored]:
    """
    Yield what lies in the folders of the days between two times.

    Days without a folder cost nothing, and nothing is asked for after a page that goes past the last day.
    """
    place = region_folder(root=folder.root, kind=folder.kind, region=folder.region)
    first = place + day_folder(since - SLACK if since - EARLIEST > SLACK else since)
    past = place + day_folder(until) + AFTER_ANY
    pages = client.get_paginator("list_objects_v2").paginate(
        Bucket=folder.bucket, Prefix=place, StartAfter=first
    )
    for page in pages:
        every = page.get("Contents", ())
        yield from (Stored(each["Key"], each["LastModified"]) for each in every if each["Key"] < past)
        if every and every[-1]["Key"] >= past:
            return


def _stored(answer: ObjectResponse) -> StoredObject:
    headers = answer.headers
    return StoredObject(
        bucket=answer.call.bucket,
        key=answer.call.key,
        size=number_in(headers["content-length"]),
        last_modified=http_time_in(headers["last-modified"]),
        encryption=headers.get("x-amz-server-side-encryption", ""),
        kms_key_id=headers.get("x-amz-server-side-encryption-aws-kms-key-id", ""),
        bucket_key_enabled=headers.get("x-amz-server-side-encryption-bucket-key-enabled", "") == "true",
        etag=headers.get("etag", "").strip('"'),
        version_id=headers.get("x-amz-version-id", ""),
        storage_class=headers.get("x-amz-storage-class", "STANDARD"),
    )
