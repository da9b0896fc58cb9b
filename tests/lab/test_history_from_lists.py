"""The census of the lists that S3 itself keeps: an S3 Metadata table and reports of S3 Inventory."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lab.test_history_from_inventory import bucket_of, keys_of, kind
from labs import RunningLab
from trailseal.cli.main import run as command_line
from trailseal.history.census import source

TABLES = {
    "JournalTableConfiguration": {"RecordExpiration": {"Expiration": "DISABLED"}},
    "InventoryTableConfiguration": {"ConfigurationState": "ENABLED"},
}
FIELDS = ["Size", "LastModifiedDate", "ETag", "StorageClass", "EncryptionStatus", "BucketKeyStatus"]


@pytest.fixture
def lab(fresh_lab: Callable[..., RunningLab]) -> RunningLab:
    """A story with older versions, and an object that is not the trail's."""
    lab = fresh_lab("story")
    s3, bucket = lab.client("s3"), bucket_of(lab)
    lab.client("cloudtrail").stop_logging(Name="management-events")
    s3.put_object(Bucket=bucket, Key="AWSLogs/notes.txt", Body=b"not the trail's")
    return lab


def keep_table(lab: RunningLab, *, cycles: int = 2) -> None:
    lab.client("s3").create_bucket_metadata_configuration(Bucket=bucket_of(lab), MetadataConfiguration=TABLES)
    lab.tick(cycles)


def keep_reports(lab: RunningLab, *, fields: list[str] = FIELDS, **more: Any) -> None:
    s3, bucket = lab.client("s3"), bucket_of(lab)
    s3.create_bucket(Bucket="reports", CreateBucketConfiguration={"LocationConstraint": "ap-northeast-1"})
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "s3.amazonaws.com"},
        "Action": "s3:PutObject",
        "Resource": "arn:aws:s3:::reports/*",
        "Condition": {"ArnLike": {"aws:SourceArn": f"arn:aws:s3:::{bucket}"}},
    }
    s3.put_bucket_policy(
        Bucket="reports", Policy=json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    )
    configuration = {
        "Id": "daily",
        "IsEnabled": True,
        "IncludedObjectVersions": "Current",
        "Schedule": {"Frequency": "Daily"},
        "Destination": {
            "S3BucketDestination": {"Bucket": "arn:aws:s3:::reports", "Format": "CSV", "Prefix": "lists"}
        },
        "OptionalFields": fields,
        **more,
    }
    s3.put_bucket_inventory_configuration(Bucket=bucket, Id="daily", InventoryConfiguration=configuration)
    lab.tick(12)


def census(lab: RunningLab, *words: str) -> dict[str, Any]:
    done = lab.trailseal("history", "census", *words, "--format", "json")
    assert done.returncode == 3, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def counted(found: dict[str, Any], *left_out: str) -> set[str]:
    """What is counted; an inventory does not tell the key."""
    rows = found["rows"]
    for row in rows:
        for name in left_out:
            row["group"].pop(name)
    return {json.dumps(row, sort_keys=True) for row in rows}


def seal_one(lab: RunningLab) -> str:
    """Put one log file under a key and return the key."""
    key: str = lab.client("kms").create_key()["KeyMetadata"]["Arn"]
    bucket, name = bucket_of(lab), keys_of(lab)[0]
    lab.client("s3").copy_object(
        Bucket=bucket, Key=name, CopySource={"Bucket": bucket, "Key": name},
        ServerSideEncryption="aws:kms", SSEKMSKeyId=key, MetadataDirective="COPY",
    )  # fmt: skip
    return key


PREFIX = ("--prefix", "AWSLogs/notes", "--prefix", "AWSLogs/123456789012/CloudTrail/")


