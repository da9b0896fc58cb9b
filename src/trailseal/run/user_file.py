"""
Files that the user names: all of them are opened here, in bounds, and each fault has one sentence.

Only regular files: a pipe may never end, and to read a device can change it.
"""

from __future__ import annotations

import errno
import os
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from trailseal.errors import UsageProblem
from trailseal.messages import Message, message

MIB = 1 << 20
SMALL, LARGE = 4 * MIB, 256 * MIB
"""Bytes that a file may have which a person writes, and one that a command writes."""
FLAGS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
"""Without O_NONBLOCK a pipe that nobody writes to is waited for as soon as it is opened."""
MISSING = frozenset({errno.ENOENT, errno.ENOTDIR})
NO_FILE = frozenset({errno.EISDIR, errno.ENXIO, errno.ENODEV})
REFUSED = frozenset({errno.EACCES, errno.EPERM})


def read_file(path: str | Path, *, most: int = LARGE, hint: Message | None = None) -> bytes:
    """
    Return what a file holds.

    Raises:
        UsageProblem: it is not there, not a regular file, not readable, or larger than `most` bytes.
    """
    with open_file(path, hint=hint) as file:
        try:
            content = b"" if os.fstat(file.fileno()).st_size > most else file.read(most + 1)
        except OSError as problem:
            raise UsageProblem(_fault(path, problem), hint) from None
        if len(content) > most or os.fstat(file.fileno()).st_size > most:
            raise _too_large(path, most)
    return content


@contextmanager
def open_file(path: str | Path, *, hint: Message | None = None) -> Iterator[BinaryIO]:
    """
    Yield a regular file, opened to be read.

    Raises:
        UsageProblem: it is not there, not a regular file, or not readable.
    """
    try:
        number = os.open(path, FLAGS)
    except (OSError, ValueError) as problem:
        raise UsageProblem(_fault(path, problem), hint) from None
    if not stat.S_ISREG(os.fstat(number).st_mode):
        os.close(number)
        raise UsageProblem(no_file(path), hint)
    with os.fdopen(number, "rb") as file:
        yield file


def read_stdin(*, most: int = SMALL) -> bytes:
    """
    Return what comes on stdin, where a verb's page says that `-` stands for it.

    Raises:
        UsageProblem: it is more than `most` bytes.
    """
    content = sys.stdin.buffer.read(most + 1)
    if len(content) > most:
        raise _too_large("-", most)
    return content


def _too_large(path: str | Path, most: int) -> UsageProblem:
    return UsageProblem(message("`{path}` is larger than {most} MiB", path=str(path), most=most // MIB))


def no_file(path: str | Path) -> Message:
    """Return the sentence for a directory, a pipe or a device."""
    return message("`{path}` is not a file", path=str(path))


def _fault(path: str | Path, problem: OSError | ValueError) -> Message:
    number = problem.errno if isinstance(problem, OSError) else errno.EINVAL
    if number in MISSING:
        return message("there is no file `{path}`", path=str(path))
    if number in NO_FILE:
        return no_file(path)
    if number in REFUSED:
        return message("this user may not read `{path}`", path=str(path))
    code = errno.errorcode.get(number or 0, "")
    return message("`{path}` cannot be read ({code})", path=str(path), code=code)
