"""
S3 Inventory and S3 Metadata tables as a census source: the manifest, and the columns under one set of names.

Sources: https://docs.aws.amazon.com/AmazonS3/latest/userguide/storage-inventory.html
https://docs.aws.amazon.com/AmazonS3/latest/userguide/metadata-tables-inventory-schema.html
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from enum import StrEnum
from hashlib import md5
from typing import Any

import msgspec
from msgspec import Struct

from trailseal.errors import UsageProblem
from trailseal.history.rules.census_query import STATUSES
from trailseal.history.rules.manifest import NULL, UNKNOWN, Row
from trailseal.messages import Message, message
from trailseal.model.bucket_inventory import NEEDED_FIELDS, InventoryConfiguration
from trailseal.model.foreign import ForeignError, json_in


def why_not(
    configuration: InventoryConfiguration, prefixes: tuple[str, ...], *, versions: bool
) -> Message | None:
    """Return why the reports of a configuration cannot be used for these prefixes, None when they can."""
    name = configuration.configuration_id
    missing = sorted(NEEDED_FIELDS - configuration.optional_fields)
    if not configuration.is_enabled:
        return message("S3 Inventory `{name}` is disabled", name=name)
    if missing:
        return message("S3 Inventory `{name}` lacks {missing}", name=name, missing=tuple(missing))
    if versions and not configuration.all_versions:
        return message("S3 Inventory `{name}` lists current versions only", name=name)
    if not all(prefix.startswith(configuration.only_under) for prefix in prefixes):
        return message("S3 Inventory `{name}` lists another prefix only", name=name)
    return None


class FileFormat(StrEnum):
    """What an inventory's files are written in."""

    CSV = "CSV"
    ORC = "ORC"
    PARQUET = "Parquet"


class InventoryFile(Struct, frozen=True):
    """One shard, with the MD5 that it must have."""

    key: str
    size: int = 0
    md5: str = msgspec.field(name="MD5checksum", default="")


class InventoryManifest(Struct, frozen=True, rename="camel"):
    """`manifest.json` of one report."""

    source_bucket: str
    destination_bucket: str
    file_format: FileFormat
    file_schema: str
    files: tuple[InventoryFile, ...]
    creation_timestamp: str = ""
    """Milliseconds since 1970: when S3 began to list."""

    @property
    def as_of(self) -> datetime | None:
        """When S3 began to list; None where the manifest does not say."""
        try:
            return datetime.fromtimestamp(int(self.creation_timestamp) / 1000, UTC)
        except (ValueError, OverflowError, OSError):
            return None

    @property
    def bucket(self) -> str:
        """The bucket that the shards lie in."""
        return self.destination_bucket.rpartition(":")[2]

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of a CSV shard, in our names, in order."""
        return tuple(OURS.get(name.strip(), name.strip().lower()) for name in self.file_schema.split(","))


OURS = {
    "Bucket": "bucket",
    "Key": "key",
    "VersionId": "version_id",
    "IsLatest": "is_latest",
    "IsDeleteMarker": "is_delete_marker",
    "Size": "size",
    "LastModifiedDate": "last_modified_date",
    "ETag": "e_tag",
    "StorageClass": "storage_class",
    "EncryptionStatus": "encryption_status",
    "BucketKeyStatus": "bucket_key_status",
    "ObjectLockRetainUntilDate": "object_lock_retain_until_date",
    "ObjectLockMode": "object_lock_mode",
    "ObjectLockLegalHoldStatus": "object_lock_legal_hold_status",
}
"""A CSV report's names; ORC and Parquet reports have ours already."""
KINDS = {
    "key": "string",
    "version_id": "string",
    "sequence_number": "string",
    "e_tag": "string",
    "storage_class": "string",
    "encryption_status": "string",
    "bucket_key_status": "string",
    "kms_key_arn": "string",
    "is_latest": "boolean",
    "is_delete_marker": "boolean",
    "is_bucket_key_enabled": "boolean",
    "size": "int64",
    "last_modified_date": "timestamp",
}
"""
What the columns that are asked about hold, by Ibis's names.

Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/storage-inventory.html
"""
WHOLE = frozenset({"int32", "int64"})
NEEDED = ("key", "size", "last_modified_date", "storage_class", "encryption_status")


