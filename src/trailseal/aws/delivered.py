"""
The newest log file and digest file of each account and Region in a trail's bucket.

A folder is listed from near its end, so a bucket with years of history costs as much as a new one.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from msgspec import Struct

from trailseal.aws.errors import unreadable
from trailseal.aws.object_head import head_object
from trailseal.aws.threads import each
from trailseal.model.log_file import Delivered, StoredObject, account_folder, delivery_folder
from trailseal.model.organization import NoOrganization, Organization
from trailseal.model.snapshot import Delivery
from trailseal.model.trail import Trail
from trailseal.model.unreadable import Unreadable

FOLDERS = {Delivered.LOG_FILE: "CloudTrail/", Delivered.DIGEST_FILE: "CloudTrail-Digest/"}
DEEPEST = 3
"""Year, month and day."""
LOOK_BACK = timedelta(minutes=30)
"""A Region in use has had a delivery since then."""
HOURS = (18, 12, 6, 0)
"""Of a day in the past, its last quarter is listed first."""
MOST_PAGES = 20
"""Of 1,000 objects each: more than any Region gets in a quarter of a day."""


class Looker:
    """Looks into one bucket."""

    def __init__(self, s3: Any, bucket: str) -> None:
        self.s3 = s3
        self.bucket = bucket

    def accounts(
        self, trail: Trail, organization: Organization | NoOrganization | Unreadable | None
    ) -> Iterator[tuple[str, str]]:
        """Yield the folder and id of each account that the trail delivers for."""
        prefix = trail.s3_key_prefix
        yield account_folder(prefix=prefix, organization="", account=trail.account), trail.account
        if not trail.is_organization_trail or not isinstance(organization, Organization):
            return
        above = account_folder(prefix=prefix, organization="", account=organization.organization_id)
        found = self.folders(above)
        for name in found if not isinstance(found, Unreadable) else ():
            yield f"{above}{name}/", name

    def places(self, root: str, account: str) -> tuple[DeliveryFolder, ...]:
        """Return a place per Region of an account's folder; one without Region when that is not known."""
        regions = self.folders(root + FOLDERS[Delivered.LOG_FILE])
        if isinstance(regions, Unreadable):
            return (DeliveryFolder(looker=self, root=root, account=account, region="", reason=regions),)
        return tuple(
            DeliveryFolder(looker=self, root=root, account=account, region=region) for region in regions
        )

    def newest(
        self, place: DeliveryFolder, kind: Delivered, now: datetime
    ) -> StoredObject | Unreadable | None:
        """Return the newest object of a kind, None where there is none."""
        folder = delivery_folder(root=place.root, kind=kind, region=place.region, day=now)
        try:
            recent = _name(place, kind, now - LOOK_BACK)
            key = self._last(folder, recent) or (recent and self._last(folder, ""))
            key = key or self._last_of_all(place, kind)
            return head_object(self.s3, self.bucket, key) if key else None
        except (ClientError, BotoCoreError) as error:
            call = "s3:ListBucket" if "List" in getattr(error, "operation_name", "") else "s3:GetObject"
            return unreadable(error, call=call, where=f"{self.bucket}/{folder}")

    def _last_of_all(self, place: DeliveryFolder, kind: Delivered) -> str:
        """Return the newest key of the last day that has any, found year by month by day."""
        folder = f"{place.root}{FOLDERS[kind]}{place.region}/"
        for _ in range(DEEPEST):
            names = self._subfolders(folder)
            if not names:
                return ""
            folder = f"{folder}{max(names)}/"
        year, month, number = (int(part) for part in folder[-11:-1].split("/"))
        day = datetime(year, month, number, tzinfo=UTC)
        for hour in HOURS:
            after = _name(place, kind, day + timedelta(hours=hour)) if hour else ""
            if key := self._last(folder, after):
                return key
        return ""

    def _last(self, folder: str, after: str) -> str:
        """Return the key delivered last of those after a name in a folder, "" for none."""
        more = {"StartAfter": folder + after} if after else {}
        pages = self.s3.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=folder, **more)
        listed = [found for page in islice(pages, MOST_PAGES) for found in page.get("Contents", ())]
        if not listed:
            return ""
        return str(max(listed, key=lambda found: (found["LastModified"], found["Key"]))["Key"])

    def folders(self, prefix: str) -> tuple[str, ...] | Unreadable:
        """Return the names of the folders right under a prefix."""
        try:
            return self._subfolders(prefix)
        except (ClientError, BotoCoreError) as error:
            return unreadable(error, call="s3:ListBucket", where=self.bucket)

    def _subfolders(self, prefix: str) -> tuple[str, ...]:
        pages = self.s3.get_paginator("list_objects_v2").paginate(
            Bucket=self.bucket, Prefix=prefix, Delimiter="/"
        )
        listed = [found["Prefix"] for page in pages for found in page.get("CommonPrefixes", ())]
        return tuple(name.removeprefix(prefix).rstrip("/") for name in listed)


class DeliveryFolder(Struct, frozen=True, kw_only=True):
    """The folder of one account and Region in a bucket."""

    looker: Looker
    root: str
    account: str
    region: str
    reason: Unreadable | None = None

    @property
    def order(self) -> tuple[str, str, str, str]:
        """By bucket, folder, account and Region."""
        return self.looker.bucket, self.root, self.account, self.region

    def look(self, now: datetime) -> Delivery:
        """Return the newest objects here."""
        if self.reason is not None:
            return self._delivery(self.reason, None)
        return self._delivery(*each(lambda kind: self.looker.newest(self, kind, now), FOLDERS))

    def _delivery(
        self, log_file: StoredObject | Unreadable | None, digest_file: StoredObject | Unreadable | None
    ) -> Delivery:
        return Delivery(
            bucket=self.looker.bucket,
            account=self.account,
            region=self.region,
            log_file=log_file,
            digest_file=digest_file,
        )


def _name(place: DeliveryFolder, kind: Delivered, moment: datetime) -> str:
    """Return what sorts right before the log files of a moment; a digest file's name hides its time."""
    if kind is Delivered.DIGEST_FILE:
        return ""
    return f"{place.account}_CloudTrail_{place.region}_{moment:%Y%m%dT%H%M}"
