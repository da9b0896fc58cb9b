"""The history's verbs against an S3 server that we did not write; CloudTrail's part is a stub."""

from __future__ import annotations

import json
import os
import random
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

import boto3
import pytest

from cloudtrail_stub import cloudtrail_stub
from forked import Forked
from history_estate import BUCKET, PLACE, REGION, START, Bucket, estate
from killed_reencrypt import entered, keys_done, kill_reencrypt
from object_servers import environment, ministack
from trailseal.aws.plane.object_plane import PlaneSettings
from trailseal.objects.calls import put

HOURS, FILES = 6, 20
DELIVERED = ("--start-time", f"{START:%Y-%m-%dT%H:%M:%SZ}", "--end-time", "2026-11-20T06:00:00Z")
"""The hours that have digest files: of later ones nothing tells."""
SPAN = ("--start-time", f"{START:%Y-%m-%dT%H:%M:%SZ}", "--end-time", "2026-11-21T00:00:00Z")
KILLS = 50 if os.environ.get("TRAILSEAL_NIGHTLY") else 3


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    with ministack() as s3, cloudtrail_stub() as cloudtrail:
        env = environment(s3, REGION) | {"AWS_ENDPOINT_URL_CLOUDTRAIL": cloudtrail}
        with pytest.MonkeyPatch.context() as patch:
            for name, value in env.items():
                patch.setenv(name, value)
            place = {"LocationConstraint": REGION}
            boto3.client("s3").create_bucket(Bucket=BUCKET, CreateBucketConfiguration=place)
            yield s3


@pytest.fixture
def things(endpoint: str) -> Iterator[Bucket]:
    things = estate(hours=HOURS, files=FILES)
    with PlaneSettings(region=REGION).open() as plane:
        sse = {"x-amz-server-side-encryption": "AES256"}  # AWS says so by itself
        calls = (put(BUCKET, k, t.body, headers=t.headers | sse) for k, t in things.items())
        assert not [answer.error for answer in plane.each(calls) if answer.error]
    yield things
    s3 = boto3.client("s3")
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=BUCKET):
        for listed in page.get("Contents", []):
            s3.delete_object(Bucket=BUCKET, Key=listed["Key"])


@pytest.fixture
def key(endpoint: str) -> str:
    arn: str = boto3.client("kms").create_key()["KeyMetadata"]["Arn"]
    return arn


class Trailseal(Protocol):
    """Runs a verb of the history, in a process forked from one that has imported it."""

    def __call__(self, *arguments: str, check: int) -> subprocess.CompletedProcess[str]: ...


@pytest.fixture
def trailseal(forked: Forked) -> Trailseal:
    def run(*arguments: str, check: int) -> subprocess.CompletedProcess[str]:
        words = [*forked.command, "history", *arguments]
        done = subprocess.run(words, capture_output=True, text=True, check=False)
        assert done.returncode == check, done.stderr + done.stdout
        return done

    return run


def sealed(key: str) -> set[str]:
    s3: Any = boto3.client("s3")
    listed = [each["Key"] for each in s3.list_objects_v2(Bucket=BUCKET)["Contents"]]
    heads = {name: s3.head_object(Bucket=BUCKET, Key=name) for name in listed}
    return {name for name, head in heads.items() if head.get("SSEKMSKeyId") == key}


def assert_unharmed(things: Bucket) -> None:
    """Every object's content and metadata are as they were put."""
    s3 = boto3.client("s3")
    for name, thing in things.items():
        found = s3.get_object(Bucket=BUCKET, Key=name)
        assert found["Body"].read() == thing.body
        assert {f"x-amz-meta-{k}": v for k, v in found["Metadata"].items()} == thing.headers


def test_the_history_is_counted_reencrypted_and_still_valid(
    things: Bucket, key: str, tmp_path: Path, trailseal: Trailseal
) -> None:
    manifest = str(tmp_path / "m.jsonl")
    before = trailseal("census", "--manifest", manifest, "--format", "json", check=3)
    again = (
        "reencrypt",
        "--manifest",
        manifest,
        "--key",
        key,
        "--yes",
        "--method",
        "copy",
        "--verify",
        "all",
    )
    done = trailseal(*again, "--format", "json", check=0)
    after = trailseal("census", "--format", "json", check=0)
    valid = trailseal("validate", *DELIVERED, "--format", "json", check=0)

    assert {row["group"]["encryption"] for row in json.loads(before.stdout)["rows"]} == {"AES256"}
    assert json.loads(done.stdout)["counts"] == {"done": len(things)}
    assert {row["group"]["kms_key_id"] for row in json.loads(after.stdout)["rows"]} == {key}
    assert json.loads(valid.stdout)["problems"] == []