def read_inventory(raw: bytes, checksum: bytes, *, name: str) -> InventoryManifest:
    """
    Return the manifest, checked against `manifest.checksum`.

    Raises:
        UsageProblem: it is not a manifest, does not match its checksum, or lacks a column that is needed.
    """
    if md5(raw, usedforsecurity=False).hexdigest() != checksum.decode(errors="replace").strip():
        raise UsageProblem(
            message("`{name}` does not match its manifest.checksum", name=name),
            message("the report may still be being written; take an older one"),
        )
    try:
        manifest = json_in(raw, InventoryManifest)
    except ForeignError as problem:
        raise UsageProblem(
            message("`{name}` is not a manifest of S3 Inventory: {problem}", name=name, problem=str(problem))
        ) from problem
    if not manifest.files:
        raise UsageProblem(message("the inventory `{name}` lists nothing", name=name))
    if manifest.file_format is FileFormat.CSV:
        need_columns(manifest.columns, name=name)
    return manifest


def need_columns(columns: tuple[str, ...], *, name: str) -> None:
    """
    Do nothing when all needed columns are there.

    Raises:
        UsageProblem: some are not.
    """
    missing = [column for column in NEEDED if column not in columns]
    if missing:
        raise UsageProblem(
            message("the inventory `{name}` lacks columns: {missing}", name=name, missing=tuple(missing)),
            message(
                "add the optional fields EncryptionStatus, Size, LastModifiedDate and StorageClass to it"
            ),
        )


def need_types(columns: Mapping[str, str]) -> None:
    """
    Do nothing when each column that is asked about holds what an inventory's does; whole numbers are alike.

    Raises:
        UsageProblem: one holds something else.
    """
    for column, found in columns.items():
        wanted = KINDS.get(column, found)
        if found != wanted and not (found in WHOLE and wanted in WHOLE):
            raise UsageProblem(
                message(
                    "the list holds {found} in its column `{column}`, where an inventory holds {wanted}",
                    found=found,
                    column=column,
                    wanted=wanted,
                ),
                message("`--source listing` asks S3 about every object"),
            )


FACTS = (
    "key",
    "version_id",
    "is_latest",
    "size",
    "e_tag",
    "last_modified_date",
    "storage_class",
    "encryption_status",
    "bucket_key",
    "kms_key_arn",
)
"""What a manifest's rows take from an inventory; those that it lacks are None."""


def bare_row(facts: Sequence[Any]) -> Row:
    """
    Return the row of an object from `FACTS`: bare, since S3 is asked about its tags, ACL and locks.

    A report of all versions leaves the `null` version's ID empty.
    Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/inventory-configure-bops.html
    """
    key, version_id, latest, size, etag, modified, storage_class, status, bucket_key, kms_key = facts
    customer = status == "SSE-C"
    return Row(
        key=key,
        version_id=version_id or (NULL if latest is False else ""),
        latest=latest is not False,
        size=size or 0,
        etag=(etag or "").strip('"'),
        modified=modified.replace(tzinfo=UTC) if modified is not None else None,
        storage_class=storage_class or "STANDARD",
        encryption="" if customer else STATUSES.get(status or "", UNKNOWN),
        kms_key_id=kms_key or "",
        bucket_key=bool(bucket_key),
        customer_key=customer,
        bare=True,
    )


def check_shard(file: InventoryFile, found: str) -> None:
    """
    Do nothing when a shard has the MD5 that the manifest says.

    Raises:
        UsageProblem: it is not.
    """
    if file.md5 and found != file.md5:
        raise UsageProblem(message("the inventory's file `{key}` does not match its checksum", key=file.key))
