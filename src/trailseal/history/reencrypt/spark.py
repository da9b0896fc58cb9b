"""
The engine that is Spark: the cluster that Spark's own configuration names, its ledger one file a shard.

pyspark itself is imported when the work begins (`spark_context.py`).
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any, ClassVar

from msgspec import Struct

from trailseal.history.reencrypt.engine import Assignment, Planes
from trailseal.history.reencrypt.manifest_file import identity_of, summary_of
from trailseal.history.reencrypt.shard_ledger import ROWS, About, ShardLedger
from trailseal.history.reencrypt.shard_place import make_place, place_of
from trailseal.history.reencrypt.spark_context import need_spark, open_spark
from trailseal.history.reencrypt.spark_run import SparkJob, SparkRun
from trailseal.history.rules.summary import Summary
from trailseal.run.events import Observer, ignore


class SparkOptions(Struct, frozen=True, kw_only=True):
    """How the manifest is cut for executors; which Spark it is, Spark's own configuration says."""

    shard_size: int = ROWS
    """Rows in each shard of a new ledger."""


class SparkEngine:
    """Its ledger is a folder that every machine of the run sees, or a prefix in S3."""

    carries_context: ClassVar[bool] = True
    priced_as_job: ClassVar[bool] = False
    works_as: str = ""

    def __init__(
        self,
        options: SparkOptions,
        *,
        planes: Planes,
        need: Callable[[], None] = need_spark,
        start: Callable[[], AbstractContextManager[Any]] = open_spark,
    ) -> None:
        """`need` sees that Spark is there; `start` gives its SparkContext when the work begins."""
        self._options = options
        self._planes = planes
        self._need = need
        self._start = start

    def ready(self) -> None:
        """
        See that Spark can be started here.

        Raises:
            UsageProblem: something of it is missing.
        """
        self._need()

    def see_ledger(self, given: Assignment) -> None:
        """
        Look at the ledger.

        Raises:
            UsageProblem: it is damaged, or of another manifest or key.
            TrailsealError: it cannot be read.
        """
        with self._planes.open() as plane:
            ShardLedger(place_of(_where(given), plane)).see(self._about(given))

    def run(self, given: Assignment, observe: Observer = ignore) -> Summary:
        """
        Work on every shard that is not complete, and return how the whole manifest stands.

        Raises:
            UsageProblem: the ledger cannot be used, or is of another manifest or key.
            TrailsealError: Spark does not start, or an executor cannot work.
        """
        manifest, target = given.manifest, given.target
        with self._planes.open() as plane, self._start() as spark:
            where, place = make_place(_where(given), plane)
            ledger = ShardLedger(place)
            about = ledger.belong(self._about(given))
            if given.retry_failed:
                ledger.retry()
            job = SparkJob(
                opener=self._planes.opener(),
                ledger=where,
                target=target,
                verify=given.verify,
                name=str(manifest.path),
            )
            run = SparkRun(spark=spark, job=job, ledger=ledger, rows=about.rows, observer=observe)
            slowed = run.run(manifest.lines(), total=given.total)
            return summary_of(ledger, target, slowed=slowed)

    def _about(self, given: Assignment) -> About:
        return About(
            manifest=given.manifest.identity,
            target=identity_of(given.target),
            rows=self._options.shard_size,
        )


def _where(given: Assignment) -> str:
    return given.ledger or f"{given.manifest.path}.shards"
