"""Which event selectors a trail is given, and which are refused."""

from __future__ import annotations

import json
from typing import Any

import pytest

from refusals import code_of
from rows import each_row

BUCKET, TRAIL = "selected-logs", "audit"
S3 = "AWS::S3::Object"


def data(*values, kind=S3):
    return {"DataResources": [{"Type": kind, "Values": list(values)}]}


def field(name, operator="Equals", *values):
    return {"Field": name, operator: list(values)}


def many(number):
    return [f"arn:aws:s3:::bucket-{each}/" for each in range(number)]


MANAGEMENT, DATA, NETWORK = (
    field("eventCategory", "Equals", each) for each in ("Management", "Data", "NetworkActivity")
)
OF_S3 = field("resources.type", "Equals", S3)
TAKEN_BASIC: tuple[list[dict[str, Any]], ...] = (
    [{}] * 5,
    [data(*many(125)), data(*many(125))],
    [data("arn:aws:s3"), data("arn:aws:lambda", kind="AWS::Lambda::Function")],
    [data("arn:aws:dynamodb", kind="AWS::DynamoDB::Table")],
    [{"ExcludeManagementEventSources": ["kms.amazonaws.com", "rdsdata.amazonaws.com"]}],
)
REFUSED_BASIC: tuple[list[dict[str, Any]], ...] = (
    [],
    [{}] * 6,
    [data(*many(125)), data(*many(126))],
    [data("arn:aws:sns", kind="AWS::SNS::Topic")],
    [data("logs/")],
    [data("arn:aws:lambda")],
    [{"ExcludeManagementEventSources": ["sts.amazonaws.com"]}],
)
TAKEN_ADVANCED = (
    [MANAGEMENT],
    [MANAGEMENT, field("readOnly", "Equals", "true"), field("eventSource", "NotEquals", "kms.amazonaws.com")],
    [DATA, OF_S3, field("resources.ARN", "StartsWith", *many(498))],
    [DATA, OF_S3, field("eventName", "NotEquals", "GetObject"), field("userIdentity.arn", "EndsWith", "/x")],
    [
        NETWORK,
        field("eventSource", "Equals", "kms.amazonaws.com"),
        field("errorCode", "Equals", "VpceAccessDenied"),
    ],
)
REFUSED_ADVANCED = (
    [field("readOnly", "Equals", "true")],
    [field("eventCategory", "Equals", "Insight")],
    [field("eventCategory", "Equals", "Management", "Data")],
    [field("eventCategory", "NotEquals", "Data")],
    [MANAGEMENT, field("eventName", "Equals", "DeleteTrail")],
    [MANAGEMENT, field("eventSource", "Equals", "kms.amazonaws.com")],
    [MANAGEMENT, field("eventSource", "NotEquals", "sts.amazonaws.com")],
    [MANAGEMENT, field("readOnly", "Equals", "yes")],
    [MANAGEMENT, field("readOnly", "NotEquals", "true")],
    [MANAGEMENT, field("readOnly", "Equals", "true"), field("readOnly", "Equals", "false")],
    [MANAGEMENT, field("no.such.field", "Equals", "x")],
    [MANAGEMENT, {"Field": "readOnly"}],
    [DATA],
    [DATA, field("resources.type", "Equals", S3, "AWS::Lambda::Function")],
    [DATA, field("resources.type", "StartsWith", "AWS::S3")],
    [DATA, OF_S3, field("vpcEndpointId", "Equals", "vpce-1")],
    [DATA, OF_S3, field("resources.ARN", "StartsWith", *many(499))],
    [NETWORK],
    [NETWORK, field("eventSource", "StartsWith", "kms")],
    [
        NETWORK,
        field("eventSource", "Equals", "kms.amazonaws.com"),
        field("errorCode", "Equals", "AccessDenied"),
    ],
)


@pytest.fixture
def put(here):
    """Puts selectors on a trail, and returns the code of a refusal."""
    s3, trails = here.client("s3"), here.client("cloudtrail")
    s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": here.world.region})
    arns = [f"arn:aws:s3:::{BUCKET}", f"arn:aws:s3:::{BUCKET}/*"]
    who = {"Service": "cloudtrail.amazonaws.com"}
    statement = {"Effect": "Allow", "Principal": who, "Action": "s3:*", "Resource": arns}
    s3.put_bucket_policy(
        Bucket=BUCKET, Policy=json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    )
    trails.create_trail(Name=TRAIL, S3BucketName=BUCKET)
    return lambda **given: code_of(trails.put_event_selectors, TrailName=TRAIL, **given)


@each_row("selectors", TAKEN_BASIC)
def test_basic_selectors_are_taken(put, selectors):
    assert put(EventSelectors=selectors) == ""


@each_row("selectors", REFUSED_BASIC)
def test_and_others_are_refused(put, selectors):
    assert put(EventSelectors=selectors) == "InvalidEventSelectorsException"


@each_row("fields", TAKEN_ADVANCED)
def test_advanced_selectors_are_taken(put, fields):
    assert put(AdvancedEventSelectors=[{"Name": "one", "FieldSelectors": fields}]) == ""


@each_row("fields", REFUSED_ADVANCED)
def test_and_others_of_them_are_refused(put, fields):
    assert put(AdvancedEventSelectors=[{"FieldSelectors": fields}]) == "InvalidEventSelectorsException"


def test_they_are_of_one_kind(put):
    both = {"EventSelectors": [{}], "AdvancedEventSelectors": [{"FieldSelectors": [MANAGEMENT]}]}

    assert put(**both) == "InvalidEventSelectorsException"
