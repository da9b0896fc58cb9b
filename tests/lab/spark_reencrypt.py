"""Run by Spark's own Python: a manifest re-encrypted, an inventory counted with the census's SQL."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path

from pyspark.sql import SparkSession

from trailseal.aws.plane.object_plane import PlaneSettings
from trailseal.history.reencrypt.engine import Assignment
from trailseal.history.reencrypt.manifest_file import ManifestFile
from trailseal.history.reencrypt.spark import SparkEngine, SparkOptions
from trailseal.history.rules.method import Target
from trailseal.history.rules.summary import Verify


def session() -> SparkSession:
    builder = SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false")
    return (
        builder.config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.sql.session.timeZone", "UTC")
        .config("spark.sql.shuffle.partitions", "2")
        .getOrCreate()
    )


def reencrypt(manifest: str, region: str, key: str, where: str) -> object:
    file = ManifestFile(Path(manifest))
    target = Target(bucket=file.header.bucket, key_arn=key)
    engine = SparkEngine(
        SparkOptions(shard_size=16),
        planes=PlaneSettings(region=region),
        start=lambda: nullcontext(session().sparkContext),
    )
    return engine.run(Assignment(manifest=file, target=target, verify=Verify.ALL, ledger=where)).counts


def census(parquet: str, sql: str) -> object:
    spark = session()
    spark.read.parquet(parquet).createOrReplaceTempView("inventory")
    return [list(row) for row in spark.sql(Path(sql).read_text()).collect()]


if __name__ == "__main__":
    work: dict[str, Callable[..., object]] = {"reencrypt": reencrypt, "census": census}
    print(json.dumps(work[sys.argv[1]](*sys.argv[2:])))  # noqa: T201 - the test reads it
