"""
The newest log file and digest file of each account and Region in a trail's bucket.

A folder is listed from near its end, so a bucket with years of history costs as much as a new one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from msgspec import Struct

from trailseal.aws.errors import unreadable
from trailseal.aws.moving_lists import EndlessListError
from trailseal.aws.object_head import head_object
from trailseal.aws.threads import each
from trailseal.model.log_file import (
    FOLDERS,
    Delivered,
    StoredObject,
    account_folder,
    delivery_folder,
    file_stem,
    region_folder,
)
from trailseal.model.organization import NoOrganization, Organization
from trailseal.model.passed_over import DIGITS, NamedAfter, PassedOver, accounts_in, dates_in, sorted_out
from trailseal.model.snapshot import Delivery
from trailseal.model.trail import Trail
from trailseal.model.unreadable import Unreadable

MOST_FOLDERS = 60
"""Of years, months and days that are looked into for the newest object; who lies deeper is not known."""
MOST_STRAYS = 1000
LOOK_BACK = timedelta(minutes=30)
"""A Region in use has had a delivery since then."""
HOURS = (18, 12, 6, 0)
"""Of a day in the past, its last quarter is listed first."""
MOST_PAGES = 20
"""Of 1,000 objects each: more than any Region gets in a quarter of a day."""


class Looker:
    """Looks into one bucket."""

    def __init__(self, s3: Any, bucket: str, *, regions: frozenset[str] = frozenset()) -> None:
        self.s3 = s3
        self.bucket = bucket
        self.regions = regions
        """The names that a Region's folder may have."""
        self.strays: set[PassedOver] = set()
        self._refused: dict[str, Unreadable] = {}

    def accounts(
        self, trail: Trail, organization: Organization | NoOrganization | Unreadable | None
    ) -> Iterator[tuple[str, str]]:
        """
        Yield the folder and id of each account that the trail delivers for.

        Where the organization's folder cannot be listed, it stands for those below it: `places` says why.
        """
        prefix = trail.s3_key_prefix
        yield account_folder(prefix=prefix, organization="", account=trail.account), trail.account
        if not trail.is_organization_trail or not isinstance(organization, Organization):
            return
        above = account_folder(prefix=prefix, organization="", account=organization.organization_id)
        found = self.folders(above)
        if isinstance(found, Unreadable):
            self._refused[above] = found
            yield above, trail.account
            return
        for name in self._known(found, accounts_in(found), above, NamedAfter.ACCOUNT):
            yield f"{above}{name}/", name

    def places(self, root: str, account: str) -> tuple[DeliveryFolder, ...]:
        """Return a place per Region of an account's folder; one without Region when that is not known."""
        above = f"{root}{FOLDERS[Delivered.LOG_FILE]}/"
        found = self._refused.get(root) or self.folders(above)
        if isinstance(found, Unreadable):
            return (DeliveryFolder(looker=self, root=root, account=account, region="", reason=found),)
        return tuple(
            DeliveryFolder(looker=self, root=root, account=account, region=region)
            for region in self._known(found, self.regions, above, NamedAfter.REGION)
        )

    def _known(
        self, names: Iterable[str], known: Iterable[str], above: str, named_after: NamedAfter
    ) -> tuple[str, ...]:
        """Return the names that are known, and keep the folders of the others."""
        good, strays = sorted_out(names, known, bucket=self.bucket, above=above, named_after=named_after)
        self.strays.update(strays[: max(0, MOST_STRAYS - len(self.strays))])
        return good

    def newest(
        self, place: DeliveryFolder, kind: Delivered, now: datetime
    ) -> StoredObject | Unreadable | None:
        """Return the newest object of a kind, None where there is none."""
        folder = delivery_folder(root=place.root, kind=kind, region=place.region, day=now)
        try:
            recent = _name(place, kind, now - LOOK_BACK)
            key = self._last(place, kind, folder, recent) or (recent and self._last(place, kind, folder, ""))
            found = key or self._last_of_all(place, kind, now)
            if isinstance(found, Unreadable):
                return found
            return head_object(self.s3, self.bucket, found) if found else None
        except (ClientError, BotoCoreError) as error:
            lists = "List" in getattr(error, "operation_name", "") or isinstance(error, EndlessListError)
            call = "s3:ListBucket" if lists else "s3:GetObject"
            return unreadable(error, call=call, where=f"{self.bucket}/{folder}")

    def _last_of_all(self, place: DeliveryFolder, kind: Delivered, now: datetime) -> str | Unreadable:
        """Return the newest key of the last day that has any, found year by month by day."""
        above = region_folder(root=place.root, kind=kind, region=place.region)
        days = self._days_back(above, (), now + timedelta(days=1))
        for day in islice(days, MOST_FOLDERS):
            if day is None:
                continue
            folder = delivery_folder(root=place.root, kind=kind, region=place.region, day=day)
            for hour in HOURS:
                after = _name(place, kind, day + timedelta(hours=hour)) if hour else ""
                if key := self._last(place, kind, folder, after):
                    return key
        if next(days, self) is self:
            return ""
        return Unreadable(call="s3:ListBucket", code="TooManyFolders", where=f"{self.bucket}/{above}")

    def _days_back(self, folder: str, above: tuple[int, ...], until: datetime) -> Iterator[datetime | None]:
        """Yield the days that have a folder, the newest first, and None for each folder above them."""
        found = self._subfolders(folder)
        for name in reversed(self._known(found, dates_in(found, above), folder, NamedAfter.DATE)):
            parts = (*above, int(name))
            if parts > (until.year, until.month, until.day):
                continue
            if len(parts) == len(DIGITS):
                yield datetime(*parts, tzinfo=UTC)  # type: ignore[arg-type,misc]  # three numbers
            else:
                yield None
                yield from self._days_back(f"{folder}{name}/", parts, until)

    def _last(self, place: DeliveryFolder, kind: Delivered, folder: str, after: str) -> str:
        """Return the key delivered last of CloudTrail's own after a name in a folder, "" for none."""
        more = {"StartAfter": folder + after} if after else {}
        stem = file_stem(kind=kind, account=place.account, region=place.region)
        pages = self.s3.get_paginator("list_objects_v2").paginate(
            Bucket=self.bucket, Prefix=folder + stem, **more
        )
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
    return f"{file_stem(kind=kind, account=place.account, region=place.region)}{moment:%Y%m%dT%H%M}"
