"""
The completion report of a job, always under SSE-S3.

The columns stand as in AWS's example rows, where the HTTP status comes before the error code, although
`ReportSchema` names them the other way round.
Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/batch-ops-examples-reports.html
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any
from urllib.parse import quote

from trailseal_lab.batch.jobs import BatchJob, Document, TaskOutcome

SCHEMA = "Bucket, Key, VersionId, TaskStatus, ErrorCode, HTTPStatusCode, ResultMessage"


def write_report(s3: Any, job: BatchJob, now: datetime) -> None:
    """Write one file for each outcome that there was, and the manifest that names them."""
    asked = job.request["Report"]
    if not asked.get("Enabled") or not job.outcomes:
        return
    bucket = str(asked["Bucket"]).rpartition(":")[2]
    prefix = str(asked.get("Prefix") or "").strip("/")
    root = f"{prefix}/job-{job.job_id}" if prefix else f"job-{job.job_id}"
    owner = {"ExpectedBucketOwner": asked["ExpectedBucketOwner"]} if asked.get("ExpectedBucketOwner") else {}
    statuses = ("succeeded", "failed") if asked["ReportScope"] == "AllTasks" else ("failed",)
    results: list[Document] = []
    for status in statuses:
        body = _lines(o for o in job.outcomes if o.succeeded == (status == "succeeded"))
        if not body:
            continue
        name = hashlib.sha1(f"{job.job_id}/{status}".encode(), usedforsecurity=False).hexdigest()
        key = f"{root}/results/{name}.csv"
        s3.put_object(Bucket=bucket, Key=key, Body=body, ServerSideEncryption="AES256", **owner)
        digest = hashlib.md5(body, usedforsecurity=False).hexdigest()
        results.append({"TaskExecutionStatus": status, "Bucket": bucket, "MD5Checksum": digest, "Key": key})
    document = {
        "Format": "Report_CSV_20180820",
        "ReportCreationDate": now.strftime("%Y-%m-%dT%H:%M:%S.") + f"{now.microsecond // 1000:03d}Z",
        "Results": results,
        "ReportSchema": SCHEMA,
    }
    body = json.dumps(document).encode()
    s3.put_object(
        Bucket=bucket, Key=f"{root}/manifest.json", Body=body, ServerSideEncryption="AES256", **owner
    )


def _lines(outcomes: Iterable[TaskOutcome]) -> bytes:
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    for outcome in outcomes:
        task = outcome.task
        rows.writerow(
            (
                task.bucket,
                quote(task.key, safe="/"),
                task.version_id,
                "succeeded" if outcome.succeeded else "failed",
                outcome.http_status,
                outcome.code,
                outcome.said,
            )
        )
    return text.getvalue().encode()
