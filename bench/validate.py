"""
`trailseal history validate` beside `aws cloudtrail validate-logs`: one set of files, same verdicts.

20,000 log files and their hourly digest files lie in a local seaweedfs; CloudTrail's part (its public
key) is a stub that both ask. Some files are tampered with, and the verdicts are compared file by file.
"""

from __future__ import annotations

import gzip
import os
import re
import sys

from measure import median, report, run

from cloudtrail_stub import cloudtrail_stub
from history_estate import BUCKET, HOUR, PLACE, REGION, START, Bucket, estate
from object_servers import environment, seaweedfs
from trailseal.aws.object_plane import PlaneSettings
from trailseal.history.calls import Call, put
from witnesses import program

HOURS = int(os.environ.get("BENCH_VALIDATE_HOURS", "100"))
FILES = 200
RECORDS = 12
OURS_RUNS = 3
VERDICT = re.compile(r"(?:Log|Digest) file\ts3://(\S+)\t(valid|INVALID: [^\t\n]+)")


def main() -> None:
    """Fill the bucket, run both, compare every verdict."""
    things = estate(hours=HOURS, files=FILES, records=RECORDS)
    logs = sum("/CloudTrail/" in key for key in things)
    _tamper(things)
    with seaweedfs() as s3, cloudtrail_stub() as cloudtrail:
        env = environment(s3, REGION) | {"AWS_ENDPOINT_URL_S3": s3, "AWS_ENDPOINT_URL_CLOUDTRAIL": cloudtrail}
        os.environ.update(env)
        _upload(things)
        end = START + HOURS * HOUR
        span = ["--start-time", f"{START:%Y-%m-%dT%H:%M:%SZ}", "--end-time", f"{end:%Y-%m-%dT%H:%M:%SZ}"]
        ours = [
            *(sys.executable, "-m", "trailseal.cli.main"),
            "history",
            "validate",
            "--trail",
            PLACE.arn,
            *span,
        ]
        peer = [program("awscli", "aws"), "cloudtrail", "validate-logs", "--trail-arn", PLACE.arn, *span]
        walls = [run(ours) for _ in range(OURS_RUNS)]
        theirs = run(["sh", "-c", 'exec "$@" 2>&1', "-", *peer, "--verbose"])
        mine = run([*ours, "--all"])
    same = _verdicts(theirs.output) == _verdicts(mine.output)
    report(
        bench="validate",
        ours=logs / median([r.wall for r in walls]),
        peer=logs / theirs.wall,
        peer_name="aws cloudtrail validate-logs",
        unit="log files/s",
        n=logs,
        ratio=theirs.wall / median([r.wall for r in walls]),
        same_verdicts=same,
        verdicts=len(_verdicts(mine.output)),
        ours_wall_s=round(median([r.wall for r in walls]), 2),
        peer_wall_s=round(theirs.wall, 2),
        ours_peak_mb=round(walls[0].peak_memory / 1e6),
        peer_runs=1,
    )
    if not same:
        print(set(_verdicts(theirs.output).items()) ^ set(_verdicts(mine.output).items()), file=sys.stderr)
        sys.exit(1)


def _tamper(things: Bucket) -> None:
    logs = sorted(key for key in things if "/CloudTrail/" in key)
    digests = sorted(key for key in things if "/CloudTrail-Digest/" in key)
    del things[logs[10]], things[digests[5]]
    things[logs[20]].body = gzip.compress(b"{}")
    things[logs[30]].body = b"not gzip"
    things[logs[40]].body += b"more"
    things[digests[9]].headers["x-amz-meta-signature"] = "00" * 256


def _upload(things: Bucket) -> None:
    with PlaneSettings(region=REGION).open() as plane:
        assert not any(a.error for a in plane.each([Call(method="PUT", bucket=BUCKET)]))  # noqa: S101
        calls = (put(BUCKET, key, thing.body, headers=thing.headers) for key, thing in things.items())
        failed = [answer.error for answer in plane.each(calls) if answer.error]
    if failed:
        raise RuntimeError(failed[0])


def _verdicts(output: bytes) -> dict[str, str]:
    return dict(VERDICT.findall(output.decode()))


if __name__ == "__main__":
    main()
