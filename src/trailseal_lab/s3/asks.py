"""
The permissions that S3 calls need.

Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html
"""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote

from trailseal_lab.call import Call
from trailseal_lab.errors import ApiError
from trailseal_lab.gate import Context, NeededPermission
from trailseal_lab.s3.buckets import bucket_owner, policy_of
from trailseal_lab.s3.public_access import public_access_of
from trailseal_lab.s3.tables import table_of_storage

ACTIONS: dict[str, tuple[str, ...]] = {
    "ListBuckets": ("ListAllMyBuckets",),
    "HeadBucket": ("ListBucket",),
    "ListObjects": ("ListBucket",),
    "ListObjectsV2": ("ListBucket",),
    "ListObjectVersions": ("ListBucketVersions",),
    "ListMultipartUploads": ("ListBucketMultipartUploads",),
    "ListParts": ("ListMultipartUploadParts",),
    "HeadObject": ("GetObject",),
    "SelectObjectContent": ("GetObject",),
    "GetObjectAttributes": ("GetObject", "GetObjectAttributes"),
    "GetObjectTorrent": ("GetObject",),
    "CreateMultipartUpload": ("PutObject",),
    "UploadPart": ("PutObject",),
    "CompleteMultipartUpload": ("PutObject",),
    "GetBucketEncryption": ("GetEncryptionConfiguration",),
    "PutBucketEncryption": ("PutEncryptionConfiguration",),
    "DeleteBucketEncryption": ("PutEncryptionConfiguration",),
    "GetBucketLifecycle": ("GetLifecycleConfiguration",),
    "GetBucketLifecycleConfiguration": ("GetLifecycleConfiguration",),
    "PutBucketLifecycle": ("PutLifecycleConfiguration",),
    "PutBucketLifecycleConfiguration": ("PutLifecycleConfiguration",),
    "DeleteBucketLifecycle": ("PutLifecycleConfiguration",),
    "GetBucketReplication": ("GetReplicationConfiguration",),
    "PutBucketReplication": ("PutReplicationConfiguration",),
    "DeleteBucketReplication": ("PutReplicationConfiguration",),
    "GetPublicAccessBlock": ("GetBucketPublicAccessBlock",),
    "PutPublicAccessBlock": ("PutBucketPublicAccessBlock",),
    "DeletePublicAccessBlock": ("PutBucketPublicAccessBlock",),
    "GetBucketNotificationConfiguration": ("GetBucketNotification",),
    "PutBucketNotificationConfiguration": ("PutBucketNotification",),
    "GetBucketCors": ("GetBucketCORS",),
    "PutBucketCors": ("PutBucketCORS",),
    "DeleteBucketCors": ("PutBucketCORS",),
    "DeleteBucketTagging": ("PutBucketTagging",),
    "GetObjectLockConfiguration": ("GetBucketObjectLockConfiguration",),
    "PutObjectLockConfiguration": ("PutBucketObjectLockConfiguration",),
    "GetBucketAccelerateConfiguration": ("GetAccelerateConfiguration",),
    "PutBucketAccelerateConfiguration": ("PutAccelerateConfiguration",),
    "GetBucketInventoryConfiguration": ("GetInventoryConfiguration",),
    "ListBucketInventoryConfigurations": ("GetInventoryConfiguration",),
    "PutBucketInventoryConfiguration": ("PutInventoryConfiguration",),
    "DeleteBucketInventoryConfiguration": ("PutInventoryConfiguration",),
    "CreateBucketMetadataConfiguration": ("CreateBucketMetadataTableConfiguration",),
    "GetBucketMetadataConfiguration": ("GetBucketMetadataTableConfiguration",),
    "DeleteBucketMetadataConfiguration": ("DeleteBucketMetadataTableConfiguration",),
    "DeleteBucketOwnershipControls": ("PutBucketOwnershipControls",),
}
"""Where the action is not called like the operation."""

READS = frozenset(("GetObject", "HeadObject", "ListParts"))
"""What s3tables:GetTableData allows on the files of a table; the rest of S3 is for those who write it."""

VERSIONED = frozenset(
    (
        "GetObject",
        "DeleteObject",
        "GetObjectAcl",
        "PutObjectAcl",
        "GetObjectTagging",
        "PutObjectTagging",
        "DeleteObjectTagging",
        "GetObjectAttributes",
    )
)
"""Actions that become `…Version…` when a version is named."""

HEADER_KEYS = (
    "x-amz-acl",
    "x-amz-server-side-encryption",
    "x-amz-server-side-encryption-aws-kms-key-id",
    "x-amz-server-side-encryption-customer-algorithm",
    "x-amz-storage-class",
    "x-amz-metadata-directive",
    "x-amz-website-redirect-location",
    "x-amz-content-sha256",
    "x-amz-copy-source",
    "x-amz-grant-full-control",
    "x-amz-grant-read",
    "x-amz-object-ownership",
)
"""Request headers that are condition keys of their own name under `s3:`."""

