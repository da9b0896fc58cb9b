"""
Commands for tests: each is a process of its own, forked from one that has imported the command line.

Where a command is started anew instead, the start is what the test is about.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
PATIENCE = 60


class Forked:
    """The process that commands are forked from, started when the first is wanted."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory()
        self._process: subprocess.Popen[str] | None = None

    @property
    def command(self) -> list[str]:
        """What stands for `trailseal` at the head of a command line."""
        path = str(Path(self._folder.name, "commands"))
        if self._process is None:
            self._process = subprocess.Popen(
                [sys.executable, str(HERE / "commands.py"), path],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
            assert self._process.stdout is not None
            assert self._process.stdout.readline() == "ready\n"
        return [sys.executable, "-I", "-S", str(HERE / "command.py"), path]

    def close(self) -> None:
        """End the process and with it what still runs."""
        if self._process is not None:
            self._process.communicate(timeout=PATIENCE)
        self._folder.cleanup()
