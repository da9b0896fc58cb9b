"""Writing objects: PutObject, multipart uploads and CopyObject, sealed as asked and as the key allows."""

from __future__ import annotations

import secrets
import xml.etree.ElementTree as ET
from http import HTTPStatus

from moto.s3.models import FakeBucket, FakeKey
from werkzeug.wrappers import Response

from trailseal_lab.answers import Forward, answers
from trailseal_lab.call import Call
from trailseal_lab.errors import ApiError
from trailseal_lab.kms.keys import find_key
from trailseal_lab.s3.acls import check_acl
from trailseal_lab.s3.asks import copy_source
from trailseal_lab.s3.buckets import find_object, require_bucket
from trailseal_lab.s3.checksums import check_content
from trailseal_lab.s3.customer_keys import ALGORITHM, OF_SOURCE, check_customer_key, check_part
from trailseal_lab.s3.retention import given_lock, put_lock
from trailseal_lab.s3.sealing import (
    BUCKET_KEY,
    CONTEXT,
    KEY_ID,
    SSE,
    StoredSealing,
    ask_key,
    note_sealing,
    open_object,
    seal,
    show_algorithm,
    show_sealing,
)
from trailseal_lab.s3.sizes import check_sizes
from trailseal_lab.s3.uploads import Uploads, check_upload
from trailseal_lab.world import World

S3_NAMESPACE = "{http://s3.amazonaws.com/doc/2006-03-01/}"


@answers("s3", "PutObject")
def put_object(world: World, call: Call, forward: Forward) -> Response:
    """Store an object under the encryption that was asked for, or the bucket's default."""
    bucket, key = require_bucket(str(call.params["Bucket"])), str(call.params["Key"])
    check_sizes(call)
    check_content(call)
    check_acl(call, bucket)
    return _store(world, call, forward, bucket, key)


def _store(world: World, call: Call, forward: Forward, bucket: FakeBucket, key: str) -> Response:
    """Let moto store the object under what was asked for, and keep how it is sealed."""
    lock = given_lock(world, call, bucket)
    sealing = seal(world, call, bucket, key)
    _set_headers(call, sealing)
    response = forward()
    if response.status_code == HTTPStatus.OK:
        stored = _current(bucket, key)
        put_lock(world, bucket, stored, lock)
        _finish(response, stored, sealing)
    return response


@answers("s3", "CreateMultipartUpload")
def create_multipart_upload(world: World, call: Call, forward: Forward) -> Response:
    """Begin an upload: the writer's data key is asked for now."""
    bucket = require_bucket(str(call.params["Bucket"]))
    check_sizes(call)
    check_acl(call, bucket)
    lock = given_lock(world, call, bucket)
    sealing = seal(world, call, bucket, str(call.params["Key"]))
    _set_headers(call, sealing)
    response = forward()
    if response.status_code == HTTPStatus.OK:
        upload_id = _element(response, "UploadId")
        world.part(Uploads).sealings[upload_id] = sealing
        world.part(Uploads).locks[upload_id] = lock
        world.part(Uploads).begun[upload_id] = world.now()
        show_algorithm(response.headers, sealing.algorithm)
    return response


@answers("s3", "CompleteMultipartUpload")
def complete_multipart_upload(world: World, call: Call, forward: Forward) -> Response:
    """Finish an upload; its parts are read back, so kms:Decrypt is asked for too."""
    bucket, key = require_bucket(str(call.params["Bucket"])), str(call.params["Key"])
    upload_id = check_upload(call)
    _check_order(call)
    sealing = world.part(Uploads).sealings.get(upload_id)
    if sealing is not None and sealing.key_arn:
        found = find_key(sealing.key_arn, account=call.caller.account, region=bucket.region_name)
        if found is not None:
            ask_key(world, call, found, operation="Decrypt", sealing=sealing, bucket=str(bucket.name))
    response = forward()
    if response.status_code == HTTPStatus.OK and sealing is not None:
        stored = _current(bucket, key)
        put_lock(world, bucket, stored, world.part(Uploads).locks[upload_id])
        note_sealing(stored, sealing)
        show_sealing(response.headers, stored)
    return response


@answers("s3", "UploadPart", "ListParts", "AbortMultipartUpload")
def work_on_upload(world: World, call: Call, forward: Forward) -> Response:
    """Let moto keep a part that is what its writer says, list the parts of an upload, or forget it."""
    upload_id = check_upload(call)
    if call.operation == "UploadPart":
        check_content(call)
        check_part(call, world.part(Uploads).sealings[upload_id].customer_key)
    return forward()


