"""
One snapshot of a live inventory table, as the files that S3 Tables would hold.

Source of the columns: https://docs.aws.amazon.com/AmazonS3/latest/userguide/metadata-tables-inventory-schema.html
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pyarrow as pa
from pyarrow.fs import LocalFileSystem
from pyiceberg.catalog.noop import NoopCatalog
from pyiceberg.io.pyarrow import PyArrowFile, PyArrowFileIO
from pyiceberg.partitioning import UNPARTITIONED_PARTITION_SPEC
from pyiceberg.schema import Schema
from pyiceberg.serializers import ToOutputFile
from pyiceberg.table import CommitTableResponse, Table
from pyiceberg.table.metadata import new_table_metadata
from pyiceberg.table.sorting import UNSORTED_SORT_ORDER
from pyiceberg.table.update import update_table_metadata
from pyiceberg.types import (
    BooleanType,
    LongType,
    MapType,
    NestedField,
    StringType,
    TimestampType,
)

from trailseal_lab.s3.object_list import VersionEntry

TEXT, FLAG = StringType(), BooleanType()
PAIRS = MapType(key_id=20, key_type=TEXT, value_id=21, value_type=TEXT, value_required=False)
SCHEMA = Schema(
    NestedField(1, "bucket", TEXT, required=True),
    NestedField(2, "key", TEXT, required=True),
    NestedField(3, "sequence_number", TEXT, required=True),
    NestedField(4, "version_id", TEXT, required=False),
    NestedField(5, "is_delete_marker", FLAG, required=False),
    NestedField(6, "size", LongType(), required=False),
    NestedField(7, "last_modified_date", TimestampType(), required=False),
    NestedField(8, "e_tag", TEXT, required=False),
    NestedField(9, "storage_class", TEXT, required=False),
    NestedField(10, "is_multipart", FLAG, required=False),
    NestedField(11, "encryption_status", TEXT, required=False),
    NestedField(12, "is_bucket_key_enabled", FLAG, required=False),
    NestedField(13, "kms_key_arn", TEXT, required=False),
    NestedField(14, "checksum_algorithm", TEXT, required=False),
    NestedField(15, "user_metadata", PAIRS, required=False),
)
METADATA = "metadata/00001.metadata.json"


def snapshot_files(bucket: str, entries: Iterable[VersionEntry], place: str) -> tuple[str, dict[str, bytes]]:
    """Return the location of the table's metadata under `place` (`s3://…`), and all files by their key."""
    with TemporaryDirectory() as folder:
        files = _TableFiles(place, Path(folder))
        metadata = new_table_metadata(SCHEMA, UNPARTITIONED_PARTITION_SPEC, UNSORTED_SORT_ORDER, place)
        table = Table(("s3", "inventory"), metadata, f"{place}/{METADATA}", files, _Catalog("lab"))
        rows = [_row(bucket, entry) for entry in entries]
        table.append(pa.Table.from_pylist(rows, schema=table.schema().as_arrow()))
        return f"{place}/{METADATA}", files.written()


def _row(bucket: str, entry: VersionEntry) -> dict[str, Any]:
    there = not entry.delete_marker
    return {
        "bucket": bucket,
        "key": entry.key,
        "sequence_number": f"{entry.modified.timestamp():020.6f}{entry.number:08d}",
        "version_id": entry.version_id or None,
        "is_delete_marker": entry.delete_marker,
        "size": entry.size if there else None,
        "last_modified_date": entry.modified.replace(tzinfo=None),
        "e_tag": entry.etag if there else None,
        "storage_class": entry.storage_class if there else None,
        "is_multipart": "-" in entry.etag,
        "encryption_status": entry.status if there and entry.status != "NOT-SSE" else None,
        "is_bucket_key_enabled": entry.bucket_key,
        "kms_key_arn": entry.kms_key_arn or None,
        "checksum_algorithm": None,
        "user_metadata": list(entry.metadata.items()),
    }


class _Catalog(NoopCatalog):
    """Commits by writing the metadata once; the lab makes a new table for each snapshot."""

    def commit_table(self, table: Table, requirements: Any, updates: Any) -> CommitTableResponse:
        del requirements
        metadata = update_table_metadata(table.metadata, updates)
        ToOutputFile.table_metadata(metadata, table.io.new_output(table.metadata_location))
        return CommitTableResponse.model_validate(
            {"metadata": metadata, "metadata-location": table.metadata_location}
        )


class _TableFiles(PyArrowFileIO):
    """Files under one place in S3, kept in a folder until they are all there."""

    def __init__(self, place: str, folder: Path) -> None:
        super().__init__()
        self._place = place
        self._folder = folder

    def new_input(self, location: str) -> PyArrowFile:
        return self._file(location)

    def new_output(self, location: str) -> PyArrowFile:
        return self._file(location)

    def _file(self, location: str) -> PyArrowFile:
        path = self._folder / location.removeprefix(f"{self._place}/")
        path.parent.mkdir(parents=True, exist_ok=True)
        return PyArrowFile(location, str(path), LocalFileSystem())

    def written(self) -> dict[str, bytes]:
        """Return the content of all files by their key in the bucket."""
        above = self._place.removeprefix("s3://").partition("/")[2]
        found = (path for path in self._folder.rglob("*") if path.is_file())
        return {f"{above}/{path.relative_to(self._folder)}": path.read_bytes() for path in found}
