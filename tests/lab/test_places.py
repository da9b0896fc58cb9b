"""A Region that is off, or closed, is a fact of that Region: the rest is answered, with good credentials."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from labs import RunningLab
from trailseal.cli.main import run

OFF, TRAIL, BUCKET = "eu-south-1", "south-events", "example-south-logs"
ACCOUNT = "123456789012"
ARN = f"arn:aws:cloudtrail:{OFF}:{ACCOUNT}:trail/{TRAIL}"
VERBS = {
    "check": "check --format json",
    "plan": "plan --format json --reader-days 0",
    "who": "who --format json",
    "explain": "explain --format json",
    "verify": "verify --format json",
}
GOOD = "eu-events"


def statement(sid: str, action: str, resource: str, **condition: str) -> dict[str, Any]:
    service = {"Service": "cloudtrail.amazonaws.com"}
    return {
        "Sid": sid, "Effect": "Allow", "Principal": service, "Action": action, "Resource": resource,
        "Condition": {"StringEquals": {"aws:SourceArn": ARN, **condition}},
    }  # fmt: skip


@pytest.fixture
def lab(fresh_lab: Callable[..., RunningLab], monkeypatch: pytest.MonkeyPatch) -> RunningLab:
    """An account with a trail that is at home in a Region which can be switched off."""
    made = fresh_lab("multi")
    s3 = made.client("s3", region=OFF)
    s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": OFF})
    bucket = f"arn:aws:s3:::{BUCKET}"
    owner = {"s3:x-amz-acl": "bucket-owner-full-control"}
    told = [
        statement("Acl", "s3:GetBucketAcl", bucket),
        statement("Write", "s3:PutObject", f"{bucket}/AWSLogs/{ACCOUNT}/*", **owner),
    ]
    s3.put_bucket_policy(Bucket=BUCKET, Policy=json.dumps({"Version": "2012-10-17", "Statement": told}))
    cloudtrail = made.client("cloudtrail", region=OFF)
    cloudtrail.create_trail(Name=TRAIL, S3BucketName=BUCKET)
    cloudtrail.start_logging(Name=TRAIL)
    for name, value in made.environment().items():
        monkeypatch.setenv(name, value)
    return made


def switch_off(lab: RunningLab) -> None:
    lab.client("account", region="us-east-1").disable_region(RegionName=OFF)


def close(lab: RunningLab) -> None:
    """As an organization's policy does that allows some Regions only."""
    lab.fault("denied", region=OFF, count=100_000)


REFUSALS = {"off": (switch_off, "UnrecognizedClientException"), "closed": (close, "AccessDeniedException")}


@pytest.mark.parametrize("refusal", REFUSALS)
def test_what_one_region_refuses_hides_nothing_of_the_others(
    refusal: str, lab: RunningLab, capsys: pytest.CaptureFixture[str]
) -> None:
    refuse, code = REFUSALS[refusal]
    refuse(lab)
    for name, words in VERBS.items():
        ended = run(words.split())
        told = capsys.readouterr()

        assert ended == 4, (name, told.err)
        assert "accept the credentials" not in told.err, name
        assert json.loads(told.out), name
        assert all(part in told.out for part in (code, ARN, GOOD)), name


def test_a_region_that_is_off_is_told_once_and_as_what_it_may_be(
    lab: RunningLab, capsys: pytest.CaptureFixture[str]
) -> None:
    switch_off(lab)
    run(["check"])
    told = " ".join(capsys.readouterr().out.split())

    assert told.count(f"{OFF} takes no credentials of this account: it has not enabled the Region") == 1
    assert "CloudTrail may still deliver from it" in told


def test_where_they_never_worked_the_credentials_are_called_bad(
    lab: RunningLab, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIANOBODY0000000000")
    for words in ("check", "plan", "who", "verify", "key show alias/shared-logs"):
        ended = run(words.split())
        told = capsys.readouterr()

        assert (ended, told.out) == (1, "")
        assert "AWS does not accept the credentials" in told.err


def test_in_a_region_that_is_off_nobody_can_tell_it_from_bad_credentials(
    lab: RunningLab, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    switch_off(lab)
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.setenv(name, OFF)

    assert run(["check"]) == 1
    assert "choose another with --region" in capsys.readouterr().err


def test_a_trail_delivers_on_from_a_region_that_was_switched_off(
    fresh_lab: Callable[..., RunningLab], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its status cannot be asked, and what lies in the bucket is told."""
    lab = fresh_lab("clean")
    for name, value in lab.environment().items():
        monkeypatch.setenv(name, value)
    lab.client("kms", region=OFF).list_keys()
    lab.tick(2)
    switch_off(lab)

    assert run(["check", "--format", "json"]) == 4
    found = [row["finding"] for row in json.loads(capsys.readouterr().out)["findings"]]
    (delivers,) = (each for each in found if (each["check"], each["region"]) == ("TS106", OFF))
    assert run(["history", "validate", "--format", "json"]) == 4
    assert any(OFF in reason for reason in json.loads(capsys.readouterr().out)["not_asked"])
    assert (
        "goes on delivering from a Region that was switched off, and the newest file is of"
        in delivers["text"]
    )
