"""
Good inputs of which one part is made large: a list with many members, a long text, an object of many names.

So the size is met where a reader meets it in its work, and not at the first byte.
"""

from __future__ import annotations

import gzip
import json
import re
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from fuzz.further import grown_columns, grown_shard
from fuzz.readers import READERS, of_known_plan
from plan_estate import plan_of
from trailseal.history.rules.inventory import FileFormat
from trailseal.history.rules.manifest import Row, write_line

MARK = "@@grown@@"
ELEMENT = re.compile(rb"<(\w+)>([^<]+)</\1>")
WORD = re.compile(rb"[\w./-]+")
MOST_WORDS = 25
UNPACKED = 4
"""How much larger than its file the content of a packed one is."""
Grown = Iterator[tuple[str, Callable[[], bytes]]]


def grown(name: str, size: int) -> Grown:
    """Yield inputs of a size for a reader, each with the name of what is large in it; made when asked for."""
    for number, seed in enumerate(READERS[name].seeds):
        for part, make in _of_seed(name, seed, size):
            yield f"{number} {part}", make


def _of_seed(name: str, seed: bytes, size: int) -> Grown:
    if name == "plan":
        yield from ((part, _known(make)) for part, make in of_json(seed, size))
    elif name in OF_KIND:
        yield from OF_KIND[name](seed, size)
    else:
        yield from _of_text(seed, size)


def _of_text(seed: bytes, size: int) -> Grown:
    if seed.startswith(b"\x1f\x8b"):
        yield from ((part, _packed(make)) for part, make in of_json(gzip.decompress(seed), UNPACKED * size))
    elif seed.startswith(b"<"):
        yield from of_xml(seed, size)
    elif seed.startswith(b"{"):
        yield from of_json(seed, size)
    elif seed.isascii():
        yield from of_words(seed, size)
    else:
        yield "the whole", lambda: seed * (size // len(seed))


def of_manifest(seed: bytes, size: int) -> Grown:
    """Yield manifests of many rows, and of a first line or a row of which one part has grown."""
    yield "rows", lambda: _rows(seed, size)
    first, _, rest = seed.partition(b"\n")
    yield from ((f"first line, {part}", _line(make, rest)) for part, make in of_json(first, size))
    row = rest.partition(b"\n")[0]
    yield from ((f"a row, {part}", _line(make, b"", first)) for part, make in of_json(row, size))


def of_json(seed: bytes, size: int) -> Grown:
    """Yield JSON texts of which one list, text or object has grown."""
    places = list(_places(json.loads(seed)))
    for path, value in places:
        yield f"{'.'.join(map(str, path))} {type(value).__name__}", lambda p=path: _json(seed, p, size)  # type: ignore[misc]


def _json(seed: bytes, path: tuple[Any, ...], size: int) -> bytes:
    root = [json.loads(seed)]
    where: Any = root
    for name in (0, *path)[:-1]:
        where = where[name]
    last = (0, *path)[-1]
    value, where[last] = where[last], MARK
    return json.dumps(root[0]).replace(json.dumps(MARK), _large(value, size)).encode()


def _large(value: Any, size: int) -> str:
    if isinstance(value, str):
        return json.dumps((value or "a") * (size // len(value or "a")))
    if isinstance(value, list):
        inner = json.dumps(value or ["a"])[1:-1]
        return f"[{f'{inner},' * (size // (len(inner) + 1))}{inner}]"
    held = json.dumps(next(iter(value.values()), "a"))
    kept = json.dumps(value)[1:-1]
    number = size // (len(held) + 12)
    names = ",".join(f'"n{at}":{held}' for at in range(number))
    return f"{{{kept},{names}}}" if kept else f"{{{names}}}"


def _places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], Any]]:
    """Yield each list, object and text; of members that are alike in a list, those of the first."""
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, dict):
        yield path, value
        for name, each in value.items():
            yield from _places(each, (*path, name))
    elif isinstance(value, list):
        yield path, value
        for at, each in enumerate(value[:1]):
            yield from _places(each, (*path, at))


