"""The census of an inventory on this machine, in DuckDB."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from msgspec import Struct

from trailseal.errors import UsageProblem
from trailseal.history.census import CensusRow
from trailseal.history.census_query import TABLE, Dialect, census_rows, census_sql, objects_sql
from trailseal.history.inventory import FACTS, FileFormat, bare_row, need_columns
from trailseal.history.manifest import Row
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


CHUNK = 5000
LISTED = "listed"
"""The files as they are; `TABLE` tells the latest versions beside."""
SEQUENCE = "sequence_number"


class Scope(Struct, frozen=True, kw_only=True):
    """Which objects become rows of a manifest: under these prefixes, in one of these folders where any is."""

    prefixes: tuple[str, ...]
    folders: tuple[str, ...] = ()
    versions: bool = False


def census_of_files(
    paths: tuple[Path, ...], file_format: FileFormat, *, columns: tuple[str, ...] = ()
) -> tuple[CensusRow, ...]:
    """
    Return the census of an inventory's shards; `columns` are those of CSV shards, which have no header.

    Raises:
        UsageProblem: the extra is not installed, or a column is missing.
    """
    with _opened(paths, file_format, columns) as (database, found):
        return census_rows(database.execute(census_sql(found, Dialect.DUCKDB)).fetchall())


def rows_of_files(
    paths: tuple[Path, ...],
    file_format: FileFormat,
    scope: Scope,
    *,
    columns: tuple[str, ...] = (),
) -> Iterator[Row]:
    """
    Yield a bare row for each object of an inventory's shards that is in scope, a few thousand at a time.

    Raises:
        UsageProblem: the extra is not installed, a column is missing, or versions are wanted and not listed.
    """
    with _opened(paths, file_format, columns) as (database, found):
        if scope.versions and "version_id" not in found:
            raise UsageProblem(
                message("the inventory lists current versions only"),
                message("leave --versions out, or let it list all versions"),
            )
        query = database.execute(_rows_sql(found, scope), list(scope.prefixes))
        while chunk := query.fetchmany(CHUNK):
            yield from map(bare_row, chunk)


def _rows_sql(found: dict[str, str], scope: Scope) -> str:
    """Return the query for what `bare_row` takes; delete markers are no objects."""
    facts = ", ".join(_fact(name, found) for name in FACTS)
    wanted = ["(" + " or ".join("starts_with(key, ?)" for _ in scope.prefixes) + ")"]
    if scope.folders:
        wanted.append(f"regexp_matches(key, '/({'|'.join(scope.folders)})/')")
    if "is_delete_marker" in found:
        wanted.append("is_delete_marker is not true")
    if "is_latest" in found and not scope.versions:
        wanted.append("is_latest is not false")
    return f"select {facts} from {TABLE} where {' and '.join(wanted)}"  # noqa: S608 - names of ours alone


def _fact(name: str, found: dict[str, str]) -> str:
    if name == "bucket_key":
        enabled = "is_bucket_key_enabled"
        return enabled if enabled in found else _fact("bucket_key_status", found) + " = 'ENABLED'"
    if name not in found:
        return "null"
    moment = "cast(cast(last_modified_date as timestamptz) as timestamp)"
    return moment if name == "last_modified_date" else name


@contextmanager
def _opened(
    paths: tuple[Path, ...], file_format: FileFormat, columns: tuple[str, ...]
) -> Iterator[tuple[Any, dict[str, str]]]:
    """Open the shards as one table, and tell its columns with their types."""
    try:
        import duckdb
    except ImportError as problem:
        raise UsageProblem(
            message("the census of an inventory needs DuckDB"),
            message("install the extra: pip install 'trailseal[history]'"),
        ) from problem
    with duckdb.connect() as database:
        database.execute("set timezone = 'UTC'")
        database.execute("set temp_directory = ?", [str(paths[0].parent)])
        _open(database, [str(path) for path in paths], file_format, columns)
        found = _columns(database, LISTED)
        need_columns(tuple(found), name=str(paths[0]))
        if SEQUENCE in found and not _has_versions(database):
            del found[SEQUENCE]
        database.execute(f"create view {TABLE} as {objects_sql(found, Dialect.DUCKDB, table=LISTED)}")
        yield database, _columns(database, TABLE)


def _columns(database: Any, table: str) -> dict[str, str]:
    described = database.execute(f"describe {table}").fetchall()
    return {name: _type(kind) for name, kind, *_ in described}


def _has_versions(database: Any) -> bool:
    """Return whether any object of an S3 Metadata table has versions; telling the latest takes a sort."""
    query = f"select 1 from {LISTED} where coalesce(version_id, 'null') not in ('', 'null') limit 1"  # noqa: S608 - ours
    return bool(database.execute(query).fetchall())


def _type(kind: str) -> str:
    """Return Ibis's name of a DuckDB type; every kind of timestamp is one, in UTC."""
    return "timestamp" if kind.startswith("TIMESTAMP") else TYPES.get(kind, "string")


def _open(database: Any, paths: list[str], file_format: FileFormat, columns: tuple[str, ...]) -> None:
    match file_format:
        case FileFormat.PARQUET:
            source = database.read_parquet(paths)
        case FileFormat.CSV:
            if not all(name.isidentifier() for name in columns):  # they become SQL
                raise UsageProblem(
                    message("`{source}` is not a source that this version reads", source=paths[0])
                )
            types = {name: CSV_TYPES.get(name, "VARCHAR") for name in columns}
            source = database.read_csv(paths, header=False, columns=types)
            decoded = ", ".join(
                "url_decode(key) as key" if name == "key" else f'"{name}"' for name in columns
            )
            source = source.project(decoded)
        case FileFormat.ORC:
            import pyarrow.dataset

            source = database.from_arrow(pyarrow.dataset.dataset(paths, format="orc"))
    source.create_view(LISTED)
