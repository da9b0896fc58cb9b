"""The switch on the story's account, with deliveries: applied, proven, refuted, rolled back, undone."""

from __future__ import annotations

import json
import subprocess
import time

import pytest

NAME = "management-events"
FOLDER = "AWSLogs/123456789012/CloudTrail/ap-northeast-1/"


@pytest.fixture
def story(fresh_lab):
    return fresh_lab("story", cycle=1)


def trailseal(lab, *words, code=0, environment=None):
    given = {**lab.environment(), **(environment or {})}
    done = lab.trailseal_as(given, *words, stdin=subprocess.DEVNULL)
    assert done.returncode == code, f"{done.returncode}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def planned(lab, *words):
    path = str(lab.home / "plan.json")
    trailseal(lab, "plan", "--out", path, *words, code=3)
    return path


def trail(lab):
    return lab.client("cloudtrail").get_trail(Name=NAME)["Trail"]


def deliveries(lab, since):
    s3, bucket = lab.client("s3"), trail(lab)["S3BucketName"]
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=FOLDER)
    found = [each for page in pages for each in page.get("Contents", ()) if each["LastModified"] > since]
    heads = [s3.head_object(Bucket=bucket, Key=each["Key"]) for each in found]
    return {(head["ServerSideEncryption"], head.get("SSEKMSKeyId", "")) for head in heads}


def switched_at(proof):
    from datetime import datetime

    return datetime.fromisoformat(proof["trails"][0]["switched_at"])


def test_applied_proven_refuted_and_undone(story):
    trailseal(story, "verify", code=3)

    applied = json.loads(trailseal(story, "apply", planned(story), "--yes", "--format", "json"))
    proof = json.loads(trailseal(story, "verify", "--format", "json"))
    key = trail(story)["KmsKeyId"]

    assert applied["outcome"] == "proven"
    assert applied["seen"][0]["newest"]["kms_key_id"] == key
    assert proof["trails"][0]["source"] == "journal"
    assert {row["finding"] for row in proof["trails"][0]["rows"]} == {"before the switch", "under the key"}
    assert deliveries(story, switched_at(proof)) == {("aws:kms", key)}
    time.sleep(1.1)
    newest = applied["seen"][0]["newest"]["key"].replace("Z_", "Z_rogue")
    story.client("s3").put_object(Bucket=trail(story)["S3BucketName"], Key=newest, Body=b"x")
    trailseal(story, "verify", code=3)
    undone = trailseal(story, "undo", "--yes")
    assert f"can only be decrypted with key {key}" in " ".join(undone.split())
    assert "KmsKeyId" not in trail(story)
    assert story.client("kms").describe_key(KeyId=key)["KeyMetadata"]["KeyState"] == "Enabled"


def test_from_elsewhere_the_switch_is_known_by_cloudtrails_own_event(story, tmp_path):
    trailseal(story, "apply", planned(story), "--yes")

    elsewhere = {"TRAILSEAL_HOME": str(tmp_path / "elsewhere")}
    proof = json.loads(trailseal(story, "verify", "--wait", "--format", "json", environment=elsewhere))

    assert proof["trails"][0]["source"] == "UpdateTrail event"


def watched(lab, meanwhile):
    """Return the exit code, the answer and what was told of an apply during whose watch something happens."""
    path = planned(lab)
    command = [*lab.forked.command, "apply", path, "--yes", "--format", "json"]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, env=lab.environment(), text=True, stdout=pipe, stderr=pipe) as running:
        deadline = time.monotonic() + 60
        while "KmsKeyId" not in trail(lab) and time.monotonic() < deadline:
            time.sleep(0.05)
        meanwhile(trail(lab)["KmsKeyId"].rpartition("/")[2])
        out, err = running.communicate(timeout=120)
    return running.returncode, json.loads(out), err


def test_when_deliveries_fail_the_trail_is_put_back(story):
    code, applied, err = watched(story, lambda key: story.client("kms").disable_key(KeyId=key))

    assert (code, applied["outcome"]) == (1, "rolled back"), err
    assert applied["log_files"]["flow"] == "arriving"
    assert "rolling it back" in err
    assert "KmsKeyId" not in trail(story)


def test_a_roll_back_that_is_refused_is_tried_again(story):
    def meanwhile(key):
        story.fault("denied", service="cloudtrail", operation="UpdateTrail", count=3)
        story.client("kms").disable_key(KeyId=key)

    code, applied, err = watched(story, meanwhile)

    assert (code, applied["outcome"]) == (1, "rolled back"), err
    assert "could not be rolled back" in err
    assert "KmsKeyId" not in trail(story)


EYES = [
    ("s3", "ListObjectsV2", "denied"),
    ("s3", "HeadObject", "drop"),
    ("cloudtrail", "GetTrail", "denied"),
    ("cloudtrail", "GetTrailStatus", "500"),
    ("kms", "DescribeKey", "denied"),
]


@pytest.mark.parametrize(("service", "operation", "kind"), EYES)
def test_a_look_that_fails_does_not_end_the_watch(fresh_lab, service, operation, kind):
    story = fresh_lab("story", cycle=3)

    def meanwhile(_):
        story.fault(kind, service=service, operation=operation, count=4)

    code, applied, err = watched(story, meanwhile)

    assert (code, applied["outcome"], applied["log_files"]["flow"]) == (0, "proven", "arriving"), err


@pytest.mark.parametrize(
    ("does", "code", "said"),
    [("delete_trail", 1, "was deleted"), ("stop_logging", 4, "aws cloudtrail start-logging")],
)
def test_what_becomes_of_the_trail_meanwhile_is_told_at_once(fresh_lab, does, code, said):
    story = fresh_lab("story", cycle=0)  # nothing is delivered, and nobody waits to the end
    ended, applied, err = watched(story, lambda _: getattr(story.client("cloudtrail"), does)(Name=NAME))

    assert (ended, applied["log_files"]["flow"]) == (code, "not arriving"), err
    assert said in err


def test_an_existing_key_keeps_every_statement_that_it_had(story):
    kms = story.client("kms")
    before = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "Mine",
                "Effect": "Allow",
                "Principal": {"AWS": "arn:aws:iam::123456789012:root"},
                "Action": "kms:*",
                "Resource": "*",
            }
        ],
    }
    arn = kms.create_key(Policy=json.dumps(before))["KeyMetadata"]["Arn"]

    trailseal(story, "apply", planned(story, "--key", arn), "--yes", "--no-wait")
    after = json.loads(kms.get_key_policy(KeyId=arn, PolicyName="default")["Policy"])
    trailseal(story, "undo", "--yes")
    back = json.loads(kms.get_key_policy(KeyId=arn, PolicyName="default")["Policy"])

    assert after["Statement"][0] == before["Statement"][0]
    assert len(after["Statement"]) > 2
    assert back == before
