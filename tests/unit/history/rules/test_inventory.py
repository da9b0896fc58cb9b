from __future__ import annotations

import json
import sys
from datetime import UTC, datetime, timedelta
from hashlib import md5
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from pyarrow import csv, orc, parquet

from inventory_rows import KMS, expected, inventory_rows
from trailseal.errors import UsageProblem
from trailseal.history.census.duckdb import Files, census_of_files, rows_of_files
from trailseal.history.rules.census import ContextClass
from trailseal.history.rules.census_query import (
    LIVE_INVENTORY,
    STATUSES,
    Dialect,
    ObjectScope,
    census_sql,
)
from trailseal.history.rules.inventory import (
    KINDS,
    FileFormat,
    InventoryFile,
    bare_row,
    check_shard,
    read_inventory,
    why_not,
)
from trailseal.history.rules.manifest import Row
from trailseal.model.bucket_inventory import NEEDED_FIELDS, InventoryConfiguration
from trailseal.model.log_file import TRAIL_FOLDERS

SCHEMA = "Bucket, Key, Size, LastModifiedDate, StorageClass, EncryptionStatus"
FOLDER = "AWSLogs/111111111111/CloudTrail/us-east-1/2026/11/20"
GOLDEN = Path(__file__).parents[3] / "golden"


def manifest(**changes: object) -> bytes:
    found = {
        "sourceBucket": "b",
        "destinationBucket": "arn:aws:s3:::reports",
        "fileFormat": "CSV",
        "fileSchema": SCHEMA,
        "files": [{"key": "data/1.csv.gz", "size": 3, "MD5checksum": "x"}],
    }
    return json.dumps(found | changes).encode()


def checksum(raw: bytes) -> bytes:
    return md5(raw, usedforsecurity=False).hexdigest().encode() + b"\n"


@pytest.mark.parametrize(
    ("told", "moment"),
    [
        ("1763856000000", datetime(2025, 11, 23, tzinfo=UTC)),
        ("", None),
        ("yesterday", None),
        ("9" * 30, None),
        ("-" + "9" * 17, None),
    ],
)
def test_a_manifest_tells_when_the_list_was_begun_or_not(told: str, moment: datetime | None) -> None:
    raw = manifest(creationTimestamp=told)

    assert read_inventory(raw, checksum(raw), name="m").as_of == moment


def test_a_manifest_is_read_and_checked() -> None:
    found = read_inventory(manifest(), checksum(manifest()), name="m")

    assert (found.bucket, found.columns[1], found.columns[-1]) == ("reports", "key", "encryption_status")
    assert found.files == (InventoryFile(key="data/1.csv.gz", size=3, md5="x"),)


def test_other_formats_have_their_columns_in_the_files() -> None:
    raw = manifest(fileFormat="Parquet", fileSchema="message s3.inventory { ... }")

    assert read_inventory(raw, checksum(raw), name="m").file_format is FileFormat.PARQUET


@pytest.mark.parametrize(
    ("raw", "sum_", "said"),
    [
        pytest.param(manifest(), b"0", "does not match its manifest.checksum", id="checksum"),
        pytest.param(b"{}", checksum(b"{}"), "is not a manifest", id="no-manifest"),
        pytest.param(manifest(files=[]), checksum(manifest(files=[])), "lists nothing", id="no-files"),
        pytest.param(
            manifest(fileSchema="Bucket, Key"),
            checksum(manifest(fileSchema="Bucket, Key")),
            "lacks columns: size, last_modified_date, storage_class, encryption_status",
            id="columns",
        ),
    ],
)
def test_a_report_that_cannot_be_used_is_refused(raw: bytes, sum_: bytes, said: str) -> None:
    with pytest.raises(UsageProblem) as stopped:
        read_inventory(raw, sum_, name="m")

    assert said in str(stopped.value)


def test_a_damaged_shard_is_refused() -> None:
    check_shard(InventoryFile(key="k"), "unchecked")
    check_shard(InventoryFile(key="k", md5="1"), "1")
    with pytest.raises(UsageProblem, match="does not match its checksum"):
        check_shard(InventoryFile(key="k", md5="0"), "1")


