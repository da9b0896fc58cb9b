"""`history reencrypt` on the story's lab, killed with SIGKILL at random moments: ledger and bucket agree."""

from __future__ import annotations

import hashlib
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from killed_reencrypt import entered, keys_done, kill_reencrypt
from labs import RunningLab

BUCKET = "example-cloudtrail-logs"
NIGHTLY = bool(os.environ.get("TRAILSEAL_NIGHTLY"))
KILLS = 50 if NIGHTLY else 4
WAYS = [("copy", ""), ("update", ""), ("copy", "Enabled"), ("update", "Enabled")]
Content = dict[str, tuple[str, dict[str, str]]]


@pytest.fixture
def lab(fresh_lab: Callable[..., RunningLab]) -> RunningLab:
    return fresh_lab("story")


@pytest.fixture
def key(lab: RunningLab) -> str:
    arn: str = lab.client("kms").create_key()["KeyMetadata"]["Arn"]
    return arn


def objects(lab: RunningLab) -> dict[str, dict[str, Any]]:
    """Every object as GetObject gives it, with its body."""
    s3 = lab.client("s3")
    listed = s3.list_objects_v2(Bucket=BUCKET)["Contents"]
    got = {each["Key"]: s3.get_object(Bucket=BUCKET, Key=each["Key"]) for each in listed}
    return {name: {**answer, "Body": answer["Body"].read()} for name, answer in got.items()}


def content(found: dict[str, dict[str, Any]]) -> Content:
    return {name: (hashlib.sha256(o["Body"]).hexdigest(), o["Metadata"]) for name, o in found.items()}


def under(found: dict[str, dict[str, Any]], key: str) -> set[str]:
    return {name for name, each in found.items() if each.get("SSEKMSKeyId") == key}


def probes(lab: RunningLab) -> list[str]:
    listed = lab.client("s3").list_objects_v2(Bucket=BUCKET, Prefix=".trailseal-probe/")
    return [each["Key"] for each in listed.get("Contents", ())]


def versions(lab: RunningLab) -> Counter[str]:
    listed = lab.client("s3").list_object_versions(Bucket=BUCKET)["Versions"]
    return Counter(each["Key"] for each in listed)


@pytest.mark.parametrize("seed", range(KILLS))
def test_killed_at_any_moment_the_ledger_and_the_bucket_agree(
    seed: int, lab: RunningLab, key: str, tmp_path: Path
) -> None:
    chance = random.Random(seed)  # noqa: S311 - a seeded run
    (method, versioning), manifest = WAYS[seed % len(WAYS)], tmp_path / "m.jsonl"
    if versioning:
        settings = {"Status": versioning}
        lab.client("s3").put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration=settings)
    before = objects(lab)
    lab.trailseal("history", "census", "--manifest", str(manifest))
    for operation in ("CopyObject", "UpdateObjectEncryption"):
        lab.fault("slow", service="s3", operation=operation, seconds=0.02, count=10_000)
    how = ("--key", key, "--yes", "--method", method, "--connections", "4")

    ends = []
    for _ in range(2):
        ends.append(kill_reencrypt(manifest, *how, after=chance.uniform(0, 0.5), env=lab.environment()))
        sealed = under(objects(lab), key)
        assert keys_done(manifest) <= sealed <= set(entered(manifest))
    last = lab.trailseal("history", "reencrypt", "--manifest", str(manifest), *how, "--format", "json")
    after = objects(lab)

    assert ends[0] == -signal.SIGKILL
    assert json.loads(last.stdout)["counts"] == {"done": len(before)}, last.stderr
    assert under(after, key) == keys_done(manifest) == set(before)
    assert content(after) == content(before)
    copied = method == "copy" and versioning
    assert set(versions(lab).values()) == {2 if copied else 1}


def test_killed_while_it_probes_the_next_run_passes_the_old_probe_by(
    lab: RunningLab, key: str, tmp_path: Path
) -> None:
    before, manifest = objects(lab), tmp_path / "m.jsonl"
    lab.trailseal("history", "census", "--manifest", str(manifest))
    lab.fault("slow", service="s3", operation="UpdateObjectEncryption", seconds=3)
    words = ("history", "reencrypt", "--manifest", str(manifest), "--key", key, "--yes", "--method", "update")
    command = [sys.executable, "-m", "trailseal.cli.main", *words, "--format", "json"]
    with subprocess.Popen(command, env=lab.environment(), stderr=subprocess.DEVNULL) as running:
        while not (left := probes(lab)) and running.poll() is None:
            time.sleep(0.02)
        running.send_signal(signal.SIGKILL)
    untouched = content(objects(lab))
    last = lab.trailseal(*words, "--format", "json")
    counted = json.loads(lab.trailseal("history", "census", "--format", "json").stdout)["rows"]

    assert (running.returncode, len(left)) == (-signal.SIGKILL, 1)
    assert {name: untouched[name] for name in before} == content(before)
    assert json.loads(last.stdout)["counts"] == {"done": len(before)}, last.stderr
    assert probes(lab) == left
    assert sum(row["objects"] for row in counted) == len(before)
