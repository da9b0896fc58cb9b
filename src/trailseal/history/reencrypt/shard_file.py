"""
A shard's ledger as one Parquet file: how each of its objects ended.

Any tool that reads Parquet can ask them all: `select state, count(*) from 'LEDGER/*.parquet' group by state`.
"""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

import msgspec
from msgspec import Struct

from trailseal.errors import UsageProblem
from trailseal.extras import need
from trailseal.history.rules.state import State
from trailseal.history.rules.work import Work
from trailseal.messages import message

COLUMNS = ("number", "key", "version_id", "state", "detail", "new_version_id")


class ShardEntry(Struct, frozen=True, kw_only=True):
    """One object of the manifest, by its row's number, and how it ended."""

    number: int
    key: str
    version_id: str = ""
    """The manifest's."""
    state: State
    detail: str = ""
    new_version_id: str = ""
    """The version that a copy made."""


def entry_of(work: Work) -> ShardEntry:
    """Return what a shard's ledger says about a work that has ended."""
    return ShardEntry(
        number=work.number,
        key=work.row.key,
        version_id=work.row.version_id,
        state=work.state,
        detail=work.detail,
        new_version_id=work.version_id,
    )


def write_shard(entries: Iterable[ShardEntry]) -> bytes:
    """
    Return the file, its rows in the manifest's order.

    Raises:
        UsageProblem: pyarrow is not installed here.
    """
    arrow, parquet = _arrow()
    rows = sorted(entries, key=lambda entry: entry.number)
    schema = arrow.schema([(name, arrow.int64() if name == "number" else arrow.string()) for name in COLUMNS])
    columns = {
        name: [each.number if name == "number" else str(getattr(each, name)) for each in rows]
        for name in COLUMNS
    }
    file = io.BytesIO()
    parquet.write_table(arrow.table(columns, schema=schema), file, compression="zstd")
    return file.getvalue()


def read_shard(content: bytes, *, name: str) -> Iterator[ShardEntry]:
    """
    Yield the entries of a file, in the manifest's order.

    Raises:
        UsageProblem: it is damaged, or pyarrow is not installed here.
    """
    for row in _read(content, COLUMNS, name).to_pylist():
        _state(row["state"], name)
        try:
            yield msgspec.convert(row, ShardEntry)
        except msgspec.ValidationError as problem:
            raise _damaged(name, str(problem)) from None


def count_shard(content: bytes, *, name: str) -> Counter[State]:
    """
    Return how many objects of a file stand how; only that column is read.

    Raises:
        UsageProblem: it is damaged, or pyarrow is not installed here.
    """
    counts = _read(content, ("state",), name).column("state").value_counts().to_pylist()
    return Counter({_state(each["values"], name): each["counts"] for each in counts})


def _state(text: Any, name: str) -> State:
    try:
        return State(text)
    except ValueError:
        raise _damaged(name, f"state {text}") from None


def _read(content: bytes, columns: tuple[str, ...], name: str) -> Any:
    arrow, parquet = _arrow()
    try:
        found = parquet.ParquetFile(io.BytesIO(content)).read(columns=list(columns))
    except (arrow.ArrowException, OSError, ValueError) as problem:  # a name that is no UTF-8
        raise _damaged(name, str(problem)) from problem
    for column in found.schema:
        if not (arrow.types.is_null(column.type) or column.type in (arrow.int64(), arrow.string())):
            raise _damaged(name, f"{column.name} is {column.type}")
    if missing := [each for each in columns if each not in found.column_names]:
        raise _damaged(name, f"lacks {', '.join(missing)}")
    return found


def _damaged(name: str, problem: str) -> UsageProblem:
    return UsageProblem(
        message("`{name}` of the ledger is damaged: {problem}", name=name, problem=problem),
        message("delete that file; its objects are then looked at again"),
    )


def _arrow() -> tuple[Any, Any]:
    need("spark", "pyarrow")
    import pyarrow as pa
    from pyarrow import parquet

    return pa, parquet
