"""The newest log file and digest file of each account and Region in a trail's bucket."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from trailseal.aws.errors import unreadable
from trailseal.model.log_file import Delivered, StoredObject, account_folder
from trailseal.model.organization import NoOrganization, Organization
from trailseal.model.snapshot import Delivery
from trailseal.model.trail import Trail
from trailseal.model.unreadable import Unreadable

FOLDERS = {Delivered.LOG_FILE: "CloudTrail/", Delivered.DIGEST_FILE: "CloudTrail-Digest/"}
DEEPEST = 3
"""Year, month and day."""


class Looker:
    """Looks into one bucket."""

    def __init__(self, s3: Any, bucket: str) -> None:
        self._s3 = s3
        self._bucket = bucket

    def accounts(
        self, trail: Trail, organization: Organization | NoOrganization | Unreadable
    ) -> Iterator[tuple[str, str]]:
        """Yield the folder and id of each account that the trail delivers for."""
        prefix = trail.s3_key_prefix
        if not trail.is_organization_trail or not isinstance(organization, Organization):
            yield account_folder(prefix=prefix, organization="", account=trail.account), trail.account
            return
        above = account_folder(prefix=prefix, organization="", account=organization.organization_id)
        found = self._folders(above)
        for name in found if not isinstance(found, Unreadable) else (trail.account,):
            yield f"{above}{name}/", name

    def newest(self, root: str, account: str) -> Iterator[Delivery]:
        """Yield the newest objects of each Region under an account's folder."""
        regions = self._folders(root + FOLDERS[Delivered.LOG_FILE])
        if isinstance(regions, Unreadable):
            yield Delivery(bucket=self._bucket, account=account, region="", log_file=regions)
            return
        for region in regions:
            yield Delivery(
                bucket=self._bucket,
                account=account,
                region=region,
                log_file=self._newest(f"{root}{FOLDERS[Delivered.LOG_FILE]}{region}/"),
                digest_file=self._newest(f"{root}{FOLDERS[Delivered.DIGEST_FILE]}{region}/"),
            )

    def _newest(self, folder: str) -> StoredObject | Unreadable | None:
        try:
            for _ in range(DEEPEST):
                names = self._folders(folder)
                if isinstance(names, Unreadable):
                    return names
                if not names:
                    return None
                folder = f"{folder}{max(names)}/"
            pages = self._s3.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=folder)
            listed = [each for page in pages for each in page.get("Contents", ())]
            if not listed:
                return None
            key = max(listed, key=lambda each: (each["LastModified"], each["Key"]))["Key"]
            return self._head(key)
        except (ClientError, BotoCoreError) as error:
            return unreadable(error, call="s3:GetObject", where=folder)

    def _head(self, key: str) -> StoredObject:
        raw = self._s3.head_object(Bucket=self._bucket, Key=key)
        return StoredObject(
            bucket=self._bucket,
            key=key,
            size=raw["ContentLength"],
            last_modified=raw["LastModified"],
            encryption=raw.get("ServerSideEncryption", ""),
            kms_key_id=raw.get("SSEKMSKeyId", ""),
            bucket_key_enabled=bool(raw.get("BucketKeyEnabled")),
            etag=raw.get("ETag", "").strip('"'),
            version_id=raw.get("VersionId", ""),
            storage_class=raw.get("StorageClass", "STANDARD"),
            metadata=raw.get("Metadata", {}),
        )

    def _folders(self, prefix: str) -> tuple[str, ...] | Unreadable:
        try:
            pages = self._s3.get_paginator("list_objects_v2").paginate(
                Bucket=self._bucket, Prefix=prefix, Delimiter="/"
            )
            found = [each["Prefix"] for page in pages for each in page.get("CommonPrefixes", ())]
        except (ClientError, BotoCoreError) as error:
            return unreadable(error, call="s3:ListBucket", where=self._bucket)
        return tuple(name.removeprefix(prefix).rstrip("/") for name in found)
