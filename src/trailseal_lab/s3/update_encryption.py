"""
UpdateObjectEncryption: another key for an object in place, with nothing else touched.

Body, metadata, LastModified, ETag, storage class, tags and version stay; the encryption context becomes
S3's own.
Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/update-sse-encryption.html
"""

from __future__ import annotations

import re
from typing import Any

from moto.kms.models import Key
from moto.s3.models import FakeKey

from trailseal_lab.answers import Forward, answers
from trailseal_lab.call import Call
from trailseal_lab.errors import ApiError
from trailseal_lab.kms.keys import find_key
from trailseal_lab.s3.buckets import (
    algorithm_of,
    bucket_owner,
    context_of,
    find_object,
    is_bucket_key,
    require_bucket,
    s3_context,
)
from trailseal_lab.s3.sealing import StoredSealing, ask_key, note_sealing, resolve_key
from trailseal_lab.world import World

KEY_ARN = re.compile(r"arn:aws[-a-z0-9]*:kms:[-a-z0-9]*:[0-9]{12}:key/.+")
SOURCE_OPERATIONS = ("Decrypt", "ReEncryptFrom")
TARGET_OPERATIONS = ("GenerateDataKey", "Encrypt", "Decrypt", "ReEncryptTo")
"""AWS lists Encrypt, Decrypt, GenerateDataKey and ReEncrypt* and does not say which is asked of which key."""


@answers("s3", "UpdateObjectEncryption")
def update_object_encryption(world: World, call: Call, forward: Forward) -> dict[str, Any]:
    """Re-wrap an object's data key under another KMS key."""
    del forward
    bucket, key_name = require_bucket(str(call.params["Bucket"])), str(call.params["Key"])
    _check_checksum(call)
    arn, bucket_key = _target(call)
    found = _object(call, key_name)
    _check_source(found)
    _check_lock(found)
    key = _check_key(arn, str(bucket.name), bucket.region_name)
    if algorithm_of(found) == "aws:kms":
        before = resolve_key(str(found.kms_key_id), account=call.caller.account, region=bucket.region_name)
        old = StoredSealing(
            algorithm="aws:kms",
            key_arn=before.arn,
            bucket_key=is_bucket_key(found),
            context=context_of(found),
        )
        _ask(world, call, before, old, SOURCE_OPERATIONS)
    new = StoredSealing(
        algorithm="aws:kms",
        key_arn=key.arn,
        bucket_key=bucket_key,
        context=s3_context(str(bucket.name), key_name, bucket_key),
    )
    _ask(world, call, key, new, TARGET_OPERATIONS)
    note_sealing(found, new)
    return {}


def _ask(world: World, call: Call, key: Key, sealing: StoredSealing, operations: tuple[str, ...]) -> None:
    bucket = str(call.params["Bucket"])
    for operation in operations:
        ask_key(world, call, key, operation=operation, sealing=sealing, bucket=bucket)


def _check_checksum(call: Call) -> None:
    names = [name.lower() for name in call.headers.keys()]  # noqa: SIM118 - werkzeug's headers iterate as pairs
    if not any(name == "content-md5" or name.startswith("x-amz-checksum-") for name in names):
        raise _invalid("Missing required header for this request: Content-MD5 OR x-amz-checksum-*")


def _target(call: Call) -> tuple[str, bool]:
    wanted = (call.params.get("ObjectEncryption") or {}).get("SSEKMS")
    if not isinstance(wanted, dict):
        raise _invalid("Only SSE-KMS is supported as the target encryption type.")
    arn = str(wanted.get("KMSKeyArn", ""))
    if not KEY_ARN.fullmatch(arn):
        raise _invalid("The KMS key ARN is missing or is not a full key ARN.")
    return arn, bool(wanted.get("BucketKeyEnabled"))


def _object(call: Call, key: str) -> FakeKey:
    bucket = require_bucket(str(call.params["Bucket"]))
    version = call.params.get("VersionId")
    found = find_object(bucket, key, version)
    if found is not None:
        return found
    if version:
        raise ApiError("NoSuchVersion", "The specified version does not exist.", status=404)
    raise ApiError("NoSuchKey", "The specified key does not exist.", status=404)


def _check_source(found: FakeKey) -> None:
    kind = algorithm_of(found)
    if kind not in {"AES256", "aws:kms"}:
        names = {"NONE": "unencrypted objects", "aws:kms:dsse": "DSSE-KMS", "SSE-C": "SSE-C"}
        raise _invalid(f"The source object's encryption type is not supported: {names.get(kind, kind)}.")


def _check_lock(found: FakeKey) -> None:
    if found.is_locked(governance_bypass=False):
        text = "Access Denied because object is protected by object lock."
        raise ApiError("AccessDenied", text, status=403)


def _check_key(arn: str, bucket: str, region: str) -> Key:
    owner = str(bucket_owner(bucket))
    if arn.split(":")[4] != owner:
        text = "The KMS key must be owned by the account that owns the bucket."
        raise ApiError("AccessDenied", text, status=403)
    key = find_key(arn, account=owner, region=region)
    if key is None or key.region != region:
        raise ApiError("KMS.NotFoundException", f"Key '{arn}' does not exist")
    return key


def _invalid(text: str) -> ApiError:
    return ApiError("InvalidRequest", text)
