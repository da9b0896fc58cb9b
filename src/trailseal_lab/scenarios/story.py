"""
The account of the story: one trail on SSE-S3 with two days of history, and readers of several kinds.

`alice` and `user1` may read the bucket and have no KMS permission; so do the sessions of `Role1`.
`admin` is a role with AdministratorAccess. `siem-collector` and `athena-analyst` read the log files;
`outsider-admin` is the administrator of another account.
"""

from __future__ import annotations

import json
from typing import Any

from trailseal_lab.cloudtrail.history import write_history
from trailseal_lab.cloudtrail.trails import trail_named
from trailseal_lab.hub.state import enable
from trailseal_lab.inside import client
from trailseal_lab.scenarios.parts import (
    bucket_policy,
    make_bucket,
    make_reader_role,
    make_reader_user,
    make_role,
    read_bucket_policy,
)
from trailseal_lab.world import World

TRAIL = "management-events"
BUCKET = "example-cloudtrail-logs"
OUTSIDE = "210987654321"
ADMINISTRATOR = "arn:aws:iam::aws:policy/AdministratorAccess"


def build(world: World) -> None:
    """Make the account, its trail, what was delivered so far and who reads it."""
    make_operator(world)
    make_bucket(world, BUCKET, policy=bucket_policy(world, bucket=BUCKET, trail=TRAIL))
    make_trail(world)
    make_readers(world)
    make_outsider(world)
    trail = trail_named(TRAIL)
    write_history(world, trail, hours=48, events=past_events(world))
    enable(world, world.account, world.region)


def make_operator(world: World) -> None:
    """Make the administrator that `lab env` speaks for."""
    iam = client(world, "iam")
    iam.create_user(UserName="operator")
    iam.attach_user_policy(UserName="operator", PolicyArn=ADMINISTRATOR)
    world.default_principal = f"arn:aws:iam::{world.account}:user/operator"


def make_trail(world: World) -> None:
    """Make the multi-Region trail, with log file validation and data events of its own bucket."""
    cloudtrail = client(world, "cloudtrail")
    cloudtrail.create_trail(
        Name=TRAIL,
        S3BucketName=BUCKET,
        IsMultiRegionTrail=True,
        IncludeGlobalServiceEvents=True,
        EnableLogFileValidation=True,
    )
    selector: dict[str, Any] = {
        "ReadWriteType": "All",
        "IncludeManagementEvents": True,
        "DataResources": [{"Type": "AWS::S3::Object", "Values": [f"arn:aws:s3:::{BUCKET}/"]}],
    }
    cloudtrail.put_event_selectors(TrailName=TRAIL, EventSelectors=[selector])
    cloudtrail.start_logging(Name=TRAIL)


def make_readers(world: World) -> None:
    """Make everybody in the account who reads the log files, or could."""
    for name in ("alice", "user1"):
        make_reader_user(world, name, bucket=BUCKET)
    make_role(world, "admin", policies=(ADMINISTRATOR,))
    for name in ("Role1", "siem-collector", "athena-analyst"):
        make_reader_role(world, name, bucket=BUCKET)
    make_role(world, "log-notifier", trusted={"Service": "lambda.amazonaws.com"})
    client(world, "iam").put_role_policy(
        RoleName="log-notifier",
        PolicyName="read-log-files",
        PolicyDocument=json.dumps(read_bucket_policy(BUCKET)),
    )


def make_outsider(world: World) -> None:
    """Make an account next door with an administrator of its own."""
    make_role(world, "outsider-admin", policies=(ADMINISTRATOR,), account=OUTSIDE)


def past_events(world: World) -> list[dict[str, Any]]:
    """Return what the history tells: who changed something, and who read log files."""
    collector = session(world, "siem-collector", "collector")
    analyst = session(world, "athena-analyst", "athena")
    key = f"AWSLogs/{world.account}/CloudTrail/{world.region}/"
    reads = [
        read_event(identity, f"{key}part-{number}.json.gz")
        for number in range(3)
        for identity in (collector, analyst)
    ]
    return [*reads, management_event(world, "DescribeInstances", "ec2.amazonaws.com"), *reads]


def session(world: World, role: str, name: str) -> dict[str, Any]:
    """Return the `userIdentity` of a role's session."""
    issuer = {
        "type": "Role",
        "arn": f"arn:aws:iam::{world.account}:role/{role}",
        "accountId": world.account,
        "userName": role,
    }
    return {
        "type": "AssumedRole",
        "arn": f"arn:aws:sts::{world.account}:assumed-role/{role}/{name}",
        "accountId": world.account,
        "sessionContext": {"sessionIssuer": issuer},
    }


def read_event(identity: dict[str, Any], key: str) -> dict[str, Any]:
    """Return the data event of one GetObject on the trail's bucket."""
    return {
        "eventVersion": "1.11",
        "userIdentity": identity,
        "eventSource": "s3.amazonaws.com",
        "eventName": "GetObject",
        "sourceIPAddress": "198.51.100.7",
        "userAgent": "example-collector",
        "requestParameters": {"bucketName": BUCKET, "key": key},
        "responseElements": None,
        "readOnly": True,
        "resources": [
            {"type": "AWS::S3::Object", "ARN": f"arn:aws:s3:::{BUCKET}/{key}"},
            {"type": "AWS::S3::Bucket", "ARN": f"arn:aws:s3:::{BUCKET}"},
        ],
        "eventType": "AwsApiCall",
        "managementEvent": False,
        "eventCategory": "Data",
    }


def management_event(world: World, name: str, source: str) -> dict[str, Any]:
    """Return a management event of the operator's."""
    return {
        "eventVersion": "1.11",
        "userIdentity": {
            "type": "IAMUser",
            "arn": f"arn:aws:iam::{world.account}:user/operator",
            "accountId": world.account,
            "userName": "operator",
        },
        "eventSource": source,
        "eventName": name,
        "sourceIPAddress": "198.51.100.7",
        "userAgent": "aws-cli/2",
        "requestParameters": None,
        "responseElements": None,
        "readOnly": True,
        "eventType": "AwsApiCall",
        "managementEvent": True,
        "eventCategory": "Management",
    }
