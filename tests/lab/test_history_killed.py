"""`history reencrypt` on the story's lab, killed with SIGKILL at random moments: ledger and bucket agree."""

from __future__ import annotations

import hashlib
import json
import os
import random
import signal
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