def write(rows: list[dict[str, Any]], path: Path, file_format: FileFormat) -> None:
    table = pa.Table.from_pylist(rows)
    match file_format:
        case FileFormat.PARQUET:
            parquet.write_table(table, path)
        case FileFormat.ORC:
            orc.write_table(table, str(path))
        case FileFormat.CSV:
            csv.write_csv(table, path, csv.WriteOptions(include_header=False))


def parquet_of(*paths: Path) -> Files:
    return Files(paths=paths, file_format=FileFormat.PARQUET)


ALL = ObjectScope(prefixes=("",), versions=True)
NOW = ObjectScope(prefixes=("",))


@pytest.mark.sweep
@pytest.mark.parametrize("file_format", list(FileFormat))
def test_several_shards_count_the_same_as_row_by_row(file_format: FileFormat, tmp_path: Path) -> None:
    rows = inventory_rows()
    paths = (tmp_path / "1", tmp_path / "2")
    write(rows[:700], paths[0], file_format)
    write(rows[700:], paths[1], file_format)

    files = Files(paths=paths, file_format=file_format, columns=tuple(rows[0]))

    assert census_of_files(files, ALL) == expected(rows)
    assert census_of_files(files, NOW) == expected([row for row in rows if row["is_latest"]])


def test_when_an_object_is_a_copy_is_one_rule_however_it_is_counted(tmp_path: Path) -> None:
    written = datetime(2026, 11, 20, tzinfo=UTC)
    steps = [timedelta(hours=7, minutes=59) * number for number in range(-3, 12)]
    rows = [
        {
            "key": f"{FOLDER}/111111111111_CloudTrail_us-east-1_{named:%Y%m%dT%H%MZ}_aB3.json.gz",
            "size": number,
            "last_modified_date": written + step,
            "storage_class": "STANDARD",
            "encryption_status": "SSE-KMS",
            "bucket_key_status": "DISABLED",
            "is_latest": True,
        }
        for number, step in enumerate(steps)
        for named in (written, written + timedelta(hours=23, minutes=59))
    ]
    write(rows, tmp_path / "1", FileFormat.PARQUET)

    found = census_of_files(parquet_of(tmp_path / "1"), NOW)

    assert found == expected(rows)
    assert {row.group.context for row in found} == {ContextClass.AS_DELIVERED, ContextClass.COPIED}


def test_a_metadata_table_tells_the_key_and_delete_markers_are_no_objects(tmp_path: Path) -> None:
    rows = inventory_rows(200)
    live = [
        {
            name: row[name]
            for name in ("key", "size", "last_modified_date", "storage_class", "encryption_status")
        }
        | {
            "is_delete_marker": False,
            "is_bucket_key_enabled": row["bucket_key_status"] == "ENABLED",
            "kms_key_arn": KMS if row["encryption_status"] == "SSE-KMS" else None,
        }
        for row in rows
    ]
    marker = live[0] | {"is_delete_marker": True}
    write([*live, marker], tmp_path / "1", FileFormat.PARQUET)

    wanted = expected([row | {"is_latest": True} for row in rows], keys=True)
    assert census_of_files(parquet_of(tmp_path / "1"), NOW) == wanted


def test_a_report_with_only_the_needed_columns_is_counted(tmp_path: Path) -> None:
    needed = ("key", "size", "last_modified_date", "storage_class", "encryption_status")
    rows = inventory_rows(50)
    write([{name: row[name] for name in needed} for row in rows], tmp_path / "1", FileFormat.PARQUET)

    plain = [row | {"is_latest": True, "bucket_key_status": ""} for row in rows]
    assert census_of_files(parquet_of(tmp_path / "1"), NOW) == expected(plain)


def test_columns_that_are_missing_are_named(tmp_path: Path) -> None:
    write([{"key": "k"}], tmp_path / "1", FileFormat.PARQUET)
    with pytest.raises(UsageProblem, match="lacks columns: size"):
        census_of_files(parquet_of(tmp_path / "1"), NOW)


