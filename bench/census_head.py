"""HeadObject of every object in a local seaweedfs: the object plane beside boto3 with 32 threads."""

from __future__ import annotations

import concurrent.futures
import os
import time
from collections.abc import Callable

import boto3
from botocore.config import Config
from measure import median, report

from history_estate import ACCOUNT, BUCKET
from object_servers import environment, seaweedfs
from trailseal.aws.plane.object_plane import PlaneSettings
from trailseal.history.census.by_listing import ListingCensus
from trailseal.objects.calls import ObjectRequest, put

REGION = "us-east-1"
N = int(os.environ.get("BENCH_CENSUS_HEAD", "20000"))
RUNS = 5
FOLDER = f"AWSLogs/{ACCOUNT}/CloudTrail/{REGION}/"
NAMES = [f"{FOLDER}2026/11/{i % 28 + 1:02d}/{ACCOUNT}_CloudTrail_{REGION}_{i:08d}.json.gz" for i in range(N)]


def main() -> None:
    """Time both over the same objects, in turn."""
    with seaweedfs() as s3:
        os.environ.update(environment(s3, REGION))
        with PlaneSettings(region=REGION).open() as plane:
            list(plane.each([ObjectRequest(method="PUT", bucket=BUCKET)]))
            failed = [a.error for a in plane.each(put(BUCKET, n, b"x", headers={}) for n in NAMES) if a.error]
            if failed:
                raise RuntimeError(failed[0])

            def ours() -> None:
                census = ListingCensus(objects=plane, bucket=BUCKET).run([FOLDER])
                assert (census.objects, census.unreadable) == (N, 0)  # noqa: S101

            client = boto3.client("s3", config=Config(max_pool_connections=32))
            pairs = [(_time(ours), _time(lambda: _peer(client))) for _ in range(RUNS)]
    mine, theirs = (median([pair[side][0] for pair in pairs]) for side in (0, 1))
    report(
        bench="census-head",
        ours=N / mine,
        peer=N / theirs,
        peer_name="boto3, 32 threads",
        unit="objects/s",
        n=N,
        ratio=theirs / mine,
        ours_cpu_ms=round(1000 * median([pair[0][1] for pair in pairs]) / N, 3),
        peer_cpu_ms=round(1000 * median([pair[1][1] for pair in pairs]) / N, 3),
    )


def _peer(client: object) -> None:
    def listed() -> list[str]:
        pages = client.get_paginator("list_objects_v2").paginate(Bucket=BUCKET, Prefix=FOLDER)  # type: ignore[attr-defined]
        return [found["Key"] for page in pages for found in page["Contents"]]

    with concurrent.futures.ThreadPoolExecutor(32) as pool:
        heads = list(pool.map(lambda key: client.head_object(Bucket=BUCKET, Key=key), listed()))  # type: ignore[attr-defined]
    assert len(heads) == N  # noqa: S101


def _time(work: Callable[[], None]) -> tuple[float, float]:
    cpu, wall = time.process_time(), time.perf_counter()
    work()
    return time.perf_counter() - wall, time.process_time() - cpu


if __name__ == "__main__":
    main()