BYPASS = "x-amz-bypass-governance-retention"
LOCKS = {
    "x-amz-object-lock-mode": "PutObjectRetention",
    "x-amz-object-lock-retain-until-date": "PutObjectRetention",
    "x-amz-object-lock-legal-hold": "PutObjectLegalHold",
}
"""What a new object needs beside its own permission to be locked from the beginning."""
WRITES = frozenset(("PutObject", "CopyObject", "CreateMultipartUpload"))


def s3_asks(call: Call) -> list[NeededPermission]:
    """
    Return the permissions that an S3 call needs.

    Raises:
        ApiError: AccessDenied where the bucket is not its expected owner's.
    """
    _check_expected_owner(call)
    if (table := table_of_storage(str(call.params.get("Bucket", "")))) is not None:
        verb = "GetTableData" if call.operation in READS else "PutTableData"
        return [NeededPermission(action=f"s3tables:{verb}", resource=table.arn, account=table.account_id)]
    return [*_plain_asks(call), *_lock_asks(call)]


def bypasses(call: Call) -> bool:
    """Whether a call wants to get round retention in governance mode."""
    return call.headers.get(BYPASS, "").lower() == "true"


def _lock_asks(call: Call) -> list[NeededPermission]:
    key = call.params.get("Key")
    if call.operation in WRITES:
        needed = sorted({action for header, action in LOCKS.items() if call.headers.get(header)})
        return [bucket_ask(call, action, key) for action in needed]
    if not bypasses(call):
        return []
    keys = [o.get("Key") for o in _named_objects(call)] if call.operation == "DeleteObjects" else [key]
    return [bucket_ask(call, "BypassGovernanceRetention", each) for each in keys]


def _plain_asks(call: Call) -> list[NeededPermission]:
    match call.operation:
        case "ListBuckets" | "":
            return [NeededPermission(action="s3:ListAllMyBuckets", resource="*", account=call.caller.account)]
        case "CopyObject" | "UploadPartCopy":
            return _copy_asks(call)
        case "DeleteObjects":
            return _delete_asks(call)
        case operation:
            names = ACTIONS.get(operation, (operation,))
            version = call.params.get("VersionId")
            return [bucket_ask(call, versioned(name, version), call.params.get("Key")) for name in names]


def _check_expected_owner(call: Call) -> None:
    expected = call.headers.get("x-amz-expected-bucket-owner")
    owner = bucket_owner(str(call.params.get("Bucket", "")))
    if expected and owner and expected != owner:
        raise ApiError("AccessDenied", "Access Denied", status=403)


def versioned(action: str, version_id: Any) -> str:
    """Return the action's form for a named version: `GetObjectVersion`, `GetObjectVersionAcl`."""
    if not version_id or action not in VERSIONED:
        return action
    for verb in ("GetObject", "PutObject", "DeleteObject"):
        if action.startswith(verb):
            return f"{verb}Version{action.removeprefix(verb)}"
    return action


def bucket_ask(call: Call, action: str, key: Any = None, *, bucket: str = "") -> NeededPermission:
    """Return the ask for an action on the call's (or another) bucket, or on an object in it."""
    name = bucket or str(call.params.get("Bucket", ""))
    owner = bucket_owner(name) or call.caller.account
    return NeededPermission(
        action=f"s3:{action}",
        resource=f"arn:aws:s3:::{name}/{key}" if key else f"arn:aws:s3:::{name}",
        account=owner,
        context={**s3_context_keys(call), "s3:ResourceAccount": (owner,)},
        policy=policy_of(name),
        public_access_block=public_access_of(name),
    )


def s3_context_keys(call: Call) -> Context:
    """Return the S3 condition keys that the request carries."""
    found: Context = {f"s3:{h}": (call.headers[h],) for h in HEADER_KEYS if h in call.headers}
    found["s3:authType"] = ("REST-HEADER" if "Authorization" in call.headers else "REST-QUERY-STRING",)
    found["s3:signatureversion"] = ("AWS4-HMAC-SHA256",)
    for member, key in (
        ("VersionId", "s3:VersionId"),
        ("Prefix", "s3:prefix"),
        ("Delimiter", "s3:delimiter"),
    ):
        if call.params.get(member):
            found[key] = (str(call.params[member]),)
    if call.operation.startswith("List"):
        found.setdefault("s3:prefix", ("",))
        if "MaxKeys" in call.params:
            found["s3:max-keys"] = (str(call.params["MaxKeys"]),)
    return found


def copy_source(call: Call) -> tuple[str, str, str | None]:
    """Return bucket, key and version of the source that a copy names."""
    text, _, version = unquote(call.headers.get("x-amz-copy-source", "")).partition("?versionId=")
    bucket, _, key = text.lstrip("/").partition("/")
    return bucket, key, version or None


def _copy_asks(call: Call) -> list[NeededPermission]:
    bucket, key, version = copy_source(call)
    return [
        bucket_ask(call, versioned("GetObject", version), key, bucket=bucket),
        bucket_ask(call, "PutObject", call.params.get("Key")),
    ]


def _delete_asks(call: Call) -> list[NeededPermission]:
    given = _named_objects(call)
    return [bucket_ask(call, versioned("DeleteObject", o.get("VersionId")), o.get("Key")) for o in given]


def _named_objects(call: Call) -> list[dict[str, Any]]:
    return (call.params.get("Delete") or {}).get("Objects") or []
