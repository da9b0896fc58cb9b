"""Reading objects: the content asks for kms:Decrypt, what HeadObject shows does not."""

from __future__ import annotations

from http import HTTPStatus

from moto.s3.models import FakeKey
from werkzeug.wrappers import Response

from trailseal_lab import gate
from trailseal_lab.answers import Forward, answers
from trailseal_lab.asks import call_context
from trailseal_lab.call import Call
from trailseal_lab.errors import ApiError
from trailseal_lab.s3.asks import bucket_ask
from trailseal_lab.s3.buckets import find_object, require_bucket
from trailseal_lab.s3.locks import hide_lock
from trailseal_lab.s3.sealing import CUSTOMER, SSE, open_object, show_sealing
from trailseal_lab.world import World

LEAKED = ("x-amz-content-sha256", "x-amz-sdk-checksum-algorithm", "x-amz-decoded-content-length")
"""Request headers that moto hands back as an object's own."""


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
    return hide_lock(world, call, _shown(found, forward()))


def _found(world: World, call: Call) -> FakeKey | None:
    bucket = require_bucket(str(call.params["Bucket"]))
    found = find_object(bucket, str(call.params["Key"]), call.params.get("VersionId"))
    if found is None:
        _hide_absence(world, call)
        return None
    if SSE in call.headers and call.operation != "GetObjectAttributes":
        raise ApiError("InvalidArgument", f"The {SSE} header is not supported for this operation.")
    if getattr(found, "lab_customer_key", False) and CUSTOMER not in call.headers:
        text = (
            "The object was stored using a form of Server Side Encryption. "
            "The correct parameters must be provided to retrieve the object."
        )
        raise ApiError("InvalidRequest", text)
    return found


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
