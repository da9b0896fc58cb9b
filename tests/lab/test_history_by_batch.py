"""`history reencrypt --engine s3batch` on the story's lab: the same end, also when killed or run twice."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from killed_reencrypt import SMALL_ROUNDS, keys_done, kill_reencrypt
from lab.test_batch_operations import ACCOUNT, KEYS, ROLE_ARN, WORK, allow, control, make_role
from lab.test_cloudtrail_changes import make_key
from labs import RunningLab

LOGS, PLACE = "example-cloudtrail-logs", "example-jobs"
KILLS = 10 if os.environ.get("TRAILSEAL_NIGHTLY") else 2
BY_BATCH = ("--engine", "s3batch", "--role", ROLE_ARN, "--batch-place", f"s3://{PLACE}/work", "--yes")


DELIVERED = ("--only-region", "ap-northeast-1", "--start-time", "40h", "--end-time", "3h")
"""Hours of which each has its digest file."""


@pytest.fixture
def lab(fresh_lab: Callable[..., RunningLab]) -> RunningLab:
    """The story with no more deliveries, a role for jobs, and a bucket for their manifests and reports."""
    lab = fresh_lab("story", cycle=0.5)
    here = {"LocationConstraint": "ap-northeast-1"}
    lab.client("s3").create_bucket(Bucket=PLACE, CreateBucketConfiguration=here)
    make_role(lab, WORK + KEYS)
    lab.client("cloudtrail").stop_logging(Name="management-events")
    return lab


@pytest.fixture
def manifest(lab: RunningLab, tmp_path: Path) -> Path:
    path = tmp_path / "m.jsonl"
    lab.trailseal("history", "census", "--manifest", str(path))
    return path


def listed(manifest: Path) -> int:
    """Return how many objects the manifest lists; what came before the trail was stopped is among them."""
    return len(manifest.read_text().splitlines()) - 1


def start(lab: RunningLab, manifest: Path, key: str, *more: str) -> subprocess.Popen[str]:
    words = ("history", "reencrypt", "--manifest", str(manifest), "--key", key, *BY_BATCH, *more)
    return subprocess.Popen(
        [sys.executable, "-c", SMALL_ROUNDS, *words, "--format", "json"],
        env=lab.environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def counts(running: subprocess.Popen[str]) -> dict[str, int]:
    out, err = running.communicate(timeout=120)
    assert out, err
    told: dict[str, int] = json.loads(out)["counts"]
    return told


def encryptions(lab: RunningLab) -> set[str]:
    found = lab.trailseal("history", "census", "--format", "json")
    return {row["group"]["encryption"] for row in json.loads(found.stdout)["rows"]}


def sealed(lab: RunningLab, key: str) -> set[str]:
    s3 = lab.client("s3")
    names = [each["Key"] for each in s3.list_objects_v2(Bucket=LOGS)["Contents"]]
    heads = {name: s3.head_object(Bucket=LOGS, Key=name) for name in names}
    return {name for name, head in heads.items() if head.get("SSEKMSKeyId") == key}


def jobs(lab: RunningLab) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = control(lab).list_jobs(AccountId=ACCOUNT)["Jobs"]
    return found


@pytest.mark.parametrize(
    ("method", "operation"), [("auto", "S3UpdateObjectEncryption"), ("copy", "S3PutObjectCopy")]
)
def test_a_job_ends_the_history_under_the_key_and_valid(
    method: str, operation: str, lab: RunningLab, manifest: Path
) -> None:
    key, before = make_key(lab), encryptions(lab)
    done = counts(start(lab, manifest, key, "--method", method))
    (job,) = jobs(lab)
    valid = lab.trailseal("history", "validate", *DELIVERED, "--format", "json")

    assert (job["Operation"], job["Status"]) == (operation, "Complete")
    assert done == {"done": job["ProgressSummary"]["NumberOfTasksSucceeded"]}
    assert (before, encryptions(lab)) == ({"AES256"}, {"aws:kms"})
    assert len(sealed(lab, key)) == done["done"]
    assert (valid.returncode, json.loads(valid.stdout)["problems"]) == (0, [])


@pytest.mark.parametrize("seed", range(KILLS))
def test_killed_at_any_moment_and_started_again_one_job_has_done_it(
    seed: int, lab: RunningLab, manifest: Path
) -> None:
    key = make_key(lab)
    chance = random.Random(seed)  # noqa: S311 - a seeded run
    delay = chance.uniform(0, 1.5)
    killed = kill_reencrypt(manifest, "--key", key, *BY_BATCH, after=delay, env=lab.environment())
    known = keys_done(manifest)
    done = counts(start(lab, manifest, key))

    assert (killed, known) == (-signal.SIGKILL, set())
    assert len(jobs(lab)) == 1
    assert done == {"done": listed(manifest)}
    assert sealed(lab, key) == keys_done(manifest)


def test_two_runs_at_once_make_one_job(lab: RunningLab, manifest: Path) -> None:
    key = make_key(lab)
    both = [start(lab, manifest, key) for _ in range(2)]
    told = [counts(running) for running in both]

    assert {running.returncode for running in both} <= {0, 3}
    assert {"done": listed(manifest)} in told
    assert len(jobs(lab)) == 1
    assert len(sealed(lab, key)) == listed(manifest)


def test_what_the_role_could_not_do_is_done_by_another_job_later(lab: RunningLab, manifest: Path) -> None:
    key, total = make_key(lab), listed(manifest)
    allow(lab, [action for action in WORK if action != "s3:UpdateObjectEncryption"] + KEYS)
    refused = start(lab, manifest, key)
    first = counts(refused)
    allow(lab, WORK + KEYS)
    second = counts(start(lab, manifest, key, "--retry-failed"))

    assert (refused.returncode, first, second) == (1, {"failed": total}, {"done": total})
    assert [job["ProgressSummary"]["NumberOfTasksFailed"] for job in jobs(lab)] == [0, total]
    assert len(sealed(lab, key)) == listed(manifest)
