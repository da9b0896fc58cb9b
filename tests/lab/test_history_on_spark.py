"""The history on a local Spark: the same ends as a local run, the same census as DuckDB."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import boto3
import pyarrow as pa
import pytest
from pyarrow import parquet

from history_estate import BUCKET
from inventory_rows import expected, inventory_rows
from object_servers import environment, ministack
from strange_keys import strange_keys
from trailseal.history.rules.census_query import Dialect, census_rows, census_sql
from trailseal.history.rules.manifest import Header, Row, write_line
from witnesses import ROOT, SHORT_JVM, on_path, program

REGION = "us-east-1"
COLUMNS = {
    "key": "string",
    "is_latest": "boolean",
    "is_delete_marker": "boolean",
    "size": "int64",
    "last_modified_date": "timestamp",
    "storage_class": "string",
    "encryption_status": "string",
    "bucket_key_status": "string",
}


def on_spark(*arguments: str, env: dict[str, str] | None = None) -> object:
    on_path("java")
    script = Path(__file__).parent / "spark_reencrypt.py"
    python = program("spark", "python")
    given = {
        **os.environ,
        "PYTHONPATH": str(ROOT / "src"),
        "PYSPARK_PYTHON": python,
        **SHORT_JVM,
    }
    done = subprocess.run(
        [python, str(script), *arguments],
        env=given | (env or {}),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout.splitlines()[-1])


@pytest.fixture(scope="module")
def s3() -> Iterator[dict[str, str]]:
    with ministack() as endpoint, pytest.MonkeyPatch.context() as patch:
        env = environment(endpoint, REGION)
        for name, value in env.items():
            patch.setenv(name, value)
        boto3.client("s3").create_bucket(Bucket=BUCKET)
        yield env


def test_spark_with_its_ledger_in_s3_does_what_a_local_run_does(s3: dict[str, str], tmp_path: Path) -> None:
    client = boto3.client("s3")
    key = boto3.client("kms").create_key()["KeyMetadata"]["Arn"]
    manifest = tmp_path / "m.jsonl"
    with manifest.open("wb") as file:
        file.write(write_line(Header(bucket=BUCKET, made_at=datetime(2026, 11, 23, tzinfo=UTC))))
        for number in range(60):
            put = client.put_object(Bucket=BUCKET, Key=f"k{number}", Body=b"x", Metadata={"signature": "s"})
            file.write(write_line(Row(key=f"k{number}", etag=put["ETag"].strip('"'))))
        file.write(write_line(Row(key="frozen", storage_class="GLACIER")))

    where = f"s3://{BUCKET}/trailseal/ledger"
    first = on_spark("reencrypt", str(manifest), REGION, key, where, env=s3)
    again = on_spark("reencrypt", str(manifest), REGION, key, where, env=s3)

    assert first == again == {"done": 60, "skipped": 1}
    heads = [client.head_object(Bucket=BUCKET, Key=f"k{number}") for number in range(60)]
    listed = client.list_objects_v2(Bucket=BUCKET, Prefix="trailseal/ledger/")["Contents"]
    files = [each["Key"] for each in listed if each["Key"].endswith(".parquet")]
    assert files == [f"trailseal/ledger/shard-{number:06d}.parquet" for number in range(4)]
    assert {head["SSEKMSKeyId"] for head in heads} == {key}
    assert {head["Metadata"]["signature"] for head in heads} == {"s"}


def test_the_census_on_spark_is_the_census_on_duckdb(tmp_path: Path) -> None:
    rows = inventory_rows()
    right, *_ = (row for row in rows if row["encryption_status"] == "SSE-KMS")
    rows += [right | {"key": key} for key in sorted(set(strange_keys(500)))]
    parquet.write_table(pa.Table.from_pylist(rows), tmp_path / "inventory.parquet", coerce_timestamps="us")
    sql = tmp_path / "census.sql"
    sql.write_text(census_sql(COLUMNS, Dialect.SPARK))
    found = on_spark("census", str(tmp_path / "inventory.parquet"), str(sql))

    assert census_rows(tuple(row) for row in found) == expected(rows)  # type: ignore[attr-defined]
