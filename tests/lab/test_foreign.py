"""What anybody may put into the bucket costs one verdict at the most, and never the run."""

from __future__ import annotations

import gzip
import json
import re

import pytest

ROOT = "AWSLogs/123456789012/"
CALL = re.compile(r"(\w+):(\w+) ([a-z0-9-]+) \d* \d+ ms request ")
BOMB = gzip.compress(bytes(300 << 20), 1)
BRACKETS = gzip.compress(b'{"x":' + b"[" * 100_000)
STRAYS = (
    "CloudTrail/backup copy/x",
    "CloudTrail/us-nowhere-9/2026/01/01/x",
    "CloudTrail/cn-north-1/x",
    "CloudTrail/\x1b[2J/x",
    "CloudTrail/ap-northeast-1/old/x",
    "CloudTrail/ap-northeast-1/2026/31/01/x",
    "CloudTrail/ap-northeast-1/9999/01/01/x",
    "CloudTrail-Digest/us-nowhere-9/x",
    "CloudTrail-Digest/not a Region/x",
)
NO_REGIONS_OF_OURS = ("us-nowhere-9", "cn-north-1")
VERBS = (
    "check",
    "verify",
    "plan",
    "who",
    "cost",
    "history validate",
    "history census",
    "history census --source quick",
)


@pytest.fixture
def clean(fresh_lab):
    return fresh_lab("clean")


def bucket_of(lab):
    (found,) = lab.client("cloudtrail").describe_trails()["trailList"]
    return found["S3BucketName"]


def keys_of(lab, bucket, part):
    pages = lab.client("s3").get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=ROOT + part)
    return [each["Key"] for page in pages for each in page.get("Contents", ())]


def test_stray_folders_stop_no_verb_are_named_and_asked_for_nothing(clean):
    bucket, s3 = bucket_of(clean), clean.client("s3")
    before = {verb: clean.trailseal(*verb.split()) for verb in VERBS}
    for stray in STRAYS:
        s3.put_object(Bucket=bucket, Key=ROOT + stray, Body=b"x")

    for verb, earlier in before.items():
        done = clean.trailseal(*verb.split(), "-v")
        said = " ".join((done.stdout + done.stderr).split())
        assert "Traceback" not in said, verb
        assert done.returncode == earlier.returncode, (verb, said)
        asked = {found[3] for found in CALL.finditer(said)} - {"ap-northeast-1", "us-east-1", "aws-global"}
        # A trail of all Regions delivers from each: of one without a folder, `validate` asks CloudTrail.
        assert not asked.intersection(NO_REGIONS_OF_OURS), verb
        assert verb == "history validate" or not asked, verb
        assert "\x1b[2J" not in said, verb
        if "census" not in verb:
            stray = f"s3://{bucket}/{ROOT}CloudTrail/backup copy/"
            assert f"passed over: {stray} is named after no Region" in said, verb
            assert "us-nowhere-9" in said, verb


def test_the_folders_that_are_passed_over_stand_in_the_documents(clean):
    bucket = bucket_of(clean)
    clean.client("s3").put_object(Bucket=bucket, Key=f"{ROOT}CloudTrail/backup copy/x", Body=b"x")
    folder = {"bucket": bucket, "folder": f"{ROOT}CloudTrail/backup copy/", "named_after": "Region"}

    for verb in ("check", "history validate"):
        answer = json.loads(clean.trailseal(*verb.split(), "--format", "json").stdout)
        assert answer["passed_over"] == [folder]


def test_an_emptied_bucket_is_no_pass(clean):
    bucket, s3 = bucket_of(clean), clean.client("s3")
    for page in s3.get_paginator("list_object_versions").paginate(Bucket=bucket):
        for each in (*page.get("Versions", ()), *page.get("DeleteMarkers", ())):
            s3.delete_object(Bucket=bucket, Key=each["Key"], VersionId=each["VersionId"])

    done = clean.trailseal("check", "--format", "json")
    found = {row["finding"]["check"]: row["finding"] for row in json.loads(done.stdout)["findings"]}

    assert done.returncode == 4
    assert {found[check]["verdict"] for check in ("TS106", "TS107")} == {"unknown"}
    assert clean.trailseal("verify").returncode != 0


def test_bombs_are_invalid_files_and_the_others_stay_valid(clean):
    bucket, s3 = bucket_of(clean), clean.client("s3")
    whole = json.loads(clean.trailseal("history", "validate", "--format", "json").stdout)
    assert whole["problems"] == []
    log_file = keys_of(clean, bucket, "CloudTrail/")[0]
    digests = keys_of(clean, bucket, "CloudTrail-Digest/")
    s3.put_object(Bucket=bucket, Key=log_file, Body=BOMB)
    for digest, body in zip(digests, (BRACKETS, BOMB), strict=False):
        s3.put_object(Bucket=bucket, Key=digest, Body=body)

    done = clean.trailseal("history", "validate", "--format", "json")
    text = clean.trailseal("history", "validate").stdout
    answer = json.loads(done.stdout)
    told = {each["key"]: each["verdict"] for each in answer["problems"]}

    assert done.returncode == 3
    assert "Traceback" not in done.stderr
    assert told[digests[0]] == "invalid format: it is nested too deeply"
    assert told.get(digests[1], told.get(log_file)) == (
        "invalid format: it is larger than anything that CloudTrail delivers"
    )
    assert "INVALID: invalid format: it is nested too deeply" in text


def test_bombs_end_neither_cost_nor_plan(clean):
    bucket, s3 = bucket_of(clean), clean.client("s3")
    for number, key in enumerate(keys_of(clean, bucket, "CloudTrail/")):
        s3.put_object(Bucket=bucket, Key=key, Body=(BOMB, BRACKETS, b"x")[number % 3])

    for verb in (("cost", "--count-reads"), ("plan",), ("who",)):
        done = clean.trailseal(*verb)
        assert done.returncode in {0, 3, 4}, done.stderr
        assert "Traceback" not in done.stderr
