"""Objects that AWS services deliver: allowed by the bucket's policy and the key's, or refused."""

from __future__ import annotations

from collections.abc import Mapping

from moto.core.request import Request
from moto.s3.models import FakeBucket, FakeKey, s3_backends
from msgspec import Struct
from werkzeug.datastructures import Headers
from werkzeug.test import EnvironBuilder

from trailseal_lab import gate
from trailseal_lab.call import Call
from trailseal_lab.caller import service_caller
from trailseal_lab.errors import ApiError
from trailseal_lab.gate import Context, NeededPermission
from trailseal_lab.s3.buckets import bucket_owner, policy_of, require_bucket
from trailseal_lab.s3.sealing import (
    KEY_ID,
    KMS,
    SSE,
    StoredSealing,
    ask_key,
    note_sealing,
    resolve_key,
    wanted_sealing,
)
from trailseal_lab.world import World


class ServiceWrite(Struct, frozen=True, kw_only=True):
    """One object that a service writes. `kms_key_id` "" leaves the encryption to the bucket's default."""

    service: str
    source_arn: str
    source_account: str
    bucket: str
    key: str
    body: bytes
    metadata: dict[str, str] = {}
    kms_key_id: str = ""
    encryption_context: dict[str, str] = {}
    content_type: str = "application/json"
    content_encoding: str = ""


def put_object_as_service(  # noqa: PLR0913 - one object with everything about it
    world: World,
    *,
    service: str,
    source_arn: str,
    source_account: str,
    bucket: str,
    key: str,
    body: bytes,
    metadata: Mapping[str, str] | None = None,
    kms_key_id: str = "",
    encryption_context: Mapping[str, str] | None = None,
    content_type: str = "application/json",
    content_encoding: str = "",
) -> FakeKey:
    """
    Store an object as a service does, with `bucket-owner-full-control`, and return it.

    Raises:
        ApiError: NoSuchBucket, AccessDenied by the bucket's or the key's policy, `KMS.…Exception`.
    """
    delivery = ServiceWrite(
        service=service,
        source_arn=source_arn,
        source_account=source_account,
        bucket=bucket,
        key=key,
        body=body,
        metadata=dict(metadata or {}),
        kms_key_id=kms_key_id,
        encryption_context=dict(encryption_context or {}),
        content_type=content_type,
        content_encoding=content_encoding,
    )
    target = require_bucket(bucket)
    if not world.building:
        check_may_write(delivery)
    sealing = _sealing(world, delivery, target)
    return _store(delivery, sealing)


def check_service_access(
    *,
    service: str,
    action: str,
    bucket: str,
    key: str = "",
    context: Context | None = None,
    source_arn: str,
    source_account: str,
) -> bool:
    """Whether a bucket's policy lets a service do `action` (`s3:GetBucketAcl`) for this source."""
    ask = NeededPermission(
        action=action,
        resource=f"arn:aws:s3:::{bucket}/{key}" if key else f"arn:aws:s3:::{bucket}",
        account=bucket_owner(bucket) or "",
        policy=policy_of(bucket),
    )
    whole = {**source_context(source_arn, source_account), **(context or {})}
    return gate.is_allowed(service_caller(service), ask, whole)


def check_may_write(delivery: ServiceWrite) -> None:
    """
    Return when the bucket's policy lets the service write this object.

    Raises:
        ApiError: AccessDenied.
    """
    context: Context = {"s3:x-amz-acl": ("bucket-owner-full-control",)}
    if delivery.kms_key_id:
        context |= {f"s3:{SSE}": ("aws:kms",), f"s3:{KEY_ID}": (delivery.kms_key_id,)}
    allowed = check_service_access(
        service=delivery.service,
        action="s3:PutObject",
        bucket=delivery.bucket,
        key=delivery.key,
        context=context,
        source_arn=delivery.source_arn,
        source_account=delivery.source_account,
    )
    if not allowed:
        raise ApiError("AccessDenied", "Access Denied", status=403)


def source_context(source_arn: str, source_account: str) -> Context:
    """Return the context keys that a service sends about what it works for."""
    return {
        "aws:SourceArn": (source_arn,),
        "aws:SourceAccount": (source_account,),
        "aws:SecureTransport": ("true",),
    }


def service_call(world: World, *, service: str, region: str, key_arn: str = "") -> Call:
    """Return the call that stands behind a service's own work, for the engine's context and the observers."""
    headers = Headers()
    if key_arn:
        headers[SSE], headers[KEY_ID] = "aws:kms", key_arn
    environ = EnvironBuilder(method="PUT", headers=headers).get_environ()
    return Call(
        service="s3",
        operation="PutObject",
        region=region,
        access_key_id="",
        session_token="",
        params={},
        request=Request(environ),
        protocol="rest-xml",
        request_id="",
        time=world.now(),
        body=b"",
        source_ip=service,
        who=service_caller(service),
    )


def _sealing(world: World, delivery: ServiceWrite, bucket: FakeBucket) -> StoredSealing:
    region = str(bucket.region_name)
    call = service_call(world, service=delivery.service, region=region, key_arn=delivery.kms_key_id)
    wanted = wanted_sealing(call.headers, bucket, delivery.key)
    if wanted.algorithm not in KMS:
        return wanted
    key = resolve_key(wanted.key_arn, account=str(bucket_owner(delivery.bucket)), region=region)
    sealing = StoredSealing(
        algorithm=wanted.algorithm,
        key_arn=key.arn,
        bucket_key=wanted.bucket_key,
        context={**wanted.context, **delivery.encryption_context},
    )
    extra = source_context(delivery.source_arn, delivery.source_account)
    call.notes["context"] = extra
    operations = ("GenerateDataKey", "Decrypt") if sealing.bucket_key else ("GenerateDataKey",)
    for operation in operations:
        ask_key(world, call, key, operation=operation, sealing=sealing, bucket=delivery.bucket)
    return sealing


def _store(delivery: ServiceWrite, sealing: StoredSealing) -> FakeKey:
    backend = s3_backends[str(bucket_owner(delivery.bucket))]["aws"]
    stored: FakeKey = backend.put_object(
        delivery.bucket,
        delivery.key,
        delivery.body,
        encryption=sealing.algorithm,
        kms_key_id=sealing.key_arn or None,
        bucket_key_enabled="true" if sealing.bucket_key else None,
    )
    metadata = {f"x-amz-meta-{name}": value for name, value in delivery.metadata.items()}
    metadata["Content-Type"] = delivery.content_type
    if delivery.content_encoding:
        metadata["Content-Encoding"] = delivery.content_encoding
    stored.set_metadata(metadata)
    note_sealing(stored, sealing)
    return stored
