"""
A re-encryption that is killed with SIGKILL after a time, as a power cut would, and what its ledger then says.

Rows are entered in rounds of 16 instead of 500, so that a short history has many rounds as a long one has,
and a Batch job is looked at more often.
"""

from __future__ import annotations

import json
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

from trailseal.history.reencrypt.ledger import STATES
from trailseal.history.rules.state import State

SMALL_ROUNDS = (
    "from trailseal.history.reencrypt import batch_run, local;"
    "local.CLAIMED = local.ENTERED = 16; batch_run.POLL = 0.3;"
    "from trailseal.cli.main import main; main()"
)
PATIENCE = 60


def kill_reencrypt(manifest: Path, *more: str, after: float, env: Mapping[str, str] | None = None) -> int:
    """Start it, and kill it so long after its run has opened the ledger; return its exit code."""
    command = [sys.executable, "-c", SMALL_ROUNDS, "history", "reencrypt", "--manifest", str(manifest), *more]
    known = runs_of(manifest)
    with subprocess.Popen(command, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as running:
        until = time.monotonic() + PATIENCE
        while runs_of(manifest) == known and running.poll() is None and time.monotonic() < until:
            time.sleep(0.005)
        time.sleep(after)
        running.send_signal(signal.SIGKILL)
    return running.returncode


def runs_of(manifest: Path) -> set[Path]:
    """The lock files of runs that live or were killed."""
    return set(manifest.parent.glob(f"{manifest.name}.ledger.run-*"))


def entered(manifest: Path) -> dict[str, State]:
    """The state of each key that the ledger knows, read as any SQLite client reads it."""
    names = [json.loads(line)["key"] for line in manifest.read_text().splitlines()[1:]]
    with closing(sqlite3.connect(f"{manifest}.ledger")) as ledger:
        rows = ledger.execute("select number, state from work").fetchall()
    return {names[number - 1]: STATES[state] for number, state in rows}


def keys_done(manifest: Path) -> set[str]:
    """The keys that the ledger holds for done."""
    return {name for name, state in entered(manifest).items() if state is State.DONE}
