"""The Spark engine without Spark: what is cut, what an executor does, what a second run leaves alone."""

from __future__ import annotations

import random
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

import pytest

from memory_engines import OneMachine, PacedS3
from memory_s3 import SSE, MemoryS3
from trailseal.errors import TrailsealError
from trailseal.history.reencrypt.manifest_file import summary_of
from trailseal.history.reencrypt.shard_ledger import About, ShardLedger
from trailseal.history.reencrypt.shard_place import FolderStore
from trailseal.history.reencrypt.spark_run import SparkJob, SparkRun
from trailseal.history.rules.manifest import Row, write_line
from trailseal.history.rules.method import Target
from trailseal.history.rules.state import State
from trailseal.history.rules.summary import Verify
from trailseal.run.events import Progress

KEY = "arn:aws:kms:us-east-1:123456789012:key/1"
TARGET = Target(bucket="b", key_arn=KEY)


def fill(s3: MemoryS3, count: int = 20) -> list[Row]:
    for number in range(count):
        s3._store(f"k{number}", b"x", {"x-amz-meta-signature": str(number)})
    return [Row(key=f"k{n}", etag=s3.objects[f"k{n}"].etag, size=1) for n in range(count)]


def opener_of(s3: MemoryS3) -> Callable[[], AbstractContextManager[Any]]:
    return lambda: nullcontext(s3)


def run(
    s3: MemoryS3,
    rows: list[Row],
    folder: Path,
    *,
    spark: OneMachine | None = None,
    verify: Verify = Verify.NONE,
    **more: Any,
) -> dict[str, int]:
    place = FolderStore(folder)
    place.make()
    ledger = ShardLedger(place)
    ledger.belong(About(manifest="m", target="t", rows=3))
    job = SparkJob(opener=opener_of(s3), ledger=str(folder), target=TARGET, verify=verify, name="m.jsonl")
    engine = SparkRun(spark=spark or OneMachine(), job=job, ledger=ledger, rows=3, **more)
    engine.run(write_line(row) for row in rows)
    return summary_of(ledger, TARGET).counts


def puts(s3: MemoryS3) -> int:
    return sum(call.method == "PUT" for call in s3.sent)


def test_every_object_ends_under_the_key_and_the_report_is_as_a_local_run_s(tmp_path: Path) -> None:
    s3 = PacedS3()
    rows = [
        *fill(s3),
        Row(key="frozen", storage_class="GLACIER"),
        Row(key="sealed", encryption="aws:kms", kms_key_id=KEY),
    ]

    assert run(s3, rows, tmp_path, verify=Verify.ALL) == {"done": 20, "nothing to do": 1, "skipped": 1}
    assert {stored.headers[f"{SSE}-aws-kms-key-id"] for stored in s3.objects.values()} == {KEY}
    named = summary_of(ShardLedger(FolderStore(tmp_path)), TARGET).problems
    assert [(each.key, each.state) for each in named] == [("frozen", State.SKIPPED)]


def test_a_second_run_sends_nothing(tmp_path: Path) -> None:
    s3, spark = PacedS3(), OneMachine()
    rows = fill(s3)
    run(s3, rows, tmp_path)
    sent = len(s3.sent)

    assert run(s3, rows, tmp_path, spark=spark) == {"done": 20}
    assert (spark.sent, len(s3.sent)) == ([], sent)


@pytest.mark.sweep
@pytest.mark.parametrize("seed", range(20))
def test_stopped_anywhere_the_next_run_finishes_without_a_second_copy(seed: int, tmp_path: Path) -> None:
    s3 = PacedS3(guards=False)
    rows = fill(s3)
    s3.stop_after = random.Random(seed).randrange(1, 20)  # noqa: S311 - a seeded run
    with pytest.raises(KeyboardInterrupt):
        run(s3, rows, tmp_path)
    s3.stop_after = None

    assert run(s3, rows, tmp_path) == {"done": 20}
    assert puts(s3) == 20


def test_the_driver_holds_four_rounds_of_shards_and_not_the_manifest(tmp_path: Path) -> None:
    s3, spark = PacedS3(), OneMachine(defaultParallelism=1)
    told: list[Any] = []
    run(s3, fill(s3), tmp_path, spark=spark, observer=told.append)

    assert spark.sent == [[0, 1, 2, 3], [4, 5, 6]]
    assert [event.done for event in told if isinstance(event, Progress)] == [12, 20]


def test_only_what_failed_is_tried_again(tmp_path: Path) -> None:
    s3 = PacedS3()
    rows = fill(s3, 6)
    s3.refused = frozenset({"k4"})
    assert run(s3, rows, tmp_path) == {"done": 5, "failed": 1}
    s3.refused = frozenset()
    sent = len(s3.sent)

    assert run(s3, rows, tmp_path) == {"done": 5, "failed": 1}
    assert ShardLedger(FolderStore(tmp_path)).retry() == 1
    assert run(s3, rows, tmp_path) == {"done": 6}
    assert [call.key for call in s3.sent[sent:]] == ["k4", "k4"]


def test_a_ledger_that_executors_do_not_see_stops_the_run(tmp_path: Path) -> None:
    s3 = PacedS3()
    run(s3, [], tmp_path)
    (tmp_path / "_about.json").unlink()
    job = SparkJob(opener=opener_of(s3), ledger=str(tmp_path), target=TARGET, verify=Verify.NONE, name="m")
    engine = SparkRun(spark=OneMachine(), job=job, ledger=ShardLedger(FolderStore(tmp_path)), rows=3)
    with pytest.raises(TrailsealError, match="is not seen on an executor"):
        engine.run([write_line(Row(key="k"))])
    assert s3.sent == []
