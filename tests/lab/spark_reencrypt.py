"""Run by Spark's own Python: a manifest re-encrypted, an inventory counted with the census's SQL."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from pyspark.sql import SparkSession

from trailseal.aws.object_plane import PlaneSettings, opener
from trailseal.engines.spark import SparkEngine
from trailseal.history.method import Target
from trailseal.run.history_ledger import Ledger
from trailseal.run.history_reencrypt import ManifestFile, summary_of


def session() -> SparkSession:
    builder = SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false")
    return (
        builder.config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.sql.session.timeZone", "UTC")
        .getOrCreate()
    )


def reencrypt(manifest: str, region: str, key: str) -> object:
    file = ManifestFile(Path(manifest))
    target = Target(bucket=file.header.bucket, key_arn=key)
    with Ledger(Path(f"{manifest}.ledger"), manifest=file.identity, target=key) as ledger:
        engine = SparkEngine(
            spark=session(),
            opener=opener(PlaneSettings(region=region)),
            ledger=ledger,
            target=target,
            proven=True,
        )
        engine.run(file.rows(), partitions=4)
        return summary_of(ledger, target).counts


def census(parquet: str, sql: str) -> object:
    spark = session()
    spark.read.parquet(parquet).createOrReplaceTempView("inventory")
    return [list(row) for row in spark.sql(Path(sql).read_text()).collect()]


if __name__ == "__main__":
    print(json.dumps({"reencrypt": reencrypt, "census": census}[sys.argv[1]](*sys.argv[2:])))  # noqa: T201 - the test reads it
