"""
An Iceberg table in S3 Tables, read through the object plane into one Parquet file of this machine.

pyiceberg plans the scan and applies deletes; only how it gets at files is ours. Its errors become one line.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pyarrow as pa
from msgspec import Struct
from pyarrow.fs import LocalFileSystem
from pyarrow.parquet import ParquetWriter
from pyiceberg.catalog.noop import NoopCatalog
from pyiceberg.io.pyarrow import ArrowScan, PyArrowFile, PyArrowFileIO, schema_to_pyarrow
from pyiceberg.serializers import FromInputFile
from pyiceberg.table import StaticTable

from trailseal.errors import TrailsealError
from trailseal.messages import message
from trailseal.objects.calls import Objects
from trailseal.objects.download import download
from trailseal.run.events import Observer, Progress, ignore

if TYPE_CHECKING:
    from pyiceberg.io import InputFile, OutputFile
    from pyiceberg.table import DataScan


class Fetched(Struct, frozen=True, kw_only=True):
    """A table's newest snapshot, its rows in one Parquet file."""

    path: Path
    as_of: datetime


def fetch_table(
    objects: Objects,
    metadata_location: str,
    columns: tuple[str, ...],
    folder: Path,
    observer: Observer = ignore,
) -> Fetched:
    """
    Return the newest snapshot of a table, with those of the columns that it has.

    Memory holds one data file's columns at a time.

    Raises:
        TrailsealError: a file of it cannot be read, or it is no table that pyiceberg reads.
    """
    try:
        table = _open(_Files(objects, folder), metadata_location)
        return _write(table, columns, folder, observer)
    except TrailsealError:
        raise
    except Exception as problem:  # its readers raise whatever a damaged file makes of them
        raise TrailsealError(
            message(
                "the table {uri} cannot be read: {problem}",
                uri=metadata_location,
                problem=f"{type(problem).__name__}: {str(problem).partition(chr(10))[0]}",
            ),
            message("run its census where the table is: trailseal history census --sql athena"),
        ) from problem


def _open(files: _Files, metadata_location: str) -> StaticTable:
    return StaticTable(
        identifier=("s3", "table"),
        metadata=FromInputFile.table_metadata(files.new_input(metadata_location)),
        metadata_location=metadata_location,
        io=files,
        catalog=NoopCatalog("none"),
    )


def _write(table: StaticTable, columns: tuple[str, ...], folder: Path, observer: Observer) -> Fetched:
    snapshot = table.current_snapshot()
    if snapshot is None:
        raise ValueError("it has no snapshot yet")
    held = {field.name for field in table.schema().fields}
    scan = table.scan(selected_fields=tuple(name for name in columns if name in held))
    path = folder / "table.parquet"
    schema = schema_to_pyarrow(scan.projection(), include_field_ids=False)
    with ParquetWriter(path, schema, compression="zstd") as writer:
        for batch in _batches(scan, observer):
            writer.write_batch(batch.cast(schema))
    return Fetched(path=path, as_of=datetime.fromtimestamp(snapshot.timestamp_ms / 1000, UTC))


def _batches(scan: DataScan, observer: Observer) -> Iterator[pa.RecordBatch]:
    """Yield the rows of one data file after the other; a scan of them all would hold them all."""
    reading = ArrowScan(scan.table_metadata, scan.io, scan.projection(), scan.row_filter)
    tasks = tuple(scan.plan_files())
    for number, task in enumerate(tasks, start=1):
        yield from reading.to_record_batches([task])
        scan.io.delete(task.file.file_path)
        observer(Progress(what=message("files of the list"), done=number, total=len(tasks)))


class _Files(PyArrowFileIO):
    """pyiceberg's files, each fetched whole before it is opened; it may ask from several threads."""

    def __init__(self, objects: Objects, folder: Path) -> None:
        super().__init__()
        self._objects = objects
        self._folder = folder
        self._fetched: dict[str, Path] = {}
        self._numbers = count()
        self._one_at_a_time = Lock()

    def new_input(self, location: str) -> PyArrowFile:
        with self._one_at_a_time:
            if location not in self._fetched:
                self._fetched[location] = self._fetch(location)
            return PyArrowFile(location, str(self._fetched[location]), LocalFileSystem())

    def _fetch(self, location: str) -> Path:
        parts = urlsplit(location)
        if parts.scheme != "s3":
            raise ValueError(f"{location} is not in S3")
        path = self._folder / f"{next(self._numbers):05d}"
        download(self._objects, parts.netloc, parts.path.lstrip("/"), path)
        return path

    def delete(self, location: str | InputFile | OutputFile) -> None:
        """Remove what was fetched of a file that is done with; nothing is ever deleted in S3."""
        with self._one_at_a_time:
            if (path := self._fetched.pop(str(location), None)) is not None:
                path.unlink(missing_ok=True)
