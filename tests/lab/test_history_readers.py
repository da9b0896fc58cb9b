"""Readers who may decrypt only under the trail's context keep the history, by a plan applied before."""

from __future__ import annotations

import base64
import json
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from labs import RunningLab

ACCOUNT = "123456789012"
TRAIL = f"arn:aws:cloudtrail:ap-northeast-1:{ACCOUNT}:trail/management-events"
READER, OTHER = (f"arn:aws:iam::{ACCOUNT}:user/{name}" for name in ("reader", "other"))
CONTEXT = {"StringEquals": {"kms:EncryptionContext:aws:cloudtrail:arn": TRAIL}}


@pytest.fixture
def lab(fresh_lab: Callable[..., RunningLab]) -> RunningLab:
    """Two users may get every object; the key lets one of them decrypt, under the trail's context."""
    lab = fresh_lab("story")
    iam = lab.client("iam")
    for name in ("reader", "other"):
        iam.create_user(UserName=name)
        allow = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}
        document = json.dumps({"Version": "2012-10-17", "Statement": [allow]})
        iam.put_user_policy(UserName=name, PolicyName="get", PolicyDocument=document)
    return lab


@pytest.fixture
def key(lab: RunningLab) -> str:
    root = {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}
    admin = {"Sid": "Admin", "Effect": "Allow", "Principal": root, "Action": "kms:*", "Resource": "*"}
    reads = {"Sid": "Reads", "Effect": "Allow", "Principal": {"AWS": READER}, "Condition": CONTEXT}
    statements = [admin, reads | {"Action": "kms:Decrypt", "Resource": "*"}]
    policy = json.dumps({"Version": "2012-10-17", "Statement": statements})
    arn: str = lab.client("kms").create_key(Policy=policy)["KeyMetadata"]["Arn"]
    return arn


@pytest.fixture
def manifest(lab: RunningLab, tmp_path: Path) -> Path:
    path = tmp_path / "manifest.jsonl"
    lab.trailseal("history", "census", "--manifest", str(path))
    return path


def objects_of(manifest: Path) -> tuple[str, str]:
    """Return the bucket and its first old log file."""
    header, first, *_ = (json.loads(line) for line in manifest.read_text().splitlines())
    return header["bucket"], first["key"]


def deliver(lab: RunningLab, bucket: str, key: str) -> str:
    """Put an object as CloudTrail does after the switch, under the trail's context."""
    context = base64.b64encode(json.dumps({"aws:cloudtrail:arn": TRAIL}).encode()).decode()
    sealed = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": key, "SSEKMSEncryptionContext": context}
    lab.client("s3").put_object(Bucket=bucket, Key="new", Body=b"new", **sealed)
    return "new"


def reads(lab: RunningLab, principal: str, bucket: str, *keys: str) -> list[str]:
    """Return how each GetObject of a principal ends."""
    s3: Any = lab.client("s3", principal)
    found = []
    for key in keys:
        try:
            s3.get_object(Bucket=bucket, Key=key)
            found.append("read")
        except ClientError as refused:
            found.append(refused.response.get("Error", {}).get("Code", ""))
    return found


def test_the_readers_plan_keeps_the_history_open_to_them_alone(
    lab: RunningLab, key: str, manifest: Path
) -> None:
    bucket, old = objects_of(manifest)
    new = deliver(lab, bucket, key)
    plan = manifest.with_name("readers.json")
    again = ("history", "reencrypt", "--manifest", str(manifest), "--key", key, "--yes", "--format", "json")
    before = reads(lab, READER, bucket, old, new)

    offered = lab.trailseal(*again, "--reader-plan", str(plan))
    kind = lab.client("s3").head_object(Bucket=bucket, Key=old)["ServerSideEncryption"]
    applied = lab.trailseal("apply", str(plan), "--yes", "--format", "json")
    done = lab.trailseal(*again)
    after = reads(lab, READER, bucket, old, new)
    others = reads(lab, OTHER, bucket, old, new)
    undone = lab.trailseal("undo", json.loads(applied.stdout)["run"], "--yes")

    assert (offered.returncode, kind, before) == (3, "AES256", ["read", "read"]), offered.stderr
    assert f"trailseal apply {plan}, then run this command again" in offered.stderr
    assert stat.S_IMODE(plan.stat().st_mode) == 0o600
    assert (applied.returncode, done.returncode) == (0, 0), applied.stderr + done.stderr
    assert (after, others) == (["read", "read"], ["AccessDenied", "AccessDenied"])
    assert undone.returncode == 0, undone.stderr
    assert reads(lab, READER, bucket, old, new) == ["AccessDenied", "read"]


def test_nothing_is_touched_while_readers_would_lose_it(lab: RunningLab, key: str, manifest: Path) -> None:
    bucket, old = objects_of(manifest)
    refused = lab.trailseal("history", "reencrypt", "--manifest", str(manifest), "--key", key, "--yes")

    assert refused.returncode == 2
    assert "save the plan that keeps them with --reader-plan FILE" in refused.stderr
    assert lab.client("s3").head_object(Bucket=bucket, Key=old)["ServerSideEncryption"] == "AES256"
    assert not Path(f"{manifest}.ledger").exists()


def test_their_loss_can_be_taken_on(lab: RunningLab, key: str, manifest: Path) -> None:
    bucket, old = objects_of(manifest)
    words = ("history", "reencrypt", "--manifest", str(manifest), "--key", key, "--yes")
    done = lab.trailseal(*words, "--accept", "readers-lose-access")

    assert done.returncode == 0, done.stderr
    assert reads(lab, READER, bucket, old) == ["AccessDenied"]


def test_a_dry_run_offers_the_plan_and_copies_need_none(lab: RunningLab, key: str, manifest: Path) -> None:
    plan, none = manifest.with_name("p"), manifest.with_name("none")
    words = ("history", "reencrypt", "--manifest", str(manifest), "--key", key, "--dry-run")
    updates = lab.trailseal(*words, "--reader-plan", str(plan))
    copies = lab.trailseal(*words, "--method", "copy", "--reader-plan", str(none))

    assert '"TrailsealReadersOfTheHistory"' in updates.stdout
    assert json.loads(plan.read_text())["steps"][0]["call"] == "kms:PutKeyPolicy"
    assert (none.exists(), f"{none} was not written" in copies.stderr) == (False, True)


def test_a_plan_that_cannot_be_written_is_told(lab: RunningLab, key: str, manifest: Path) -> None:
    words = ("history", "reencrypt", "--manifest", str(manifest), "--key", key, "--dry-run")
    done = lab.trailseal(*words, "--reader-plan", "/no/such/folder/plan.json")

    assert (done.returncode, "there is no folder" in done.stderr) == (2, True), done.stderr


def test_a_key_policy_that_may_not_be_read_is_no_consent(lab: RunningLab, key: str, manifest: Path) -> None:
    bucket, old = objects_of(manifest)
    plan = manifest.with_name("p")
    words = ("history", "reencrypt", "--manifest", str(manifest), "--key", key, "--yes")
    lab.fault("denied", service="kms", operation="GetKeyPolicy", count=3)

    offered = lab.trailseal(*words, "--dry-run", "--reader-plan", str(plan))
    refused = lab.trailseal(*words)
    begun = lab.trailseal(*words, "--accept", "readers-lose-access")

    assert [done.returncode for done in (offered, refused, begun)] == [1, 1, 0], refused.stderr
    assert "it is not known whether readers lose objects" in offered.stderr
    assert "give the caller kms:GetKeyPolicy" in refused.stderr
    assert not plan.exists()
    assert reads(lab, READER, bucket, old) == ["AccessDenied"]
