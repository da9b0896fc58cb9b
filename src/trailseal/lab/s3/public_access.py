"""
S3 Block Public Access: the setting of a bucket for the engine, and what is public.

moto takes every statement with a condition for one that is not public, and looks at no other principal than
`*`. S3 begins by assuming that a policy is public, so what its page leaves open is public here.
Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
"""

from __future__ import annotations

from typing import Any

from trailseal.access.public import may_be_public
from trailseal.access.request import Document, PublicAccess
from trailseal.lab.answers import Answer, Forward, answers
from trailseal.lab.call import Call
from trailseal.lab.s3.buckets import find_bucket, policy_of, require_bucket
from trailseal.lab.world import World


def public_access_of(bucket: str) -> PublicAccess | None:
    """Return what Block Public Access makes of a bucket's policy, None where it is not set."""
    found = find_bucket(bucket)
    block = found.public_access_block if found is not None else None
    if block is None:
        return None
    return PublicAccess(
        restrict_public_buckets=is_on(block.restrict_public_buckets), is_public=is_public(policy_of(bucket))
    )


def is_public(policy: Document | None) -> bool:
    """Whether S3 takes a bucket policy for public; none is not."""
    return policy is not None and may_be_public(policy)


def is_on(flag: Any) -> bool:
    """Whether a setting is on; moto keeps what came in the request."""
    return str(flag).lower() == "true"


@answers("s3", "GetBucketPolicyStatus")
def get_bucket_policy_status(world: World, call: Call, forward: Forward) -> Answer:
    """Answer by the rule with which requests are decided; a missing policy is left to moto."""
    del world
    policy = policy_of(str(require_bucket(str(call.params["Bucket"])).name))
    return forward() if policy is None else {"PolicyStatus": {"IsPublic": is_public(policy)}}
