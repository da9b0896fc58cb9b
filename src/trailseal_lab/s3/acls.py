"""
ACLs of buckets that have none: BucketOwnerEnforced, as every bucket since April 2023.

Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/about-object-ownership.html
"""

from __future__ import annotations

from moto.s3.models import FakeBucket
from werkzeug.wrappers import Response

from trailseal_lab.answers import Forward, answers
from trailseal_lab.call import Call
from trailseal_lab.errors import ApiError
from trailseal_lab.s3.buckets import require_bucket
from trailseal_lab.world import World

ENFORCED = "BucketOwnerEnforced"
BUCKET_OWNERS = frozenset({"", "private", "bucket-owner-full-control"})
"""What a writer may say of an object that is the bucket owner's alone."""


@answers("s3", "PutBucketAcl", "PutObjectAcl")
def put_acl(world: World, call: Call, forward: Forward) -> Response:
    """Let moto keep an ACL, where the bucket has any."""
    del world
    if _has_none(require_bucket(str(call.params["Bucket"]))):
        raise _unsupported()
    return forward()


def check_acl(call: Call, bucket: FakeBucket) -> None:
    """
    Return when a new object may have the ACL that its writer gives it.

    Raises:
        ApiError: AccessControlListNotSupported.
    """
    if _has_none(bucket) and is_given(call):
        raise _unsupported()


def is_given(call: Call) -> bool:
    """Whether the headers of a call give more than its owner an access."""
    grants = any(name.lower().startswith("x-amz-grant-") for name in call.headers.keys())  # noqa: SIM118
    return grants or call.headers.get("x-amz-acl", "") not in BUCKET_OWNERS


def _has_none(bucket: FakeBucket) -> bool:
    return ENFORCED in str(bucket.ownership_rule)


def _unsupported() -> ApiError:
    return ApiError("AccessControlListNotSupported", "The bucket does not allow ACLs", status=400)
