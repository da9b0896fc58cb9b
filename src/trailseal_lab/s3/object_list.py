"""What S3 knows of a bucket's objects when it lists them itself: for S3 Inventory and S3 Metadata alike."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from moto.s3.models import FakeBucket, FakeKey
from msgspec import Struct

from trailseal_lab.s3.buckets import algorithm_of, is_bucket_key
from trailseal_lab.s3.versions import has_versions

STATUSES = {
    "AES256": "SSE-S3",
    "aws:kms": "SSE-KMS",
    "aws:kms:dsse": "DSSE-KMS",
    "SSE-C": "SSE-C",
    "NONE": "NOT-SSE",
}


class VersionEntry(Struct, frozen=True, kw_only=True):
    """One version of an object, or one delete marker."""

    key: str
    number: int
    """Of the key's versions, from the oldest."""
    version_id: str
    latest: bool
    delete_marker: bool = False
    size: int = 0
    etag: str = ""
    modified: datetime
    storage_class: str = ""
    status: str = ""
    kms_key_arn: str = ""
    bucket_key: bool = False
    metadata: dict[str, str] = {}


def entries(bucket: FakeBucket, prefix: str = "") -> Iterator[VersionEntry]:
    """Yield what is in a bucket, by key, a key's versions from the oldest."""
    for key in sorted(bucket.keys):
        if not key.startswith(prefix):
            continue
        versions: list[Any] = bucket.keys.getlist(key)
        for number, found in enumerate(versions):
            latest = number == len(versions) - 1
            yield _entry(bucket, found, number, latest=latest)


def _entry(bucket: FakeBucket, found: Any, number: int, *, latest: bool) -> VersionEntry:
    modified = found.last_modified.replace(tzinfo=found.last_modified.tzinfo or UTC)
    version = str(found.version_id) if has_versions(bucket) else ""
    if not isinstance(found, FakeKey):
        return VersionEntry(
            key=str(found.name),
            number=number,
            version_id=version,
            latest=latest,
            delete_marker=True,
            modified=modified,
        )
    status = STATUSES[algorithm_of(found)]
    return VersionEntry(
        key=str(found.name),
        number=number,
        version_id=version,
        latest=latest,
        size=int(found.size),
        etag=str(found.etag).strip('"'),
        modified=modified,
        storage_class=str(found.storage_class),
        status=status,
        kms_key_arn=str(found.kms_key_id or "") if status.endswith("-KMS") else "",
        bucket_key=is_bucket_key(found),
        metadata={
            name: str(value) for name, value in found.metadata.items() if name.startswith("x-amz-meta-")
        },
    )
