"""The history of the lab's story: counted, re-encrypted, still valid for us and for the AWS CLI."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from labs import RunningLab
from witnesses import program

TRAIL = "arn:aws:cloudtrail:ap-northeast-1:123456789012:trail/management-events"


@pytest.fixture
def lab(fresh_lab: Callable[..., RunningLab]) -> RunningLab:
    return fresh_lab("story")


def history(lab: RunningLab, *arguments: str) -> subprocess.CompletedProcess[str]:
    return lab.trailseal(*arguments)


def encryptions(lab: RunningLab) -> dict[str, int]:
    done = history(lab, "history", "census", "--format", "json")
    found: dict[str, int] = {}
    for row in json.loads(done.stdout)["rows"]:
        found[row["group"]["encryption"]] = found.get(row["group"]["encryption"], 0) + row["objects"]
    return found


@pytest.fixture
def key(lab: RunningLab) -> str:
    arn: str = lab.client("kms").create_key()["KeyMetadata"]["Arn"]
    return arn


@pytest.mark.parametrize("method", ["auto", "copy"])
def test_the_old_log_files_end_under_the_key_and_stay_valid(
    method: str, lab: RunningLab, key: str, tmp_path: Path
) -> None:
    manifest = str(tmp_path / "manifest.jsonl")
    before = encryptions(lab)
    census = history(lab, "history", "census", "--manifest", manifest)
    done = history(
        lab,
        *("history", "reencrypt", "--manifest", manifest, "--key", key, "--yes", "--verify", "all"),
        *("--method", method, "--format", "json"),
    )
    valid = history(lab, "history", "validate", "--format", "json")

    assert set(before) == {"AES256"}, census.stderr
    assert json.loads(done.stdout)["counts"] == {"done": before["AES256"]}, done.stderr
    assert encryptions(lab) == {"aws:kms": before["AES256"]}
    assert (valid.returncode, json.loads(valid.stdout)["problems"]) == (0, [])
    assert ("the probe passed: UpdateObjectEncryption" in done.stderr) == (method == "auto")


def test_the_aws_cli_agrees_before_and_after(lab: RunningLab, key: str, tmp_path: Path) -> None:
    manifest = str(tmp_path / "manifest.jsonl")
    history(lab, "history", "census", "--manifest", manifest)
    history(lab, "history", "reencrypt", "--manifest", manifest, "--key", key, "--yes", "--method", "auto")
    objects = lab.client("s3")
    bucket = json.loads(Path(manifest).read_text().splitlines()[0])["bucket"]
    rows = [json.loads(line)["key"] for line in Path(manifest).read_text().splitlines()[1:]]
    tampered = next(name for name in rows if "/CloudTrail/" in name)
    objects.put_object(Bucket=bucket, Key=tampered, Body=b"no log file")
    span = ("--start-time", "2026-01-01T00:00:00Z", "--verbose")
    aws = subprocess.run(
        [program("awscli", "aws"), "cloudtrail", "validate-logs", "--trail-arn", TRAIL, *span],
        env=lab.environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    ours = history(lab, "history", "validate", "--all", "--start-time", "2026-01-01T00:00:00Z")

    def verdicts(text: str) -> dict[str, str]:
        lines = [line.split("\t") for line in text.splitlines() if "\ts3://" in line]
        return {line[1]: line[2] for line in lines}

    assert verdicts(aws.stdout + aws.stderr) == verdicts(ours.stdout)
    assert verdicts(ours.stdout)[f"s3://{bucket}/{tampered}"] == "INVALID: invalid format"
    assert len(verdicts(ours.stdout)) == len(rows)


def test_a_dry_run_changes_nothing(lab: RunningLab, key: str, tmp_path: Path) -> None:
    manifest = str(tmp_path / "manifest.jsonl")
    before = encryptions(lab)
    history(lab, "history", "census", "--manifest", manifest)
    done = history(lab, "history", "reencrypt", "--manifest", manifest, "--key", key, "--dry-run")

    assert done.returncode == 3
    assert "UpdateObjectEncryption: moves no data" in done.stdout
    assert encryptions(lab) == before


def test_nobody_is_asked_without_a_terminal(lab: RunningLab, key: str, tmp_path: Path) -> None:
    manifest = str(tmp_path / "manifest.jsonl")
    history(lab, "history", "census", "--manifest", manifest)
    done = history(lab, "history", "reencrypt", "--manifest", manifest, "--key", key)

    assert done.returncode == 2
    assert "agree with --yes" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        pytest.param(("reencrypt", "--manifest", "/nowhere"), "there is no file", id="no-manifest"),
        pytest.param(("validate", "--start-time", "soon"), "`soon` is not a time", id="no-time"),
        pytest.param(
            ("validate", "--start-time", "0001-01-01T00:00:00Z"), "is not a time", id="before-cloudtrail"
        ),
        pytest.param(("validate", "--end-time", "9999-12-31T23:59:59Z"), "is not a time", id="far-off"),
        pytest.param(
            ("validate", "--start-time", "2026-02-01", "--end-time", "2026-01-01"), "is after", id="backwards"
        ),
        pytest.param(("census", "--source", "s3://b/x"), "is not a source", id="no-source"),
    ],
)
def test_wrong_usage_is_one_line_and_a_hint(lab: RunningLab, arguments: tuple[str, ...], said: str) -> None:
    done = history(lab, "history", *arguments)

    assert (done.returncode, said in done.stderr, "Traceback" in done.stderr) == (2, True, False)


def test_costs_are_counted_in_the_trails_own_bucket(lab: RunningLab) -> None:
    done = history(lab, "cost", "--format", "json")
    usage = json.loads(done.stdout)["usage"]

    assert (usage["deliveries"], usage["places"]) == ("counted", 1)


@pytest.mark.parametrize("more", [("--manifest", "m"), ("--versions",), ("--source", "listing")])
def test_the_quick_estimate_takes_nothing_that_it_would_ignore(
    lab: RunningLab, more: tuple[str, ...]
) -> None:
    done = lab.trailseal("history", "census", "--quick", *more)

    assert (done.returncode, "looks at a few objects" in done.stderr) == (2, True), done.stderr


@pytest.mark.parametrize("prefix", ["AWSLogs/", "AWSLogs/123456789012/CloudTrail/ap-northeast-1", "nowhere/"])
def test_a_prefix_without_days_is_not_estimated_as_nothing(lab: RunningLab, prefix: str) -> None:
    done = lab.trailseal("history", "census", "--quick", "--prefix", prefix)

    assert (done.returncode, f"{prefix} holds no days" in done.stdout) == (4, True), done.stdout
    assert "about 0 objects" not in done.stdout


def test_prefixes_that_overlap_count_an_object_once(lab: RunningLab) -> None:
    whole, inner = ("--prefix", "AWSLogs/"), ("--prefix", "AWSLogs/123456789012/CloudTrail/")
    found = [
        lab.trailseal("history", "census", *words, "--format", "json")
        for words in (whole, (*inner, *whole, *whole))
    ]

    once, overlapping = (json.loads(each.stdout)["rows"] for each in found)
    assert once == overlapping != []


@pytest.mark.parametrize("words", [("--quick",), ("--source", "quick")])
def test_the_quick_estimate_counts_without_asking_every_object(
    lab: RunningLab, words: tuple[str, ...]
) -> None:
    done = history(lab, "history", "census", *words, "--format", "json")

    assert done.returncode == 3
    assert [region["day"] for region in json.loads(done.stdout)["regions"]] == [None]
