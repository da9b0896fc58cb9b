"""`history reencrypt` where the bucket, the key or both belong to another account than the caller's."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from labs import RunningLab

OURS, THEIRS = "123456789012", "210987654321"
OWNER = f"arn:aws:iam::{THEIRS}:role/outsider-admin"
ADMIN = {OURS: "", THEIRS: OWNER}
FOLDER = (
    f"AWSLogs/{OURS}/CloudTrail/ap-northeast-1/2026/11/20/{OURS}_CloudTrail_ap-northeast-1_20261120T0000Z_"
)
ELSEWHERE = "the key is not in the bucket's account, which UpdateObjectEncryption needs"
UNKNOWN = f"whether example-theirs belongs to the key's account {THEIRS} is not known (s3:ListBucket: 403)"


@pytest.fixture
def lab(fresh_lab: Callable[..., RunningLab]) -> RunningLab:
    return fresh_lab("story")


def allow(*resources: str, action: str | list[str]) -> str:
    everybody = {"AWS": [f"arn:aws:iam::{account}:root" for account in (OURS, THEIRS)]}
    statement: dict[str, Any] = {"Effect": "Allow", "Principal": everybody, "Action": action}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement | {"Resource": list(resources)}]})


def make_key(lab: RunningLab, account: str) -> str:
    kms = lab.client("kms", ADMIN[account])
    arn: str = kms.create_key(Policy=allow("*", action="kms:*"))["KeyMetadata"]["Arn"]
    return arn


def share(lab: RunningLab, bucket: str, action: str | list[str]) -> None:
    """Let both accounts do this with their bucket, and with ours."""
    policy = allow(f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*", action=action)
    lab.client("s3", OWNER).put_bucket_policy(Bucket=bucket, Policy=policy)


def make_bucket(lab: RunningLab, account: str) -> str:
    """Make a bucket with three log files; when it is theirs we may do everything in it."""
    s3, bucket = lab.client("s3", ADMIN[account]), f"example-{'ours' if account == OURS else 'theirs'}"
    s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": "ap-northeast-1"})
    if account == THEIRS:
        share(lab, bucket, "s3:*")
    for number in range(3):
        s3.put_object(Bucket=bucket, Key=f"{FOLDER}{number:016d}.json.gz", Body=b"x")
    return bucket


UNJUDGED = {OURS: (), THEIRS: ("--accept", "readers-lose-access")}
"""KMS shows the policy of another account's key to nobody, so that its readers cannot be judged."""


def reencrypt(lab: RunningLab, folder: Path, bucket: str, key: str, *more: str, rights: Any = "") -> Any:
    manifest = str(folder / "m.jsonl")
    lab.trailseal("history", "census", "--s3-bucket", bucket, "--manifest", manifest)
    if rights:
        share(lab, bucket, rights)
    return lab.trailseal("history", "reencrypt", "--manifest", manifest, "--key", key, "--yes", *more)


@pytest.mark.parametrize("bucket_of", [OURS, THEIRS], ids=["our bucket", "their bucket"])
@pytest.mark.parametrize("key_of", [OURS, THEIRS], ids=["our key", "their key"])
def test_the_update_is_tried_where_key_and_bucket_are_of_one_account(
    bucket_of: str, key_of: str, lab: RunningLab, tmp_path: Path
) -> None:
    bucket, key = make_bucket(lab, bucket_of), make_key(lab, key_of)
    done = reencrypt(lab, tmp_path, bucket, key, *UNJUDGED[key_of])
    listed = lab.client("s3", ADMIN[bucket_of]).list_objects_v2(Bucket=bucket)["Contents"]
    heads = [lab.client("s3", ADMIN[bucket_of]).head_object(Bucket=bucket, Key=o["Key"]) for o in listed]

    assert done.returncode == 0, done.stdout + done.stderr
    assert ("the probe passed: UpdateObjectEncryption" in done.stderr) == (bucket_of == key_of), done.stderr
    assert (ELSEWHERE in done.stdout) == (bucket_of != key_of)
    assert {head.get("SSEKMSKeyId") for head in heads} == {key}


@pytest.mark.parametrize("key_of", [OURS, THEIRS], ids=["our key", "their key"])
def test_where_the_owner_cannot_be_known_the_probe_shows_what_works(
    key_of: str, lab: RunningLab, tmp_path: Path
) -> None:
    bucket, key = make_bucket(lab, THEIRS), make_key(lab, key_of)
    rights = ["s3:GetBucketLocation", "s3:*Object*"]
    stopped = reencrypt(lab, tmp_path, bucket, key, *UNJUDGED[key_of], rights=rights)
    done = reencrypt(lab, tmp_path, bucket, key, *UNJUDGED[key_of], "--accept", "copies", rights=rights)

    assert (stopped.returncode == 2) == (key_of == OURS), stopped.stderr
    assert ("--accept copies" in stopped.stderr) == (key_of == OURS)
    assert (done.returncode, "3  re-encrypted" in done.stdout) == (0, True), done.stdout + done.stderr
    assert UNKNOWN.replace(THEIRS, key_of) in done.stderr
    assert ("the probe passed: UpdateObjectEncryption" in done.stderr) == (key_of == THEIRS)


def test_a_key_elsewhere_is_probed_when_the_update_is_asked_for_by_name(
    lab: RunningLab, tmp_path: Path
) -> None:
    bucket, key = make_bucket(lab, OURS), make_key(lab, THEIRS)
    refused = reencrypt(lab, tmp_path, bucket, key, "--method", "update")

    assert refused.returncode == 2
    assert "UpdateObjectEncryption is not used: UpdateObjectEncryption: AccessDenied" in refused.stderr
