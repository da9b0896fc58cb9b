"""Inputs of a size that repeat what costs a reader most, and what reading them took."""

from __future__ import annotations

import gzip
import os
import resource
import time
from collections.abc import Callable
from contextlib import suppress
from typing import NamedTuple

from fuzz.grown import grown
from fuzz.reader import Reader
from fuzz.readers import READERS
from trailseal.errors import TrailsealError

MB = 1_000_000
SECONDS, MEGABYTES = 10, 500
"""What any input of ten megabytes may take."""
PATIENCE, MOST = 30, 4 << 30
"""Where a reading ends, so that it costs nobody else the machine."""


def _again(part: bytes, *, first: bytes = b"", last: bytes = b"") -> Callable[[int], bytes]:
    return lambda size: first + part * (size // len(part)) + last


SHAPES: dict[str, Callable[[int], bytes]] = {
    "zeros": _again(b"\0"),
    "blanks": _again(b" "),
    "lines": _again(b"\n"),
    "brackets": _again(b"["),
    "brackets closed": lambda size: b"[" * (size // 2) + b"]" * (size // 2),
    "objects": _again(b'{"a":'),
    "lists": _again(b"[],", first=b"[", last=b"0]"),
    "empty objects": _again(b"{},", first=b"[", last=b"0]"),
    "objects of one": _again(b'{"a":0},', first=b"[", last=b"0]"),
    "texts": _again(b'"ab",', first=b"[", last=b"0]"),
    "numbers": _again(b"1e9,", first=b"[", last=b"0]"),
    "digits": _again(b"9"),
    "digits within": _again(b"9", first=b'{"a":', last=b"}"),
    "one long text": _again(b"a", first=b'{"a":"', last=b'"}'),
    "escapes": _again(b"\\u0000", first=b'{"a":"', last=b'"}'),
    "the same name": _again(b'"a":0,', first=b"{", last=b'"a":0}'),
    "colons": _again(b'":', first=b'{"a":"', last=b'"}'),
    "tags": _again(b"<a>"),
    "tags closed": _again(b"<a/>", first=b"<ListBucketResult>", last=b"</ListBucketResult>"),
    "attributes": _again(b"a='' ", first=b"<a "),
    "keys": _again(
        b"<Contents><Key>k</Key></Contents>", first=b"<ListBucketResult>", last=b"</ListBucketResult>"
    ),
    "toml lists": _again(b"[", first=b"a="),
    "toml tables": _again(b"[a]\n"),
    "toml dots": _again(b"a.", last=b"a=1"),
    "toml names": lambda size: b"".join(b"a%d=1\n" % number for number in range(size // 10)),
    "words": _again(b"a "),
    "quotes": _again(b'"'),
    "commas": _again(b","),
    "stars": _again(
        b"*?",
        first=b'{"Statement":[{"Effect":"Allow","Principal":"*","Action":"',
        last=b'","Resource":"*"}]}',
    ),
    "statements": _again(
        b'{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"},',
        first=b'{"Statement":[',
        last=b"{}]}",
    ),
    "actions": _again(
        b'"a:b*",', first=b'{"Statement":[{"Effect":"Allow","Action":[', last=b'"a"],"Resource":"*"}]}'
    ),
    "slashes": _again(b"AWSLogs/"),
}


class Took(NamedTuple):
    """
    What reading took of a processor and of memory, beside what stood before.

    `fault` is an error that is none of the house's.
    """

    seconds: float
    megabytes: float
    fault: str = ""


def inputs(reader: Reader, size: int) -> dict[str, bytes]:
    """Return the inputs of a size for a reader: packed too, where it unpacks."""
    shaped = {name: make(size) for name, make in SHAPES.items()}
    if reader.seeds[0].startswith(b"\x1f\x8b"):
        shaped |= {f"{name}, packed": gzip.compress(make(8 * size), 1) for name, make in SHAPES.items()}
    elif len(reader.seeds[0]) < size:
        shaped["good ones"] = reader.seeds[0] * (size // len(reader.seeds[0]))
    return shaped


def taken(reader: Reader, raw: bytes) -> Took:
    """Return what reading takes, in a process of its own."""
    out, into = os.pipe()
    child = os.fork()
    if child == 0:
        resource.setrlimit(resource.RLIMIT_CPU, (PATIENCE, PATIENCE))
        resource.setrlimit(resource.RLIMIT_AS, (MOST, MOST))
        os.write(into, repr(tuple(_measured(reader, raw))).encode())
        os._exit(0)
    os.close(into)
    with os.fdopen(out) as answer:
        told = answer.read()
    os.waitpid(child, 0)
    found: Took = Took(*eval(told)) if told else Took(0, 0, "the process is gone")  # noqa: S307 - our own
    return found


def _measured(reader: Reader, raw: bytes) -> Took:
    before, began, fault = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time(), ""
    try:
        with suppress(TrailsealError, *reader.ends):
            reader.read(raw)
    except Exception as problem:  # noqa: BLE001 - whatever it is, it is the fault that is looked for
        fault = f"{type(problem).__name__}: {str(problem)[:200]}"
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return Took(time.process_time() - began, (most - before) / 1024, fault)


def faults(name: str, size: int) -> list[str]:
    """Return in which shapes a reader takes too much, or ends in an error that is none of the house's."""
    shaped = ((shape, lambda raw=raw: raw) for shape, raw in inputs(READERS[name], size).items())
    every = (fault(name, shape, make()) for shape, make in (*shaped, *grown(name, size)))
    return [found for found in every if found]


def fault(name: str, shape: str, raw: bytes) -> str:
    """Return what is wrong with how a reader took an input, "" for nothing."""
    took = taken(READERS[name], raw)
    is_wrong = took.fault or took.seconds > SECONDS or took.megabytes > MEGABYTES
    return f"{name}, {shape}: {took}" if is_wrong else ""
