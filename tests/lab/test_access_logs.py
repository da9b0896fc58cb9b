"""Server access logs of the lab tell who read what."""

from __future__ import annotations

import json

import pytest
from botocore.exceptions import ClientError

LOGGING = {"LoggingEnabled": {"TargetBucket": "access-logs", "TargetPrefix": "logs-bucket/"}}


@pytest.fixture
def s3(lab):
    client = lab.client("s3")
    for name in ("logs-bucket", "access-logs"):
        client.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": "ap-northeast-1"})
    return client


def let_the_service_in(s3):
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "logging.s3.amazonaws.com"},
        "Action": "s3:PutObject",
        "Resource": "arn:aws:s3:::access-logs/*",
        "Condition": {"ArnLike": {"aws:SourceArn": "arn:aws:s3:::logs-bucket"}},
    }
    s3.put_bucket_policy(
        Bucket="access-logs", Policy=json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    )


def test_requests_are_written_to_the_target_bucket_each_cycle(lab, s3):
    let_the_service_in(s3)
    s3.put_bucket_logging(Bucket="logs-bucket", BucketLoggingStatus=LOGGING)
    s3.put_object(Bucket="logs-bucket", Key="a b", Body=b"one")
    s3.get_object(Bucket="logs-bucket", Key="a b")["Body"].read()
    with pytest.raises(ClientError):
        s3.get_object(Bucket="logs-bucket", Key="none")

    lab.tick()

    (log,) = s3.list_objects_v2(Bucket="access-logs")["Contents"]
    assert log["Key"].startswith("logs-bucket/20")
    lines = s3.get_object(Bucket="access-logs", Key=log["Key"])["Body"].read().decode().splitlines()
    told = [(line.split()[5], *line.split()[7:9]) for line in lines]
    assert told[-3:] == [
        ("arn:aws:iam::123456789012:user/admin", "REST.PUT.OBJECT", "a%20b"),
        ("arn:aws:iam::123456789012:user/admin", "REST.GET.OBJECT", "a%20b"),
        ("arn:aws:iam::123456789012:user/admin", "REST.GET.OBJECT", "none"),
    ]
    assert " 404 NoSuchKey " in lines[-1]


def test_the_setting_is_shown_as_it_was_put(s3):
    let_the_service_in(s3)
    s3.put_bucket_logging(Bucket="logs-bucket", BucketLoggingStatus=LOGGING)

    assert s3.get_bucket_logging(Bucket="logs-bucket")["LoggingEnabled"] == LOGGING["LoggingEnabled"]


def test_a_target_that_does_not_exist_is_refused(s3):
    wanted = {"LoggingEnabled": {"TargetBucket": "nowhere-bucket", "TargetPrefix": ""}}

    with pytest.raises(ClientError) as refused:
        s3.put_bucket_logging(Bucket="logs-bucket", BucketLoggingStatus=wanted)

    assert refused.value.response["Error"]["Code"] == "InvalidTargetBucketForLogging"
