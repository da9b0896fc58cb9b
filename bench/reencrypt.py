"""
In-place copy to SSE-KMS of small log-like objects on a local ministack: trailseal, s5cmd, the AWS CLI.

All are whole processes over the same objects, each timed from fresh objects; trailseal from a ready
manifest, with its ledger. Metadata is looked at after each: it holds the digests' signatures.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from hashlib import md5
from pathlib import Path

import boto3
from measure import Run, median, report, run

from cloudtrail_stub import cloudtrail_stub
from history_estate import ACCOUNT, BUCKET, PLACE
from object_servers import environment, ministack
from trailseal.aws.plane.object_plane import PlaneSettings
from trailseal.history.rules.manifest import Header, Row, write_line
from trailseal.objects.calls import put
from witnesses import program

REGION = "us-east-1"
N = int(os.environ.get("BENCH_REENCRYPT", "20000"))
RUNS = int(os.environ.get("BENCH_REENCRYPT_RUNS", "3"))
BODY = b"x" * 2048
METADATA = {"signature": "abc"}
FOLDER = f"AWSLogs/{ACCOUNT}/CloudTrail/{REGION}/2026/11"
NAMES = [f"{FOLDER}/{i % 28 + 1:02d}/{ACCOUNT}_CloudTrail_{REGION}_{i:08d}.json.gz" for i in range(N)]


def main() -> None:
    """Run each client in turn and report."""
    with tempfile.TemporaryDirectory() as folder, ministack() as s3, cloudtrail_stub() as cloudtrail:
        os.environ.update(environment(s3, REGION) | {"AWS_ENDPOINT_URL_CLOUDTRAIL": cloudtrail})
        boto3.client("s3").create_bucket(Bucket=BUCKET)
        key = boto3.client("kms").create_key()["KeyMetadata"]["Arn"]
        manifest = Path(folder, "manifest.jsonl")
        _write(manifest)
        place = f"s3://{BUCKET}/"
        s5cmd = [
            program("object-servers", "s5cmd"),
            "--endpoint-url",
            s3,
            "--numworkers",
            "32",
            "--log",
            "error",
        ]
        aws = [program("awscli", "aws"), "s3", "cp", place, place, "--recursive", "--quiet"]
        ours = (sys.executable, "-m", "trailseal.cli.main", "history", "reencrypt", "--yes")
        options = (
            "--method",
            "copy",
            "--verify",
            "none",
            "--no-context",
            "--connections",
            "32",
            "--key",
            key,
        )

        def ledger(number: int) -> Sequence[str]:
            return (*ours, *options, "--manifest", str(manifest), "--ledger", str(Path(folder, f"l{number}")))

        mine, kept = _turns(ledger, RUNS)
        theirs, lost = _turns(
            lambda _: (*s5cmd, "cp", "--sse", "aws:kms", "--sse-kms-key-id", key, f"{place}*", place), RUNS
        )
        cli, cli_kept = _turns(lambda _: (*aws, "--sse", "aws:kms", "--sse-kms-key-id", key), 1)
    _report(mine, theirs, "s5cmd", kept=kept, peer_kept=lost)
    _report(mine, cli, "aws s3 cp --recursive", kept=kept, peer_kept=cli_kept)


def _turns(command: Callable[[int], Sequence[str]], runs: int) -> tuple[list[Run], bool]:
    done, kept = [], True
    for number in range(runs):
        _fill()
        done.append(run(command(number)))
        head = boto3.client("s3").head_object(Bucket=BUCKET, Key=NAMES[-1])
        if head.get("ServerSideEncryption") != "aws:kms":
            raise RuntimeError(done[-1].output.decode())
        kept = kept and head["Metadata"] == METADATA
    return done, kept


def _report(ours: list[Run], peer: list[Run], name: str, *, kept: bool, peer_kept: bool) -> None:
    mine, theirs = N / median([r.wall for r in ours]), N / median([r.wall for r in peer])
    report(
        bench="reencrypt",
        ours=mine,
        peer=theirs,
        peer_name=name,
        unit="objects/s",
        n=N,
        ratio=mine / theirs,
        ours_cpu_ms=round(1000 * median([r.cpu for r in ours]) / N, 3),
        peer_cpu_ms=round(1000 * median([r.cpu for r in peer]) / N, 3),
        ours_metadata_kept=kept,
        peer_metadata_kept=peer_kept,
        ours_peak_mb=round(max(r.peak_memory for r in ours) / 1e6),
        peer_runs=len(peer),
    )


def _fill() -> None:
    headers = {"x-amz-meta-signature": "abc"}
    with PlaneSettings(region=REGION).open() as plane:
        failed = [
            a.error for a in plane.each(put(BUCKET, n, BODY, headers=headers) for n in NAMES) if a.error
        ]
    if failed:
        raise RuntimeError(failed[0])


def _write(manifest: Path) -> None:
    etag = md5(BODY, usedforsecurity=False).hexdigest()
    header = Header(bucket=BUCKET, region=REGION, trail_arn=PLACE.arn, made_at=datetime.now(UTC))
    with manifest.open("wb") as file:
        file.write(write_line(header))
        file.writelines(write_line(Row(key=name, size=len(BODY), etag=etag)) for name in NAMES)


if __name__ == "__main__":
    main()
