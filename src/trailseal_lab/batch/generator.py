"""
The list of objects that S3 makes for a job itself.

AWS does not say whether versions that are not current are in it: the lab lists current ones only.
Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_S3JobManifestGenerator.html
"""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from moto.s3.models import FakeBucket, FakeKey

from trailseal_lab.batch.jobs import BatchJob, BatchTask, Document
from trailseal_lab.batch.manifest import ManifestProblem
from trailseal_lab.s3.buckets import algorithm_of, bucket_owner, find_bucket, is_bucket_key
from trailseal_lab.s3.versions import has_versions

FORMAT = "S3InventoryReport_CSV_20211130"
ENCRYPTIONS = {"SSES3": "AES256", "SSEKMS": "aws:kms", "DSSEKMS": "aws:kms:dsse", "SSEC": "SSE-C",
               "NOTSSE": "NONE"}  # fmt: skip


def source_of(generator: Document) -> str:
    """Return the name of the bucket that is listed."""
    return str(generator["SourceBucket"]).rpartition(":")[2]


def find_objects(generator: Document, region: str) -> list[BatchTask]:
    """
    Return the current objects that pass the filter.

    Raises:
        ManifestProblem: the bucket is not there, another account's, or in another Region.
    """
    name = source_of(generator)
    bucket = find_bucket(name)
    expected = generator.get("ExpectedBucketOwner")
    if bucket is None or (expected and bucket_owner(name) != expected):
        raise ManifestProblem("ManifestGenerationFailed", f"The bucket {name} cannot be listed.")
    if bucket.region_name != region:
        raise ManifestProblem("ManifestGenerationFailed", f"The bucket {name} is in another Region.")
    kept = generator.get("Filter") or {}
    return [
        BatchTask(bucket=name, key=str(found.name), version_id=_version(bucket, found))
        for found in _current(bucket)
        if _passes(found, kept)
    ]


def _current(bucket: FakeBucket) -> Iterator[FakeKey]:
    for key in sorted(bucket.keys):
        found = bucket.keys.getlist(key)[-1]
        if isinstance(found, FakeKey):
            yield found


def _version(bucket: FakeBucket, found: FakeKey) -> str:
    return str(found.version_id) if has_versions(bucket) else ""


def _passes(found: FakeKey, kept: Document) -> bool:
    return (
        _named(str(found.name), kept.get("KeyNameConstraint") or {})
        and _in_time(found, kept)
        and _sized(int(found.size), kept)
        and str(found.storage_class) in (kept.get("MatchAnyStorageClass") or [str(found.storage_class)])
        and all(_encrypted(found, wanted) for wanted in kept.get("MatchAnyObjectEncryption") or ())
    )


def _named(key: str, kept: Document) -> bool:
    tests = (
        ("MatchAnyPrefix", key.startswith),
        ("MatchAnySuffix", key.endswith),
        ("MatchAnySubstring", lambda part: part in key),
    )
    return all(any(test(text) for text in kept[name]) for name, test in tests if kept.get(name))


def _in_time(found: FakeKey, kept: Document) -> bool:
    when = found.last_modified.replace(tzinfo=found.last_modified.tzinfo or UTC)
    after, before = _moment(kept.get("CreatedAfter")), _moment(kept.get("CreatedBefore"))
    return (after is None or when > after) and (before is None or when < before)


def _moment(given: Any) -> datetime | None:
    if given is None or isinstance(given, datetime):
        return given if given is None or given.tzinfo else given.replace(tzinfo=UTC)
    moment = datetime.fromisoformat(str(given))
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _sized(size: int, kept: Document) -> bool:
    least, most = kept.get("ObjectSizeGreaterThanBytes"), kept.get("ObjectSizeLessThanBytes")
    return (least is None or size > int(least)) and (most is None or size < int(most))


def _encrypted(found: FakeKey, wanted: Document) -> bool:
    kind, details = next(iter(wanted.items()))
    if algorithm_of(found) != ENCRYPTIONS[kind]:
        return False
    arn, bucket_key = (details or {}).get("KmsKeyArn"), (details or {}).get("BucketKeyEnabled")
    key_fits = not arn or str(found.kms_key_id) == arn
    return key_fits and (bucket_key is None or is_bucket_key(found) == bool(bucket_key))


def write_out(s3: Any, job: BatchJob, generator: Document, tasks: list[BatchTask]) -> None:
    """Write the list that was made where the job wants it, and note the place on the job."""
    place = generator["ManifestOutputLocation"]
    bucket = str(place["Bucket"]).rpartition(":")[2]
    prefix = str(place.get("ManifestPrefix") or "").strip("/")
    key = "/".join(part for part in (prefix, f"job-{job.job_id}", "manifest.csv") if part)
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n", quoting=csv.QUOTE_ALL)
    rows.writerows((task.bucket, quote(task.key, safe="/"), task.version_id) for task in tasks)
    body = text.getvalue().encode()
    encryption = place.get("ManifestEncryption") or {}
    sealed: Document = {"ServerSideEncryption": "AES256"}
    if "SSEKMS" in encryption:
        sealed = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": encryption["SSEKMS"]["KeyId"]}
    written = s3.put_object(Bucket=bucket, Key=key, Body=body, **sealed)
    etag = str(written.get("ETag", "")).strip('"') or hashlib.md5(body, usedforsecurity=False).hexdigest()
    location = {"ObjectArn": f"arn:aws:s3:::{bucket}/{key}", "ETag": etag}
    job.generated = {"Format": FORMAT, "Location": location}