@pytest.mark.parametrize("words", [(), ("--versions",), PREFIX, (*PREFIX, "--versions")])
def test_a_table_counts_what_a_listing_counts(words: tuple[str, ...], lab: RunningLab) -> None:
    bucket = bucket_of(lab)
    lab.client("s3").put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    seal_one(lab)
    lab.client("s3").delete_object(Bucket=bucket, Key=keys_of(lab)[1])
    lab.client("s3").put_object(
        Bucket=bucket, Key="AWSLogs/123456789012/Config/x.json.gz", Body=b"not CloudTrail's"
    )
    keep_table(lab)

    by_table = census(lab, "--source", "metadata", *words)
    by_listing = census(lab, "--source", "listing", *words)
    assert by_table["source"] == "s3-metadata"
    assert by_table["as_of"]
    assert counted(by_table) == counted(by_listing)
    assert ("other object" in json.dumps(by_table)) == ("--prefix" in words)


def test_what_a_table_lists_ends_under_the_key_and_what_is_there_is_not_asked(
    lab: RunningLab, tmp_path: Path
) -> None:
    key, keys = seal_one(lab), keys_of(lab)
    keep_table(lab)
    path = str(tmp_path / "manifest.jsonl")
    found = census(lab, "--source", "metadata", "--manifest", path)
    done = lab.trailseal(
        "history", "reencrypt", "--manifest", path, "--key", key, "--yes", "--format", "json"
    )
    after = lab.trailseal("history", "census", "--source", "listing")

    assert sum(row["objects"] for row in found["rows"]) == len(keys)
    assert json.loads(done.stdout)["counts"] == {"done": len(keys) - 1, "nothing to do": 1}, done.stderr
    assert {kind(lab, each) for each in keys} == {"aws:kms"}
    assert after.returncode == 0, after.stdout


def test_reports_of_the_lab_count_what_a_listing_counts(lab: RunningLab) -> None:
    seal_one(lab)
    keep_reports(lab)

    found = census(lab, "--source", "inventory")
    assert (found["source"], bool(found["as_of"])) == ("inventory", True)
    assert counted(found, "kms_key_id") == counted(census(lab, "--source", "listing"), "kms_key_id")


def run(lab: RunningLab, monkeypatch: pytest.MonkeyPatch, *words: str, user: str = "") -> int:
    """The command line in this process, where few objects are many."""
    monkeypatch.setattr(source, "ASKED_AT_MOST", 2)
    for name, value in lab.environment(user).items():
        monkeypatch.setenv(name, value)
    return command_line(["history", "census", "--format", "json", *words])


