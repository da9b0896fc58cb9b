"""An organization's trail with its bucket in another account: looked at, turned, proven and turned back."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from typing import Any

import pytest

from labs import RunningLab
from witnesses import program

OURS, ARCHIVE, BUCKET = "123456789012", "333333333333", "example-archive-logs"
ADMIN = f"arn:aws:iam::{ARCHIVE}:role/admin"
TRAIL = ("--trail", "organization-events")
BOTH = ("--also-profile", "archive")


@pytest.fixture
def lab(fresh_lab: Callable[..., RunningLab]) -> RunningLab:
    return fresh_lab("multi")


def told(lab: RunningLab, *words: str, exits: int) -> Any:
    done = lab.trailseal_as(lab.profiles(archive=ADMIN), *words, "--format", "json")
    assert done.returncode == exits, done.stdout + done.stderr
    return json.loads(done.stdout)


def aws(lab: RunningLab, profile: str, *words: str) -> Any:
    """Ask the AWS CLI as one of the two accounts."""
    done = subprocess.run(
        [program("awscli", "aws"), "--profile", profile, "--output", "json", *words],
        env=lab.profiles(archive=ADMIN),
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(done.stdout)


def key_of_trail(lab: RunningLab) -> str:
    found = aws(lab, "default", "cloudtrail", "get-trail", "--name", "organization-events")["Trail"]
    return str(found.get("KmsKeyId", ""))


def log_files(lab: RunningLab) -> set[str]:
    """Return the keys of the log files, as the bucket's account sees them: a second may see several."""
    listed = aws(lab, "archive", "s3api", "list-objects-v2", "--bucket", BUCKET)["Contents"]
    return {each["Key"] for each in listed if "/CloudTrail/" in each["Key"]}


def delivered(lab: RunningLab) -> tuple[str, str]:
    """Let a cycle pass, and return how a log file that it brought is encrypted."""
    before = log_files(lab)
    lab.tick()
    key = max(log_files(lab) - before)
    head = aws(lab, "archive", "s3api", "head-object", "--bucket", BUCKET, "--key", key)
    return head["ServerSideEncryption"], head.get("SSEKMSKeyId", "")


def codes(plan: Any) -> set[str]:
    return {each["code"] for each in plan["concerns"]}


def test_the_bucket_s_account_is_asked_and_the_trail_turned_and_turned_back(lab: RunningLab) -> None:
    saved = str(lab.home / "plan.json")
    plan = told(lab, "plan", *TRAIL, *BOTH, "--out", saved, exits=3)
    told(lab, "apply", saved, "--yes", "--no-wait", *BOTH, exits=0)
    key = key_of_trail(lab)
    sealed = delivered(lab)
    proof = told(lab, "verify", *TRAIL, *BOTH, exits=0)
    alone = told(lab, "verify", *TRAIL, exits=4)
    checked = told(lab, "check", *TRAIL, *BOTH, exits=3)
    told(lab, "undo", "--yes", *BOTH, exits=0)

    assert "bucket-policy" not in codes(plan)
    assert [c["facts"] for c in plan["concerns"] if c["code"] == "key-not-of-bucket-owner"] == [
        {"account": OURS, "bucket": BUCKET, "owner": ARCHIVE}
    ]
    assert (key.split(":")[4], sealed) == (OURS, ("aws:kms", key))
    assert {row["account"] for row in proof["trails"][0]["rows"]} >= {OURS, ARCHIVE}
    assert [each["call"] for each in alone["trails"][0]["unreadable"]] == ["s3:ListBucket"]
    verdicts = {row["finding"]["check"]: row["finding"]["verdict"] for row in checked["findings"]}
    assert (verdicts["TS107"], verdicts["TS108"]) == ("pass", "pass")
    assert (key_of_trail(lab), delivered(lab)) == ("", ("AES256", ""))


def test_the_bucket_s_region_is_known_whatever_its_policy_refuses(lab: RunningLab) -> None:
    """HeadBucket tells it with a refusal, so that a key can be planned; what was not read stays a concern."""
    plan = told(lab, "plan", *TRAIL, exits=4)
    checked = told(lab, "check", *TRAIL, exits=4)
    (row,) = checked["trails"]

    assert [s["region"] for s in plan["steps"] if s["call"] == "kms:CreateKey"] == ["ap-northeast-1"]
    assert "bucket-policy" in codes(plan)
    assert row["bucket"]["region"] == "ap-northeast-1"


def test_whoever_may_not_look_into_a_bucket_is_told_of_the_other_account(lab: RunningLab) -> None:
    shown = lab.trailseal("check", *TRAIL).stdout

    assert f"bucket {BUCKET} is not known to be this account's" in " ".join(shown.split())


@pytest.mark.parametrize("verb", ["check", "plan", "verify"])
def test_a_saved_snapshot_reads_no_further_account(verb: str, lab: RunningLab) -> None:
    saved = str(lab.home / "seen.json")
    lab.trailseal("check", "--save", saved)
    done = lab.trailseal(verb, "--snapshot", saved, *BOTH)

    assert (done.returncode, "--also-profile" in done.stderr) == (2, True)
