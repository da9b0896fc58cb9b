"""What CloudTrail delivered: listings of its day folders and what HeadObject shows of the objects."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from trailseal.aws.bucket_region import bucket_region
from trailseal.aws.errors import problem, stops, unreadable
from trailseal.aws.plane.object_plane import ObjectPlane, PlaneSettings
from trailseal.aws.response_parsers import NotAwsAnswerError
from trailseal.aws.session import AwsSession
from trailseal.aws.trail_status import trail_status
from trailseal.model.log_file import StoredObject, delivery_folder
from trailseal.model.trail import TrailStatus
from trailseal.model.unreadable import Unreadable
from trailseal.objects.calls import ObjectResponse, head
from trailseal.run.deliveries import Folder, TrailSetting

SLACK = timedelta(hours=1)
"""A file may lie in the folder of the day on which its delivery began."""
CONNECTIONS = 32


class AwsDeliveries:
    """Lists with boto3 and looks at many objects at once through the object plane; `close` it."""

    def __init__(self, session: AwsSession, *, profile: str | None) -> None:
        self._session = session
        self._profile = profile
        self._regions: dict[str, str] = {}
        self._planes: dict[str, ObjectPlane] = {}

    def close(self) -> None:
        """Close all connections."""
        for plane in self._planes.values():
            plane.close()
        self._planes.clear()

    def times(self, folder: Folder, *, since: datetime, until: datetime) -> tuple[datetime, ...] | Unreadable:
        """Return when the objects of that time were delivered, newest first."""
        listed = self._listed(folder, since=since, until=until)
        return listed if isinstance(listed, Unreadable) else tuple(when for _, when in listed)

    def delivered(
        self, folder: Folder, *, since: datetime, until: datetime
    ) -> tuple[StoredObject, ...] | Unreadable:
        """Return what HeadObject shows of the objects of that time, newest first."""
        listed = self._listed(folder, since=since, until=until)
        if isinstance(listed, Unreadable):
            return listed
        if not listed:
            return ()
        try:
            plane = self._plane(folder.bucket)
        except BotoCoreError as error:
            return unreadable(error, call="s3:GetObject", where=folder.bucket)
        found: list[StoredObject] = []
        for answer in plane.each(head(folder.bucket, key) for key, _ in listed):
            if answer.error == "404":
                continue
            if answer.error:
                return Unreadable(call="s3:GetObject", code=answer.error, where=answer.call.key)
            if not _is_whole(answer):
                return Unreadable(call="s3:GetObject", code=NotAwsAnswerError.code, where=answer.call.key)
            found.append(_stored(answer))
        return tuple(sorted(found, key=lambda each: (each.last_modified, each.key), reverse=True))

    def regions(self, folder: Folder) -> tuple[str, ...] | Unreadable:
        """Return the Regions that have files of this kind under the folder's root."""
        day = delivery_folder(root=folder.root, kind=folder.kind, region="", day=datetime.now(UTC))
        above = day.partition("//")[0] + "/"
        try:
            client = self._session.client("s3", self._region(folder.bucket))
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

    def _listed(
        self, folder: Folder, *, since: datetime, until: datetime
    ) -> list[tuple[str, datetime]] | Unreadable:
        """Return key and time of the objects between two times, newest first."""
        try:
            client = self._session.client("s3", self._region(folder.bucket))
            pages = [
                page for prefix in _days(folder, since, until) for page in _pages(client, folder, prefix)
            ]
        except (ClientError, BotoCoreError) as error:
            if stops(error):
                raise problem(error, call="s3:ListBucket", where=folder.bucket) from error
            return unreadable(error, call="s3:ListBucket", where=folder.bucket)
        found = [(o["Key"], o["LastModified"]) for page in pages for o in page.get("Contents", ())]
        return sorted((each for each in found if since <= each[1] <= until), key=_by_time, reverse=True)

    def _region(self, bucket: str) -> str:
        if bucket not in self._regions:
            try:
                self._regions[bucket] = bucket_region(self._session.client("s3"), bucket)
            except (ClientError, BotoCoreError):  # the listing fails as well, and says why; it is asked again
                return self._session.region
        return self._regions[bucket]

    def _plane(self, bucket: str) -> ObjectPlane:
        region = self._region(bucket)
        if region not in self._planes:
            settings = PlaneSettings(region=region, profile=self._profile, connections=CONNECTIONS)
            self._planes[region] = settings.open()
        return self._planes[region]


def _days(folder: Folder, since: datetime, until: datetime) -> Iterator[str]:
    day = since - SLACK
    while day.date() <= until.date():
        yield delivery_folder(root=folder.root, kind=folder.kind, region=folder.region, day=day)
        day += timedelta(days=1)


def _pages(client: Any, folder: Folder, prefix: str) -> Any:
    return client.get_paginator("list_objects_v2").paginate(Bucket=folder.bucket, Prefix=prefix)


def _by_time(listed: tuple[str, datetime]) -> tuple[datetime, str]:
    return listed[1], listed[0]


def _is_whole(answer: ObjectResponse) -> bool:
    """Whether an answer has what S3 tells of every object."""
    try:
        parsedate_to_datetime(answer.headers["last-modified"])
    except (KeyError, TypeError, ValueError):
        return False
    return answer.headers.get("content-length", "").isdecimal()


def _stored(answer: ObjectResponse) -> StoredObject:
    headers = answer.headers
    return StoredObject(
        bucket=answer.call.bucket,
        key=answer.call.key,
        size=int(headers.get("content-length", 0)),
        last_modified=parsedate_to_datetime(headers["last-modified"]),
        encryption=headers.get("x-amz-server-side-encryption", ""),
        kms_key_id=headers.get("x-amz-server-side-encryption-aws-kms-key-id", ""),
        bucket_key_enabled=headers.get("x-amz-server-side-encryption-bucket-key-enabled", "") == "true",
        etag=headers.get("etag", "").strip('"'),
        version_id=headers.get("x-amz-version-id", ""),
        storage_class=headers.get("x-amz-storage-class", "STANDARD"),
    )
