"""What flags that no story uses do: in the key, in the bucket, in the ledger and in the answer."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from labs import RunningLab

JSON = ("--format", "json")
REGION = "ap-northeast-1"
SOMEBODY = {"type": "IAMUser", "arn": "arn:aws:iam::123456789012:user/a", "accountId": "123456789012"}
EVENT = {"eventSource": "s3.amazonaws.com", "eventName": "GetObject", "userIdentity": SOMEBODY}


@pytest.fixture
def lab(fresh_lab: Callable[..., RunningLab]) -> RunningLab:
    return fresh_lab("story")


def bucket_of(lab: RunningLab) -> str:
    name: str = lab.client("cloudtrail").describe_trails()["trailList"][0]["S3BucketName"]
    return name


def yesterdays_log_file(lab: RunningLab, body: bytes) -> None:
    """Put one log file beside those that the trail delivered yesterday; today's is, once midnight is past."""
    for day in (datetime.now(UTC) - timedelta(days=back) for back in (1, 0)):
        key = f"AWSLogs/123456789012/CloudTrail/{REGION}/{day:%Y/%m/%d}/of-data-events.json.gz"
        lab.client("s3").put_object(Bucket=bucket_of(lab), Key=key, Body=body)


def usage(lab: RunningLab, *words: str) -> dict[str, Any]:
    done = lab.trailseal("cost", *JSON, *words)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)["usage"]
    return found


def test_reads_of_the_trails_own_bucket_are_counted(lab: RunningLab) -> None:
    of_trail = "AWSLogs/123456789012/CloudTrail/ap-northeast-1/2026/11/23/a.json.gz"
    own, other = (
        {"requestParameters": {"bucketName": name, "key": of_trail}} for name in (bucket_of(lab), "another")
    )
    records = [EVENT | own] * 600 + [EVENT | other] * 9 + [EVENT | own | {"eventName": "PutObject"}]
    yesterdays_log_file(lab, gzip.compress(json.dumps({"Records": records}).encode()))

    counted, assumed = usage(lab, "--count-reads"), usage(lab)
    files = counted["log_files_day"]["high"]

    assert (counted["reads"], assumed["reads"]) == ("counted", "assumed")
    assert counted["reads_per_file"]["low"] == pytest.approx(600 / files, rel=0.5)
    assert counted["reads_per_file"]["low"] == counted["reads_per_file"]["high"]


@pytest.mark.parametrize("body", [b"no gzip", gzip.compress(b"no events")], ids=["bytes", "text"])
def test_reads_are_assumed_where_a_log_file_cannot_be_read(lab: RunningLab, body: bytes) -> None:
    yesterdays_log_file(lab, body)

    assert usage(lab, "--count-reads")["reads"] == "assumed"


def test_a_key_rotates_every_so_many_days(lab: RunningLab) -> None:
    kms = lab.client("kms")
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    done = lab.trailseal("key", "rotate", key, "--every", "180", *JSON)
    stands = kms.get_key_rotation_status(KeyId=key)

    assert done.returncode == 0, done.stderr
    assert (stands["KeyRotationEnabled"], stands["RotationPeriodInDays"]) == (True, 180)
    assert json.loads(done.stdout)["key"]["rotation"]["period_in_days"] == 180


@pytest.mark.parametrize(
    ("days", "said"),
    [
        ("89", "every 90 to 2560 days, not every 89"),
        ("2561", "every 90 to 2560 days, not every 2561"),
        ("soon", "--every"),
    ],
)
def test_a_period_that_kms_does_not_know_changes_nothing(lab: RunningLab, days: str, said: str) -> None:
    kms = lab.client("kms")
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    done = lab.trailseal("key", "rotate", key, "--every", days)

    assert (done.returncode, said in done.stderr) == (2, True), done.stderr
    assert not kms.get_key_rotation_status(KeyId=key)["KeyRotationEnabled"]


def test_only_the_regions_that_are_named_are_validated(lab: RunningLab) -> None:
    s3, bucket = lab.client("s3"), bucket_of(lab)
    listed = s3.list_objects_v2(Bucket=bucket, Prefix="AWSLogs/123456789012/CloudTrail-Digest/")["Contents"]
    elsewhere = listed[0]["Key"].replace(REGION, "eu-west-1", 2)  # the third is the home Region
    s3.put_object(Bucket=bucket, Key=elsewhere, Body=b"no digest file")

    everywhere = lab.trailseal("history", "validate", *JSON)
    here = lab.trailseal("history", "validate", "--only-region", REGION, *JSON)
    there = lab.trailseal("history", "validate", "--only-region", "eu-west-1", *JSON)

    problems = [json.loads(done.stdout)["problems"] for done in (everywhere, here, there)]
    assert [bool(found) for found in problems] == [True, False, True]
    assert [done.returncode for done in (everywhere, here, there)] == [
        4,
        0,
        4,
    ]  # nothing tells of what follows


def test_a_region_without_files_proves_nothing(lab: RunningLab) -> None:
    done = lab.trailseal("history", "validate", "--only-region", "ap-norteast-1")

    assert (done.returncode, "nothing is proven" in done.stdout) == (4, True)


def test_what_failed_is_tried_again_only_when_that_is_asked(lab: RunningLab, tmp_path: Path) -> None:
    key = lab.client("kms").create_key()["KeyMetadata"]["Arn"]
    manifest = str(tmp_path / "manifest.jsonl")
    lab.trailseal("history", "census", "--manifest", manifest)
    how = ("--method", "copy", "--verify", "none", "--yes")
    words = ("history", "reencrypt", "--manifest", manifest, "--key", key, *how, *JSON)
    lab.fault("denied", service="s3", operation="CopyObject", count=1)

    first, again, retried = (lab.trailseal(*words, *more) for more in ((), (), ("--retry-failed",)))

    ended = [(done.returncode, json.loads(done.stdout)["counts"]) for done in (first, again, retried)]
    assert [(code, counts.get("failed", 0)) for code, counts in ended] == [(1, 1), (1, 1), (0, 0)]
    assert ended[2][1]["done"] == ended[0][1]["done"] + 1


def test_nothing_failed_is_nothing_to_try_again(lab: RunningLab, tmp_path: Path) -> None:
    """There is no ledger yet, and then one in which everything is done."""
    key = lab.client("kms").create_key()["KeyMetadata"]["Arn"]
    manifest = str(tmp_path / "manifest.jsonl")
    lab.trailseal("history", "census", "--manifest", manifest)
    words = ("history", "reencrypt", "--manifest", manifest, "--key", key, "--yes", "--retry-failed", *JSON)

    first, again = (json.loads(lab.trailseal(*words).stdout) for _ in range(2))

    assert set(first["counts"]) == {"done"}
    assert again == first


def test_a_ledger_that_is_none_is_not_tried_again(lab: RunningLab, tmp_path: Path) -> None:
    key = lab.client("kms").create_key()["KeyMetadata"]["Arn"]
    manifest, ledger = str(tmp_path / "manifest.jsonl"), tmp_path / "ledger"
    ledger.write_bytes(b"no database, by far not one" * 99)
    lab.trailseal("history", "census", "--manifest", manifest)
    words = ("history", "reencrypt", "--manifest", manifest, "--key", key, "--yes", "--retry-failed")
    done = lab.trailseal(*words, "--ledger", str(ledger))

    assert (done.returncode, "Traceback" in done.stderr, str(ledger) in done.stderr) == (2, False, True)
