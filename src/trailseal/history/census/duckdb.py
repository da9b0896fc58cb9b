"""The census of an inventory on this machine, in DuckDB."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from msgspec import Struct

from trailseal.errors import UsageProblem
from trailseal.extras import HISTORY, need
from trailseal.history.rules.census import CensusRow
from trailseal.history.rules.census_query import (
    NOT_ENCRYPTED,
    TABLE,
    Dialect,
    ObjectScope,
    census_rows,
    census_sql,
    objects_sql,
)
from trailseal.history.rules.inventory import FACTS, KINDS, FileFormat, bare_row, need_columns, need_types
from trailseal.history.rules.manifest import Row
from trailseal.messages import message

TYPES = {
    "VARCHAR": "string",
    "BIGINT": "int64",
    "INTEGER": "int32",
    "BOOLEAN": "boolean",
    "DATE": "date",
}
NO_TYPE = '"NULL"'
CSV_TYPES = {
    "size": "BIGINT",
    "is_latest": "BOOLEAN",
    "is_delete_marker": "BOOLEAN",
    "last_modified_date": "TIMESTAMP",
}


CHUNK = 5000
DECODED = "url_decode(replace(key, '+', '%20')) as key"
LISTED = "listed"
"""The files as they are; `TABLE` tells the latest versions beside."""
SEQUENCE, VERSION = "sequence_number", "version_id"


class Files(Struct, frozen=True, kw_only=True):
    """The shards of a list; `columns` are those of CSV shards, which have no header."""

    paths: tuple[Path, ...]
    file_format: FileFormat
    columns: tuple[str, ...] = ()


def census_of_files(files: Files, scope: ObjectScope) -> tuple[CensusRow, ...]:
    """
    Return the census of the objects in scope.

    Raises:
        UsageProblem: the extra is not installed, a column is missing, versions are wanted and not listed, or
            the files are damaged.
    """
    with _opened(files, scope) as (database, found):
        sql = census_sql(found, Dialect.DUCKDB, inside=scope.inside if scope.folders else "")
        return census_rows(database.execute(sql).fetchall())


def rows_of_files(files: Files, scope: ObjectScope) -> Iterator[Row]:
    """
    Yield a bare row for each object in scope, a few thousand at a time.

    Raises:
        UsageProblem: as `census_of_files`.
    """
    with _opened(files, scope) as (database, found):
        facts = ", ".join(_fact(name, found) for name in FACTS)
        inside = [scope.inside] if scope.folders else [""]
        query = database.execute(f"select {facts} from {TABLE} where regexp_matches(key, ?)", inside)  # noqa: S608 - names of ours alone
        while chunk := query.fetchmany(CHUNK):
            yield from map(bare_row, chunk)


def _fact(name: str, found: dict[str, str]) -> str:
    if name == "bucket_key":
        enabled = "is_bucket_key_enabled"
        return enabled if enabled in found else _fact("bucket_key_status", found) + " = 'ENABLED'"
    if name not in found:
        return "null"
    if name == "encryption_status" and "kms_key_arn" in found:
        return f"coalesce(encryption_status, '{NOT_ENCRYPTED}')"
    moment = "cast(cast(last_modified_date as timestamptz) as timestamp)"
    return moment if name == "last_modified_date" else name


@contextmanager
def _opened(files: Files, scope: ObjectScope) -> Iterator[tuple[Any, dict[str, str]]]:
    """Open the objects in scope as one table, and tell its columns with their types."""
    need("history", *HISTORY)
    import duckdb
    import pyarrow as pa

    try:
        with duckdb.connect() as database:
            _shut_in(database, sorted({str(path.parent) for path in files.paths}))
            _open(database, files)
            found = _columns(database, LISTED)
            need_columns(tuple(found), name=str(files.paths[0]))
            need_types(found)
            found = {name: kind for name, kind in found.items() if name in KINDS}
            if scope.versions and VERSION not in found:
                raise UsageProblem(
                    message("the inventory lists current versions only"),
                    message("leave --versions out, or let it list all versions"),
                )
            if SEQUENCE in found and VERSION in found and not _has_versions(database):
                del found[SEQUENCE]
            sql = objects_sql(found, Dialect.DUCKDB, scope, table=LISTED)
            database.execute(f"create view {TABLE} as {sql}")
            yield database, _columns(database, TABLE)
    except duckdb.InterruptException as stopped:
        raise KeyboardInterrupt from stopped
    except (duckdb.Error, pa.ArrowException, OSError, RuntimeError) as problem:  # a name that is no UTF-8
        raise UsageProblem(
            message("the list cannot be read: {problem}", problem=str(problem).partition("\n")[0]),
            message("`--source listing` asks S3 about every object"),
        ) from problem


def _shut_in(database: Any, folders: list[str]) -> None:
    """Let the database reach nothing but the files it is given, whatever stands in them."""
    database.execute("set timezone = 'UTC'")
    database.execute("set temp_directory = ?", [folders[0]])
    database.execute("set allowed_directories = ?", [folders])
    database.execute("set enable_external_access = false")


def _columns(database: Any, table: str) -> dict[str, str]:
    described = database.execute(f"describe {table}").fetchall()
    return {name: _type(kind, KINDS.get(name, "string")) for name, kind, *_ in described}


def _has_versions(database: Any) -> bool:
    """Return whether any object of an S3 Metadata table has versions; telling the latest takes a sort."""
    query = f"select 1 from {LISTED} where coalesce(version_id, 'null') not in ('', 'null') limit 1"  # noqa: S608 - ours
    return bool(database.execute(query).fetchall())


def _type(kind: str, wanted: str) -> str:
    """
    Return Ibis's name of a DuckDB type, or its own; every kind of timestamp is one, in UTC.

    A column in which no row has a value has no type of its own, and is of the wanted one.
    """
    if kind == NO_TYPE:
        return wanted
    return "timestamp" if kind.startswith("TIMESTAMP") else TYPES.get(kind, kind.lower())


def _open(database: Any, files: Files) -> None:
    paths = [str(path) for path in files.paths]
    match files.file_format:
        case FileFormat.PARQUET:
            source = _of_parquet(database, paths)
        case FileFormat.CSV:
            source = _of_csv(database, paths, files.columns)
        case FileFormat.ORC:
            import pyarrow.dataset

            source = database.from_arrow(pyarrow.dataset.dataset(paths, format="orc"))
    source.create_view(LISTED)


def _of_parquet(database: Any, paths: list[str]) -> Any:
    """
    Read each shard by its own types: a column without a value in the first may have values in another.

    A column that some shards lack altogether is not made up for them: the first shard's are expected of all.
    """
    query = "select list(name order by name) from parquet_schema(?) group by file_name"
    alike = len({tuple(names) for (names,) in database.execute(query, [paths]).fetchall()}) == 1
    return database.read_parquet(paths, union_by_name=alike)


def _of_csv(database: Any, paths: list[str], columns: tuple[str, ...]) -> Any:
    if not all(name.isidentifier() for name in columns):  # they become SQL
        raise UsageProblem(message("`{source}` is not a source that this version reads", source=paths[0]))
    types = {name: CSV_TYPES.get(name, "VARCHAR") for name in columns}
    source = database.read_csv(
        paths,
        header=False,
        columns=types,
        auto_detect=False,
        delimiter=",",
        quotechar='"',
        escapechar='"',
    )
    decoded = (DECODED if name == "key" else f'"{name}"' for name in columns)
    return source.project(", ".join(decoded))
