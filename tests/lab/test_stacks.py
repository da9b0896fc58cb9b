"""A trail that a CloudFormation stack owns is found by asking CloudFormation, and left alone unless told."""

from __future__ import annotations

import json

import pytest

TEMPLATE = {
    "Resources": {
        "AuditTrail": {
            "Type": "AWS::CloudTrail::Trail",
            "Properties": {
                "TrailName": "stacked-trail",
                "S3BucketName": "example-cloudtrail-logs",
                "IsLogging": True,
                "IsMultiRegionTrail": False,
            },
        }
    }
}


@pytest.fixture
def stacked(fresh_lab):
    lab = fresh_lab("story")
    s3, bucket = lab.client("s3"), "example-cloudtrail-logs"
    policy = json.loads(s3.get_bucket_policy(Bucket=bucket)["Policy"])
    text = (
        json.dumps(policy).replace("trail/management-events", "trail/*").replace("StringEquals", "StringLike")
    )
    s3.put_bucket_policy(Bucket=bucket, Policy=text)
    lab.client("cloudformation").create_stack(StackName="audit", TemplateBody=json.dumps(TEMPLATE))
    return lab


def test_the_lab_tells_the_stack_of_a_resource(stacked):
    found = stacked.client("cloudformation").describe_stack_resources(PhysicalResourceId="stacked-trail")

    assert [(r["StackName"], r["ResourceType"]) for r in found["StackResources"]] == [
        ("audit", "AWS::CloudTrail::Trail")
    ]


def test_a_plan_refuses_a_trail_that_a_stack_owns_and_says_what_to_change_there(stacked):
    done = stacked.trailseal("plan", "--trail", "stacked-trail", "--format", "json")
    concerns = {c["code"]: c for c in json.loads(done.stdout)["concerns"]}

    assert concerns["managed-by-cloudformation"]["weight"] == "refused"
    assert json.loads(done.stdout)["steps"] == []
    assert concerns["managed-by-cloudformation"]["facts"]["stack"]


def test_a_plan_takes_it_when_told(stacked):
    done = stacked.trailseal(
        "plan", "--trail", "stacked-trail", "--accept", "managed-by-cloudformation", "--format", "json"
    )

    assert done.returncode == 3
    assert json.loads(done.stdout)["steps"][-1]["call"] == "cloudtrail:UpdateTrail"
