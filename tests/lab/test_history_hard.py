"""`history reencrypt` on the story's lab when two run at once, S3 slows down, or objects cannot be done."""

from __future__ import annotations

import json
import os
import pty
import sqlite3
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from killed_reencrypt import SMALL_ROUNDS, keys_done
from labs import RunningLab

BUCKET = "example-cloudtrail-logs"
PROBES = ".trailseal-probe/"
Versions = dict[str, set[str]]


@pytest.fixture
def lab(fresh_lab: Callable[..., RunningLab]) -> RunningLab:
    """The story, in a bucket that keeps versions: what is written or deleted once too often shows."""
    lab = fresh_lab("story")
    enabled = {"Status": "Enabled"}
    lab.client("s3").put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration=enabled)
    return lab


@pytest.fixture
def key(lab: RunningLab) -> str:
    arn: str = lab.client("kms").create_key()["KeyMetadata"]["Arn"]
    return arn


@pytest.fixture
def manifest(lab: RunningLab, tmp_path: Path) -> Path:
    path = tmp_path / "m.jsonl"
    lab.trailseal("history", "census", "--manifest", str(path))
    return path


def words(manifest: Path, key: str, *more: str) -> list[str]:
    return ["history", "reencrypt", "--manifest", str(manifest), "--key", key, "--format", "json", *more]


def keys_of(manifest: Path) -> list[str]:
    return [json.loads(line)["key"] for line in manifest.read_text().splitlines()[1:]]


def versions(lab: RunningLab) -> Versions:
    """The versions of every key; a delete marker would be one named `deleted`."""
    found = lab.client("s3").list_object_versions(Bucket=BUCKET)
    kept: Versions = {}
    for each in found["Versions"]:
        kept.setdefault(each["Key"], set()).add(each["VersionId"])
    for each in found.get("DeleteMarkers", ()):
        kept.setdefault(each["Key"], set()).add("deleted")
    return kept


def sealed(lab: RunningLab, key: str) -> set[str]:
    s3 = lab.client("s3")
    heads = {name: s3.head_object(Bucket=BUCKET, Key=name) for name in versions(lab)}
    return {name for name, head in heads.items() if head.get("SSEKMSKeyId") == key}


def test_two_runs_at_once_share_the_work_and_copy_nothing_twice(
    lab: RunningLab, key: str, manifest: Path
) -> None:
    lab.fault("slow", service="s3", operation="CopyObject", seconds=0.05, count=10_000)
    asked = words(manifest, key, "--yes", "--method", "copy", "--connections", "4")
    command = [sys.executable, "-c", SMALL_ROUNDS, *asked]
    both = [subprocess.Popen(command, env=lab.environment(), stdout=subprocess.DEVNULL) for _ in range(2)]
    ends = [running.wait(120) for running in both]
    with closing(sqlite3.connect(f"{manifest}.ledger")) as ledger:
        workers = Counter(run for (run,) in ledger.execute("select run from work"))

    assert set(ends) <= {0, 3}  # who ends first sees the other's objects as not done yet
    assert 0 in ends
    assert len(workers) == 2
    assert keys_done(manifest) == sealed(lab, key) == set(keys_of(manifest))
    assert {len(each) for each in versions(lab).values()} == {2}


def test_when_s3_says_slow_down_everything_is_done_all_the_same(
    lab: RunningLab, key: str, manifest: Path
) -> None:
    lab.fault("throttle", service="s3", operation="CopyObject", count=60)
    ended = lab.trailseal(*words(manifest, key, "--yes", "--method", "copy", "--verify", "none"))
    told = json.loads(ended.stdout)

    assert (ended.returncode, told["counts"]) == (0, {"done": len(keys_of(manifest))}), ended.stderr
    assert told["slowed"] == 60
    assert sealed(lab, key) == set(keys_of(manifest))


def test_objects_that_cannot_be_done_are_named_and_the_others_are_done(
    lab: RunningLab, key: str, manifest: Path
) -> None:
    s3, (refused, changed, gone, *others) = lab.client("s3"), keys_of(manifest)
    policy = s3.get_bucket_policy(Bucket=BUCKET)["Policy"]
    deny = {"Effect": "Deny", "Principal": "*", "Action": "s3:PutObject"}
    deny["Resource"] = f"arn:aws:s3:::{BUCKET}/{refused}"
    document = json.loads(policy)
    document["Statement"].append(deny)
    s3.put_bucket_policy(Bucket=BUCKET, Policy=json.dumps(document))
    s3.put_object(Bucket=BUCKET, Key=changed, Body=b"newer")
    s3.delete_object(Bucket=BUCKET, Key=gone)
    asked = words(manifest, key, "--yes", "--method", "copy")
    ended = lab.trailseal(*asked)
    told = json.loads(ended.stdout)
    s3.put_bucket_policy(Bucket=BUCKET, Policy=policy)
    again = json.loads(lab.trailseal(*asked, "--retry-failed").stdout)

    assert ended.returncode == 1
    assert {(each["key"], each["state"]) for each in told["problems"]} == {
        (refused, "failed"),
        (changed, "changed since the census"),
        (gone, "gone since the census"),
    }
    assert told["counts"]["done"] == len(others)
    assert keys_done(manifest) == {refused, *others}
    assert s3.get_object(Bucket=BUCKET, Key=changed)["Body"].read() == b"newer"
    assert again["counts"]["done"] == len(others) + 1


def test_the_probe_is_all_that_is_ever_deleted(lab: RunningLab, key: str, manifest: Path) -> None:
    before = versions(lab)
    ended = lab.trailseal(*words(manifest, key, "--yes", "--method", "update"))

    assert "the probe passed" in ended.stderr
    assert json.loads(ended.stdout)["counts"] == {"done": len(before)}
    assert versions(lab) == before
    assert sealed(lab, key) == set(before)


@pytest.mark.parametrize("method", ["auto", "update", "copy"])
def test_without_consent_no_probe_is_written(method: str, lab: RunningLab, key: str, manifest: Path) -> None:
    before = versions(lab)
    ended = lab.trailseal(*words(manifest, key, "--method", method))
    dry = lab.trailseal(*words(manifest, key, "--method", method, "--dry-run"))

    assert (ended.returncode, dry.returncode) == (2, 3)
    assert "nobody can be asked here" in ended.stderr
    assert versions(lab) == before


def test_who_refuses_the_probe_gets_copies(lab: RunningLab, key: str, manifest: Path) -> None:
    ours, theirs = pty.openpty()
    os.write(ours, b"n\ny\n")
    command = [*lab.forked.command, *words(manifest, key)]
    ended = subprocess.run(
        command, env=lab.environment(), stdin=theirs, capture_output=True, text=True, check=False
    )
    os.close(ours)
    os.close(theirs)

    assert "May trailseal write, re-encrypt and delete one object of its own" in ended.stderr
    assert json.loads(ended.stdout)["counts"] == {"done": len(keys_of(manifest))}
    assert {len(each) for each in versions(lab).values()} == {2}
    assert not [name for name in versions(lab) if name.startswith(PROBES)]