def _check_order(call: Call) -> None:
    parts = (call.params.get("MultipartUpload") or {}).get("Parts") or ()
    if not parts or not all("PartNumber" in part for part in parts):
        text = "The XML you provided was not well-formed or did not validate against our published schema"
        raise ApiError("MalformedXML", text, status=400)
    numbers = [int(part["PartNumber"]) for part in parts]
    if numbers != sorted(set(numbers)):
        text = "The list of parts was not in ascending order. Parts must be ordered by part number."
        raise ApiError("InvalidPartOrder", text, status=400)


@answers("s3", "CopyObject")
def copy_object(world: World, call: Call, forward: Forward) -> Response:
    """
    Copy an object, in place too.

    Metadata and tags come along unless replaced; ACL, storage class, encryption and its context do not.
    Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html
    """
    check_sizes(call)
    source_name, source_key, version = copy_source(call)
    source = find_object(require_bucket(source_name), source_key, version)
    bucket, key = require_bucket(str(call.params["Bucket"])), str(call.params["Key"])
    check_acl(call, bucket)
    if source is not None:
        _check_changes_something(call, source, version)
        _open_source(world, call, source)
    call.set_header("Content-MD5", "none")  # moto asks for one of what is locked; a copy has no content
    return _store(world, call, forward, bucket, key)


@answers("s3", "PostObject")
def post_object(world: World, call: Call, forward: Forward) -> Response:
    """Refuse uploads from a browser's form: the lab knows no anonymous policy."""
    del world, call, forward
    raise ApiError("NotImplemented", "The lab does not take uploads from a form.", status=501)


@answers("s3", "UploadPartCopy")
def upload_part_copy(world: World, call: Call, forward: Forward) -> Response:
    """Copy a part, once its source may be read."""
    upload_id = check_upload(call)
    check_part(call, world.part(Uploads).sealings[upload_id].customer_key)
    source_name, source_key, version = copy_source(call)
    source = find_object(require_bucket(source_name), source_key, version)
    if source is not None:
        _open_source(world, call, source)
    return forward()


def _open_source(world: World, call: Call, source: FakeKey) -> None:
    _check_conditions(call, source)
    check_customer_key(call, source, OF_SOURCE)
    open_object(world, call, source)


def _check_conditions(call: Call, source: FakeKey) -> None:
    wanted = call.headers.get("x-amz-copy-source-if-match")
    unwanted = call.headers.get("x-amz-copy-source-if-none-match")
    etag = str(source.etag).strip('"')
    if wanted is not None and wanted.strip('"') not in {etag, "*"}:
        raise _precondition("x-amz-copy-source-If-Match")
    if unwanted is not None and unwanted.strip('"') in {etag, "*"}:
        raise _precondition("x-amz-copy-source-If-None-Match")


def _precondition(which: str) -> ApiError:
    text = "At least one of the pre-conditions you specified did not hold"
    return ApiError("PreconditionFailed", text, status=412, Condition=which)


def _check_changes_something(call: Call, source: FakeKey, version: str | None) -> None:
    here = (str(call.params["Bucket"]), str(call.params["Key"]))
    changes = (
        SSE,
        KEY_ID,
        BUCKET_KEY,
        CONTEXT,
        ALGORITHM,
        "x-amz-storage-class",
        "x-amz-website-redirect-location",
        "x-amz-checksum-algorithm",
    )
    replaces = call.headers.get("x-amz-metadata-directive", "COPY") == "REPLACE"
    if here != (source.bucket_name, source.name) or version or replaces:
        return
    if not any(name in call.headers for name in changes):
        raise ApiError(
            "InvalidRequest",
            "This copy request is illegal because it is trying to copy an object to itself without changing "
            "the object's metadata, storage class, website redirect location or encryption attributes.",
        )


def _set_headers(call: Call, sealing: StoredSealing) -> None:
    """Tell moto what was decided, in the headers that it reads; it knows no customer's key."""
    call.set_header(SSE, "AES256" if sealing.customer_key else sealing.algorithm)
    call.set_header(KEY_ID, sealing.key_arn or None)
    call.set_header(BUCKET_KEY, "true" if sealing.bucket_key else None)


def _current(bucket: FakeBucket, key: str) -> FakeKey:
    stored: FakeKey = bucket.keys.getlist(key)[-1]
    return stored


def _finish(response: Response, stored: FakeKey, sealing: StoredSealing) -> None:
    """Note the encryption on the new object and show it; without SSE-S3 an ETag is no MD5 of the content."""
    before = str(stored.etag)
    note_sealing(stored, sealing)
    if sealing.algorithm != "AES256":
        stored._etag = secrets.token_hex(16)
        response.set_data(response.get_data().replace(before.strip('"').encode(), stored._etag.encode()))
        if "ETag" in response.headers:
            response.headers["ETag"] = str(stored.etag)
    show_sealing(response.headers, stored)


def _element(response: Response, name: str) -> str:
    root = ET.fromstring(response.get_data())  # noqa: S314 - moto's own answer
    return root.findtext(S3_NAMESPACE + name) or root.findtext(name) or ""
