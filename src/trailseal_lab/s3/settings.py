"""Bucket settings as AWS has them since 2023: encrypted by default, closed to the public, without ACLs."""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import Any

from moto.iam.access_control import PermissionResult
from moto.s3.models import FakeBucket, PublicAccessBlock, s3_backends
from werkzeug.wrappers import Response

from trailseal.access.parse.kind import PolicyKind
from trailseal_lab.answers import Forward, answers, observes
from trailseal_lab.call import Call
from trailseal_lab.documents import check_document
from trailseal_lab.errors import ApiError
from trailseal_lab.principals import first_missing
from trailseal_lab.s3.bucket_names import check_bucket_name
from trailseal_lab.s3.buckets import find_bucket, require_bucket
from trailseal_lab.s3.public_access import is_on, is_public
from trailseal_lab.world import World

FIRST_BYTE = "Policies must be valid JSON and the first byte must be '{'"
# moto reads bucket policies without their conditions and principals; the gate has decided already.
setattr(FakeBucket, "get_permission", lambda *_: PermissionResult.PERMITTED)  # noqa: B010 - replaces moto's


@observes
def tell_region(world: World, call: Call, response: Response) -> None:
    """
    Tell a bucket's Region with each answer to HeadBucket, refusals too.

    Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadBucket.html
    """
    del world
    if (call.service, call.operation) == ("s3", "HeadBucket") and (
        found := find_bucket(call.params["Bucket"])
    ):
        response.headers["x-amz-bucket-region"] = found.region_name


@answers("s3", "CreateBucket")
def create_bucket(world: World, call: Call, forward: Forward) -> Response:
    """
    Let moto make the bucket, with Block Public Access on and no ACLs, as every bucket since April 2023.

    Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/create-bucket-faq.html

    Raises:
        ApiError: InvalidBucketName.
    """
    del world
    check_bucket_name(str(call.params["Bucket"]))
    response = forward()
    bucket = find_bucket(str(call.params.get("Bucket")))
    if response.status_code != HTTPStatus.OK or bucket is None:
        return response
    if not bucket.ownership_rule:
        setattr(bucket, "ownership_rule", "BucketOwnerEnforced")  # noqa: B010 - moto types it as a dict
    if bucket.public_access_block is None:
        closed: Any = PublicAccessBlock(
            block_public_acls=True,
            ignore_public_acls=True,
            block_public_policy=True,
            restrict_public_buckets=True,
        )
        bucket.public_access_block = closed
    return response


@answers("s3", "DeleteBucket")
def delete_bucket(world: World, call: Call, forward: Forward) -> Response:
    """Let moto delete the bucket; its tags go with it, where moto keeps them for the next of that name."""
    del world
    bucket = require_bucket(str(call.params["Bucket"]))
    response = forward()
    if find_bucket(str(bucket.name)) is None:
        s3_backends[str(bucket.account_id)]["aws"].tagger.delete_all_tags_for_resource(bucket.arn)
    return response


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
    text = body.decode(errors="replace")
    check_document(text, PolicyKind.BUCKET, code="MalformedPolicy")
    if first_missing(text):
        raise ApiError("MalformedPolicy", "Invalid principal in policy")
    return document


def _check_resources(document: dict[str, Any], bucket: str) -> None:
    statements = document["Statement"] if isinstance(document["Statement"], list) else [document["Statement"]]
    for statement in statements:
        found = statement.get("Resource", [])
        for resource in found if isinstance(found, list) else [found]:
            if not str(resource).removeprefix("arn:aws:s3:::").startswith((bucket, "*")) and resource != "*":
                raise ApiError("MalformedPolicy", "Policy has invalid resource")
