"""
S3 Batch Operations: the manifest it takes, the job it is asked for, the report it leaves.

Sources: https://docs.aws.amazon.com/AmazonS3/latest/userguide/batch-ops-update-encryption.html
https://docs.aws.amazon.com/AmazonS3/latest/userguide/batch-ops-examples-reports.html
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator
from hashlib import sha256
from typing import Any
from urllib.parse import quote, unquote_plus

from msgspec import Struct, field

from trailseal.history.rules.manifest import NULL, Row
from trailseal.history.rules.method import Method, Target
from trailseal.history.rules.state import GONE, State
from trailseal.model.arn import bucket_arn
from trailseal.model.foreign import json_in

ENDED = frozenset({"Complete", "Failed", "Cancelled"})
OK = "succeeded"
FIELDS = 7


class BatchPlace(Struct, frozen=True, kw_only=True):
    """Where manifests and reports go, and the job's role. The bucket must not be SSE-KMS by default."""

    bucket: str
    prefix: str
    role_arn: str
    account: str


class BatchStatus(Struct, frozen=True, kw_only=True):
    """What DescribeJob says."""

    status: str
    total: int = 0
    succeeded: int = 0
    failed: int = 0
    why: str = ""

    @property
    def has_ended(self) -> bool:
        """Whether nothing more will happen."""
        return self.status in ENDED


class FailedTask(Struct, frozen=True, kw_only=True):
    """One line of a report: an object that failed, and why."""

    key: str
    version_id: str
    succeeded: bool
    code: str = ""
    why: str = ""

    @property
    def state(self) -> State:
        """Return how the object ended, by the same codes as where it is asked for here."""
        if self.succeeded:
            return State.DONE
        return State.GONE if self.code in GONE else State.FAILED


def manifest_line(bucket: str, row: Row, *, versions: bool) -> bytes:
    """
    Return a line of the CSV manifest; with versions every line has one, `null` too, as S3 asks.

    Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/inventory-configure-bops.html
    """
    key = quote(row.key, safe="/")
    line = f"{bucket},{key},{row.version_id or NULL}" if versions else f"{bucket},{key}"
    return line.encode() + b"\n"


def can_batch_copy(row: Row) -> bool:
    """
    Whether one copy job's settings fit an object.

    A job has one storage class, ACL and lock for all objects, and no encryption context.
    """
    carried = row.lock_mode or row.legal_hold or row.event_hold or row.grants or row.redirect
    return row.storage_class == "STANDARD" and not carried


def operation(method: Method, target: Target) -> dict[str, Any]:
    """Return the operation of a job."""
    if method is Method.UPDATE:
        kms = {"KMSKeyArn": target.key_arn, "BucketKeyEnabled": target.bucket_key}
        return {"S3UpdateObjectEncryption": {"ObjectEncryption": {"SSEKMS": kms}}}
    return {
        "S3PutObjectCopy": {
            "TargetResource": bucket_arn(target.bucket, target.partition),
            "MetadataDirective": "COPY",
            "SSEAwsKmsKeyId": target.key_arn,
            "BucketKeyEnabled": target.bucket_key,
        }
    }


def job_request(
    method: Method, target: Target, place: BatchPlace, *, key: str, etag: str, versions: bool, tries: int = 0
) -> dict[str, Any]:
    """
    Return CreateJob, with a token of its whole content, so that a second call makes no second job.

    What failed may have to be tried again in the same words: `tries` says how often that was asked for.
    """
    request = _work_request(method, target, place, key=key, etag=etag, versions=versions)
    content = json.dumps({**request, "tries": tries}, sort_keys=True)
    return {**request, "ClientRequestToken": sha256(content.encode()).hexdigest()}


def _work_request(
    method: Method, target: Target, place: BatchPlace, *, key: str, etag: str, versions: bool
) -> dict[str, Any]:
    fields = ["Bucket", "Key", "VersionId"] if versions else ["Bucket", "Key"]
    return {
        "AccountId": place.account,
        "ConfirmationRequired": False,
        "Operation": operation(method, target),
        "Report": {
            "Enabled": True,
            "Bucket": bucket_arn(place.bucket, target.partition),
            "Prefix": f"{place.prefix}/reports",
            "Format": "Report_CSV_20180820",
            "ReportScope": "FailedTasksOnly",
        },
        "Manifest": {
            "Spec": {"Format": "S3BatchOperations_CSV_20180820", "Fields": fields},
            "Location": {"ObjectArn": bucket_arn(f"{place.bucket}/{key}", target.partition), "ETag": etag},
        },
        "Priority": 10,
        "RoleArn": place.role_arn,
        "Description": f"trailseal: {method} in {target.bucket}"[:256],
    }


class _Result(Struct, frozen=True):
    key: str = field(name="Key")


class _Report(Struct, frozen=True):
    results: tuple[_Result, ...] = field(name="Results")


def report_files(manifest: bytes) -> tuple[str, ...]:
    """
    Return the keys of a report's files, from its `manifest.json`.

    Raises:
        ValueError: it is none.
    """
    return tuple(result.key for result in json_in(manifest, _Report).results)


def read_report(lines: Iterable[str]) -> Iterator[FailedTask]:
    """
    Yield the tasks of a report's CSV.

    Raises:
        ValueError: a line is no task.
    """
    try:
        yield from map(_task, csv.reader(lines))
    except csv.Error as problem:
        raise ValueError(str(problem)) from problem


def _task(line: list[str]) -> FailedTask:
    if len(line) < FIELDS:
        raise ValueError(",".join(line))
    _, key, version, status, *codes, said = line[:FIELDS]
    # ErrorCode, then HTTPStatusCode by the report's schema; AWS's own example has them the other way round
    code = next((each for each in codes if each and not each.isdecimal()), "") or "".join(codes)
    why = f"{code} {said}".strip()
    return FailedTask(key=unquote_plus(key), version_id=version, succeeded=status == OK, code=code, why=why)