OTHER_TYPES: dict[str, Any] = {
    "text": "x",
    "number": 7,
    "half a number": 1.5,
    "yes or no": True,
    "time": datetime(2026, 11, 20, tzinfo=UTC),
}
MEANT = {str: "text", int: "number", bool: "yes or no", datetime: "time"}


@pytest.mark.parametrize("column", list(inventory_rows(1)[0]))
def test_a_column_of_another_type_is_one_line(column: str, tmp_path: Path) -> None:
    rows = inventory_rows(3)
    meant = MEANT[type(rows[0][column])]
    for number, (name, value) in enumerate(OTHER_TYPES.items()):
        path = tmp_path / str(number)
        write([row | {column: value} for row in rows], path, FileFormat.PARQUET)
        if name == meant or column == "bucket":
            census_of_files(parquet_of(path), NOW)
            continue
        with pytest.raises(UsageProblem, match=f"in its column `{column}`, where") as told:
            census_of_files(parquet_of(path), NOW)
        assert told.value.hint


def test_a_column_whose_name_is_no_text_is_one_line(tmp_path: Path) -> None:
    write(inventory_rows(3), tmp_path / "1", FileFormat.PARQUET)
    damaged = (tmp_path / "1").read_bytes().replace(b"storage_class", b"storage_clas\xff")
    (tmp_path / "1").write_bytes(damaged)

    with pytest.raises(UsageProblem, match="cannot be read"):
        census_of_files(parquet_of(tmp_path / "1"), NOW)


SCOPE = ObjectScope(prefixes=("AWSLogs/", "logs/AWSLogs/o-exampleorg/"), folders=("CloudTrail",))


@pytest.mark.parametrize("file_format", list(FileFormat))
def test_each_object_in_scope_becomes_a_bare_row(file_format: FileFormat, tmp_path: Path) -> None:
    rows = inventory_rows(200)
    full: list[dict[str, Any]] = [row | {"e_tag": f"e{n}"} for n, row in enumerate(rows)]
    write(full, tmp_path / "1", file_format)

    files = Files(paths=(tmp_path / "1",), file_format=file_format, columns=tuple(full[0]))

    found = list(rows_of_files(files, SCOPE))
    wanted = [row for row in full if row["is_latest"] and "/CloudTrail/" in row["key"]]
    assert census_of_files(files, SCOPE) == expected(wanted)
    assert {row.key for row in found} == {row["key"] for row in wanted}
    assert len(found) == len(wanted) > 10
    by_key = {row.key: row for row in found}
    for row in wanted:
        assert by_key[row["key"]] == Row(
            key=row["key"],
            version_id="v",
            size=row["size"],
            etag=row["e_tag"],
            modified=row["last_modified_date"],
            storage_class=row["storage_class"],
            encryption=STATUSES[row["encryption_status"]],
            bucket_key=row["bucket_key_status"] == "ENABLED",
            bare=True,
        )


@pytest.mark.parametrize("null", ["null", "", None])
def test_older_versions_are_rows_when_they_are_wanted_and_delete_markers_never(
    null: str | None, tmp_path: Path
) -> None:
    old = inventory_rows(1)[0] | {"key": "p/a", "is_latest": False, "version_id": null}
    marker = old | {"key": "p/b", "is_delete_marker": True}
    elsewhere = old | {"key": "q/p/"}
    write([old, marker, elsewhere], tmp_path / "1", FileFormat.PARQUET)
    scopes = [ObjectScope(prefixes=("p/",), versions=versions) for versions in (True, False)]

    all_, latest = (list(rows_of_files(parquet_of(tmp_path / "1"), scope)) for scope in scopes)

    assert [(row.key, row.version_id, row.latest) for row in all_] == [("p/a", "null", False)]
    assert latest == []


