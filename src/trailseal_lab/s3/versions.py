"""
Versions as AWS keeps them where moto does not: markers for what was never there, and suspended versioning.

In a bucket whose versioning is suspended, what is written or deleted takes the place of the version `null`
alone; moto drops every version of the key. A delete without a version makes a delete marker in each bucket
that has or had versions, whether there is such an object or not.
Sources: https://docs.aws.amazon.com/AmazonS3/latest/userguide/DeleteMarker.html,
https://docs.aws.amazon.com/AmazonS3/latest/userguide/AddingObjectstoVersionSuspendedBuckets.html
and https://docs.aws.amazon.com/AmazonS3/latest/userguide/DeletingObjectsfromVersioningSuspendedBuckets.html
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from moto.s3.models import FakeBucket, FakeDeleteMarker, FakeKey, S3Backend
from msgspec import Struct

from trailseal_lab.answers import Answer, Forward, answers
from trailseal_lab.call import Call
from trailseal_lab.errors import ApiError
from trailseal_lab.s3.buckets import find_object, require_bucket
from trailseal_lab.s3.sizes import check_tags
from trailseal_lab.world import World

NULL = frozenset({"null", "None"})
"""How moto writes the version of what was stored while there were none."""
PUT, DELETE = S3Backend.put_object, S3Backend.delete_object


class _Named(Struct, frozen=True):
    """What a delete marker is told of the object that it hides."""

    name: str


def has_versions(bucket: FakeBucket) -> bool:
    """Whether a bucket has versions, or had them: then each has an ID."""
    return bool(bucket.versioning_status)


@answers("s3", "PutObjectTagging", "DeleteObjectTagging")
def change_object_tagging(world: World, call: Call, forward: Forward) -> Answer:
    """
    Let moto change the tags of an object that is there.

    Raises:
        ApiError: NoSuchKey, InvalidTag.
    """
    del world
    check_tags(call)
    bucket, key = require_bucket(str(call.params["Bucket"])), str(call.params["Key"])
    version = call.params.get("VersionId")
    if find_object(bucket, key, str(version) if version else None) is None:
        raise ApiError("NoSuchKey", "The specified key does not exist.", status=404, Key=key)
    return forward()


def _set_delete_marker(backend: S3Backend, bucket_name: str, key_name: str) -> Any:
    bucket = backend.get_bucket(bucket_name)
    hidden: Any = bucket.keys.get(key_name) or _Named(key_name)
    marker: Any = FakeDeleteMarker(key=hidden)
    kept: list[Any] = bucket.keys.getlist(key_name, [])
    if _is_suspended(bucket):
        marker._version_id = "null"
        kept = [each for each in kept if str(each.version_id) not in NULL]
    bucket.keys.setlist(key_name, [*kept, marker])
    return marker


def _delete_object(
    backend: S3Backend, bucket_name: str, key_name: str, version_id: str | None = None, **more: Any
) -> tuple[bool, dict[str, Any]]:
    bucket = backend.get_bucket(bucket_name)
    if version_id and not has_versions(bucket) and version_id not in NULL:
        return False, {}
    with _as_versioned(bucket):
        return DELETE(backend, bucket_name, key_name, version_id=version_id, **more)


def _put_object(backend: S3Backend, bucket_name: str, key_name: str, *given: Any, **more: Any) -> FakeKey:
    bucket = backend.get_bucket(bucket_name)
    if not _is_suspended(bucket):
        return PUT(backend, bucket_name, key_name, *given, **more)
    found: list[Any] = bucket.keys.getlist(key_name, [])
    kept = [each for each in found if str(each.version_id) not in NULL]
    # what is left to moto is what it may drop; `setlist` would close the content of the others
    dict.__setitem__(bucket.keys, key_name, [each for each in found if each not in kept])
    try:
        return PUT(backend, bucket_name, key_name, *given, **more)
    finally:
        dict.__setitem__(bucket.keys, key_name, [*kept, *bucket.keys.getlist(key_name)])


@contextmanager
def _as_versioned(bucket: FakeBucket) -> Iterator[None]:
    """Let moto delete in a bucket with suspended versioning as in one with versions."""
    before, suspended = bucket.versioning_status, _is_suspended(bucket)
    if suspended:
        bucket.versioning_status = "Enabled"
        vars(bucket)["lab_suspended"] = True
    try:
        yield
    finally:
        bucket.versioning_status = before
        vars(bucket).pop("lab_suspended", None)


def _is_suspended(bucket: FakeBucket) -> bool:
    return bucket.versioning_status == "Suspended" or bool(vars(bucket).get("lab_suspended"))


setattr(S3Backend, "_set_delete_marker", _set_delete_marker)  # noqa: B010 - replaces moto's
setattr(S3Backend, "delete_object", _delete_object)  # noqa: B010 - as above
setattr(S3Backend, "put_object", _put_object)  # noqa: B010 - as above
