"""What is asked about copies of the events, and of whom: never of a place that could not tell."""

from __future__ import annotations

from typing import Any, cast

import pytest

from trailseal.aws.copies import CopyFinder
from trailseal.aws.session import AwsSession
from trailseal.model.bucket import Bucket, UnreadBucket
from trailseal.model.copies import NO_LOG_GROUP, Copies, LogGroup
from trailseal.model.trail import Trail
from trailseal.model.unreadable import Unreadable
from trailseal.run.ports import SnapshotScope

ACCOUNT, REGION, HOME = "123456789012", "us-east-1", "ap-northeast-1"
GROUP = f"arn:aws:logs:{HOME}:{ACCOUNT}:log-group:trail:*"
POINT = f"arn:aws:s3:{HOME}:{ACCOUNT}:accesspoint/point"


class FakeAws:
    """Every service at once; it has one log group and one access point, both in `HOME`."""

    region = REGION

    def __init__(self, *asked: tuple[str, str], group: str = "trail") -> None:
        self.asked = [*asked]
        self.group = group

    def client(self, service: str, region: str) -> FakeAws:
        found = FakeAws(group=self.group)
        found.asked = self.asked
        found.region = region
        self.asked.append((service, region))
        return found

    def list_event_data_stores(self) -> dict[str, Any]:
        return {"EventDataStores": []}

    def list_access_points(self, **_: str) -> dict[str, Any]:
        points = [{"Name": "point", "AccessPointArn": POINT}] if self.region == HOME else []
        return {"AccessPointList": points}

    def get_access_point_policy(self, **_: str) -> dict[str, Any]:
        return {"Policy": "{}"}

    def get_paginator(self, operation: str) -> FakeAws:
        self.operation = operation
        return self

    def paginate(self, **_: str) -> list[dict[str, Any]]:
        groups = [{"logGroupName": f"{self.group}-more"}, {"logGroupName": self.group}]
        return [{"logGroups": groups if self.region == HOME else [], "subscriptionFilters": []}]


def look(
    aws: FakeAws, *buckets: Bucket | UnreadBucket, trails: tuple[Trail, ...] = (), **more: Any
) -> Copies:
    finder = CopyFinder(cast("AwsSession", aws), ACCOUNT, None, SnapshotScope())
    return finder.read(trails, buckets, (), **more)


def refused(where: str) -> Unreadable:
    return Unreadable(call="s3:GetBucketLocation", code="AccessDenied", where=where)


@pytest.mark.parametrize(
    "bucket",
    [
        Bucket(name="logs", region=refused("")),
        Bucket(name="logs", region=refused("logs")),
        UnreadBucket(name="logs", reason=refused("logs")),
    ],
)
def test_access_points_of_a_bucket_of_no_known_region_are_not_looked_at(bucket: Any) -> None:
    """An access point lies in its bucket's Region, and another lists none.

    Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-points-list.html.
    """
    aws = FakeAws()

    assert look(aws, bucket).access_points == (refused("logs"),)
    assert "s3control" not in {service for service, _ in aws.asked}


def test_access_points_are_listed_in_their_buckets_region() -> None:
    found = look(FakeAws(), Bucket(name="logs", region=HOME)).access_points

    assert [getattr(each, "arn", "") for each in found] == [POINT]


@pytest.mark.parametrize("group", ["trail", "other"])
def test_a_log_group_is_looked_for_in_its_region_and_by_its_whole_name(group: str) -> None:
    (found,) = look(FakeAws(group=group), trails=(trail(),)).log_groups

    if group == "trail":
        assert found == LogGroup(arn=GROUP)
    else:
        assert (getattr(found, "code", ""), getattr(found, "where", "")) == (NO_LOG_GROUP, GROUP)


def trail() -> Trail:
    return Trail(
        name="t",
        arn=f"arn:aws:cloudtrail:{HOME}:{ACCOUNT}:trail/t",
        home_region=HOME,
        s3_bucket_name="logs",
        cloud_watch_logs_log_group_arn=GROUP,
    )


def test_a_further_account_is_not_asked_for_stores_that_nobody_would_be_told_of() -> None:
    first, further = FakeAws(), FakeAws()
    look(first, trails=(trail(),))
    look(further, trails=(trail(),), found=Copies())

    assert {region for service, region in first.asked if service == "cloudtrail"} == {HOME, REGION}
    assert "cloudtrail" not in {service for service, _ in further.asked}