def test_what_a_report_lacks_is_at_its_default(tmp_path: Path) -> None:
    needed = ("key", "size", "last_modified_date", "storage_class", "encryption_status")
    whole = inventory_rows(2)[1] | {"encryption_status": "SSE-C", "storage_class": None}
    write([{name: whole[name] for name in needed}], tmp_path / "1", FileFormat.PARQUET)

    (row,) = rows_of_files(parquet_of(tmp_path / "1"), ObjectScope(prefixes=("",)))

    assert (row.etag, row.version_id, row.latest, row.storage_class) == ("", "", True, "STANDARD")
    assert (row.customer_key, row.encryption, row.bare) == (True, "", True)


@pytest.mark.parametrize("column", sorted(KINDS.keys() - {"key", "size", "last_modified_date"}))
def test_a_column_without_a_value_is_of_the_wanted_type(column: str, tmp_path: Path) -> None:
    rows = [row | {column: None} for row in metadata_rows()]
    write(rows, tmp_path / "1", FileFormat.PARQUET)

    assert census_of_files(parquet_of(tmp_path / "1"), NOW)
    assert list(rows_of_files(parquet_of(tmp_path / "1"), NOW))


def test_a_row_without_a_time_or_a_known_encryption_is_a_row() -> None:
    row = bare_row(("k", None, None, None, None, None, None, "SSE-NEW", None, None))

    assert (row.modified, row.encryption, row.size) == (None, "unknown", 0)


def test_versions_are_not_made_up(tmp_path: Path) -> None:
    needed = ("key", "size", "last_modified_date", "storage_class", "encryption_status")
    write([{name: inventory_rows(1)[0][name] for name in needed}], tmp_path / "1", FileFormat.PARQUET)
    with pytest.raises(UsageProblem, match="lists current versions only"):
        list(rows_of_files(parquet_of(tmp_path / "1"), ALL))
    with pytest.raises(UsageProblem, match="lists current versions only"):
        census_of_files(parquet_of(tmp_path / "1"), ALL)


def metadata_rows() -> list[dict[str, Any]]:
    """Rows as of an S3 Metadata table: of `a` an older version and a newer, of `b` a delete marker last."""
    whole = inventory_rows(1)[0]
    kept = {name: whole[name] for name in ("last_modified_date", "storage_class")}
    kept |= {"size": 1, "encryption_status": "SSE-KMS", "is_bucket_key_enabled": True, "kms_key_arn": "arn:k"}
    facts = (
        ("a", "01", "1", False),
        ("a", "02", "2", False),
        ("b", "03", "3", False),
        ("b", "04", "4", True),
    )
    return [
        kept
        | {"key": f"p/{key}", "sequence_number": number, "version_id": version, "is_delete_marker": marker}
        for key, number, version, marker in facts
    ]


def test_the_latest_version_of_a_metadata_table_is_told_by_its_sequence_number(tmp_path: Path) -> None:
    write(metadata_rows(), tmp_path / "1", FileFormat.PARQUET)
    files = parquet_of(tmp_path / "1")

    all_ = list(rows_of_files(files, ObjectScope(prefixes=("p/",), versions=True)))
    (latest,) = rows_of_files(files, ObjectScope(prefixes=("p/",)))
    groups = census_of_files(files, ALL)

    assert sorted((row.key, row.version_id, row.latest) for row in all_) == [
        ("p/a", "1", False),
        ("p/a", "2", True),
        ("p/b", "3", False),
    ]
    assert (latest.key, latest.version_id, latest.kms_key_id) == ("p/a", "2", "arn:k")
    assert (latest.bucket_key, latest.bare) == (True, True)
    assert [(row.group.latest, row.group.kms_key_id, row.objects) for row in groups] == [
        (False, "arn:k", 2),
        (True, "arn:k", 1),
    ]


def test_a_metadata_table_without_versions_has_latest_ones_only(tmp_path: Path) -> None:
    rows = [row | {"version_id": None} for row in metadata_rows()[1:3]]
    write(rows, tmp_path / "1", FileFormat.PARQUET)

    found = list(rows_of_files(parquet_of(tmp_path / "1"), ObjectScope(prefixes=("p/",))))
    assert [(row.key, row.latest) for row in found] == [("p/a", True), ("p/b", True)]


