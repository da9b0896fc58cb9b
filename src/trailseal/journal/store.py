"""
The journal in one SQLite file that only its owner may read.

Each write is one transaction that SQLite has synced to the disk before it returns, so a line that was
written is there after a kill or a power cut.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path

import msgspec

from trailseal.errors import TrailsealError
from trailseal.files import own_file
from trailseal.home import private_folder
from trailseal.journal.run_lock import RunLock
from trailseal.messages import message
from trailseal.plan.plan import Plan
from trailseal.run.journal import Direction, JournalEntry, Phase, RunRecord

SCHEMA = """
CREATE TABLE IF NOT EXISTS run (id TEXT PRIMARY KEY, account TEXT, started_at TEXT, plan BLOB);
CREATE TABLE IF NOT EXISTS entry (
    number INTEGER PRIMARY KEY AUTOINCREMENT, run TEXT REFERENCES run, at TEXT,
    direction TEXT, phase TEXT, position INTEGER, detail TEXT);
"""
BUSY = 10.0


class SqliteJournal:
    """A journal at `path`; the file and its folder are made when first written to."""

    def __init__(self, path: Path) -> None:
        self._path = path

    @contextmanager
    def alone(self, run_id: str, waits: Callable[[], None]) -> Iterator[None]:
        """Hold a run for this process alone, until the block ends or the process does."""
        with self._told():
            private_folder(self._path.parent)
            lock = RunLock(self._path.with_name(f"{self._path.name}.{run_id}.lock"), waits)
        with lock:
            yield

    def start(self, plan: Plan, *, at: datetime) -> RunRecord:
        """Record the start of a plan, or return what is recorded of it already."""
        with self._open() as base:
            base.execute(
                "INSERT OR IGNORE INTO run VALUES (?, ?, ?, ?)",
                (plan.id, plan.account, at.isoformat(), msgspec.json.encode(plan)),
            )
        found = self.run(plan.id)
        assert found is not None  # noqa: S101 - it was inserted or there
        return found

    def write(self, entry: JournalEntry) -> None:
        """Add one entry."""
        with self._open() as base:
            base.execute(
                "INSERT INTO entry (run, at, direction, phase, position, detail) VALUES (?, ?, ?, ?, ?, ?)",
                (entry.run, entry.at.isoformat(), entry.direction, entry.phase, entry.position, entry.detail),
            )

    def run(self, run_id: str) -> RunRecord | None:
        """Return a run whose id starts with `run_id`, None when there is none or more than one."""
        if not self._path.exists():
            return None
        with self._open() as base:
            rows = base.execute(
                "SELECT id, started_at, plan FROM run WHERE substr(id, 1, ?) = ?", (len(run_id), run_id)
            ).fetchall()
            return self._record(base, rows[0]) if len(rows) == 1 else None

    def runs(self, account: str) -> tuple[RunRecord, ...]:
        """Return the account's runs, newest first."""
        if not self._path.exists():
            return ()
        with self._open() as base:
            rows = base.execute(
                "SELECT id, started_at, plan FROM run WHERE account = ? ORDER BY started_at DESC", (account,)
            ).fetchall()
            return tuple(self._record(base, row) for row in rows)

    @staticmethod
    def _record(base: sqlite3.Connection, row: tuple[str, str, bytes]) -> RunRecord:
        entries = base.execute(
            "SELECT run, at, direction, phase, position, detail FROM entry WHERE run = ? ORDER BY number",
            (row[0],),
        )
        return RunRecord(
            plan=_plan(row[0], row[2]),
            started_at=datetime.fromisoformat(row[1]),
            entries=tuple(_entry(each) for each in entries),
        )

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        with self._told():
            private_folder(self._path.parent)
            with closing(sqlite3.connect(own_file(self._path), timeout=BUSY)) as base, base:
                base.execute("PRAGMA synchronous = EXTRA")
                base.executescript(SCHEMA)
                yield base

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Turn what the disk or SQLite refuses into our error."""
        try:
            yield
        except (OSError, sqlite3.Error) as error:
            raise TrailsealError(
                message(
                    "the journal `{path}` cannot be used: {problem}",
                    path=str(self._path),
                    problem=getattr(error, "strerror", None) or str(error),
                ),
                message("set TRAILSEAL_HOME to a folder that you may write to"),
            ) from error


def _plan(run: str, raw: bytes) -> Plan:
    try:
        return msgspec.json.decode(raw, type=Plan)
    except msgspec.ValidationError:
        raise TrailsealError(
            message(
                "the journal holds the plan of run {run} in a form that this version does not read", run=run
            ),
            message("it is an older trailseal's: set TRAILSEAL_HOME to another folder, or use that version"),
        ) from None


def _entry(row: tuple[str, str, str, str, int, str]) -> JournalEntry:
    run, at, direction, phase, position, detail = row
    return JournalEntry(
        run=run,
        at=datetime.fromisoformat(at),
        direction=Direction(direction),
        phase=Phase(phase),
        position=position,
        detail=detail,
    )
