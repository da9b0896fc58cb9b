"""Bucket settings as AWS has them since 2023: encrypted by default, closed to the public, without ACLs."""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import Any

from moto.iam.access_control import PermissionResult
from moto.s3.models import FakeBucket, PublicAccessBlock
from werkzeug.wrappers import Response

from trailseal.access.parse.kind import PolicyKind
from trailseal_lab.answers import Answer, Forward, answers
from trailseal_lab.call import Call
from trailseal_lab.documents import check_document
from trailseal_lab.errors import ApiError
from trailseal_lab.s3.buckets import find_bucket, require_bucket
from trailseal_lab.s3.public_access import is_on, is_public
from trailseal_lab.world import World

FIRST_BYTE = "Policies must be valid JSON and the first byte must be '{'"
# moto reads bucket policies without their conditions and principals; the gate has decided already.
setattr(FakeBucket, "get_permission", lambda *_: PermissionResult.PERMITTED)  # noqa: B010 - replaces moto's


@answers("s3", "GetBucketEncryption")
def get_bucket_encryption(world: World, call: Call, forward: Forward) -> Answer:
    """Answer SSE-S3 for a bucket where nobody has chosen: there is always a default."""
    del world
    bucket = require_bucket(str(call.params["Bucket"]))
    if bucket.encryption:
        return forward()
    rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}, "BucketKeyEnabled": False}
    return {"ServerSideEncryptionConfiguration": {"Rules": [rule]}}


@answers("s3", "CreateBucket")
def create_bucket(world: World, call: Call, forward: Forward) -> Response:
    """
    Let moto make the bucket, with Block Public Access on, as for every bucket since April 2023.

    Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/create-bucket-faq.html
    """
    del world
    response = forward()
    bucket = find_bucket(str(call.params.get("Bucket")))
    if response.status_code == HTTPStatus.OK and bucket is not None and bucket.public_access_block is None:
        closed: Any = PublicAccessBlock(
            block_public_acls=True,
            ignore_public_acls=True,
            block_public_policy=True,
            restrict_public_buckets=True,
        )
        bucket.public_access_block = closed
    return response


@answers("s3", "GetBucketOwnershipControls")
def get_bucket_ownership_controls(world: World, call: Call, forward: Forward) -> Answer:
    """Answer BucketOwnerEnforced for a bucket where nobody has chosen."""
    del world
    bucket = require_bucket(str(call.params["Bucket"]))
    if bucket.ownership_rule:
        return forward()
    return {"OwnershipControls": {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}}


@answers("s3", "GetBucketNotificationConfiguration")
def get_bucket_notification_configuration(world: World, call: Call, forward: Forward) -> Answer:
    """
    Answer an empty configuration for a bucket that notifies nobody; moto's has another root then.

    Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketNotificationConfiguration.html
    """
    del world
    return forward() if require_bucket(str(call.params["Bucket"])).notification_configuration else {}


@answers("s3", "PutBucketPolicy")
def put_bucket_policy(world: World, call: Call, forward: Forward) -> Response:
    """
    Store a policy that is one, and that Block Public Access lets through.

    Raises:
        ApiError: MalformedPolicy, or AccessDenied for a public policy.
    """
    del world
    bucket = require_bucket(str(call.params["Bucket"]))
    _check_resources(_policy(call.body), str(bucket.name))
    if is_on("block_public_policy", str(bucket.name)) and is_public(call.body.decode()):
        text = (
            f"User: {call.caller.arn} is not authorized to perform: s3:PutBucketPolicy on resource: "
            f'"arn:aws:s3:::{bucket.name}" because public policies are prevented by the BlockPublicPolicy '
            "setting in S3 Block Public Access."
        )
        raise ApiError("AccessDenied", text, status=403)
    return forward()


def _policy(body: bytes) -> dict[str, Any]:
    try:
        document = json.loads(body)
    except ValueError as problem:
        raise ApiError("MalformedPolicy", FIRST_BYTE) from problem
    if not isinstance(document, dict) or not body.startswith(b"{"):
        raise ApiError("MalformedPolicy", FIRST_BYTE)
    if not document.get("Statement"):
        raise ApiError("MalformedPolicy", "Missing required field Statement")
    check_document(body.decode(errors="replace"), PolicyKind.BUCKET, code="MalformedPolicy")
    return document


def _check_resources(document: dict[str, Any], bucket: str) -> None:
    statements = document["Statement"] if isinstance(document["Statement"], list) else [document["Statement"]]
    for statement in statements:
        found = statement.get("Resource", [])
        for resource in found if isinstance(found, list) else [found]:
            if not str(resource).removeprefix("arn:aws:s3:::").startswith((bucket, "*")) and resource != "*":
                raise ApiError("MalformedPolicy", "Policy has invalid resource")
