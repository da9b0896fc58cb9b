"""The census of a list, counted in SQL, and the one by listing, counted in Python, are one rule."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from pyarrow import parquet

from strange_keys import strange_keys
from trailseal.errors import UsageProblem
from trailseal.history.census.duckdb import Files, census_of_files, rows_of_files
from trailseal.history.rules.census import count
from trailseal.history.rules.census_query import ObjectScope
from trailseal.history.rules.inventory import KINDS, FileFormat
from trailseal.model.log_file import DAY_FOLDER, TRAIL_FOLDERS

EVERYTHING = ObjectScope(prefixes=("",), versions=True)
THE_TRAILS = ObjectScope(prefixes=("AWSLogs/", "logs/AWSLogs/"), folders=TRAIL_FOLDERS)
ARROW = {
    "string": pa.string(),
    "boolean": pa.bool_(),
    "int64": pa.int64(),
    "timestamp": pa.timestamp("us", tz="UTC"),
}


def table_row(key: str, number: int) -> dict[str, Any]:
    statuses = ("SSE-KMS", "SSE-S3", "DSSE-KMS", "SSE-C", "NOT-SSE", "SSE-NEW", None)
    return {
        "key": key,
        "version_id": f"v{number}",
        "sequence_number": f"{number:08d}",
        "is_delete_marker": False,
        "size": None if number % 11 == 0 else number,
        "last_modified_date": datetime(2026, 2, 28, 23, 59, tzinfo=UTC) + timedelta(days=number % 4),
        "storage_class": None if number % 13 == 0 else "GLACIER",
        "encryption_status": statuses[number % 7],
        "is_bucket_key_enabled": number % 3 == 0,
        "kms_key_arn": "arn:k" if number % 7 == 0 else None,
    }


def write(rows: list[dict[str, Any]], path: Path, *, untyped: frozenset[str] = frozenset()) -> None:
    """Write a shard; of the untyped columns no row has a value, and nothing tells what they would hold."""
    columns = {
        name: pa.nulls(len(rows))
        if name in untyped
        else pa.array([row[name] for row in rows], ARROW[KINDS[name]])
        for name in rows[0]
    }
    parquet.write_table(pa.table(columns), path)


def counted_twice(scope: ObjectScope, *paths: Path) -> tuple[Any, Any]:
    files = Files(paths=paths, file_format=FileFormat.PARQUET)
    return census_of_files(files, scope), count(rows_of_files(files, scope))


@pytest.mark.parametrize("scope", [EVERYTHING, THE_TRAILS], ids=["everything", "the trail's"])
def test_sql_and_python_tell_every_key_alike(scope: ObjectScope, tmp_path: Path) -> None:
    keys = sorted(set(strange_keys(3000)))
    write([table_row(key, number) for number, key in enumerate(keys)], tmp_path / "1")

    by_sql, by_python = counted_twice(scope, tmp_path / "1")

    assert by_sql == by_python
    assert len(by_sql) > 20


@pytest.mark.parametrize(
    ("key", "kind"),
    [
        ("AWSLogs/111111111111/CloudTrail/eu/2026/02/28/x.json.gz", "other object"),
        ("AWSLogs/111111111111/CloudTrail/us-east-1/2026/02/30/x.json.gz", "other object"),
        ("AWSLogs/111111111111/CloudTrail/us-east-1/2026/02/28/", "other object"),
        ("AWSLogs/111111111111/CloudTrail/us-east-1/2026/02/28/x.json.gz", "log file"),
        ("logs/AWSLogs/o-exampleorg/111111111111/CloudTrail-Digest/us-east-1/2026/02/28/x", "digest file"),
    ],
)
def test_a_key_is_of_one_kind_for_both(key: str, kind: str, tmp_path: Path) -> None:
    write([table_row(key, 7)], tmp_path / "1")

    (by_sql,), (by_python,) = counted_twice(EVERYTHING, tmp_path / "1")

    assert by_sql == by_python
    assert by_sql.group.kind == kind


def test_the_pattern_of_both_is_read_alike_by_every_engine() -> None:
    """Classes, names, ends and looking around are read otherwise by Python, Java and RE2."""
    assert re.compile(DAY_FOLDER).groups == 8
    for form in (r"\d", r"\w", r"\b", "(?P", "(?<", "(?=", "(?!", "(?s", "$", "^"):
        assert form not in DAY_FOLDER


COLUMNS = tuple(table_row("k", 0))


@pytest.mark.parametrize("where", ["first", "second", "both"])
@pytest.mark.parametrize("column", sorted({*COLUMNS} - {"key"}))
def test_a_column_without_a_type_is_one_without_a_value_in_each_shard(
    column: str, where: str, tmp_path: Path
) -> None:
    keys = [f"AWSLogs/111111111111/CloudTrail/us-east-1/2026/02/28/{n}.json.gz" for n in range(40)]
    rows = [table_row(key, number) for number, key in enumerate(keys)]
    for name, part in (("first", rows[:20]), ("second", rows[20:])):
        for row in part if where in {name, "both"} else ():
            row[column] = None
        untyped = frozenset({column} if where in {name, "both"} else ())
        write(part, tmp_path / name, untyped=untyped)
        write(part, tmp_path / f"typed-{name}")

    without_type = counted_twice(EVERYTHING, tmp_path / "first", tmp_path / "second")
    with_type = counted_twice(EVERYTHING, tmp_path / "typed-first", tmp_path / "typed-second")

    assert without_type == with_type
    assert without_type[0] == without_type[1]
    assert sum(row.objects for row in without_type[0]) == len(rows)


@pytest.mark.parametrize("first", ["whole", "lacking"])
def test_a_shard_that_lacks_a_column_is_not_taken_for_one_without_objects(first: str, tmp_path: Path) -> None:
    rows = [table_row(f"AWSLogs/{number}", number) for number in range(4)]
    write(rows, tmp_path / "whole")
    write([{name: row[name] for name in row if name != "key"} for row in rows], tmp_path / "lacking")
    other = "lacking" if first == "whole" else "whole"

    with pytest.raises(UsageProblem):
        counted_twice(EVERYTHING, tmp_path / first, tmp_path / other)
