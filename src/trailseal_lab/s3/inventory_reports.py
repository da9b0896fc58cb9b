"""
S3 Inventory reports in CSV, written by S3 as a bucket is configured, whatever format it names.

AWS writes daily or weekly and the first within 48 hours; the lab writes one each 12 cycles.
Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/storage-inventory-location.html
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import uuid
from contextlib import suppress
from hashlib import md5
from urllib.parse import quote

from trailseal_lab.clock import each_cycle
from trailseal_lab.errors import ApiError
from trailseal_lab.failures import alone
from trailseal_lab.s3.as_service import put_object_as_service
from trailseal_lab.s3.buckets import bucket_owner, require_bucket
from trailseal_lab.s3.inventories import Configuration, Inventories
from trailseal_lab.s3.object_list import VersionEntry, entries
from trailseal_lab.world import World

SERVICE = "s3.amazonaws.com"
ALWAYS = ("Bucket", "Key")
OF_VERSIONS = ("VersionId", "IsLatest", "IsDeleteMarker")
FIELDS = ("Size", "LastModifiedDate", "ETag", "StorageClass", "EncryptionStatus", "BucketKeyStatus")
"""The optional fields that the lab fills, in the order of AWS's reports."""


@each_cycle(order=16, every=12)
def write_reports(world: World) -> None:
    """Write a report of every enabled configuration; one that may not be written is left out, as on AWS."""
    for bucket, configuration in world.part(Inventories).enabled():
        with alone(world, f"s3.inventory_reports {configuration['Id']}", bucket), suppress(ApiError):
            _write(world, bucket, configuration)


def _write(world: World, bucket: str, configuration: Configuration) -> None:
    """Write the list first, then the manifest, then its checksum, which says that all is there."""
    destination = configuration["Destination"]["S3BucketDestination"]
    prefix = str(destination.get("Prefix") or "").strip("/")
    folder = "/".join(part for part in (prefix, bucket, str(configuration["Id"])) if part)
    fields = _fields(configuration)
    data = gzip.compress(_csv(bucket, configuration, fields).encode())
    data_key = f"{folder}/data/{uuid.uuid4()}.csv.gz"
    manifest = json.dumps(
        {
            "sourceBucket": bucket,
            "destinationBucket": destination["Bucket"],
            "version": "2016-11-30",
            "creationTimestamp": str(int(world.now().timestamp() * 1000)),
            "fileFormat": "CSV",
            "fileSchema": ", ".join(fields),
            "files": [{"key": data_key, "size": len(data), "MD5checksum": _md5(data)}],
        }
    ).encode()
    report = f"{folder}/{world.now():%Y-%m-%dT%H-%MZ}/manifest"
    for key, body in (
        (data_key, data),
        (f"{report}.json", manifest),
        (f"{report}.checksum", _md5(manifest).encode()),
    ):
        put_object_as_service(
            world,
            service=SERVICE,
            source_arn=f"arn:aws:s3:::{bucket}",
            source_account=str(bucket_owner(bucket)),
            bucket=str(destination["Bucket"]).rpartition(":")[2],
            key=key,
            body=body,
        )


def _fields(configuration: Configuration) -> tuple[str, ...]:
    wanted = configuration.get("OptionalFields") or ()
    versions = OF_VERSIONS if configuration["IncludedObjectVersions"] == "All" else ()
    return (*ALWAYS, *versions, *(name for name in FIELDS if name in wanted))


def _csv(bucket: str, configuration: Configuration, fields: tuple[str, ...]) -> str:
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n", quoting=csv.QUOTE_ALL)
    prefix = str((configuration.get("Filter") or {}).get("Prefix") or "")
    for entry in entries(require_bucket(bucket), prefix):
        if "VersionId" in fields or (entry.latest and not entry.delete_marker):
            cells = _cells(bucket, entry)
            rows.writerow([cells[name] for name in fields])
    return text.getvalue()


def _cells(bucket: str, entry: VersionEntry) -> dict[str, str]:
    bucket_key = "ENABLED" if entry.bucket_key else "DISABLED"
    return {
        "Bucket": bucket,
        "Key": quote(entry.key),
        "VersionId": "" if entry.version_id == "null" else entry.version_id,
        "IsLatest": str(entry.latest).lower(),
        "IsDeleteMarker": str(entry.delete_marker).lower(),
        "Size": "" if entry.delete_marker else str(entry.size),
        "LastModifiedDate": f"{entry.modified:%Y-%m-%dT%H:%M:%S.000Z}",
        "ETag": entry.etag,
        "StorageClass": entry.storage_class,
        "EncryptionStatus": entry.status,
        "BucketKeyStatus": bucket_key if entry.kms_key_arn else "",
    }


def _md5(body: bytes) -> str:
    return md5(body, usedforsecurity=False).hexdigest()
