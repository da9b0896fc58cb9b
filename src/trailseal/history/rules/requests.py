"""
The two requests that re-encrypt an object, with everything that must be carried over.

Sources: https://docs.aws.amazon.com/AmazonS3/latest/API/API_UpdateObjectEncryption.html
https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html
"""

from __future__ import annotations

from base64 import b64encode
from hashlib import md5
from typing import Any
from urllib.parse import quote

from trailseal.history.rules.manifest import Row
from trailseal.history.rules.method import Target, is_retained
from trailseal.objects.calls import ObjectRequest

MD5_OF_NOTHING = b64encode(md5(b"", usedforsecurity=False).digest()).decode()
"""S3 wants Content-MD5 where a write gets a lock; AWS does not say that a copy, without a body, is exempt."""
XML = "http://s3.amazonaws.com/doc/2006-03-01/"


def update_call(
    bucket: str, key: str, version_id: str, target: Target, *, about: Any = None
) -> ObjectRequest:
    """
    Return UpdateObjectEncryption.

    Some servers that do not know it take it for PutObject and overwrite the object, so it is sent to
    none before a probe has passed.
    """
    body = (
        f'<ObjectEncryption xmlns="{XML}"><SSE-KMS><KMSKeyArn>{target.key_arn}</KMSKeyArn>'
        f"<BucketKeyEnabled>{_flag(target)}</BucketKeyEnabled></SSE-KMS></ObjectEncryption>"
    ).encode()
    checksum = b64encode(md5(body, usedforsecurity=False).digest()).decode()
    query = "encryption="
    if version_id:
        query += f"&versionId={quote(version_id, safe='')}"
    headers = {"Content-MD5": checksum, "Content-Type": "application/xml"}
    return ObjectRequest(
        method="PUT", bucket=bucket, key=key, query=query, headers=headers, body=body, about=about
    )


def copy_call(row: Row, target: Target, *, about: Any = None) -> ObjectRequest:
    """
    Return CopyObject in place.

    Metadata, tags and checksum are S3's to carry (`COPY`); storage class, ACL, Object Lock, redirect and
    encryption context are lost unless sent again. The ETag guards both sides: what is read is what the
    census saw, and nothing newer is overwritten.

    Whether it is under an S3 Bucket Key is always said: unsaid, the bucket's own setting is taken, and
    readers pinned to the objects' ARNs would lose the copy.
    Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/configuring-bucket-key-object.html

    The current version is named by no ID: of an object that was deleted meanwhile S3 then finds nothing to
    copy, where its ID would bring it back on a server that heeds no If-Match over a delete marker.
    """
    source = quote(f"{target.bucket}/{row.key}", safe="/~-._")
    if row.version_id and not row.latest:
        source += f"?versionId={quote(row.version_id, safe='')}"
    headers = {
        "x-amz-copy-source": source,
        "x-amz-metadata-directive": "COPY",
        "x-amz-server-side-encryption": "aws:kms",
        "x-amz-server-side-encryption-aws-kms-key-id": target.key_arn,
        "x-amz-server-side-encryption-bucket-key-enabled": _flag(target),
    }
    if row.etag:
        headers["x-amz-copy-source-if-match"] = f'"{row.etag}"'
        headers["If-Match"] = f'"{row.etag}"'
    if target.context:
        headers["x-amz-server-side-encryption-context"] = b64encode(target.context.encode()).decode()
    if row.tags:
        headers["x-amz-tagging-directive"] = "COPY"
    headers |= _carried(row, target)
    if target.locks or row.lock_mode or row.legal_hold or row.event_hold:
        headers["Content-MD5"] = MD5_OF_NOTHING
    return ObjectRequest(method="PUT", bucket=target.bucket, key=row.key, headers=headers, about=about)


def _flag(target: Target) -> str:
    return "true" if target.bucket_key else "false"


def _carried(row: Row, target: Target) -> dict[str, str]:
    carried = row.grants | row.event_hold
    if row.storage_class != "STANDARD":
        carried["x-amz-storage-class"] = row.storage_class
    if is_retained(row, target):
        carried["x-amz-object-lock-mode"] = row.lock_mode
        carried["x-amz-object-lock-retain-until-date"] = row.lock_until
    if row.legal_hold:
        carried["x-amz-object-lock-legal-hold"] = "ON"
    if row.redirect:
        carried["x-amz-website-redirect-location"] = row.redirect
    return carried