def test_what_is_under_another_prefix_or_the_probes_own_is_not_counted(tmp_path: Path) -> None:
    row = inventory_rows(1)[0]
    keys = ("p/a", "q/p/b", ".trailseal-probe/c", "it's/d", "%/e", "x/f")
    write([row | {"key": key} for key in keys], tmp_path / "1", FileFormat.PARQUET)

    def under(*prefixes: str) -> list[str]:
        scope = ObjectScope(prefixes=prefixes, versions=True)
        found = [row.key for row in rows_of_files(parquet_of(tmp_path / "1"), scope)]
        assert sum(row.objects for row in census_of_files(parquet_of(tmp_path / "1"), scope)) == len(found)
        return found

    assert under("p/") == ["p/a"]
    assert under("it's/", "%/") == ["it's/d", "%/e"]
    assert under("") == ["p/a", "q/p/b", "it's/d", "%/e", "x/f"]


def test_only_the_trails_own_folders_are_taken(tmp_path: Path) -> None:
    row = inventory_rows(1)[0] | {"is_latest": True}
    own = [
        f"AWSLogs/123456789012/{folder}/us-east-1/2026/11/01/x.json.gz"
        for folder in ("CloudTrail", "CloudTrail-Digest")
    ]
    others = [
        "AWSLogs/o-exampleorg/123456789012/CloudTrail/us-east-1/2026/11/01/x.json.gz",
        "AWSLogs/123456789012/Other/CloudTrail/us-east-1/x",
        "AWSLogs/123456789012/CloudTrail/stray.txt",
        "AWSLogs/CloudTrail/us-east-1/x",
        "elsewhere/AWSLogs/123456789012/CloudTrail/us-east-1/x",
    ]
    write([row | {"key": key} for key in (*own, *others)], tmp_path / "1", FileFormat.PARQUET)
    scope = ObjectScope(prefixes=("AWSLogs/",), folders=TRAIL_FOLDERS)

    assert [row.key for row in rows_of_files(parquet_of(tmp_path / "1"), scope)] == own
    assert sum(row.objects for row in census_of_files(parquet_of(tmp_path / "1"), scope)) == len(own)


@pytest.mark.parametrize(("named", "said"), [(True, ""), (False, "unknown")])
def test_an_s3_metadata_table_leaves_out_the_encryption_of_what_has_none(
    said: str, tmp_path: Path, *, named: bool
) -> None:
    key = {"kms_key_arn": None} if named else {}
    row = inventory_rows(1)[0] | {"is_latest": True, "encryption_status": None} | key
    write([row], tmp_path / "1", FileFormat.PARQUET)

    (bare,) = rows_of_files(parquet_of(tmp_path / "1"), NOW)
    (group,) = census_of_files(parquet_of(tmp_path / "1"), NOW)
    assert (bare.encryption, group.group.encryption) == (said, said)


def test_a_day_that_is_none_and_what_is_null_stop_no_census(tmp_path: Path) -> None:
    row = inventory_rows(1)[0] | {"is_latest": True, "encryption_status": "SSE-KMS"}
    key = "AWSLogs/123456789012/CloudTrail/us-east-1/2026/%s/x.json.gz"
    facts: list[dict[str, Any]] = [
        {"key": key % "02/31"},
        {"key": key % "13/01", "storage_class": None},
        {"key": key % "02/03", "is_latest": None, "size": None},
    ]
    write([row | each for each in facts], tmp_path / "1", FileFormat.PARQUET)

    assert sum(row.objects for row in census_of_files(parquet_of(tmp_path / "1"), NOW)) == len(facts)


def test_a_sequence_without_versions_tells_the_latest(tmp_path: Path) -> None:
    rows = [{name: row[name] for name in row if name != "version_id"} for row in metadata_rows()[:2]]
    write(rows, tmp_path / "1", FileFormat.PARQUET)

    assert [row.objects for row in census_of_files(parquet_of(tmp_path / "1"), NOW)] == [1]


