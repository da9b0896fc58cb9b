"""One copy of each kind of the events in scenario `clean`, whose trail sends to a log group already."""

from __future__ import annotations

import json
from typing import Any

from labs import RunningLab
from trailseal.aws.session import reach_by_address

ACCOUNT = "123456789012"
BUCKET = "example-sealed-logs"
ANALYST = "arn:aws:iam::444455556666:role/analyst"


def s3control(lab: RunningLab) -> Any:
    client = lab.client("s3control")
    client.meta.events.register("before-sign.s3-control", reach_by_address)
    return client


def with_copies(lab: RunningLab) -> None:
    """Make one copy of each kind; the trail sends to a log group already."""
    trails, s3, points = lab.client("cloudtrail"), lab.client("s3"), s3control(lab)
    key = lab.client("kms").create_key()["KeyMetadata"]["Arn"]
    store = trails.create_event_data_store(Name="lake", KmsKeyId=key)["EventDataStoreArn"]
    policy: dict[str, Any] = {"Effect": "Allow", "Action": "cloudtrail:StartQuery", "Resource": store}
    policy["Principal"] = {"AWS": ANALYST}
    trails.put_resource_policy(
        ResourceArn=store, ResourcePolicy=json.dumps({"Version": "2012-10-17", "Statement": [policy]})
    )
    place = {"LocationConstraint": lab.variables()["AWS_REGION"]}
    s3.create_bucket(Bucket="replica", CreateBucketConfiguration=place)
    for name in (BUCKET, "replica"):
        s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    rule = {
        "ID": "all",
        "Priority": 1,
        "Status": "Enabled",
        "Filter": {"Prefix": ""},
        "DeleteMarkerReplication": {"Status": "Disabled"},
        "Destination": {
            "Bucket": "arn:aws:s3:::replica",
            "EncryptionConfiguration": {"ReplicaKmsKeyID": key},
        },
        "SourceSelectionCriteria": {"SseKmsEncryptedObjects": {"Status": "Enabled"}},
    }
    role = f"arn:aws:iam::{ACCOUNT}:role/replicates"
    s3.put_bucket_replication(Bucket=BUCKET, ReplicationConfiguration={"Role": role, "Rules": [rule]})
    points.create_access_point(AccountId=ACCOUNT, Name="point", Bucket=BUCKET)