def test_the_best_list_is_taken_where_there_are_many_objects(
    lab: RunningLab, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    keep_reports(lab)
    assert run(lab, monkeypatch) == 3
    by_report = capsys.readouterr()
    keep_table(lab)
    assert run(lab, monkeypatch) == 3
    by_table = capsys.readouterr()

    assert json.loads(by_report.out)["source"] == "inventory"
    assert "source: the S3 Inventory report s3://reports/lists/" in by_report.err
    assert json.loads(by_table.out)["source"] == "s3-metadata"
    assert "`--source listing` asks S3 about every object instead" in by_table.err


def test_few_objects_are_asked_one_by_one(lab: RunningLab) -> None:
    keep_table(lab)
    done = lab.trailseal("history", "census", "--format", "json")

    assert json.loads(done.stdout)["source"] == "listing"
    assert "source: listing and HeadObject; there are at most 100000 objects" in done.stderr


@pytest.mark.parametrize(
    ("prepare", "words", "said"),
    [
        pytest.param(lambda _: None, (), "S3 keeps no other list", id="no list"),
        pytest.param(
            lambda lab: keep_table(lab, cycles=1), (), "is not complete: BACKFILLING", id="backfilling"
        ),
        pytest.param(
            lambda lab: keep_reports(lab, fields=["Size"]), (), "`daily` lacks EncryptionStatus", id="fields"
        ),
        pytest.param(keep_reports, ("--versions",), "`daily` lists current versions only", id="versions"),
        pytest.param(
            lambda lab: keep_reports(lab, Filter={"Prefix": "other/"}),
            (),
            "lists another prefix",
            id="prefix",
        ),
        pytest.param(
            lambda lab: keep_reports(lab, IsEnabled=False), (), "`daily` is disabled", id="disabled"
        ),
    ],
)
def test_a_list_that_does_not_fit_is_not_taken_and_it_is_said(
    prepare: Callable[[RunningLab], None],
    words: tuple[str, ...],
    said: str,
    lab: RunningLab,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    prepare(lab)
    run(lab, monkeypatch, *words)

    found = capsys.readouterr()
    assert json.loads(found.out)["source"] == "listing"
    assert said in found.err


@pytest.mark.parametrize("operation", ["GetBucketMetadataConfiguration", "GetTableMetadataLocation"])
def test_a_table_that_may_not_be_read_is_left_and_named(operation: str, lab: RunningLab) -> None:
    keep_table(lab)
    lab.fault("denied", operation=operation, count=9)
    chosen = lab.trailseal("history", "census", "--format", "json")
    named = lab.trailseal("history", "census", "--source", "metadata")

    assert json.loads(chosen.stdout)["source"] == "listing", chosen.stderr
    assert "AccessDenied" in chosen.stderr
    assert (named.returncode, "AccessDenied" in named.stderr) == (1, True)


@pytest.mark.parametrize(
    ("source", "said"), [("metadata", "no S3 Metadata"), ("inventory", "no S3 Inventory")]
)
def test_a_list_that_is_not_there_is_one_clear_line(source: str, said: str, lab: RunningLab) -> None:
    done = lab.trailseal("history", "census", "--source", source)

    assert (done.returncode, said in done.stderr, "--source listing" in done.stderr) == (1, True, True)


def allow(lab: RunningLab, name: str, *actions: str) -> None:
    statement = {"Effect": "Allow", "Action": actions, "Resource": "*"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    lab.client("iam").put_user_policy(UserName="auditor", PolicyName=name, PolicyDocument=document)


def auditor(lab: RunningLab) -> str:
    """A user who may find tables and not read their data."""
    lab.client("iam").create_user(UserName="auditor")
    allow(lab, "reads", "s3:*", "cloudtrail:*", "s3tables:GetTableMetadataLocation")
    return f"arn:aws:iam::{lab.client('sts').get_caller_identity()['Account']}:user/auditor"


def test_table_data_needs_its_own_permission(lab: RunningLab) -> None:
    keep_table(lab)
    user = auditor(lab)
    words = ("history", "census", "--source", "metadata", "--format", "json")
    refused = lab.trailseal(*words, principal=user)
    allow(lab, "tables", "s3tables:GetTableData")
    done = lab.trailseal(*words, principal=user)

    assert (refused.returncode, "s3tables:GetTableData" in refused.stderr) == (1, True), refused.stderr
    assert (done.returncode, json.loads(done.stdout)["source"]) == (3, "s3-metadata")


def test_a_chosen_list_that_cannot_be_read_is_told_and_the_next_is_taken(
    lab: RunningLab, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    keep_reports(lab)
    keep_table(lab)
    user, path = auditor(lab), tmp_path / "m.jsonl"
    assert run(lab, monkeypatch, "--manifest", str(path), user=user) == 3
    by_report = capsys.readouterr()
    damage_reports(lab)
    assert run(lab, monkeypatch, "--manifest", str(path), user=user) == 3
    by_listing = capsys.readouterr()

    assert json.loads(by_report.out)["source"] == "inventory"
    assert "not read: s3://" in by_report.err
    assert "metadata.json cannot be read: 403" in by_report.err
    assert json.loads(by_listing.out)["source"] == "listing"
    assert "does not match its manifest.checksum" in by_listing.err
    assert json.loads(path.read_text().splitlines()[0])["source"] == "listing"
    assert [each.name for each in tmp_path.iterdir() if each.is_file()] == ["m.jsonl"]


def damage_reports(lab: RunningLab) -> None:
    s3 = lab.client("s3")
    for found in s3.list_objects_v2(Bucket="reports")["Contents"]:
        if found["Key"].endswith("manifest.checksum"):
            s3.put_object(Bucket="reports", Key=found["Key"], Body=b"0")


def test_a_list_of_nothing_is_no_answer(lab: RunningLab) -> None:
    keep_table(lab)
    done = lab.trailseal("history", "census", "--source", "metadata", "--prefix", "elsewhere/")

    assert (done.returncode, done.stdout) == (1, "")
    assert "lists none of the objects that are to be counted" in done.stderr
    assert "--source listing" in done.stderr
