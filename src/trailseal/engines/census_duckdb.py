"""The census of an inventory on this machine, in DuckDB."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from trailseal.errors import UsageProblem
from trailseal.history.census import CensusRow
from trailseal.history.census_query import TABLE, Dialect, census_rows, census_sql
from trailseal.history.inventory import FileFormat, need_columns
from trailseal.messages import message

TYPES = {
    "VARCHAR": "string",
    "BIGINT": "int64",
    "INTEGER": "int32",
    "BOOLEAN": "boolean",
    "DATE": "date",
}
CSV_TYPES = {
    "size": "BIGINT",
    "is_latest": "BOOLEAN",
    "is_delete_marker": "BOOLEAN",
    "last_modified_date": "TIMESTAMP",
}


def census_of_files(
    paths: tuple[Path, ...], file_format: FileFormat, *, columns: tuple[str, ...] = ()
) -> tuple[CensusRow, ...]:
    """
    Return the census of an inventory's shards; `columns` are those of CSV shards, which have no header.

    Raises:
        UsageProblem: the extra is not installed, or a column is missing.
    """
    try:
        import duckdb
    except ImportError as problem:
        raise UsageProblem(
            message("the census of an inventory needs DuckDB"),
            message("install the extra: pip install 'trailseal[history]'"),
        ) from problem
    with duckdb.connect() as database:
        database.execute("set timezone = 'UTC'")
        _open(database, [str(path) for path in paths], file_format, columns)
        described = database.execute(f"describe {TABLE}").fetchall()
        found = {name: _type(kind) for name, kind, *_ in described}
        need_columns(tuple(found), name=str(paths[0]))
        return census_rows(database.execute(census_sql(found, Dialect.DUCKDB)).fetchall())


def _type(kind: str) -> str:
    """Return Ibis's name of a DuckDB type; every kind of timestamp is one, in UTC."""
    return "timestamp" if kind.startswith("TIMESTAMP") else TYPES.get(kind, "string")


def _open(database: Any, paths: list[str], file_format: FileFormat, columns: tuple[str, ...]) -> None:
    match file_format:
        case FileFormat.PARQUET:
            source = database.read_parquet(paths)
        case FileFormat.CSV:
            types = {name: CSV_TYPES.get(name, "VARCHAR") for name in columns}
            source = database.read_csv(paths, header=False, columns=types)
            decoded = ", ".join(
                "url_decode(key) as key" if name == "key" else f'"{name}"' for name in columns
            )
            source = source.project(decoded)
        case FileFormat.ORC:
            import pyarrow.dataset

            source = database.from_arrow(pyarrow.dataset.dataset(paths, format="orc"))
    source.create_view(TABLE)
