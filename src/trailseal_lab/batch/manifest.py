"""
The objects that a job is about: from a CSV manifest, an S3 Inventory report, or found by S3 itself.

Sources: https://docs.aws.amazon.com/AmazonS3/latest/userguide/specify-batchjob-manifest.html
https://docs.aws.amazon.com/AmazonS3/latest/userguide/batch-ops-create-job.html
"""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote_plus

from botocore.exceptions import ClientError

from trailseal_lab.batch.jobs import BatchTask, Document

CSV_FORMAT = "S3BatchOperations_CSV_20180820"


class ManifestProblem(Exception):
    """A manifest that a job cannot begin with: the code and the reason that DescribeJob will show."""

    def __init__(self, code: str, why: str) -> None:
        super().__init__(why)
        self.code = code
        self.why = why


def read_manifest(s3: Any, manifest: Document) -> list[BatchTask]:
    """
    Return the tasks of a manifest, read as the job's role.

    Raises:
        ManifestProblem: it cannot be read, is another than the job was created with, or is malformed.
    """
    bucket, _, key = str(manifest["Location"]["ObjectArn"]).removeprefix("arn:aws:s3:::").partition("/")
    version = manifest["Location"].get("ObjectVersionId")
    body, found = _read(s3, bucket, key, **({"VersionId": version} if version else {}))
    if str(found["ETag"]).strip('"') != str(manifest["Location"]["ETag"]).strip('"'):
        raise ManifestProblem("InvalidManifest", "The manifest's ETag is not the one that the job names.")
    if manifest["Spec"]["Format"] != CSV_FORMAT:
        return list(_inventory(s3, body))
    if str(found.get("ServerSideEncryption", "")).startswith("aws:kms"):
        raise ManifestProblem("InvalidManifest", "A CSV manifest must not be encrypted with SSE-KMS.")
    return list(_rows(body, [str(name) for name in manifest["Spec"].get("Fields") or ()]))


def _read(s3: Any, bucket: str, key: str, **more: str) -> tuple[bytes, Document]:
    try:
        found: Document = s3.get_object(Bucket=bucket, Key=key, **more)
    except ClientError as problem:
        said = problem.response.get("Error", {}).get("Message", "")
        why = f"Reading the manifest s3://{bucket}/{key} failed: {said}"
        raise ManifestProblem("ManifestNotReadable", why) from problem
    return bytes(found["Body"].read()), found


def _rows(body: bytes, fields: list[str]) -> Iterator[BatchTask]:
    """Yield the tasks of a CSV; keys are URL-encoded, and with versions every row has one."""
    for number, row in enumerate(csv.reader(io.StringIO(body.decode())), start=1):
        if not row:
            continue
        if len(row) != len(fields):
            why = f"Line {number} of the manifest has {len(row)} fields and not {len(fields)}."
            raise ManifestProblem("InvalidManifest", why)
        held = dict(zip(fields, row, strict=True))
        if "VersionId" in held and not held["VersionId"]:
            raise ManifestProblem("InvalidManifest", f"Line {number} of the manifest has no version.")
        yield BatchTask(
            bucket=held["Bucket"], key=unquote_plus(held["Key"]), version_id=held.get("VersionId", "")
        )


def _inventory(s3: Any, body: bytes) -> Iterator[BatchTask]:
    """Yield the objects of an inventory's shards; delete markers are no objects."""
    try:
        document = json.loads(body)
        fields = [name.strip() for name in str(document["fileSchema"]).split(",")]
        place = str(document["destinationBucket"]).removeprefix("arn:aws:s3:::")
        shards = [str(shard["key"]) for shard in document["files"]]
    except (ValueError, KeyError, TypeError) as problem:
        raise ManifestProblem("InvalidManifest", "The inventory's manifest cannot be read.") from problem
    for shard in shards:
        content, _ = _read(s3, place, shard)
        for row in csv.reader(io.StringIO(gzip.decompress(content).decode())):
            held = dict(zip(fields, row, strict=True))
            if held.get("IsDeleteMarker", "false") != "true":
                yield BatchTask(
                    bucket=held["Bucket"],
                    key=unquote_plus(held["Key"]),
                    version_id=held.get("VersionId", ""),
                    unnamed=held.get("VersionId") == "",
                )