COLUMNS = ("bucket", "key", "size", "last_modified_date", "storage_class", "encryption_status")


@pytest.mark.sweep
@pytest.mark.parametrize("file_format", list(FileFormat))
@pytest.mark.parametrize("damaged", [b"PAR1", b'"', b"a,b\nc,d,e\n", b"a,b,many,c,d,e\n", b"\x00\xff" * 99])
def test_a_damaged_file_is_one_line(file_format: FileFormat, damaged: bytes, tmp_path: Path) -> None:
    (tmp_path / "1").write_bytes(damaged)

    with pytest.raises(UsageProblem, match="the list cannot be read") as stopped:
        census_of_files(Files(paths=(tmp_path / "1",), file_format=file_format, columns=COLUMNS), NOW)
    assert "\n" not in str(stopped.value)


@pytest.mark.sweep
def test_a_shard_with_nothing_in_it_adds_nothing(tmp_path: Path) -> None:
    row = inventory_rows(1)[0] | {"is_latest": True}
    write([row], tmp_path / "1", FileFormat.CSV)
    (tmp_path / "2").write_bytes(b"")
    paths = (tmp_path / "1", tmp_path / "2")

    files = Files(paths=paths, file_format=FileFormat.CSV, columns=tuple(row))
    assert [row.objects for row in census_of_files(files, NOW)] == [1]


def test_keys_with_quotes_commas_and_line_ends_are_read_from_csv(tmp_path: Path) -> None:
    cells = ("b", "a%22%2C%0A%2B+b", "1", "2026-11-01T00:00:00.000Z", "STANDARD", "SSE-S3")
    (tmp_path / "1").write_text(",".join(f'"{cell}"' for cell in cells) + "\n")
    files = Files(paths=(tmp_path / "1",), file_format=FileFormat.CSV, columns=COLUMNS)

    (row,) = rows_of_files(files, NOW)
    assert (row.key, row.modified) == ('a",\n+ b', datetime(2026, 11, 1, tzinfo=UTC))


def configuration(**changes: Any) -> InventoryConfiguration:
    given: dict[str, Any] = {
        "configuration_id": "daily",
        "is_enabled": True,
        "bucket": "reports",
        "optional_fields": NEEDED_FIELDS,
    }
    return InventoryConfiguration(**(given | changes))


@pytest.mark.parametrize(
    ("found", "versions", "said"),
    [
        (configuration(), False, ""),
        (configuration(all_versions=True), True, ""),
        (configuration(only_under="AWSLogs/"), False, ""),
        (configuration(), True, "current versions only"),
        (configuration(only_under="logs/"), False, "another prefix only"),
        (configuration(is_enabled=False), False, "disabled"),
        (configuration(optional_fields=NEEDED_FIELDS - {"Size"}), False, "lacks Size"),
    ],
)
def test_only_reports_that_hold_what_is_wanted_are_used(
    found: InventoryConfiguration, *, versions: bool, said: str
) -> None:
    unfit = why_not(found, ("AWSLogs/",), versions=versions)

    assert unfit is None if not said else said in str(unfit)


def test_a_report_lies_under_its_prefix_bucket_and_configuration() -> None:
    assert configuration(prefix="a/").folder("logs") == "a/logs/daily/"
    assert configuration().folder("logs") == "logs/daily/"


def test_athenas_sql_is_what_was_reviewed() -> None:
    assert census_sql(LIVE_INVENTORY, Dialect.ATHENA) + "\n" == (GOLDEN / "census-athena.sql").read_text()


def test_without_ibis_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ibis", None)
    with pytest.raises(UsageProblem) as stopped:
        census_sql(LIVE_INVENTORY, Dialect.DUCKDB)

    assert "trailseal[history]" in str(stopped.value.hint)


def test_without_duckdb_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "duckdb", None)
    with pytest.raises(UsageProblem) as stopped:
        census_of_files(parquet_of(tmp_path / "1"), NOW)

    assert "trailseal[history]" in str(stopped.value.hint)
