"""Calls to buckets of several Regions, each through the plane of its own."""

from __future__ import annotations

from collections.abc import Iterable

from botocore.exceptions import ClientError

from history_estate import MemoryObjects, Thing
from trailseal.aws.plane.by_bucket import BucketPlanes
from trailseal.objects.calls import ObjectRequest, ObjectResponse, get

REGIONS = {"near": "eu-west-1", "far": "us-east-1"}
REFUSALS = {"gone": "404", "closed": "AccessDenied"}


class World:
    def __init__(self) -> None:
        self.asked: list[str] = []
        self.planes = {region: MemoryObjects() for region in REGIONS.values()}
        for bucket, region in REGIONS.items():
            self.planes[region].buckets[bucket] = {"a": Thing(body=bucket.encode())}

    def region_of(self, bucket: str) -> str:
        self.asked.append(bucket)
        if bucket in REFUSALS:
            raise ClientError({"Error": {"Code": REFUSALS[bucket], "Message": "no"}}, "HeadBucket")
        return REGIONS[bucket]

    def plane(self) -> BucketPlanes:
        return BucketPlanes(self.region_of, self.planes.__getitem__, known={"near": REGIONS["near"]})


def answers(world: World, calls: Iterable[ObjectRequest]) -> list[tuple[str, bytes, str]]:
    with world.plane() as plane:
        return [(each.call.bucket, each.body, each.error) for each in plane.each(calls)]


def test_each_call_goes_to_the_plane_of_its_buckets_region() -> None:
    world = World()
    found = answers(world, [get("near", "a"), get("far", "a"), get("near", "a"), get("far", "a")])

    assert found == [("near", b"near", "")] * 2 + [("far", b"far", "")] * 2
    assert world.asked == ["far"]


def test_a_bucket_whose_region_nobody_tells_answers_with_the_refusal() -> None:
    found = answers(World(), [get("gone", "a"), get("closed", "a"), get("far", "a")])

    assert sorted(found) == [
        ("closed", b"", "AccessDenied"),
        ("far", b"far", ""),
        ("gone", b"", "NoSuchBucket"),
    ]


def test_what_follows_an_answer_is_sent_too() -> None:
    def then(answer: ObjectResponse) -> Iterable[ObjectRequest]:
        return [get("near", "a")] if answer.call.bucket != "near" else []

    with World().plane() as plane:
        found = [each.call.bucket for each in plane.each([get("closed", "a")], then)]

    assert found == ["closed", "near"]


def test_nothing_is_sent_for_nothing() -> None:
    assert answers(World(), []) == []
