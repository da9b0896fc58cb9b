"""
How objects are encrypted and opened: the effect of SSE-S3, SSE-KMS, S3 Bucket Keys and their keys' policies.

An object under a KMS key asks kms:GenerateDataKey of its writer and kms:Decrypt of each reader, with the
encryption context that the object carries and kms:ViaService of S3. With an S3 Bucket Key the same requester
asks KMS once in `BUCKET_KEY_CYCLES` cycles; in between, the key's policy and state are not looked at.

Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html
"""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass, field

from moto.kms.models import Key
from moto.s3.models import FakeBucket, FakeKey
from msgspec import Struct
from werkzeug.datastructures import Headers

from trailseal_lab.call import Call
from trailseal_lab.caller import SigningPrincipal
from trailseal_lab.errors import ApiError
from trailseal_lab.kms.keys import aws_managed_key, find_key
from trailseal_lab.kms.use import ServiceKeyUse, use_key
from trailseal_lab.s3.buckets import algorithm_of, context_of, is_bucket_key, require_bucket, s3_context
from trailseal_lab.s3.customer_keys import ALGORITHM, customer_key
from trailseal_lab.world import World

SSE = "x-amz-server-side-encryption"
KEY_ID = "x-amz-server-side-encryption-aws-kms-key-id"
BUCKET_KEY = "x-amz-server-side-encryption-bucket-key-enabled"
CONTEXT = "x-amz-server-side-encryption-context"
KMS = ("aws:kms", "aws:kms:dsse")
BUCKET_KEY_CYCLES = 12
"""AWS calls a bucket key short-lived and names no time; here, an hour at AWS's pace of log files."""


class StoredSealing(Struct, frozen=True, kw_only=True):
    """How one object is to be stored."""

    algorithm: str = "AES256"
    key_arn: str = ""
    bucket_key: bool = False
    context: dict[str, str] = {}
    given_context: dict[str, str] = {}
    """The pairs that the writer gave, without S3's own."""
    customer_key: str = ""
    """The MD5 of the writer's own key, in base64."""


@dataclass
class BucketKeys:
    """Which requester has had which bucket's key opened, and in which cycle."""

    opened: dict[tuple[str, str, str, str, str], int] = field(default_factory=dict)

    def is_open(self, world: World, what: tuple[str, str, str, str, str]) -> bool:
        """Whether KMS need not be asked; if it must, the asking is noted."""
        since = self.opened.get(what)
        return since is not None and world.cycles - since < BUCKET_KEY_CYCLES


def seal(world: World, call: Call, bucket: FakeBucket, key: str) -> StoredSealing:
    """
    Return how the object that `call` writes is encrypted, once KMS has let the caller have a data key.

    Raises:
        ApiError: AccessDenied, a KMS error with S3's prefix, or InvalidArgument.
    """
    if own := customer_key(call):
        return StoredSealing(algorithm="SSE-C", customer_key=own)
    wanted = wanted_sealing(call.headers, bucket, key)
    if wanted.algorithm not in KMS:
        return wanted
    found = resolve_key(wanted.key_arn, account=call.caller.account, region=bucket.region_name)
    sealing = StoredSealing(
        algorithm=wanted.algorithm,
        key_arn=found.arn,
        bucket_key=wanted.bucket_key,
        context=wanted.context,
        given_context=wanted.given_context,
    )
    ask_key(world, call, found, operation="GenerateDataKey", sealing=sealing, bucket=str(bucket.name))
    return sealing


def wanted_sealing(headers: Headers, bucket: FakeBucket, key: str) -> StoredSealing:
    """
    Return the encryption that the headers ask for, else the bucket's default, else SSE-S3.

    Raises:
        ApiError: InvalidArgument.
    """
    rule = (bucket.encryption or {}).get("Rule") or {}
    default = rule.get("ApplyServerSideEncryptionByDefault") or {}
    algorithm = headers.get(SSE) or default.get("SSEAlgorithm") or "AES256"
    if algorithm not in {"AES256", *KMS}:
        raise ApiError("InvalidArgument", "The encryption method specified is not supported")
    if algorithm not in KMS:
        if headers.get(KEY_ID):
            text = f"Server Side Encryption with AWS KMS managed key requires HTTP header {SSE} : aws:kms"
            raise ApiError("InvalidArgument", text)
        return StoredSealing()
    key_id = (
        headers.get(KEY_ID)
        or (default.get("KMSMasterKeyID") if _follows_default(headers, default) else "")
        or ""
    )
    asked = headers.get(BUCKET_KEY)
    bucket_key = asked.lower() == "true" if asked else str(rule.get("BucketKeyEnabled", "")).lower() == "true"
    bucket_key = bucket_key and algorithm == "aws:kms"
    pairs = given_pairs(headers)
    return StoredSealing(
        algorithm=algorithm,
        key_arn=key_id,
        bucket_key=bucket_key,
        context={**s3_context(str(bucket.name), key, bucket_key), **pairs},
        given_context=pairs,
    )


