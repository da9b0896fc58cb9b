"""What engines stand on, in memory: S3 Batch Operations, and as much of Spark as is used."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import unquote

from memory_s3 import SSE, MemoryS3
from trailseal.history.reencrypt.spark import SparkEngine, SparkOptions
from trailseal.history.rules.batch import BatchStatus
from trailseal.objects.calls import ObjectRequest, ObjectResponse

KEY = "arn:aws:kms:us-east-1:123456789012:key/1"
INTERRUPTED = "interrupted"


class PacedS3(MemoryS3):
    """S3 behind an object plane that was asked to slow down once; it refuses to change some keys."""

    pace = SimpleNamespace(slowed=1)

    def _copy(self, call: ObjectRequest) -> ObjectResponse:
        return self._refusal(call) or super()._copy(call)

    def _update(self, call: ObjectRequest) -> ObjectResponse:
        return self._refusal(call) or super()._update(call)

    def _refusal(self, call: ObjectRequest) -> ObjectResponse | None:
        if call.key not in self.refused:
            return None
        return ObjectResponse(call=call, status=403, error="AccessDenied", message="no")


class MemoryPlanes:
    """Planes that are all the same S3, in every process there is."""

    def __init__(self, s3: PacedS3) -> None:
        self.s3 = s3

    def open(self) -> AbstractContextManager[PacedS3]:
        return nullcontext(self.s3)

    def opener(self) -> Callable[[], AbstractContextManager[PacedS3]]:
        return self.open


class OneMachine:
    """As much of a SparkContext as the engine uses."""

    def __init__(self, *, defaultParallelism: int = 2) -> None:  # noqa: N803 - Spark's own name
        self.defaultParallelism = defaultParallelism
        self.sent: list[list[int]] = []

    def parallelize(self, sent: list[Any], partitions: int) -> OneMachine:
        assert partitions == len(sent)
        self.sent.append([shard.number for shard in sent])
        self._parts = [[each] for each in sent]
        return self

    def mapPartitions(self, work: Callable[[Iterable[Any]], Iterator[Any]]) -> OneMachine:  # noqa: N802 - Spark's
        self._work = work
        return self

    def collect(self) -> list[Any]:
        return [ended for part in self._parts for ended in self._work(part)]


class Jobs:
    """S3 Batch Operations over the same memory: each describe but the first does all that is left."""

    def __init__(self, s3: MemoryS3, *, fail: str = "", end: str = "Complete") -> None:
        self.s3 = s3
        self.fail = fail
        self.end = end
        self.requests: dict[str, dict[str, Any]] = {}
        self.asked = 0

    def upload(self, path: Path, bucket: str, key: str) -> str:
        self.s3._store(key, path.read_bytes(), {})
        return "etag"

    def create(self, request: dict[str, Any]) -> str:
        self.requests[request["ClientRequestToken"]] = request
        return "job1"

    def describe(self, account: str, job_id: str) -> BatchStatus:
        self.asked += 1
        if self.asked == 1:
            return BatchStatus(status="Active", total=3)
        if self.end == INTERRUPTED:
            raise KeyboardInterrupt
        *_, request = self.requests.values()
        key = request["Manifest"]["Location"]["ObjectArn"].removeprefix("arn:aws:s3:::m/")
        lines = self.s3.objects[key].body.decode().splitlines()
        names = [unquote(line.split(",")[1]) for line in lines]
        failed = {name: why for name in names if (why := self._why_not(name))}
        for name in names:
            if name not in failed:
                self.s3.objects[name].headers |= {SSE: "aws:kms", f"{SSE}-aws-kms-key-id": KEY}
        report = "".join(f"b,{name},,failed,{why}\n" for name, why in failed.items())
        self.s3._store("batch/reports/r.csv", report.encode(), {})
        results = {"Results": [{"Key": "batch/reports/r.csv"}]}
        self.s3._store("batch/reports/job-job1/manifest.json", json.dumps(results).encode(), {})
        bad = len(failed)
        return BatchStatus(
            status=self.end, total=len(names), succeeded=len(names) - bad, failed=bad, why="stopped"
        )

    def _why_not(self, name: str) -> str:
        if name not in self.s3.objects:
            return "NoSuchKey,404,"
        return "AccessDenied,403,no" if name in {self.fail, *self.s3.refused} else ""


class StoppedJobs(Jobs):
    """Jobs whose next call after so many stops whoever makes it, as a signal would."""

    stop_after: int | None = None
    calls = 0

    def upload(self, path: Path, bucket: str, key: str) -> str:
        self._count()
        return super().upload(path, bucket, key)

    def create(self, request: dict[str, Any]) -> str:
        self._count()
        return super().create(request)

    def describe(self, account: str, job_id: str) -> BatchStatus:
        self._count()
        return super().describe(account, job_id)

    def _count(self) -> None:
        if self.stop_after is not None and self.calls >= self.stop_after:
            raise KeyboardInterrupt
        self.calls += 1


def spark_engine(options: SparkOptions, planes: MemoryPlanes) -> SparkEngine:
    """Return the engine with a machine of its own in place of a cluster."""
    return SparkEngine(options, planes=planes, need=lambda: None, start=lambda: nullcontext(OneMachine()))


class StillClock:
    def now(self) -> datetime:
        return datetime(2026, 11, 23, tzinfo=UTC)

    def elapsed(self) -> float:
        return 0.0

    def sleep(self, seconds: float) -> None:
        assert seconds > 0
