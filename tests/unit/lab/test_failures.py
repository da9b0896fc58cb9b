"""One bad thing spoils one thing: the clock goes on, and what failed is told."""

from __future__ import annotations

import gzip
import json
import logging

import pytest

POLICY = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Service": "cloudtrail.amazonaws.com"},
            "Action": ["s3:GetBucketAcl", "s3:PutObject"],
            "Resource": ["arn:aws:s3:::logs-bucket", "arn:aws:s3:::logs-bucket/*"],
        }
    ],
}


@pytest.fixture
def logged(here):
    """Two trails that log to one bucket."""
    s3, trails = here.client("s3"), here.client("cloudtrail")
    s3.create_bucket(
        Bucket="logs-bucket", CreateBucketConfiguration={"LocationConstraint": here.world.region}
    )
    s3.put_bucket_policy(Bucket="logs-bucket", Policy=json.dumps(POLICY))
    for name in ("one", "two"):
        trails.create_trail(Name=name, S3BucketName="logs-bucket", S3KeyPrefix=name)
        trails.start_logging(Name=name)
    return here


def _tick(here, cycles=1):
    from trailseal_lab import clock

    return clock.advance(here.world, cycles)


def _delivered(here, prefix):
    s3 = here.client("s3")
    keys = [o["Key"] for o in s3.list_objects_v2(Bucket="logs-bucket", Prefix=prefix).get("Contents", ())]
    bodies = [
        s3.get_object(Bucket="logs-bucket", Key=key)["Body"].read() for key in keys if "Digest" not in key
    ]
    return [record for body in bodies for record in json.loads(gzip.decompress(body))["Records"]]


ODD = "\ud800"


@pytest.mark.sweep
@pytest.mark.parametrize(
    ("service", "target", "given"),
    [
        ("kms", "TrentService.DescribeKey", {"KeyId": ODD}),
        ("kms", "TrentService.CreateKey", {"Description": f"a{ODD}b"}),
        (
            "kms",
            "TrentService.Encrypt",
            {"KeyId": "x", "Plaintext": "eA==", "EncryptionContext": {f"{ODD}:": ODD}},
        ),
        ("cloudtrail", "CloudTrail_20131101.GetTrail", {"Name": ODD}),
        (
            "cloudtrail",
            "CloudTrail_20131101.AddTags",
            {"ResourceId": ODD, "TagsList": [{"Key": ODD, "Value": ODD}]},
        ),
    ],
    ids=["a key id", "a description", "an encryption context", "a trail", "tags"],
)
def test_a_text_that_is_none_is_an_event_like_others(logged, service, target, given):
    logged.ask(service, target, given)

    assert _tick(logged) == ()
    wanted = target.partition(".")[2]
    assert wanted in [record["eventName"] for record in _delivered(logged, "one/")]


def test_an_event_that_cannot_be_written_is_left_out_and_told(logged):
    from trailseal_lab.cloudtrail.recorder import EventLog

    log = logged.world.part(EventLog)
    logged.client("kms").list_keys()
    odd = {**log.events[-1].record, "eventID": "odd", "eventName": ODD}
    log.add(odd, time=logged.world.now(), account=logged.world.account)
    logged.client("kms").list_aliases()

    failures = _tick(logged)

    assert {(f.work, f.thing) for f in failures} == {("cloudtrail.delivery", "event odd")}
    assert {"ListKeys", "ListAliases"} <= {record["eventName"] for record in _delivered(logged, "one/")}
    assert _tick(logged) == ()


def test_a_trail_that_fails_is_that_trail_s_failure(logged):
    from trailseal_lab.cloudtrail.trails import every_trail

    one, _ = sorted(every_trail(), key=lambda each: each.arn)
    one.advanced_event_selectors = [{"FieldSelectors": 1}]
    one.event_selectors = []

    failures = _tick(logged)
    again = _tick(logged)

    assert [(f.work, f.thing) for f in failures] == [("cloudtrail.delivery", one.arn)]
    assert [(f.work, f.thing) for f in again] == [("cloudtrail.delivery", one.arn)]
    assert _delivered(logged, "two/")
    one.advanced_event_selectors = []
    assert _tick(logged) == ()
    assert _delivered(logged, "one/")


def test_what_fails_of_a_trail_is_forgotten_with_it(logged):
    from trailseal_lab.cloudtrail.trails import every_trail
    from trailseal_lab.failures import Failures

    one, _ = sorted(every_trail(), key=lambda each: each.arn)
    one.advanced_event_selectors, one.event_selectors = [{"FieldSelectors": 1}], []
    _tick(logged)

    logged.client("cloudtrail").delete_trail(Name="one")

    assert logged.world.part(Failures).since(0) == ()


