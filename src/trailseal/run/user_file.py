"""
Files that the user names: all of them are opened here, in bounds, and each fault has one sentence.

A file that is read once, whole, may come out of a pipe, as a shell's `<(command)` is one. Else only regular
files: what is read in parts is read again, a pipe that nobody writes to never ends, and to read a device can
change it.
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
WITHOUT_WAITING = getattr(os, "O_NONBLOCK", 0)
"""Else a pipe that nobody writes to is waited for as soon as it is opened; Windows knows no such thing."""
FLAGS = os.O_RDONLY | WITHOUT_WAITING | getattr(os, "O_BINARY", 0)
MISSING = frozenset({errno.ENOENT, errno.ENOTDIR})
NO_FILE = frozenset({errno.EISDIR, errno.ENXIO, errno.ENODEV})
REFUSED = frozenset({errno.EACCES, errno.EPERM})


def is_there(path: str | Path) -> bool:
    """Whether something has this name, as far as this user sees; one that no file can have is nobody's."""
    try:
        return Path(path).exists()
    except OSError:
        return False


def read_file(path: str | Path, *, most: int = LARGE, hint: Message | None = None) -> bytes:
    """
    Return what a file holds, or what comes out of a pipe until its writers are done.

    Raises:
        UsageProblem: it is not there, neither a regular file nor a pipe out of which something comes, not
            readable, or larger than `most` bytes.
    """
    with _opened(path, hint) as (file, mode):
        try:
            content = b"" if os.fstat(file.fileno()).st_size > most else file.read(most + 1)
        except OSError as problem:
            raise UsageProblem(_fault(path, problem), hint) from None
        if len(content) > most or os.fstat(file.fileno()).st_size > most:
            raise _too_large(path, most)
    if stat.S_ISFIFO(mode) and not content:
        raise UsageProblem(_no_file(path), hint)
    return content


@contextmanager
def open_file(path: str | Path, *, hint: Message | None = None) -> Iterator[BinaryIO]:
    """
    Yield a regular file, opened to be read.

    Raises:
        UsageProblem: it is not there, not a regular file, or not readable.
    """
    with _opened(path, hint) as (file, mode):
        if not stat.S_ISREG(mode):
            raise UsageProblem(_no_file(path), hint)
        yield file


@contextmanager
def _opened(path: str | Path, hint: Message | None) -> Iterator[tuple[BinaryIO, int]]:
    """Yield a regular file or a pipe, opened to be read, with its mode. A pipe without a writer has ended."""
    try:
        number = os.open(path, FLAGS)
    except (OSError, ValueError) as problem:
        raise UsageProblem(_fault(path, problem), hint) from None
    mode = os.fstat(number).st_mode
    if stat.S_ISFIFO(mode) and WITHOUT_WAITING:
        os.set_blocking(number, True)
    elif not stat.S_ISREG(mode):
        os.close(number)
        raise UsageProblem(_no_file(path), hint)
    with os.fdopen(number, "rb") as file:
        yield file, mode


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


def _no_file(path: str | Path) -> Message:
    """Return the sentence for a directory, a device, or a pipe where it will not do."""
    return message("`{path}` is not a file", path=str(path))


def _fault(path: str | Path, problem: OSError | ValueError) -> Message:
    number = problem.errno if isinstance(problem, OSError) else errno.EINVAL
    if number in MISSING:
        return message("there is no file `{path}`", path=str(path))
    if number in NO_FILE:
        return _no_file(path)
    if number in REFUSED:
        return message("this user may not read `{path}`", path=str(path))
    code = errno.errorcode.get(number or 0, "")
    return message("`{path}` cannot be read ({code})", path=str(path), code=code)
