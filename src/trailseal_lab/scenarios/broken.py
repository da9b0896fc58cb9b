"""
What goes wrong: a trail that was stopped, one whose key waits for its deletion, one whose bucket shuts
CloudTrail out, and one in a Region that the operator may not look at.
"""

from __future__ import annotations

import json
from datetime import timedelta

from moto.cloudtrail.models import Trail

from trailseal_lab.cloudtrail.history import write_history
from trailseal_lab.cloudtrail.status import TrailStates
from trailseal_lab.cloudtrail.trails import trail_named
from trailseal_lab.hub.state import enable
from trailseal_lab.inside import client
from trailseal_lab.scenarios.parts import bucket_policy, key_policy, make_bucket, make_key, trail_arn
from trailseal_lab.scenarios.story import make_operator
from trailseal_lab.world import World

CLOSED_REGION = "eu-central-1"


def build(world: World) -> None:
    """Make the four trails."""
    make_operator(world)
    make(world, "stopped")
    client(world, "cloudtrail").stop_logging(Name="stopped")
    lose_key(world)
    shut_out(world)
    make(world, "out-of-sight", region=CLOSED_REGION)
    close_region(world)
    enable(world, world.account, world.region)


def make(world: World, name: str, *, region: str = "", key: str = "") -> Trail:
    """Make one single-Region trail with a day of history in a bucket of its own."""
    bucket = f"example-{name}-logs"
    policy = bucket_policy(world, bucket=bucket, trail=name, region=region)
    make_bucket(world, bucket, policy=policy, region=region)
    cloudtrail = client(world, "cloudtrail", region=region)
    more = {"KmsKeyId": key} if key else {}
    cloudtrail.create_trail(Name=name, S3BucketName=bucket, EnableLogFileValidation=True, **more)
    cloudtrail.start_logging(Name=name)
    trail = trail_named(name)
    write_history(world, trail, hours=24)
    return trail


def lose_key(world: World) -> None:
    """Make a trail whose key was scheduled for deletion: its deliveries fail since."""
    name = "lost-key"
    policy = key_policy(world, trails=[trail_arn(world, name)])
    key = make_key(world, policy=policy, alias="alias/lost", rotates=False)
    trail = make(world, name, key=key)
    client(world, "kms").schedule_key_deletion(KeyId=key, PendingWindowInDays=7)
    fail(world, trail, "KMS.KMSInvalidStateException")


def shut_out(world: World) -> None:
    """Make a trail whose bucket policy no longer names CloudTrail."""
    trail = make(world, "shut-out")
    policy = {"Version": "2012-10-17", "Statement": [reader_only(world)]}
    client(world, "s3").put_bucket_policy(Bucket=trail.bucket_name, Policy=json.dumps(policy))
    fail(world, trail, "AccessDenied")


def reader_only(world: World) -> dict[str, object]:
    """Return a bucket policy statement that is of no use to CloudTrail."""
    return {
        "Sid": "OperatorReads",
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{world.account}:user/operator"},
        "Action": "s3:GetObject",
        "Resource": "arn:aws:s3:::example-shut-out-logs/*",
    }


def fail(world: World, trail: Trail, error: str) -> None:
    """Say that the last hours' deliveries failed: what would have been seen while nobody looked."""
    status = world.part(TrailStates).of(trail.arn).place((trail.account_id, trail.region_name))
    status.error, status.tried = error, world.now()
    if status.delivered is not None:
        status.delivered -= timedelta(hours=3)


def close_region(world: World) -> None:
    """Deny the operator every CloudTrail call in one Region."""
    statement = {
        "Sid": "NotInThisRegion",
        "Effect": "Deny",
        "Action": "cloudtrail:*",
        "Resource": "*",
        "Condition": {"StringEquals": {"aws:RequestedRegion": CLOSED_REGION}},
    }
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    client(world, "iam").put_user_policy(
        UserName="operator", PolicyName="closed-region", PolicyDocument=document
    )