def _break_digests(here, name):
    """Spoil every chain of digests of a trail, and return the trail's ARN."""
    from trailseal_lab.cloudtrail.digest import DigestChains
    from trailseal_lab.cloudtrail.trails import trail_named

    arn = trail_named(name).arn
    for place in here.world.part(DigestChains).places(arn):
        here.world.part(DigestChains).of(arn, place).last = ODD
    return arn


@pytest.mark.parametrize("end", ["delete_trail", "stop_logging", "update_trail"])
def test_digests_that_are_no_longer_made_are_no_failure(logged, end):
    from trailseal_lab.failures import Failures

    trails = logged.client("cloudtrail")
    for name in ("one", "two"):
        trails.update_trail(Name=name, EnableLogFileValidation=True)
    _tick(logged, 2)
    arn = _break_digests(logged, "one")
    assert {f.thing for f in _tick(logged, 12)} == {arn}

    getattr(trails, end)(Name="one", **({"EnableLogFileValidation": False} if end == "update_trail" else {}))
    _tick(logged, 12)

    assert logged.world.part(Failures).since(0) == ()


def test_each_inventory_of_a_bucket_fails_for_itself(logged):
    from trailseal_lab.s3.inventories import Inventories

    s3 = logged.client("s3")
    for name in ("a", "b", "c"):
        s3.put_bucket_inventory_configuration(
            Bucket="logs-bucket",
            Id=name,
            InventoryConfiguration={
                "Id": name,
                "IsEnabled": True,
                "IncludedObjectVersions": "Current",
                "Schedule": {"Frequency": "Daily"},
                "Destination": {
                    "S3BucketDestination": {"Bucket": "arn:aws:s3:::logs-bucket", "Format": "CSV"}
                },
            },
        )
    del logged.world.part(Inventories).of["logs-bucket"]["b"]["IncludedObjectVersions"]

    failures = _tick(logged, 12)

    assert [(f.work, f.thing) for f in failures] == [("s3.inventory_reports b", "logs-bucket")]


def test_a_beat_that_fails_is_that_beat_s_failure(logged, monkeypatch, caplog):
    from msgspec.structs import replace

    from trailseal_lab import clock
    from trailseal_lab.clock import BEATS
    from trailseal_lab.failures import work_of

    caplog.set_level(logging.CRITICAL, "trailseal_lab.failures")  # no report can hold what the error says

    def broken(world):
        raise RuntimeError(ODD)

    for spoilt in list(BEATS):
        others = [each for each in BEATS if each is not spoilt]
        monkeypatch.setattr(clock, "BEATS", [*others, replace(spoilt, tick=broken)])
        seen: list[object] = []
        monkeypatch.setattr(clock, "BEATS", [*clock.BEATS, replace(spoilt, order=99, tick=seen.append)])

        failures = clock.advance(logged.world, 12)

        assert [f.problem for f in failures if f.work == work_of(broken)] == ["RuntimeError: \\ud800"]
        assert seen


def test_what_an_observer_stumbles_over_changes_no_answer(here, monkeypatch):
    from trailseal_lab.answers import OBSERVERS

    def stumble(world, call, response):
        raise KeyError("x")

    monkeypatch.setattr("trailseal_lab.answers.OBSERVERS", [stumble, *OBSERVERS])
    s3, sealed = here.client("s3"), {"ServerSideEncryption": "aws:kms"}
    place = {"Bucket": "logs-bucket", "Key": "a"}

    assert here.client("kms").list_keys()["Keys"] == []
    s3.create_bucket(
        Bucket="logs-bucket", CreateBucketConfiguration={"LocationConstraint": here.world.region}
    )
    assert s3.put_object(**place, **sealed, Body=b"body")["ServerSideEncryption"] == "aws:kms"
    assert s3.get_object(**place)["Body"].read() == b"body"
    assert here.client("cloudtrail").lookup_events()["Events"]
    from trailseal_lab.failures import Failures

    assert [f.problem for f in here.world.part(Failures).since(0)] == ["KeyError: 'x'"]


def test_failures_are_told_over_the_control_pages(logged):
    from werkzeug.test import EnvironBuilder

    from trailseal_lab.application import Application
    from trailseal_lab.cloudtrail.trails import every_trail
    from trailseal_lab.register import SECRET_HEADER

    one, _ = sorted(every_trail(), key=lambda each: each.arn)
    one.advanced_event_selectors, one.event_selectors = [{"FieldSelectors": 1}], []

    def control(method, action, given=None):
        headers = {SECRET_HEADER: logged.world.secret}
        environ = EnvironBuilder(
            method=method, path=f"/_lab/{action}", base_url="http://127.0.0.1", headers=headers, json=given
        ).get_environ()
        return json.loads(Application(logged.world, lambda: None).respond(environ).get_data())

    ticked = control("POST", "tick", {"cycles": 1})
    status = control("GET", "status")

    assert [each["thing"] for each in ticked["failures"]] == [one.arn]
    assert [each["thing"] for each in status["failures"]] == [one.arn]