def of_xml(seed: bytes, size: int) -> Grown:
    """Yield XML texts of which one element has a long text or comes many times."""
    for found in ELEMENT.finditer(seed):

        def long(found: re.Match[bytes] = found) -> bytes:
            name, text = found[1], found[2]
            many = b"<%s>%s</%s>" % (name, text * (size // len(text)), name)
            return seed[: found.start()] + many + seed[found.end() :]

        def often(found: re.Match[bytes] = found) -> bytes:
            many = found[0] * (size // len(found[0]))
            return seed[: found.start()] + many + seed[found.end() :]

        yield f"{found[1].decode()} long", long
        yield f"{found[1].decode()} often", often


def of_words(seed: bytes, size: int) -> Grown:
    """Yield texts of which one word has grown, or comes many times; and many of the whole."""
    yield "the whole", lambda: seed * (size // len(seed))
    for found in list(WORD.finditer(seed))[:MOST_WORDS]:
        before, word, after = seed[: found.start()], found[0], seed[found.end() :]

        def long(before: bytes = before, word: bytes = word, after: bytes = after) -> bytes:
            return before + word * (size // len(word)) + after

        def often(before: bytes = before, word: bytes = word, after: bytes = after) -> bytes:
            return before + (word + b" ") * (size // (len(word) + 1)) + after

        yield f"{word.decode()} long", long
        yield f"{word.decode()} often", often


def of_database(seed: bytes, size: int) -> Grown:
    """Yield ledgers of which one column holds a large value, or one table many rows."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "ledger"
        path.write_bytes(seed)
        database = sqlite3.connect(path)
        tables = [row[0] for row in database.execute("select name from sqlite_master where type = 'table'")]
        tables = [name for name in tables if not name.startswith("sqlite_")]
        columns = [(t, row[1]) for t in tables for row in database.execute(f"pragma table_info({t})")]
        database.close()
    for table, column in columns:
        change = f"update {table} set {column} = ?"  # noqa: S608 - our own names
        yield f"{table}.{column}", lambda change=change: _changed(seed, change, (b"a" * size,))  # type: ignore[misc]


def _changed(seed: bytes, change: str, given: tuple[Any, ...]) -> bytes:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "ledger"
        path.write_bytes(seed)
        database = sqlite3.connect(path)
        try:
            with database:
                database.execute(change, given)
        except sqlite3.Error:  # a column that takes no such value
            pass
        database.close()
        return path.read_bytes()


def _rows(seed: bytes, size: int) -> bytes:
    row = write_line(Row(key="k" * 60, etag="e", size=3, modified=plan_of().made_at))
    marked = row.replace(b"k" * 60, b"%060d")
    first = seed.partition(b"\n")[0] + b"\n"
    return first + b"".join(marked % at for at in range(size // len(row)))


def _line(make: Callable[[], bytes], rest: bytes, first: bytes = b"") -> Callable[[], bytes]:
    return lambda: b"\n".join(part for part in (first, make(), rest) if part) + b"\n"


def _known(make: Callable[[], bytes]) -> Callable[[], bytes]:
    return lambda: of_known_plan(make())


def _packed(make: Callable[[], bytes]) -> Callable[[], bytes]:
    return lambda: gzip.compress(make(), 1, mtime=0)


OF_KIND: dict[str, Callable[[bytes, int], Grown]] = {
    "manifest": of_manifest,
    "ledger": of_database,
    "journal": of_database,
    "shard": lambda _, size: grown_shard(size),
    "list in ORC": lambda _, size: grown_columns(FileFormat.ORC, size),
    "list in Parquet": lambda _, size: grown_columns(FileFormat.PARQUET, size),
}
"""Readers whose inputs are neither texts nor packed ones."""
