"""Object Lock in the history: carried over, or not touched where it could not be seen."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from labs import RunningLab

BUCKET = "locked-logs"
NAMES = ("governed", "held", "plain")
UNTIL = datetime(2030, 1, 1, tzinfo=UTC)


@pytest.fixture
def lab(fresh_lab: Callable[..., RunningLab]) -> RunningLab:
    """A bucket with Object Lock: an object under retention, one on hold, one without either."""
    lab = fresh_lab("story")
    s3 = lab.client("s3")
    s3.create_bucket(
        Bucket=BUCKET,
        ObjectLockEnabledForBucket=True,
        CreateBucketConfiguration={"LocationConstraint": "ap-northeast-1"},
    )
    for name in NAMES:
        s3.put_object(Bucket=BUCKET, Key=f"AWSLogs/{name}", Body=name.encode())
    s3.put_object_retention(
        Bucket=BUCKET, Key="AWSLogs/governed", Retention={"Mode": "GOVERNANCE", "RetainUntilDate": UNTIL}
    )
    s3.put_object_legal_hold(Bucket=BUCKET, Key="AWSLogs/held", LegalHold={"Status": "ON"})
    return lab


def user(lab: RunningLab, *denied: str) -> str:
    """Somebody who may do everything but this."""
    iam = lab.client("iam")
    iam.create_user(UserName="worker")
    statements: list[dict[str, Any]] = [{"Effect": "Allow", "Action": "*", "Resource": "*"}]
    if denied:
        statements.append({"Effect": "Deny", "Action": list(denied), "Resource": "*"})
    document = json.dumps({"Version": "2012-10-17", "Statement": statements})
    iam.put_user_policy(UserName="worker", PolicyName="work", PolicyDocument=document)
    return f"arn:aws:iam::{lab.client('sts').get_caller_identity()['Account']}:user/worker"


def reencrypt(lab: RunningLab, principal: str, manifest: Path) -> dict[str, Any]:
    key = lab.client("kms").create_key()["KeyMetadata"]["Arn"]
    words = (
        "--s3-bucket",
        BUCKET,
        "--prefix",
        "AWSLogs/",
        "--source",
        "listing",
        "--manifest",
        str(manifest),
    )
    census = lab.trailseal("history", "census", *words, principal=principal)
    assert census.returncode == 3, census.stderr
    done = lab.trailseal(
        "history", "reencrypt", "--manifest", str(manifest), "--key", key, "--method", "copy", "--yes",
        "--format", "json", principal=principal,
    )  # fmt: skip
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_copies_have_the_lock_of_what_they_were_made_from(lab: RunningLab, tmp_path: Path) -> None:
    found = reencrypt(lab, user(lab), tmp_path / "manifest.jsonl")
    s3 = lab.client("s3")
    governed, held, plain = (s3.head_object(Bucket=BUCKET, Key=f"AWSLogs/{name}") for name in NAMES)

    assert found["problems"] == []
    assert found["counts"] == {"done": 3}
    assert {each["ServerSideEncryption"] for each in (governed, held, plain)} == {"aws:kms"}
    assert governed["ObjectLockMode"] == "GOVERNANCE"
    assert abs(governed["ObjectLockRetainUntilDate"] - UNTIL) < timedelta(seconds=1)
    assert held["ObjectLockLegalHoldStatus"] == "ON"
    assert "ObjectLockMode" not in plain


@pytest.mark.parametrize("denied", ["s3:GetObjectRetention", "s3:GetObjectLegalHold"])
def test_what_may_be_locked_unseen_is_not_copied(denied: str, lab: RunningLab, tmp_path: Path) -> None:
    found = reencrypt(lab, user(lab, denied), tmp_path / "manifest.jsonl")
    s3 = lab.client("s3")

    assert found["counts"] == {"skipped": 3}
    hidden = "governed" if denied == "s3:GetObjectRetention" else "held"
    assert s3.head_object(Bucket=BUCKET, Key=f"AWSLogs/{hidden}")["ServerSideEncryption"] == "AES256"
    assert {each["detail"] for each in found["problems"]} == {"lock-unread"}
