"""
S3 Block Public Access: the settings of a bucket and its account, and what is public.

moto takes every statement with a condition for one that is not public, and looks at no other principal than
`*`. S3 begins by assuming that a policy is public, so what its page leaves open is public here.
Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
"""

from __future__ import annotations

from moto.s3control.models import s3control_backends

from trailseal.access.public import may_be_public
from trailseal.access.request import Document, PublicAccess
from trailseal_lab.answers import Answer, Forward, answers
from trailseal_lab.call import Call
from trailseal_lab.s3.buckets import bucket_owner, find_bucket, policy_of, require_bucket
from trailseal_lab.world import World


def public_access_of(bucket: str) -> PublicAccess:
    """Return what Block Public Access makes of a bucket's policy."""
    return PublicAccess(
        restrict_public_buckets=is_on("restrict_public_buckets", bucket),
        is_public=is_public(policy_of(bucket)),
    )


def is_on(setting: str, bucket: str) -> bool:
    """Whether a setting holds for a bucket: its own or its account's, the stricter of the two."""
    found, owner = find_bucket(bucket), bucket_owner(bucket)
    if found is None or owner is None:
        return False
    levels = (found.public_access_block, s3control_backends[owner]["aws"].public_access_block)
    # moto keeps the flags as they came in the request.
    return any(str(getattr(level, setting, "")).lower() == "true" for level in levels)


def is_public(policy: Document | None) -> bool:
    """Whether S3 takes a bucket policy for public; none is not."""
    return policy is not None and may_be_public(policy)


@answers("s3", "GetBucketPolicyStatus")
def get_bucket_policy_status(world: World, call: Call, forward: Forward) -> Answer:
    """Answer by the rule with which requests are decided; a missing policy is left to moto."""
    del world
    policy = policy_of(str(require_bucket(str(call.params["Bucket"])).name))
    return forward() if policy is None else {"PolicyStatus": {"IsPublic": is_public(policy)}}
