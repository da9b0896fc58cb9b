"""
The census as one query, written once with Ibis and compiled for DuckDB, Spark, Athena or Trino.

Rows are first grouped by folder, of which there are few, so that keys are taken apart once for each
folder and not for each object. It counts what `census.Tally` counts, but for what an inventory lacks: the
key's ARN is known from S3 Metadata tables only.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from enum import StrEnum
from typing import Any

from msgspec import Struct

from trailseal.errors import UsageProblem
from trailseal.extras import HISTORY, need
from trailseal.history.rules.census import CUSTOMER, LATE, OTHER, CensusGroup, CensusRow, ContextClass
from trailseal.history.rules.method import PROBE_PREFIX
from trailseal.messages import message
from trailseal.model.log_file import DAY_FOLDER, DIGEST_FOLDER, Delivered

TABLE = "inventory"
DEEPEST = 3
"""Catalog, database and table."""
GROUPS = {"account": 3, "kind": 4, "region": 5, "year": 6, "month": 7, "day": 8}
"""The groups of `DAY_FOLDER`."""
PATTERN = rf"\A{DAY_FOLDER}\z"
YEAR_NONE = "0000"
"""What some engines take for a year, and the calendar does not have."""
NOT_ENCRYPTED = "NOT-SSE"
STATUSES = {
    "SSE-S3": "AES256",
    "SSE-KMS": "aws:kms",
    "DSSE-KMS": "aws:kms:dsse",
    "SSE-C": CUSTOMER,
    NOT_ENCRYPTED: "",
}


class Dialect(StrEnum):
    """Where the query can run."""

    DUCKDB = "duckdb"
    SPARK = "pyspark"
    ATHENA = "athena"
    TRINO = "trino"


class ObjectScope(Struct, frozen=True, kw_only=True):
    """Which objects are meant: under these prefixes, in one of these folders where any is named."""

    prefixes: tuple[str, ...]
    folders: tuple[str, ...] = ()
    versions: bool = False

    @property
    def inside(self) -> str:
        """A pattern of keys: directly under a prefix an account's folder, one of the folders, a Region's."""
        prefixes, folders = ("|".join(map(re.escape, each)) for each in (self.prefixes, self.folders))
        return f"^(?:{prefixes})[^/]+/(?:{folders})/[^/]+/"


def census_sql(columns: dict[str, str], dialect: Dialect, *, table: str = TABLE, inside: str = "") -> str:
    """
    Return the census of a table whose columns (name to Ibis type) are those of an inventory.

    Only what lies `inside`, by a pattern of keys, is counted. `table` is TABLE, DATABASE.TABLE or
    CATALOG.DATABASE.TABLE.

    Raises:
        UsageProblem: that is no table's name, or the extra `trailseal[history]` is not installed.
    """
    ibis = _ibis()
    *above, name = _table_name(table)
    where = dict(zip(("database", "catalog"), reversed(above), strict=False))
    objects = ibis.table(columns, name=name, **where)
    folders = _by_folder(ibis, objects)
    if inside:
        folders = folders.filter((folders.folder + "/").re_search(inside))
    return str(ibis.to_sql(_query(ibis, folders), dialect=dialect))


def objects_sql(columns: dict[str, str], dialect: Dialect, scope: ObjectScope, *, table: str) -> str:
    """
    Return the query for the objects in scope; it tells the latest versions in an S3 Metadata table too.

    Raises:
        UsageProblem: the extra `trailseal[history]` is not installed.
    """
    ibis = _ibis()
    objects = _with_latest(ibis.table(columns, name=table))
    return str(ibis.to_sql(objects.filter(*_conditions(ibis, objects, scope)), dialect=dialect))


def _conditions(ibis: Any, objects: Any, scope: ObjectScope) -> Iterator[Any]:
    """Yield what an object in scope must be; neither a delete marker nor trailseal's own probe is one."""
    key = objects.key
    yield ibis.or_(*(key.startswith(prefix) for prefix in scope.prefixes))
    yield ~key.startswith(PROBE_PREFIX)
    if "is_delete_marker" in objects.columns:
        yield ~objects.is_delete_marker.fill_null(False)  # noqa: FBT003 - Ibis's own signature
    if "is_latest" in objects.columns and not scope.versions:
        yield objects.is_latest.fill_null(True)  # noqa: FBT003 - Ibis's own signature


def _ibis() -> Any:
    need("history", *HISTORY)
    import ibis

    return ibis


def _table_name(table: str) -> list[str]:
    parts = table.split(".")
    if len(parts) > DEEPEST or not all(parts):
        raise UsageProblem(
            message("`{table}` is not the name of a table", table=table),
            message("write TABLE, DATABASE.TABLE or CATALOG.DATABASE.TABLE"),
        )
    return parts


LIVE_INVENTORY = {
    "key": "string",
    "sequence_number": "string",
    "is_delete_marker": "boolean",
    "size": "int64",
    "last_modified_date": "timestamp",
    "storage_class": "string",
    "encryption_status": "string",
    "is_bucket_key_enabled": "boolean",
    "kms_key_arn": "string",
}
"""The columns of an S3 Metadata live inventory table that the census needs."""


