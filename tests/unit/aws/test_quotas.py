"""Requests keep AWS's quotas, and a few of them never wait."""

from __future__ import annotations

from trailseal.aws.quotas import Pacer


class Clock:
    def __init__(self):
        self.at = 100.0

    def now(self):
        return self.at

    def sleep(self, seconds):
        self.at += seconds


def paced(number, operation, *, service="cloudtrail"):
    clock = Clock()
    pacer = Pacer(now=clock.now, sleep=clock.sleep)
    for _ in range(number):
        pacer.wait(service, "eu-west-1", operation)
    return clock.at - 100.0


def test_a_seconds_worth_of_calls_does_not_wait():
    assert paced(10, "GetTrail") == 0.0


def test_two_hundred_calls_take_as_long_as_the_quota_says():
    assert 18.9 < paced(200, "GetTrail") < 19.1


def test_writes_are_one_a_second():
    assert 3.9 < paced(5, "UpdateTrail") < 4.1


def test_what_has_no_quota_never_waits():
    assert paced(1000, "ListObjectsV2", service="s3") == 0.0


def test_regions_and_operations_have_quotas_of_their_own():
    clock = Clock()
    pacer = Pacer(now=clock.now, sleep=clock.sleep)

    waits = [pacer.wait("cloudtrail", f"region-{n}", "GetTrail") for n in range(50)]

    assert set(waits) == {0.0}
