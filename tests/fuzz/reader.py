"""What a reader of foreign bytes is, and whether an input got past its first byte."""

from __future__ import annotations

import json
import tomllib
import zlib
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple, TypeVar
from xml.parsers import expat

from fuzz import mutate

T = TypeVar("T")


class Reader(NamedTuple):
    """
    One reader. `begins` says whether an input got past its first byte, by the format's own plain parser.

    `ends` are the errors that the reader's docstring names, beside those of the house.
    """

    seeds: tuple[bytes, ...]
    mutate: mutate.Mutate
    read: Callable[[bytes], object]
    begins: Callable[[bytes], bool]
    ends: tuple[type[Exception], ...] = ()
    is_slow: bool = False
    """Whether one input takes a database's time, so that the suite reads fewer."""


def json_begins(raw: bytes) -> bool:
    try:
        json.loads(raw)
    except json.JSONDecodeError as problem:
        return problem.pos > 0
    except UnicodeDecodeError as problem:
        return problem.start > 0
    except RecursionError:
        return True
    return True


def gzip_begins(raw: bytes) -> bool:
    """Whether something was unpacked, and got past its own first byte."""
    inflater, inner = zlib.decompressobj(31), b""
    with suppress(zlib.error):
        inner = inflater.decompress(raw, 1 << 20)
    return bool(inner) and json_begins(inner)


def xml_begins(raw: bytes) -> bool:
    parser = expat.ParserCreate()
    try:
        parser.Parse(raw, True)  # noqa: FBT003 - expat's own
    except expat.ExpatError as problem:
        return (problem.lineno, problem.offset) != (1, 0)
    return True


def toml_begins(raw: bytes) -> bool:
    try:
        tomllib.loads(raw.decode())
    except (tomllib.TOMLDecodeError, RecursionError) as problem:
        return "line 1, column 1)" not in str(problem)
    except UnicodeDecodeError as problem:
        return problem.start > 0
    return True


def log_begins(raw: bytes) -> bool:
    return b" " in raw.partition(b"\n")[0]


def sqlite_begins(raw: bytes) -> bool:
    return raw.startswith(b"SQLite format 3\0")


def of_file(raw: bytes, read: Callable[[Path], T]) -> T:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "document"
        path.write_bytes(raw)
        return read(path)