def test_metadata_and_content_are_the_same_after(
    things: Bucket, key: str, tmp_path: Path, trailseal: Trailseal
) -> None:
    manifest = str(tmp_path / "m.jsonl")
    trailseal("census", "--manifest", manifest, check=3)
    trailseal("reencrypt", "--manifest", manifest, "--key", key, "--yes", "--method", "copy", check=0)

    assert_unharmed(things)


def test_a_server_that_overwrites_is_found_by_the_probe(
    things: Bucket, key: str, tmp_path: Path, trailseal: Trailseal
) -> None:
    manifest = str(tmp_path / "m.jsonl")
    trailseal("census", "--manifest", manifest, check=3)
    asked = ("reencrypt", "--manifest", manifest, "--key", key, "--yes")
    stopped = trailseal(*asked, check=2)
    assert not sealed(key)
    done = trailseal(*asked, "--accept", "copies", check=0)

    assert "by --accept copies" in stopped.stderr
    assert "UpdateObjectEncryption is not used: the server overwrote the object's content" in done.stderr
    listed = boto3.client("s3").list_objects_v2(Bucket=BUCKET, Prefix=".trailseal-probe/")
    assert listed["KeyCount"] == 0
    assert sealed(key) == set(things)
    assert_unharmed(things)


def test_such_a_server_is_never_sent_the_update_when_nothing_else_is_wanted(
    things: Bucket, key: str, tmp_path: Path, trailseal: Trailseal
) -> None:
    manifest = str(tmp_path / "m.jsonl")
    trailseal("census", "--manifest", manifest, check=3)
    asked = ("reencrypt", "--manifest", manifest, "--key", key, "--yes", "--method", "update")
    done = trailseal(*asked, check=2)

    assert "UpdateObjectEncryption does not work here" in done.stderr
    assert not sealed(key)
    assert_unharmed(things)


def test_an_object_that_changed_since_the_census_is_left_alone(
    things: Bucket, key: str, tmp_path: Path, trailseal: Trailseal
) -> None:
    manifest = str(tmp_path / "m.jsonl")
    trailseal("census", "--manifest", manifest, check=3)
    changed = min(things)
    boto3.client("s3").put_object(Bucket=BUCKET, Key=changed, Body=b"newer")
    done = trailseal(
        *("reencrypt", "--manifest", manifest, "--key", key, "--yes", "--method", "copy", "--format", "json"),
        check=3,
    )

    assert [p["key"] for p in json.loads(done.stdout)["problems"]] == [changed]
    assert boto3.client("s3").get_object(Bucket=BUCKET, Key=changed)["Body"].read() == b"newer"


@pytest.mark.parametrize("seed", range(KILLS))
def test_killed_at_any_moment_ledger_and_bucket_agree(
    seed: int, things: Bucket, key: str, tmp_path: Path, trailseal: Trailseal
) -> None:
    manifest = str(tmp_path / "m.jsonl")
    trailseal("census", "--manifest", manifest, check=3)
    how = ("--key", key, "--yes", "--method", "copy", "--verify", "none", "--connections", "4")
    chance = random.Random(seed)  # noqa: S311 - a seeded run
    for _ in range(2):
        kill_reencrypt(Path(manifest), *how, after=chance.uniform(0, 0.3))
        assert entered(Path(manifest)).keys() >= sealed(key) >= keys_done(Path(manifest))
    last = trailseal("reencrypt", "--manifest", manifest, *how, "--format", "json", check=0)

    assert json.loads(last.stdout)["counts"] == {"done": len(things)}
    assert sealed(key) == keys_done(Path(manifest)) == set(things)
    assert_unharmed(things)


def test_two_runs_at_once_do_not_harm_each_other(
    things: Bucket, key: str, tmp_path: Path, trailseal: Trailseal, forked: Forked
) -> None:
    manifest = str(tmp_path / "m.jsonl")
    trailseal("census", "--manifest", manifest, check=3)
    again = ("reencrypt", "--manifest", manifest, "--key", key, "--yes", "--method", "copy")
    both = [
        subprocess.Popen(
            [*forked.command, "history", *again], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        for _ in range(2)
    ]
    for running in both:
        running.wait(60)
    done = trailseal(*again, "--format", "json", check=0)

    assert json.loads(done.stdout)["counts"] == {"done": len(things)}
    assert PLACE.bucket == json.loads(done.stdout)["bucket"]
