"""An account where everything passes: one trail under its own key, with a history that is under it too."""

from __future__ import annotations

import json

from trailseal_lab.cloudtrail.history import write_history, write_latest
from trailseal_lab.cloudtrail.trails import trail_named
from trailseal_lab.hub.catalogue import CIS5, FSBP
from trailseal_lab.hub.state import enable
from trailseal_lab.inside import client
from trailseal_lab.scenarios.parts import (
    Document,
    bucket_policy,
    key_policy,
    make_bucket,
    make_key,
    make_role,
    trail_arn,
)
from trailseal_lab.scenarios.story import make_operator
from trailseal_lab.world import World

TRAIL = "management-events"
BUCKET = "example-sealed-logs"
LOG_GROUP = "cloudtrail"
ROLE = "cloudtrail-to-logs"


def build(world: World) -> None:
    """Make the account as it should be."""
    make_operator(world)
    policy = bucket_policy(world, bucket=BUCKET, trail=TRAIL)
    make_bucket(world, BUCKET, policy={**policy, "Statement": [*policy["Statement"], only_by_tls(BUCKET)]})
    key = make_key(
        world, policy=key_policy(world, trails=[trail_arn(world, TRAIL)]), alias="alias/cloudtrail"
    )
    settle_bucket(world, key)
    settle_log_group(world)
    cloudtrail = client(world, "cloudtrail")
    cloudtrail.create_trail(
        Name=TRAIL,
        S3BucketName=BUCKET,
        IsMultiRegionTrail=True,
        IncludeGlobalServiceEvents=True,
        EnableLogFileValidation=True,
        KmsKeyId=key,
        CloudWatchLogsLogGroupArn=f"arn:aws:logs:{world.region}:{world.account}:log-group:{LOG_GROUP}:*",
        CloudWatchLogsRoleArn=f"arn:aws:iam::{world.account}:role/{ROLE}",
    )
    cloudtrail.start_logging(Name=TRAIL)
    write_history(world, trail_named(TRAIL), hours=24)
    write_latest(world, trail_named(TRAIL))
    enable(world, world.account, world.region, standards=(FSBP, CIS5))


def only_by_tls(bucket: str) -> Document:
    """
    Return the statement of a bucket policy that refuses plain HTTP.

    Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/security-best-practices.html
    """
    return {
        "Sid": "OnlyByTls",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }


def settle_log_group(world: World) -> None:
    """Make the log group, and the role with which CloudTrail writes into it."""
    make_role(world, ROLE, trusted={"Service": "cloudtrail.amazonaws.com"})
    client(world, "logs").create_log_group(logGroupName=LOG_GROUP)
    statement = {
        "Effect": "Allow",
        "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
        "Resource": f"arn:aws:logs:{world.region}:{world.account}:log-group:{LOG_GROUP}:log-stream:*",
    }
    client(world, "iam").put_role_policy(
        RoleName=ROLE,
        PolicyName="write-events",
        PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [statement]}),
    )


def settle_bucket(world: World, key: str) -> None:
    """Give the bucket default encryption under the key, and server access logging into another bucket."""
    s3 = client(world, "s3")
    rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key}}
    s3.put_bucket_encryption(Bucket=BUCKET, ServerSideEncryptionConfiguration={"Rules": [rule]})
    target = f"{BUCKET}-access"
    policy = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": "logging.s3.amazonaws.com"},
                "Action": "s3:PutObject",
                "Resource": f"arn:aws:s3:::{target}/*",
            }
        ],
    }
    make_bucket(world, target, policy=policy)
    logging = {"LoggingEnabled": {"TargetBucket": target, "TargetPrefix": "s3/"}}
    s3.put_bucket_logging(Bucket=BUCKET, BucketLoggingStatus=logging)