def _with_latest(objects: Any) -> Any:
    """
    Tell the current version of each object where only sequence numbers do.

    Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/metadata-tables-inventory-schema.html
    (of one key's rows, the largest sequence number is the newest)
    """
    if "sequence_number" not in objects.columns or "is_latest" in objects.columns:
        return objects
    newest = objects.sequence_number.max().over(group_by=objects.key)
    return objects.mutate(is_latest=objects.sequence_number == newest)


def _by_folder(ibis: Any, objects: Any) -> Any:
    """Return counts by folder and by what is known of an object."""
    objects = _with_latest(objects)
    columns = objects.columns
    if "is_delete_marker" in columns:
        objects = objects.filter(~objects.is_delete_marker.fill_null(False))  # noqa: FBT003 - Ibis's own signature
    kms = _status(objects) == "SSE-KMS"
    named: dict[str, Any] = {
        "folder": _folder(ibis, objects.key),
        "storage_class": objects.storage_class,
        "status": _status(objects),
        "bucket_key": _bucket_key(ibis, objects),
        "modified": ibis.cases((kms, objects.last_modified_date.date()), else_=ibis.null("date")),
    }
    if "is_latest" in columns:
        named["latest"] = objects.is_latest
    if "kms_key_arn" in columns:
        named["kms_key_id"] = objects.kms_key_arn.fill_null("")
    size = objects.size.fill_null(0)
    return objects.group_by(**named).aggregate(objects=ibis._.count(), bytes=size.sum())


def _folder(ibis: Any, key: Any) -> Any:
    """
    Return what a key has before its last slash, in a third of a pattern's time.

    A key that ends in one names no file: its folder keeps the slash, and so is that of no day.
    """
    return ibis.cases((key.endswith("/"), key), else_=key.left(key.length() - key.reverse().find("/") - 1))


def _status(objects: Any) -> Any:
    """
    Return the encryption, which an S3 Metadata table, that alone names keys, leaves out where there is none.

    Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/metadata-tables-inventory-schema.html
    """
    named = "kms_key_arn" in objects.columns
    return objects.encryption_status.fill_null(NOT_ENCRYPTED) if named else objects.encryption_status


def _bucket_key(ibis: Any, objects: Any) -> Any:
    if "is_bucket_key_enabled" in objects.columns:
        return objects.is_bucket_key_enabled.fill_null(False)  # noqa: FBT003 - Ibis's own signature
    if "bucket_key_status" in objects.columns:
        return objects.bucket_key_status.fill_null("") == "ENABLED"
    return ibis.literal(False)  # noqa: FBT003 - a value


def _parts(ibis: Any, folders: Any) -> Any:
    """Return the folders with what their names say; the day is null where a folder is that of none."""
    parts = {name: folders.folder.re_extract(PATTERN, number) for name, number in GROUPS.items()}
    folders = folders.mutate(**parts)
    day = folders.year + "-" + folders.month + "-" + folders.day
    return folders.mutate(published=ibis.cases((folders.year != YEAR_NONE, day.try_cast("date"))))


def _query(ibis: Any, folders: Any) -> Any:
    """Return the groups of the census from the counts by folder."""
    folders = _parts(ibis, folders)
    known = folders.published.notnull()
    late = (folders.modified > folders.published + ibis.interval(days=LATE.days)).fill_null(False)  # noqa: FBT003 - Ibis's own signature
    kms = folders.status == "SSE-KMS"
    yes = ibis.literal(True)  # noqa: FBT003 - a value
    named = {
        "account": ibis.cases((known, folders.account), else_=""),
        "region": ibis.cases((known, folders.region), else_=""),
        "month": ibis.cases((known, folders.year + "-" + folders.month), else_=""),
        "kind": ibis.cases(
            (~known, OTHER),
            (folders.kind == DIGEST_FOLDER, str(Delivered.DIGEST_FILE)),
            else_=str(Delivered.LOG_FILE),
        ),
        "latest": folders.latest.fill_null(yes) if "latest" in folders.columns else yes,
        "storage_class": folders.storage_class.fill_null("STANDARD"),
        "encryption": folders.status.fill_null("").cases(*STATUSES.items(), else_="unknown"),
        "kms_key_id": folders.kms_key_id if "kms_key_id" in folders.columns else ibis.literal(""),
        "bucket_key": folders.bucket_key,
        "context": ibis.cases(
            (~kms, str(ContextClass.NONE)),
            (late, str(ContextClass.COPIED)),
            else_=str(ContextClass.AS_DELIVERED),
        ),
    }
    counted = folders.group_by(**named).aggregate(
        objects=folders.objects.sum().cast("int64"), bytes=folders.bytes.sum().cast("int64")
    )
    return counted.order_by(list(named))


def census_rows(found: Iterable[tuple[Any, ...]]) -> tuple[CensusRow, ...]:
    """Return the groups of the census from the query's rows."""
    names = CensusGroup.__struct_fields__
    rows = []
    for values in found:
        facts: dict[str, Any] = dict(zip(names, values, strict=False))
        facts["context"] = ContextClass(facts["context"])
        group = CensusGroup(**facts)
        rows.append(CensusRow(group=group, objects=int(values[-2]), size=int(values[-1])))
    return tuple(sorted(rows))
