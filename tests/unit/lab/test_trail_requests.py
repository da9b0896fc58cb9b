"""What CloudTrail refuses of a request alone, and what it says of trails that are not there."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from refusals import code_of

NOW = datetime(2026, 1, 2, tzinfo=UTC)
GROUP = "arn:aws:logs:ap-northeast-1:123456789012:log-group:x:*"
ROLE = "arn:aws:iam::123456789012:role/x"
NOWHERE = "arn:aws:cloudtrail:ap-northeast-1:123456789012:trail/nowhere"
STORE = "arn:aws:cloudtrail:ap-northeast-1:123456789012:eventdatastore/nowhere"


@pytest.fixture
def cloudtrail(here):
    s3, lets = here.client("s3"), {"Effect": "Allow", "Principal": {"Service": "cloudtrail.amazonaws.com"}}
    s3.create_bucket(Bucket="trail-logs", CreateBucketConfiguration={"LocationConstraint": "ap-northeast-1"})
    lets |= {"Action": "s3:*", "Resource": ["arn:aws:s3:::trail-logs", "arn:aws:s3:::trail-logs/*"]}
    policy = {"Version": "2012-10-17", "Statement": [lets]}
    s3.put_bucket_policy(Bucket="trail-logs", Policy=json.dumps(policy))
    return here.client("cloudtrail")


@pytest.mark.parametrize(
    "name",
    ["ab", "a" * 129, "my trail!", "-audit", "audit-", "a..b", "a-_b", "a--b", "192.168.5.4", "été", "a\n"],
)
def test_a_name_is_looked_at_before_the_bucket(cloudtrail, name):
    assert code_of(cloudtrail.create_trail, Name=name, S3BucketName="nowhere") == "InvalidTrailNameException"


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"S3KeyPrefix": "a" * 201}, "InvalidS3PrefixException"),
        ({"SnsTopicName": "a" * 257}, "InvalidSnsTopicNameException"),
        ({"CloudWatchLogsRoleArn": ROLE}, "InvalidCloudWatchLogsLogGroupArnException"),
        ({"CloudWatchLogsLogGroupArn": GROUP}, "InvalidCloudWatchLogsRoleArnException"),
    ],
)
def test_members_are_looked_at_before_the_bucket(cloudtrail, given, code):
    cloudtrail.create_trail(Name="audit", S3BucketName="trail-logs", S3KeyPrefix="a" * 200)

    assert code_of(cloudtrail.create_trail, Name="other", S3BucketName="nowhere", **given) == code
    assert code_of(cloudtrail.update_trail, Name="audit", S3BucketName="nowhere", **given) == code


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"StartTime": NOW, "EndTime": NOW - timedelta(seconds=1)}, "InvalidTimeRangeException"),
        (
            {
                "LookupAttributes": [
                    {"AttributeKey": "EventName", "AttributeValue": "a"},
                    {"AttributeKey": "EventId", "AttributeValue": "a"},
                ]
            },
            "InvalidLookupAttributesException",
        ),
    ],
)
def test_lookup_events_takes_one_attribute_and_a_range(cloudtrail, given, code):
    assert code_of(cloudtrail.lookup_events, **given) == code


@pytest.mark.parametrize(
    ("arn", "code"),
    [
        (NOWHERE, "ResourceNotFoundException"),
        (STORE, "ResourceNotFoundException"),
        ("audit", "CloudTrailARNInvalidException"),
        ("arn:aws:s3:::trail-logs", "CloudTrailARNInvalidException"),
        (NOWHERE.replace("trail/nowhere", "channel/x"), "ResourceTypeNotSupportedException"),
    ],
)
def test_only_what_there_is_has_tags(cloudtrail, arn, code):
    tags = [{"Key": "a", "Value": "b"}]

    assert code_of(cloudtrail.add_tags, ResourceId=arn, TagsList=tags) == code
    assert code_of(cloudtrail.remove_tags, ResourceId=arn, TagsList=tags) == code
    assert code_of(cloudtrail.list_tags, ResourceIdList=[arn]) == code


def test_a_trail_is_tagged_by_the_tagging_api_too(here, cloudtrail):
    arn = cloudtrail.create_trail(Name="audit", S3BucketName="trail-logs")["TrailARN"]
    bucket = "arn:aws:s3:::trail-logs"

    done = here.client("resourcegroupstaggingapi").tag_resources(
        ResourceARNList=[arn, bucket, NOWHERE], Tags={"a": "b"}
    )

    assert list(done["FailedResourcesMap"]) == [NOWHERE]
    tags = [{"Key": "a", "Value": "b"}]
    assert cloudtrail.list_tags(ResourceIdList=[arn])["ResourceTagList"][0]["TagsList"] == tags
    assert here.client("s3").get_bucket_tagging(Bucket="trail-logs")["TagSet"] == tags


def test_insights_are_on_or_an_error(here, cloudtrail):
    arn = cloudtrail.create_trail(Name="audit", S3BucketName="trail-logs", IsMultiRegionTrail=True)[
        "TrailARN"
    ]
    elsewhere = here.client("cloudtrail", region="eu-west-1")
    wanted = [{"InsightType": "ApiCallRateInsight"}]
    assert code_of(cloudtrail.get_insight_selectors, TrailName="audit") == "InsightNotEnabledException"
    assert code_of(elsewhere.get_insight_selectors, TrailName=arn) == "InsightNotEnabledException"

    for _ in range(2):
        cloudtrail.put_insight_selectors(TrailName="audit", InsightSelectors=wanted)

    assert cloudtrail.get_insight_selectors(TrailName="audit")["InsightSelectors"] == wanted
    assert cloudtrail.get_trail(Name="audit")["Trail"]["HasInsightSelectors"] is True
    store = {"EventDataStore": STORE}
    assert code_of(cloudtrail.get_insight_selectors, **store) == "NotImplemented"
