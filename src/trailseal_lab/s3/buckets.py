"""moto's buckets and objects, found wherever they are."""

from __future__ import annotations

from typing import Any

from moto.s3.models import FakeBucket, FakeKey, s3_backends

from trailseal_lab.errors import ApiError

NOT_ENCRYPTED = "NONE"
"""Marks an object from before 2023, which was stored in the clear; scenarios may set it."""


def bucket_owner(name: str) -> str | None:
    """Return the account that owns a bucket, None when there is no such bucket."""
    found = s3_backends.bucket_accounts.get(name)
    return str(found[1]) if found else None


def find_bucket(name: str) -> FakeBucket | None:
    """Return the bucket, None when there is none."""
    owner = bucket_owner(name)
    if owner is None:
        return None
    bucket: FakeBucket = s3_backends[owner]["aws"].get_bucket(name)
    return bucket


def policy_of(bucket: str) -> str | None:
    """Return a bucket's policy, None when it has none."""
    found = find_bucket(bucket)
    policy: Any = found.policy if found is not None else None
    if not policy:
        return None
    return policy.decode() if isinstance(policy, bytes) else str(policy)


def require_bucket(name: str) -> FakeBucket:
    """
    Return the bucket.

    Raises:
        ApiError: NoSuchBucket.
    """
    bucket = find_bucket(name)
    if bucket is None:
        raise ApiError("NoSuchBucket", "The specified bucket does not exist", status=404, BucketName=name)
    return bucket


def find_object(bucket: FakeBucket, key: str, version_id: str | None = None) -> FakeKey | None:
    """Return the object's current or named version, None when there is none or it is a delete marker."""
    versions: list[Any] = bucket.keys.getlist(key, [])
    if version_id and version_id != "null":
        versions = [v for v in versions if v.version_id == version_id]
    elif version_id == "null":
        versions = [v for v in versions if v.version_id in {"null", None}]
    found = versions[-1] if versions else None
    return found if isinstance(found, FakeKey) else None


def algorithm_of(found: FakeKey) -> str:
    """Return `AES256`, `aws:kms`, `aws:kms:dsse`, `SSE-C`, or `NONE` for an object in the clear."""
    if getattr(found, "lab_customer_key", False):
        return "SSE-C"
    return str(found.encryption or "AES256")


def context_of(found: FakeKey) -> dict[str, str]:
    """Return the encryption context that the object's data key was made with."""
    own: dict[str, str] | None = getattr(found, "lab_context", None)
    return (
        own if own is not None else s3_context(str(found.bucket_name), str(found.name), is_bucket_key(found))
    )


def is_bucket_key(found: FakeKey) -> bool:
    """Whether the object's data key came from an S3 Bucket Key."""
    return str(found.bucket_key_enabled).lower() == "true"


def s3_context(bucket: str, key: str, bucket_key: bool) -> dict[str, str]:  # noqa: FBT001 - reads as `aws:s3:arn`
    """Return the pair that S3 adds itself: the object's ARN, or the bucket's with an S3 Bucket Key."""
    arn = f"arn:aws:s3:::{bucket}" if bucket_key else f"arn:aws:s3:::{bucket}/{key}"
    return {"aws:s3:arn": arn}
