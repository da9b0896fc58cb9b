"""The JSON of `cost` and of `history`'s verbs is what the schemas in the package say."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from labs import RunningLab
from schema_fit import fits_schema

JSON = ("--format", "json")


@pytest.mark.parametrize(
    ("name", "words"),
    [
        pytest.param("cost", ("cost", *JSON), id="cost-counted"),
        pytest.param("cost", ("cost", "--assume", "2", "--history-objects", "9", *JSON), id="cost-assumed"),
        pytest.param("cost.prices", ("cost", "--show-prices"), id="prices"),
        pytest.param("history.census", ("history", "census", *JSON), id="census"),
        pytest.param("history.census.quick", ("history", "census", "--quick", *JSON), id="quick"),
        pytest.param("history.validate", ("history", "validate", *JSON), id="validate"),
    ],
)
def test_what_is_printed_is_what_the_schema_says(
    name: str, words: tuple[str, ...], shared_lab: Callable[..., RunningLab]
) -> None:
    done = shared_lab("story").trailseal(*words)
    document = json.loads(done.stdout)

    assert fits_schema(document, name), done.stderr
    assert not fits_schema(document | {"surprise": 1}, name)


def test_a_validation_with_problems_is_what_the_schema_says(fresh_lab: Callable[..., RunningLab]) -> None:
    lab = fresh_lab("story")
    s3 = lab.client("s3")
    bucket = lab.client("cloudtrail").describe_trails()["trailList"][0]["S3BucketName"]
    keys = [o["Key"] for o in s3.list_objects_v2(Bucket=bucket, Prefix="AWSLogs/")["Contents"]]
    newest = next(key for key in reversed(keys) if "/CloudTrail/" in key)
    digests = [key for key in keys if "/CloudTrail-Digest/" in key]
    s3.put_object(Bucket=bucket, Key=newest, Body=b"no log file")
    s3.delete_object(Bucket=bucket, Key=digests[len(digests) // 2])

    document = json.loads(lab.trailseal("history", "validate", *JSON).stdout)

    assert document["problems"]
    assert document["hours"]["not_proven"]
    assert fits_schema(document, "history.validate")


def test_both_documents_of_a_reencryption_are_what_the_schemas_say(
    fresh_lab: Callable[..., RunningLab], tmp_path: Path
) -> None:
    lab = fresh_lab("story")
    key = lab.client("kms").create_key()["KeyMetadata"]["Arn"]
    manifest = tmp_path / "manifest.jsonl"
    lab.trailseal("history", "census", "--manifest", str(manifest))
    header, first, *rest = manifest.read_text().splitlines()
    gone = json.dumps(json.loads(first) | {"key": "AWSLogs/gone", "etag": "x"})
    manifest.write_text("\n".join((header, gone, *rest)) + "\n")
    words = ("history", "reencrypt", "--manifest", str(manifest), "--key", key, *JSON)

    outlook = json.loads(lab.trailseal(*words, "--dry-run").stdout)
    summary = json.loads(lab.trailseal(*words, "--yes").stdout)

    assert fits_schema(outlook, "history.reencrypt.outlook")
    assert [problem["key"] for problem in summary["problems"]] == ["AWSLogs/gone"]
    assert fits_schema(summary, "history.reencrypt")
