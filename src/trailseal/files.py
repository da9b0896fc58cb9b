"""
Every file that trailseal keeps is written here: its owner's alone, and whole or not at all.

A link is followed, by every verb alike: the file that it leads to is written, in that file's own folder, and
the link stays. What the system refuses is one sentence: wrong usage where the place is at fault, failed where
there was no room, or the disk did not take it.
"""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import mkstemp
from typing import BinaryIO

from trailseal.errors import TrailsealError, UsageProblem
from trailseal.messages import Message, message

OWN, OTHERS = 0o600, 0o077
LETTERS = 50
"""So many letters of a name are in that of its draft; a file system may take no longer one."""
FULL = frozenset(
    {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EMFILE, errno.ENFILE, errno.ENOMEM}
)
"""What no other name would mend."""
NO_SYNC = frozenset({errno.EINVAL, errno.ENOTSUP, errno.EACCES, errno.EPERM, errno.EBADF})
"""Answers of file systems that cannot bring a folder to the disk, and of folders that may not be read."""
NEW = os.O_CREAT | os.O_EXCL | os.O_WRONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
KEPT = os.O_CREAT | os.O_RDWR | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)


class Draft:
    """A file that is not in its place yet."""

    def __init__(self, path: Path, file: BinaryIO) -> None:
        self._path = path
        self._file = file

    def write(self, content: bytes) -> None:
        """
        Write more of it.

        Raises:
            TrailsealError: it cannot be written.
        """
        with _told(self._path):
            self._file.write(content)

    def writelines(self, lines: Iterable[bytes]) -> None:
        """
        Write more of it, line by line; what `lines` raises is none of the file's.

        Raises:
            TrailsealError: it cannot be written.
        """
        for line in lines:
            self.write(line)

    def finish(self) -> None:
        """
        Bring it to the disk.

        Raises:
            TrailsealError: the disk does not take it.
        """
        with _told(self._path):
            self._file.flush()
            os.fsync(self._file.fileno())


def write_private(path: Path, content: bytes) -> None:
    """
    Write a file that only its owner can read, whole or not at all.

    Raises:
        UsageProblem: nothing can be written there.
        TrailsealError: there is no room for it.
    """
    with draft_of(path) as draft:
        draft.write(content)


def write_new(path: Path, content: bytes, *, hint: Message) -> None:
    """
    Write a file that was not there before; one that is there is left as it is, and `hint` says what to do.

    Raises:
        UsageProblem: there is one, or nothing can be written there.
        TrailsealError: there is no room for it.
    """
    place = place_of(path)
    try:
        number = os.open(place, NEW, OWN)
    except FileExistsError:
        raise UsageProblem(
            message("`{path}` exists already and is left as it is", path=str(path)), hint
        ) from None
    except OSError as problem:
        raise not_written(path, problem) from problem
    with _or_gone(place), _closing(number) as file:
        draft = Draft(path, file)
        draft.write(content)
        draft.finish()
    _sync(path, place.parent)


@contextmanager
def draft_of(path: Path) -> Iterator[Draft]:
    """
    Hand out a private file beside `path`, which takes its place in the end, or goes if anything is raised.

    Raises:
        UsageProblem: nothing can be written there.
        TrailsealError: there is no room for it.
    """
    place = place_of(path)
    try:
        number, name = mkstemp(dir=place.parent, prefix=f".{place.name[:LETTERS]}.", suffix=".part")
    except OSError as problem:
        raise not_written(path, problem) from problem
    aside = Path(name)
    with _or_gone(aside):
        with _closing(number) as file:
            draft = Draft(path, file)
            yield draft
            draft.finish()
        with _told(path):
            aside.replace(place)
    _sync(path, place.parent)


def see_place(path: str | Path) -> None:
    """
    Return when a file can lie here: its folder is there, and nothing else of this name.

    Raises:
        UsageProblem: it cannot.
    """
    place_of(path)


def place_of(path: str | Path) -> Path:
    """
    Return where a file of this name lies: where the link of this name leads to, if it is one.

    Raises:
        UsageProblem: no file can lie there.
    """
    given = Path(path)
    place = Path(os.path.realpath(given))
    try:
        endless = place.is_symlink()
        taken, folder = place.exists() and not place.is_file(), place.parent.is_dir()
    except OSError as problem:
        raise not_written(given, problem) from problem
    if endless:
        raise not_written(given, OSError(errno.ELOOP, os.strerror(errno.ELOOP)))
    if taken:
        raise UsageProblem(message("`{path}` is not a file", path=str(path)))
    if not folder:
        above = place.parent if given.is_symlink() else given.parent
        raise UsageProblem(message("there is no folder `{path}`", path=str(above)))
    return place


def own_file(path: Path) -> Path:
    """
    Make a file that others write into, a database, its owner's alone, and return where it lies.

    One that was readable by others is not any more. Where it is somebody else's, nobody here can make it so.

    Raises:
        UsageProblem: no file can lie there.
        OSError: it cannot be opened, or be made the owner's alone.
    """
    place = place_of(path)
    number = os.open(place, KEPT, OWN)
    try:
        _put_right(number)
    finally:
        os.close(number)
    return place


def _put_right(number: int) -> None:
    found = os.fstat(number)
    if sys.platform == "win32" or not found.st_mode & OTHERS:
        return
    try:
        os.fchmod(number, OWN)
    except PermissionError:
        if found.st_uid != os.geteuid():
            raise
        # A file system without modes: there is nothing to put right.


def not_written(path: str | Path, problem: OSError) -> TrailsealError:
    """Return the error for a file that the system does not let us write."""
    kind = TrailsealError if problem.errno in FULL else UsageProblem
    return kind(
        message("`{path}` cannot be written: {problem}", path=str(path), problem=problem.strerror or "")
    )


@contextmanager
def _told(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as problem:
        raise not_written(path, problem) from problem


@contextmanager
def _or_gone(path: Path) -> Iterator[None]:
    """Let the file stay only if nothing is raised."""
    try:
        yield
    except BaseException:
        path.unlink(missing_ok=True)
        raise


@contextmanager
def _closing(number: int) -> Iterator[BinaryIO]:
    """Yield the open file; when it is closed after a fault, what it could not write is no second one."""
    file = os.fdopen(number, "wb")
    try:
        yield file
    finally:
        with suppress(OSError):
            file.close()


def _sync(path: Path, folder: Path) -> None:
    """Bring the folder to the disk, so that the file's name is there after a power cut."""
    if sys.platform == "win32":
        return
    try:
        number = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(number)
        finally:
            os.close(number)
    except OSError as problem:
        if problem.errno not in NO_SYNC:
            raise not_written(path, problem) from problem
