from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from memory_s3 import MemoryS3
from trailseal.engines.spark import SparkEngine
from trailseal.history.manifest import Row
from trailseal.history.method import Target
from trailseal.run.history_ledger import Ledger
from trailseal.run.history_reencrypt import summary_of

KEY = "arn:aws:kms:us-east-1:123456789012:key/1"


class OneMachine:
    """As much of a SparkSession as the engine uses, without Spark."""

    def __init__(self) -> None:
        self.sparkContext = self  # Spark's own name
        self.parts: list[list[Any]] = []
        self.work: Callable[[Iterable[Any]], Iterator[Any]] = iter

    def parallelize(self, sent: list[Any], partitions: int) -> OneMachine:
        self.parts = [sent[part::partitions] for part in range(partitions)]
        return self

    def mapPartitions(self, work: Callable[[Iterable[Any]], Iterator[Any]]) -> OneMachine:  # noqa: N802 - Spark's
        self.work = work
        return self

    def toLocalIterator(self) -> Iterator[Any]:  # noqa: N802 - Spark's
        for part in self.parts:
            yield from self.work(part)


def test_partitions_do_the_work_and_the_driver_enters_it(tmp_path: Path) -> None:
    s3 = MemoryS3()
    for number in range(20):
        s3._store(f"k{number}", b"x", {})
    rows = [(n + 1, Row(key=f"k{n}", etag=s3.objects[f"k{n}"].etag)) for n in range(20)]
    rows += [
        (21, Row(key="frozen", storage_class="GLACIER")),
        (22, Row(key="sealed", encryption="aws:kms", kms_key_id=KEY)),
    ]

    @contextmanager
    def opener() -> Iterator[MemoryS3]:
        yield s3

    target = Target(bucket="b", key_arn=KEY)
    for _ in range(2):
        with Ledger(tmp_path / "ledger", manifest="m", target="t") as ledger:
            SparkEngine(spark=OneMachine(), opener=opener, ledger=ledger, target=target, proven=True).run(
                rows, partitions=3
            )
            counts = summary_of(ledger, target).counts

    assert counts == {"done": 20, "skipped": 1, "nothing to do": 1}
    assert sum(call.method == "PUT" for call in s3.sent) == 20
