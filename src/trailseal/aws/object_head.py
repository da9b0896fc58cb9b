"""
What HeadObject of one object shows. No checksum is asked for: that would need kms:Decrypt.

Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html
"""

from __future__ import annotations

from typing import Any

from trailseal.model.log_file import StoredObject


def head_object(s3: Any, bucket: str, key: str) -> StoredObject:
    """
    Return an object as HeadObject shows it.

    Raises:
        ClientError: there is no such object, or it may not be asked about.
        BotoCoreError: S3 does not answer.
    """
    head = s3.head_object(Bucket=bucket, Key=key)
    return StoredObject(
        bucket=bucket,
        key=key,
        size=head["ContentLength"],
        last_modified=head["LastModified"],
        encryption=head.get("ServerSideEncryption", ""),
        kms_key_id=head.get("SSEKMSKeyId", ""),
        bucket_key_enabled=bool(head.get("BucketKeyEnabled", False)),
        etag=head.get("ETag", "").strip('"'),
        version_id=head.get("VersionId", ""),
        storage_class=head.get("StorageClass", "STANDARD"),
        metadata=head.get("Metadata", {}),
    )
