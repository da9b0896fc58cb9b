"""The history re-encrypted from an S3 Inventory report, which shows less of an object than S3 does."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from hashlib import md5
from pathlib import Path

import pyarrow as pa
import pytest
from pyarrow import parquet

from lab.test_batch_operations import ACCOUNT, KEYS, ROLE_ARN, WORK, control, make_role
from lab.test_cloudtrail_changes import make_key
from labs import RunningLab

REPORT = "s3://reports/trail-logs/daily/2026-11-24T01-00Z/manifest.json"


@pytest.fixture
def lab(fresh_lab: Callable[..., RunningLab]) -> RunningLab:
    """A story whose bucket has a report, taken after something else was put beside the log files."""
    return with_report(fresh_lab("story"))


@pytest.fixture
def ticking_lab(fresh_lab: Callable[..., RunningLab]) -> RunningLab:
    """The same with jobs that go on, and no more deliveries."""
    lab = fresh_lab("story", cycle=0.5)
    lab.client("cloudtrail").stop_logging(Name="management-events")
    return with_report(lab)


def with_report(lab: RunningLab) -> RunningLab:
    s3, bucket = lab.client("s3"), bucket_of(lab)
    s3.put_object(Bucket=bucket, Key="AWSLogs/notes.txt", Body=b"not the trail's")
    s3.put_object(Bucket=bucket, Key=keys_of(lab)[0], Body=b"tagged", Tagging="team=audit")
    s3.create_bucket(Bucket="reports", CreateBucketConfiguration={"LocationConstraint": "ap-northeast-1"})
    write_report(lab, bucket)
    return lab


def bucket_of(lab: RunningLab) -> str:
    name: str = lab.client("cloudtrail").describe_trails()["trailList"][0]["S3BucketName"]
    return name


def keys_of(lab: RunningLab) -> list[str]:
    listed = lab.client("s3").list_objects_v2(Bucket=bucket_of(lab))["Contents"]
    return [each["Key"] for each in listed if "/CloudTrail" in each["Key"]]


def write_report(lab: RunningLab, bucket: str) -> None:
    s3 = lab.client("s3")
    rows = [
        {
            "bucket": bucket,
            "key": each["Key"],
            "size": each["Size"],
            "last_modified_date": each["LastModified"],
            "e_tag": each["ETag"].strip('"'),
            "storage_class": "STANDARD",
            "encryption_status": "SSE-S3",
        }
        for each in s3.list_objects_v2(Bucket=bucket)["Contents"]
    ]
    file = io.BytesIO()
    parquet.write_table(pa.Table.from_pylist(rows), file)
    shard = file.getvalue()
    manifest = json.dumps(
        {
            "sourceBucket": bucket,
            "destinationBucket": "arn:aws:s3:::reports",
            "fileFormat": "Parquet",
            "fileSchema": "message s3.inventory {}",
            "files": [{"key": "data/1.parquet", "size": len(shard), "MD5checksum": digest(shard)}],
        }
    ).encode()
    place = REPORT.removeprefix("s3://reports/").removesuffix("json")
    for key, body in (
        ("data/1.parquet", shard),
        (f"{place}json", manifest),
        (f"{place}checksum", digest(manifest).encode()),
    ):
        s3.put_object(Bucket="reports", Key=key, Body=body)


def digest(body: bytes) -> str:
    return md5(body, usedforsecurity=False).hexdigest()


def kind(lab: RunningLab, key: str) -> str:
    found: str = lab.client("s3").head_object(Bucket=bucket_of(lab), Key=key)["ServerSideEncryption"]
    return found


@pytest.mark.parametrize("method", ["auto", "copy"])
def test_what_an_inventory_lists_ends_under_the_key(method: str, lab: RunningLab, tmp_path: Path) -> None:
    s3, keys = lab.client("s3"), keys_of(lab)
    key = lab.client("kms").create_key()["KeyMetadata"]["Arn"]
    path = tmp_path / "manifest.jsonl"
    words = ("history", "reencrypt", "--manifest", str(path), "--key", key, "--method", method, "--yes")

    census = lab.trailseal("history", "census", "--source", REPORT, "--manifest", str(path))
    s3.put_object(Bucket=bucket_of(lab), Key=keys[1], Body=b"overwritten since the report")
    done = lab.trailseal(*words, "--verify", "all", "--format", "json")
    again = lab.trailseal(*words, "--ledger", str(tmp_path / "another"), "--format", "json")

    assert census.returncode == 3, census.stderr
    assert [json.loads(line)["key"] for line in path.read_text().splitlines()[1:]] == keys
    counts = json.loads(done.stdout)["counts"]
    assert counts == {"done": len(keys) - 1, "changed since the census": 1}, done.stderr
    assert [kind(lab, each) for each in keys] == ["aws:kms", "AES256", *["aws:kms"] * (len(keys) - 2)]
    assert kind(lab, "AWSLogs/notes.txt") == "AES256"
    tags = s3.get_object_tagging(Bucket=bucket_of(lab), Key=keys[0])["TagSet"]
    assert tags == [{"Key": "team", "Value": "audit"}]
    assert json.loads(again.stdout)["counts"] == {
        "nothing to do": len(keys) - 1,
        "changed since the census": 1,
    }


def test_it_is_said_that_each_object_is_asked_first(lab: RunningLab, tmp_path: Path) -> None:
    key = lab.client("kms").create_key()["KeyMetadata"]["Arn"]
    path = str(tmp_path / "manifest.jsonl")
    lab.trailseal("history", "census", "--source", REPORT, "--manifest", path)
    words = ("history", "reencrypt", "--manifest", path, "--key", key)

    told = lab.trailseal(*words, "--dry-run")
    assert "each object is asked first, with HeadObject" in told.stdout


@pytest.mark.parametrize("method", ["auto", "copy"])
def test_a_batch_job_does_what_an_inventory_lists(
    method: str, ticking_lab: RunningLab, tmp_path: Path
) -> None:
    lab, path = ticking_lab, tmp_path / "manifest.jsonl"
    lab.trailseal("history", "census", "--source", REPORT, "--manifest", str(path))
    key, keys = make_key(lab), [json.loads(line)["key"] for line in path.read_text().splitlines()[1:]]
    lab.client("s3").put_object(Bucket=bucket_of(lab), Key=keys[1], Body=b"overwritten since the report")
    make_role(lab, WORK + KEYS)
    words = ("history", "reencrypt", "--manifest", str(path), "--key", key, "--method", method, "--yes")
    place = ("--engine", "s3batch", "--role", ROLE_ARN, "--batch-place", "s3://reports/work")
    done = lab.trailseal(*words, *place, "--format", "json")
    again = lab.trailseal(*words, *place, "--format", "json")
    (job,) = control(lab).list_jobs(AccountId=ACCOUNT)["Jobs"]

    counts = {"done": len(keys) - 1, "changed since the census": 1}
    assert json.loads(done.stdout)["counts"] == json.loads(again.stdout)["counts"] == counts, done.stderr
    assert job["ProgressSummary"]["NumberOfTasksSucceeded"] == len(keys) - 1
    assert [kind(lab, each) for each in keys] == ["aws:kms", "AES256", *["aws:kms"] * (len(keys) - 2)]


def test_a_report_of_another_bucket_makes_no_manifest(lab: RunningLab, tmp_path: Path) -> None:
    write_report(lab, "reports")
    path = tmp_path / "manifest.jsonl"
    done = lab.trailseal("history", "census", "--source", REPORT, "--manifest", str(path))

    assert (done.returncode, "the inventory is of reports" in done.stderr) == (2, True), done.stderr
    assert not path.exists()


def test_a_report_without_versions_makes_no_manifest_of_them(lab: RunningLab, tmp_path: Path) -> None:
    path = tmp_path / "manifest.jsonl"
    done = lab.trailseal("history", "census", "--source", REPORT, "--versions", "--manifest", str(path))

    assert (done.returncode, "lists current versions only" in done.stderr) == (2, True), done.stderr
    assert list(tmp_path.glob("*manifest*")) == []
