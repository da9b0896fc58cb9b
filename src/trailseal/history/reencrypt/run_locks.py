"""Which runs on a ledger are alive: each holds the lock of a file of its own for as long as it lives."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from typing import IO

from trailseal.files import OWN

LOCK = os.O_CREAT | os.O_WRONLY | os.O_APPEND | os.O_NOFOLLOW


class RunLocks:
    """The lock files beside a ledger; `let_go` of the own one when the run ends."""

    def __init__(self, ledger: Path, *, own: int) -> None:
        self._ledger = ledger
        self._own = own
        self._held = self._hold(own)

    def is_alive(self, run: int, known: dict[int, bool]) -> bool:
        """Return whether a run still lives; `known` keeps what was found for the next question."""
        if run == self._own:
            return True
        if run not in known:
            held = self._hold(run)
            if held is not None:
                held.close()
            known[run] = held is None
        return known[run]

    def let_go(self) -> None:
        """Unlock the own file and delete it."""
        if self._held is not None:
            self._held.close()
            self._file(self._own).unlink(missing_ok=True)

    def _hold(self, run: int) -> IO[bytes] | None:
        """Return the run's lock file with its lock taken, None when another process has it."""
        file = os.fdopen(os.open(self._file(run), LOCK, OWN), "ab")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            file.close()
            return None
        return file

    def _file(self, run: int) -> Path:
        return self._ledger.with_name(f"{self._ledger.name}.run-{run}")
