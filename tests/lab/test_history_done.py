"""The history of the story's lab, switched and re-encrypted: valid, and open to the plan's readers alone."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from labs import RunningLab
from witnesses import program

ACCOUNT = "123456789012"
BUCKET = "example-cloudtrail-logs"
TRAIL = f"arn:aws:cloudtrail:ap-northeast-1:{ACCOUNT}:trail/management-events"
SPAN = ("--start-time", "2026-01-01T00:00:00Z")
READERS = {f"arn:aws:iam::{ACCOUNT}:{name}" for name in ("role/siem-collector", "role/athena-analyst")}
READERS.add(f"arn:aws:iam::{ACCOUNT}:user/operator")  # who re-encrypts, and reads what that has made
OTHERS = {
    f"arn:aws:iam::{ACCOUNT}:user/alice",
    f"arn:aws:iam::{ACCOUNT}:user/user1",
    f"arn:aws:iam::{ACCOUNT}:role/Role1",
    f"arn:aws:iam::{ACCOUNT}:role/log-notifier",
    f"arn:aws:iam::{ACCOUNT}:role/admin",
    "arn:aws:iam::210987654321:role/outsider-admin",
}


@pytest.fixture
def lab(fresh_lab: Callable[..., RunningLab]) -> RunningLab:
    return fresh_lab("story")


def switch(lab: RunningLab, folder: Path) -> str:
    """Carry out the plan that lets only the readers read; return the trail's key."""
    plan = str(folder / "plan.json")
    chosen = [word for arn in sorted(READERS) for word in ("--reader", arn)]
    made = lab.trailseal(
        "plan", *chosen, "--reader-mode", "perimeter", "--accept", "readers-lose-access", "--out", plan
    )
    assert made.returncode == 3, made.stdout + made.stderr
    done = lab.trailseal("apply", plan, "--yes", "--no-wait")
    assert done.returncode == 0, done.stdout + done.stderr
    key: str = lab.client("cloudtrail").get_trail(Name=TRAIL)["Trail"]["KmsKeyId"]
    return key


def sealing(lab: RunningLab) -> dict[str, str]:
    """The key of every object of the bucket, "" for SSE-S3."""
    s3 = lab.client("s3")
    names = [each["Key"] for each in s3.list_objects_v2(Bucket=BUCKET)["Contents"]]
    return {name: s3.head_object(Bucket=BUCKET, Key=name).get("SSEKMSKeyId", "") for name in names}


def census(lab: RunningLab, *more: str) -> set[str]:
    done = lab.trailseal("history", "census", "--format", "json", *more)
    return {row["group"]["encryption"] for row in json.loads(done.stdout)["rows"]}


def reencrypt(lab: RunningLab, manifest: Path, *more: str) -> subprocess.CompletedProcess[str]:
    """Re-encrypt under the trail's key, with the readers' plan applied first when one is offered."""
    plan = manifest.with_name("readers.json")
    words = ("history", "reencrypt", "--manifest", str(manifest), "--yes", "--verify", "all", *more)
    done = lab.trailseal(*words, "--reader-plan", str(plan), "--format", "json")
    if done.returncode == 3 and plan.exists():
        lab.trailseal("apply", str(plan), "--yes")
        done = lab.trailseal(*words, "--format", "json")
    return done


def can_read(lab: RunningLab, principal: str, name: str) -> bool:
    try:
        lab.client("s3", principal).get_object(Bucket=BUCKET, Key=name)["Body"].read()
    except ClientError as refused:
        if refused.response.get("Error", {}).get("Code") != "AccessDenied":
            raise
        return False
    return True


def assert_valid(lab: RunningLab) -> None:
    """The AWS CLI and we say valid of every file, and of as many."""
    aws = subprocess.run(
        [program("awscli", "aws"), "cloudtrail", "validate-logs", "--trail-arn", TRAIL, *SPAN, "--verbose"],
        env=lab.environment(), capture_output=True, text=True, check=False,
    )  # fmt: skip
    ours = lab.trailseal("history", "validate", "--all", "--only-region", "ap-northeast-1", *SPAN)
    theirs, said = (
        {line for line in text.splitlines() if "\ts3://" in line} for text in (aws.stdout, ours.stdout)
    )

    assert (aws.returncode, ours.returncode) == (0, 0), aws.stderr + ours.stdout + ours.stderr
    assert "INVALID" not in aws.stdout
    assert said == theirs
    assert len(said) > 140


@pytest.mark.parametrize("method", ["auto", "copy"])
def test_the_history_ends_sealed_valid_and_open_to_the_plans_readers_alone(
    method: str, lab: RunningLab, tmp_path: Path
) -> None:
    manifest = tmp_path / "m.jsonl"
    before = set(sealing(lab))
    first = census(lab, "--manifest", str(manifest))
    key = switch(lab, tmp_path)
    lab.tick(2)
    done = reencrypt(lab, manifest, "--method", method)
    after = sealing(lab)
    old, new = min(before), next(name for name in set(after) - before if "/CloudTrail/" in name)

    assert first == {"AES256"}
    assert json.loads(done.stdout)["counts"] == {"done": len(before)}, done.stderr
    assert census(lab) == {"aws:kms"}
    assert set(after.values()) == {key}
    assert_valid(lab)
    assert {(who, can_read(lab, who, name)) for who in READERS | OTHERS for name in (old, new)} == {
        (who, who in READERS) for who in READERS | OTHERS
    }
