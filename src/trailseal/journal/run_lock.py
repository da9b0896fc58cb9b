"""A lock that one process has at a time, and that goes with it, however it ends."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable
from pathlib import Path


class RunLock:
    """The lock of a file of its own, which is deleted when the lock is let go of."""

    def __init__(self, path: Path, waits: Callable[[], None]) -> None:
        """
        Take the lock; `waits` is called once when another process has it, which is then waited for.

        Raises:
            OSError: there can be no file here.
        """
        self._path = path
        self._held = self._open()
        try:
            while not self._take(waits):
                os.close(self._held)
                self._held = self._open()
                waits = _nothing
        except BaseException:
            os.close(self._held)
            raise

    def __enter__(self) -> None:
        return None

    def __exit__(self, *_: object) -> None:
        self._path.unlink(missing_ok=True)
        os.close(self._held)

    def _open(self) -> int:
        return os.open(self._path, os.O_CREAT | os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)

    def _take(self, waits: Callable[[], None]) -> bool:
        """Return whether what was locked is still the file of this name: its last holder deletes it."""
        try:
            fcntl.flock(self._held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            waits()
            fcntl.flock(self._held, fcntl.LOCK_EX)
        try:
            return os.path.samestat(self._path.lstat(), os.fstat(self._held))
        except FileNotFoundError:
            return False


def _nothing() -> None:
    """Tell nothing more."""