def _follows_default(headers: Headers, default: dict[str, str]) -> bool:
    return headers.get(SSE) in {None, default.get("SSEAlgorithm")}


def given_pairs(headers: Headers) -> dict[str, str]:
    """
    Return the encryption context that the writer gives: base64 of a JSON object of strings.

    Raises:
        ApiError: InvalidArgument.
    """
    text = headers.get(CONTEXT)
    if not text:
        return {}
    try:
        pairs = json.loads(base64.b64decode(text, validate=True))
    except (binascii.Error, ValueError) as problem:
        raise ApiError("InvalidArgument", "The encryption context is not base64-encoded JSON") from problem
    if not isinstance(pairs, dict) or not all(isinstance(v, str) for v in pairs.values()):
        raise ApiError("InvalidArgument", "The encryption context is not a JSON object of strings")
    return pairs


def open_object(world: World, call: Call, found: FakeKey, *, operation: str = "Decrypt") -> None:
    """
    Return when the caller may read the object's content, as far as its encryption goes.

    Raises:
        ApiError: AccessDenied, or a KMS error with S3's prefix.
    """
    if algorithm_of(found) not in KMS:
        return
    key = resolve_key(str(found.kms_key_id or ""), account=call.caller.account, region=region_of(found))
    sealing = StoredSealing(
        algorithm=algorithm_of(found),
        key_arn=key.arn,
        bucket_key=is_bucket_key(found),
        context=context_of(found),
    )
    ask_key(world, call, key, operation=operation, sealing=sealing, bucket=str(found.bucket_name))


def region_of(found: FakeKey) -> str:
    """Return the Region of the bucket that holds an object; moto's objects know only their partition."""
    return str(require_bucket(str(found.bucket_name)).region_name)


def ask_key(
    world: World,
    call: Call,
    key: Key,
    *,
    operation: str,
    sealing: StoredSealing,
    bucket: str,
    caller: SigningPrincipal | None = None,
) -> None:
    """
    Ask KMS for the caller, or not at all where an S3 Bucket Key is still open to it.

    Raises:
        ApiError: AccessDenied, or a KMS error with S3's prefix.
    """
    who = caller or call.caller
    what = (
        bucket,
        key.arn,
        who.issuer_arn or who.arn,
        operation,
        json.dumps(sealing.context, sort_keys=True),
    )
    cache = world.part(BucketKeys)
    if sealing.bucket_key and cache.is_open(world, what):
        return
    use = ServiceKeyUse(operation=operation, key=key, caller=who, service="s3", pairs=sealing.context)
    try:
        use_key(world, call, use)
    except ApiError as error:
        raise through_s3(error) from error
    if sealing.bucket_key:
        cache.opened[what] = world.cycles


def resolve_key(key_id: str, *, account: str, region: str) -> Key:
    """
    Return the key that S3 is told to use; without one, the account's own `aws/s3`.

    Raises:
        ApiError: KMS.NotFoundException, also for a key of another Region than the bucket's.
    """
    if not key_id:
        return aws_managed_key("s3", account=account, region=region)
    key = find_key(key_id, account=account, region=region)
    if key is None:
        raise ApiError("KMS.NotFoundException", f"Key '{key_id}' does not exist")
    if key.region != region:
        raise ApiError("KMS.NotFoundException", f"Invalid arn {key.region}")
    return key


def through_s3(error: ApiError) -> ApiError:
    """Return a KMS error as S3 hands it on: `KMS.DisabledException`, and AccessDenied as it is."""
    if error.code in {"AccessDenied", "AccessDeniedException"}:
        return ApiError("AccessDenied", error.message, status=403)
    return ApiError(f"KMS.{error.code}", error.message, status=400)


def note_sealing(found: FakeKey, sealing: StoredSealing) -> None:
    """Store on the object how it is encrypted."""
    found.encryption = None if sealing.customer_key else sealing.algorithm
    found.kms_key_id = sealing.key_arn or None
    found.bucket_key_enabled = "true" if sealing.bucket_key else None
    vars(found)["lab_context"] = dict(sealing.context)
    vars(found)["lab_customer_key"] = sealing.customer_key


def show_sealing(headers: Headers, found: FakeKey) -> None:
    """Write an object's encryption into a response's headers."""
    for name in (KEY_ID, BUCKET_KEY):
        headers.pop(name, None)
    show_algorithm(headers, algorithm_of(found))
    if found.kms_key_id and algorithm_of(found) in KMS:
        headers[KEY_ID] = str(found.kms_key_id)
        if is_bucket_key(found):
            headers[BUCKET_KEY] = "true"


def show_algorithm(headers: Headers, algorithm: str) -> None:
    """Write with which algorithm an object is encrypted, or an upload will be."""
    headers.pop(SSE, None)
    match algorithm:
        case "SSE-C":
            headers[ALGORITHM] = "AES256"
        case "NONE":
            pass
        case _:
            headers[SSE] = algorithm
