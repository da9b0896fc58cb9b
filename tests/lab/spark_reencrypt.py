"""Run by Spark's own Python: a manifest re-encrypted, an inventory counted with the census's SQL."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from pyspark.sql import SparkSession

from trailseal.aws.plane.object_plane import PlaneSettings, opener
from trailseal.history.reencrypt.manifest_file import ManifestFile, summary_of
from trailseal.history.reencrypt.shard_ledger import About, ShardLedger
from trailseal.history.reencrypt.shard_place import make_place
from trailseal.history.reencrypt.spark import Job, SparkEngine
from trailseal.history.rules.method import Target
from trailseal.history.rules.summary import Verify


def session() -> SparkSession:
    builder = SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false")
    return (
        builder.config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.sql.session.timeZone", "UTC")
        .getOrCreate()
    )


def reencrypt(manifest: str, region: str, key: str, where: str) -> object:
    file = ManifestFile(Path(manifest))
    target = Target(bucket=file.header.bucket, key_arn=key)
    settings = PlaneSettings(region=region)
    with settings.open() as plane:
        where, place = make_place(where, plane)
        ledger = ShardLedger(place)
        ledger.belong(About(manifest=file.identity, target=key, rows=16))
        job = Job(opener=opener(settings), ledger=where, target=target, verify=Verify.ALL, name=manifest)
        SparkEngine(spark=session().sparkContext, job=job, ledger=ledger, rows=16).run(file.lines())
        return summary_of(ledger, target).counts


def census(parquet: str, sql: str) -> object:
    spark = session()
    spark.read.parquet(parquet).createOrReplaceTempView("inventory")
    return [list(row) for row in spark.sql(Path(sql).read_text()).collect()]


if __name__ == "__main__":
    print(json.dumps({"reencrypt": reencrypt, "census": census}[sys.argv[1]](*sys.argv[2:])))  # noqa: T201 - the test reads it
