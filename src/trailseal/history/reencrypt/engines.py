"""The engines by their names, each with its own options: the one place where an engine is chosen."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import assert_never

from msgspec import Struct

from trailseal.history.reencrypt.batch_run import BatchJobs
from trailseal.history.reencrypt.engine import Engine, Planes
from trailseal.history.reencrypt.local import LocalEngine
from trailseal.history.reencrypt.s3batch import BatchEngine, BatchOptions
from trailseal.history.reencrypt.spark import SparkEngine, SparkOptions
from trailseal.run.ports import Clock


class EngineName(StrEnum):
    """Where the work runs."""

    LOCAL = "local"
    S3BATCH = "s3batch"
    SPARK = "spark"


class EngineOptions(Struct, frozen=True, kw_only=True):
    """What each engine can be told; the one on this machine needs nothing."""

    batch: BatchOptions = BatchOptions()
    spark: SparkOptions = SparkOptions()


class EnginePorts(Struct, frozen=True, kw_only=True):
    """What an engine may reach; each takes what it needs."""

    planes: Planes
    jobs: BatchJobs
    account: Callable[[], str]
    """Whose Batch jobs they are; asked for when one is made."""
    clock: Clock


def engine_of(name: EngineName, options: EngineOptions, ports: EnginePorts) -> Engine:
    """Return the engine; whether it can begin here, its `ready` says."""
    match name:
        case EngineName.LOCAL:
            return LocalEngine(ports.planes)
        case EngineName.S3BATCH:
            return BatchEngine(
                options.batch,
                planes=ports.planes,
                jobs=ports.jobs,
                account=ports.account,
                clock=ports.clock,
            )
        case EngineName.SPARK:
            return SparkEngine(options.spark, planes=ports.planes)
        case _:
            assert_never(name)
