"""
The operations that jobs do, each an ordinary S3 request of the job's role.

Sources: https://docs.aws.amazon.com/AmazonS3/latest/userguide/batch-ops-update-encryption.html
https://docs.aws.amazon.com/AmazonS3/latest/userguide/batch-ops-copy-object.html
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from botocore.exceptions import ClientError, ParamValidationError
from msgspec import Struct

from trailseal_lab.batch.jobs import BatchJob, BatchTask, Document, TaskOutcome
from trailseal_lab.errors import ApiError

KEY_ARN = re.compile(r"arn:aws[-a-z0-9]*:kms:[-a-z0-9]*:[0-9]{12}:key/[-a-zA-Z0-9]+")
COPY_MEMBERS = {
    "BucketKeyEnabled": "BucketKeyEnabled",
    "CannedAccessControlList": "ACL",
    "ChecksumAlgorithm": "ChecksumAlgorithm",
    "MetadataDirective": "MetadataDirective",
    "ModifiedSinceConstraint": "CopySourceIfModifiedSince",
    "ObjectLockLegalHoldStatus": "ObjectLockLegalHoldStatus",
    "ObjectLockMode": "ObjectLockMode",
    "ObjectLockRetainUntilDate": "ObjectLockRetainUntilDate",
    "RedirectLocation": "WebsiteRedirectLocation",
    "SSEAwsKmsKeyId": "SSEKMSKeyId",
    "StorageClass": "StorageClass",
    "UnModifiedSinceConstraint": "CopySourceIfUnmodifiedSince",
}
"""The members of a copy job that CopyObject has under another name or the same one."""
NOT_DONE = (
    "AccessControlGrants",
    "AnnotationDirective",
    "ObjectLockEventHold",
    "ObjectLockEventHoldDuration",
)


class Operation(Struct, frozen=True):
    """One kind of job: what it asks to be right at CreateJob, and what it does with an object."""

    check: Callable[[Document], None]
    do: Callable[[Any, Document, BatchTask], None]


def run(s3: Any, job: BatchJob, task: BatchTask) -> TaskOutcome:
    """Return how one object fared; a failed task is an outcome, never an error."""
    if task.unnamed:
        said = "The version ID is empty"
        return TaskOutcome(task=task, succeeded=False, http_status=400, code="InvalidRequest", said=said)
    try:
        OPERATIONS[job.operation].do(s3, job.request["Operation"][job.operation], task)
    except ClientError as problem:
        error = problem.response.get("Error", {})
        status = int(problem.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 400))
        return TaskOutcome(
            task=task,
            succeeded=False,
            http_status=status,
            code=str(error.get("Code", "")),
            said=str(error.get("Message", "")),
        )
    except ParamValidationError as problem:
        said = str(problem).replace("\n", " ")
        return TaskOutcome(task=task, succeeded=False, http_status=400, code="InvalidRequest", said=said)
    return TaskOutcome(task=task, succeeded=True)


def _check_update(given: Document) -> None:
    wanted = (given.get("ObjectEncryption") or {}).get("SSEKMS") or {}
    if not KEY_ARN.fullmatch(str(wanted.get("KMSKeyArn", ""))):
        raise ApiError("BadRequestException", "The KMS key must be given by its full ARN.")


def _update(s3: Any, given: Document, task: BatchTask) -> None:
    wanted = {"SSEKMS": dict(given["ObjectEncryption"]["SSEKMS"])}
    s3.update_object_encryption(Bucket=task.bucket, Key=task.key, ObjectEncryption=wanted, **_version(task))


def _check_copy(given: Document) -> None:
    if not str(given.get("TargetResource", "")).startswith("arn:aws:s3:::"):
        raise ApiError("BadRequestException", "TargetResource must be a bucket's ARN.")
    for name in NOT_DONE:
        if given.get(name):
            raise ApiError("BadRequestException", f"The lab does not do {name}.")


def _copy(s3: Any, given: Document, task: BatchTask) -> None:
    source = {"Bucket": task.bucket, "Key": task.key, **_version(task)}
    members = {to: given[name] for name, to in COPY_MEMBERS.items() if given.get(name) not in (None, "")}
    if given.get("SSEAwsKmsKeyId"):
        members["ServerSideEncryption"] = "aws:kms"
    s3.copy_object(
        Bucket=str(given["TargetResource"]).rpartition(":")[2],
        Key=str(given.get("TargetKeyPrefix") or "") + task.key,
        CopySource=source,
        **members,
        **_new_metadata(given.get("NewObjectMetadata") or {}),
        **_new_tags(given.get("NewObjectTagging") or []),
    )


def _new_metadata(given: Document) -> Document:
    members = {n: given[n] for n in ("CacheControl", "ContentDisposition", "ContentEncoding",
                                     "ContentLanguage", "ContentType") if given.get(n)}  # fmt: skip
    if given.get("UserMetadata"):
        members["Metadata"] = dict(given["UserMetadata"])
    if given.get("SSEAlgorithm"):
        members["ServerSideEncryption"] = {"KMS": "aws:kms"}.get(given["SSEAlgorithm"], given["SSEAlgorithm"])
    return members


def _new_tags(tags: list[Document]) -> Document:
    pairs = "&".join(f"{tag['Key']}={tag['Value']}" for tag in tags)
    return {"Tagging": pairs, "TaggingDirective": "REPLACE"} if pairs else {}


def _version(task: BatchTask) -> Document:
    return {"VersionId": task.version_id} if task.version_id else {}


OPERATIONS = {
    "S3UpdateObjectEncryption": Operation(_check_update, _update),
    "S3PutObjectCopy": Operation(_check_copy, _copy),
}
"""By their names in CreateJob."""
