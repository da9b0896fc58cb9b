"""An Iceberg table read through the object plane: whole, partly, damaged in each of its files."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from pyarrow import parquet

from history_estate import MemoryObjects, Thing
from trailseal.errors import TrailsealError
from trailseal.history.census.iceberg import fetch_table
from trailseal.objects.calls import ObjectRequest, ObjectResponse
from trailseal_lab.s3.iceberg_table import snapshot_files
from trailseal_lab.s3.object_list import VersionEntry

PLACE = "s3://table-storage"
ENTRIES = [
    VersionEntry(
        key=f"AWSLogs/{number}",
        number=0,
        version_id="",
        latest=True,
        size=number,
        etag="e",
        modified=datetime(2026, 11, 23, tzinfo=UTC),
        storage_class="STANDARD",
        status="SSE-S3",
    )
    for number in range(5)
]


class Storage(MemoryObjects):
    """What S3 Tables gives out."""

    def answer(self, call: ObjectRequest) -> ObjectResponse:
        found = super().answer(call)
        if found.error or call.method != "HEAD":
            return found
        return ObjectResponse(call=call, status=200, headers={"content-length": str(len(found.body))})


def storage(files: dict[str, bytes]) -> Storage:
    return Storage(**{"table-storage": {key: Thing(body=body, headers={}) for key, body in files.items()}})


@pytest.fixture(scope="module")
def table() -> tuple[str, dict[str, bytes]]:
    location, files = snapshot_files("logs", ENTRIES, PLACE)
    return location, {name.lstrip("/"): body for name, body in files.items()}


def test_the_columns_that_are_wanted_and_there_become_one_file(
    table: tuple[str, dict[str, bytes]], tmp_path: Path
) -> None:
    location, files = table
    found = fetch_table(storage(files), location, ("key", "size", "no_such_column"), tmp_path)

    assert parquet.read_table(found.path).to_pylist() == [
        {"key": entry.key, "size": entry.size} for entry in ENTRIES
    ]
    assert found.as_of.tzinfo is UTC


@pytest.mark.parametrize(
    ("kind", "kept"),
    [
        *((kind, kept) for kind in ("metadata.json", ".parquet") for kept in (0, 1, 16, 0.5, 0.98)),
        *((kind, kept) for kind in ("snap-", "-m0.avro") for kept in (0, 1)),  # pyiceberg reads past the end
    ],
)
def test_a_file_that_is_cut_short_is_one_line(
    kind: str, kept: float, table: tuple[str, dict[str, bytes]], tmp_path: Path
) -> None:
    location, files = table
    (name,) = [name for name in files if kind in name]
    length = int(kept if kept >= 1 else kept * len(files[name]))

    with pytest.raises(TrailsealError) as stopped:
        fetch_table(storage(files | {name: files[name][:length]}), location, ("key",), tmp_path)
    assert "cannot be read" in str(stopped.value)
    assert "\n" not in str(stopped.value)


@pytest.mark.parametrize("kind", ["metadata.json", "snap-", "-m0.avro", ".parquet"])
def test_a_file_that_is_gone_is_named(kind: str, table: tuple[str, dict[str, bytes]], tmp_path: Path) -> None:
    location, files = table
    (name,) = [name for name in files if kind in name]

    with pytest.raises(TrailsealError, match=f"{name} cannot be read: 404"):
        fetch_table(storage({n: files[n] for n in files if n != name}), location, ("key",), tmp_path)
