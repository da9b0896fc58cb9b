"""Reading objects: the content asks for kms:Decrypt, what HeadObject shows does not."""

from __future__ import annotations

from http import HTTPStatus

from moto.s3.models import FakeBucket, FakeDeleteMarker, FakeKey
from werkzeug.wrappers import Response

from trailseal_lab import gate
from trailseal_lab.answers import Forward, answers
from trailseal_lab.asks import call_context
from trailseal_lab.call import Call
from trailseal_lab.errors import ApiError
from trailseal_lab.s3.asks import bucket_ask
from trailseal_lab.s3.buckets import find_object, require_bucket
from trailseal_lab.s3.customer_keys import check_customer_key
from trailseal_lab.s3.locks import hide_lock
from trailseal_lab.s3.sealing import SSE, open_object, show_sealing
from trailseal_lab.world import World

LEAKED = ("x-amz-content-sha256", "x-amz-sdk-checksum-algorithm", "x-amz-decoded-content-length")
"""Request headers that moto hands back as an object's own."""

PLAIN = frozenset({"Bucket", "Key", "ExpectedBucketOwner"})
"""Members of a HeadObject that asks for the current version as it is."""


@answers("s3", "GetObject", "SelectObjectContent", "GetObjectAttributes")
def get_object(world: World, call: Call, forward: Forward) -> Response:
    """
    Hand out an object's content to those whom its key lets read it.

    A missing key looks forbidden to a caller who may not list the bucket.
    Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html
    """
    found = _found(world, call)
    if found is not None:
        open_object(world, call, found)
    return hide_lock(world, call, _shown(found, forward()))


@answers("s3", "HeadObject")
def head_object(world: World, call: Call, forward: Forward) -> Response:
    """
    Show an object's metadata. The key is not asked, but for the checksum (ChecksumMode).

    Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html
    """
    found = _found(world, call)
    if found is not None and call.headers.get("x-amz-checksum-mode", "").upper() == "ENABLED":
        open_object(world, call, found)
    is_plain = found is not None and PLAIN.issuperset(call.params)
    return hide_lock(world, call, _shown(found, _head_of(found) if is_plain and found else forward()))


def _head_of(found: FakeKey) -> Response:
    """Return what moto shows of an object that is asked for without a condition, at once."""
    headers = {**found.metadata, **found.response_dict, "Accept-Ranges": "bytes"}
    return Response(headers={name: str(value) for name, value in headers.items()})


def _found(world: World, call: Call) -> FakeKey | None:
    bucket, version = require_bucket(str(call.params["Bucket"])), call.params.get("VersionId")
    found = find_object(bucket, str(call.params["Key"]), version)
    if found is None:
        _refuse_marker(call, bucket, str(version or ""))
        _hide_absence(world, call)
        return None
    if SSE in call.headers and call.operation != "GetObjectAttributes":
        raise ApiError("InvalidArgument", f"The {SSE} header is not supported for this operation.")
    check_customer_key(call, found)
    return found


def _refuse_marker(call: Call, bucket: FakeBucket, version: str) -> None:
    """
    Return unless the version that is named is a delete marker, which has no content.

    Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/DeleteMarker.html

    Raises:
        ApiError: MethodNotAllowed.
    """
    versions = bucket.keys.getlist(str(call.params["Key"]), [])
    if version and any(isinstance(v, FakeDeleteMarker) and v.version_id == version for v in versions):
        text = "The specified method is not allowed against this resource."
        raise ApiError("MethodNotAllowed", text, status=405, Method=call.request.method)


def _hide_absence(world: World, call: Call) -> None:
    if world.building:
        return
    ask = bucket_ask(call, "ListBucket")
    decision = gate.decide(call.caller, ask, call_context(call))
    if not decision.is_allowed:
        raise ApiError("AccessDenied", gate.refusal_text(call.caller, ask, decision), status=403)


def _shown(found: FakeKey | None, response: Response) -> Response:
    for name in LEAKED:
        response.headers.pop(name, None)
    if found is not None and response.status_code in {HTTPStatus.OK, HTTPStatus.PARTIAL_CONTENT}:
        show_sealing(response.headers, found)
    return response
