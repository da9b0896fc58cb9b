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
from typing import Any

import msgspec

from trailseal.errors import TrailsealError
from trailseal.files import own_file
from trailseal.home import private_folder
from trailseal.journal.run_lock import RunLock
from trailseal.messages import message
from trailseal.model.foreign import ForeignError, json_in
from trailseal.model.foreign_values import in_bounds
from trailseal.plan.plan import ID_LENGTH, Plan
from trailseal.plan.step import roll_back
from trailseal.run.journal import Direction, JournalEntry, Phase, RunRecord

RUN_TABLE = """CREATE TABLE IF NOT EXISTS run (
    id TEXT, account TEXT, started_at TEXT, plan BLOB, endpoint TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (id, endpoint))"""
ENTRY_TABLE = """CREATE TABLE IF NOT EXISTS entry (
    number INTEGER PRIMARY KEY AUTOINCREMENT, run TEXT, at TEXT,
    direction TEXT, phase TEXT, position INTEGER, detail TEXT, endpoint TEXT NOT NULL DEFAULT '')"""
SHOWN_TABLE = "CREATE TABLE IF NOT EXISTS shown (digest TEXT PRIMARY KEY, at TEXT)"
"""The files of plans that were shown here in full, by the digest of their bytes."""
WITH_ENDPOINTS = (
    "ALTER TABLE run RENAME TO run_before",
    RUN_TABLE,
    "INSERT INTO run (id, account, started_at, plan) SELECT id, account, started_at, plan FROM run_before",
    "DROP TABLE run_before",
    "ALTER TABLE entry ADD COLUMN endpoint TEXT NOT NULL DEFAULT ''",
)
"""What a journal from before endpoints were written down is lacking; its runs count as made at AWS itself."""
RUNS = "SELECT id, started_at, plan, endpoint FROM run"
BUSY = 10.0


class SqliteJournal:
    """
    A journal at `path`; the file and its folder are made when first written to.

    Runs belong to the endpoint that they were made at, "" for AWS itself: two labs may well have one
    account number, and what was done in one is nothing of the other's.
    """

    def __init__(self, path: Path, endpoint: str = "") -> None:
        self._path = path
        self._endpoint = endpoint

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
                "INSERT OR IGNORE INTO run (id, account, started_at, plan, endpoint) VALUES (?, ?, ?, ?, ?)",
                (plan.id, plan.account, at.isoformat(), msgspec.json.encode(plan), self._endpoint),
            )
        found = self.run(plan.id)
        assert found is not None  # noqa: S101 - it was inserted or there
        return found

    def write(self, entry: JournalEntry) -> None:
        """Add one entry."""
        with self._open() as base:
            base.execute(
                "INSERT INTO entry (run, at, direction, phase, position, detail, endpoint) "
                "VALUES (?, ?, ?, ?, ?, ?, ?)",
                (*_row(entry), self._endpoint),
            )

    def run(self, run_id: str) -> RunRecord | None:
        """Return a run whose id starts with `run_id`, None when there is none or more than one."""
        found = self._runs("substr(id, 1, ?) = ? AND endpoint = ?", len(run_id), run_id, self._endpoint)
        return found[0] if len(found) == 1 else None

    def runs(self, account: str) -> tuple[RunRecord, ...]:
        """Return the account's runs at this endpoint, newest first."""
        return self._runs("account = ? AND endpoint = ?", account, self._endpoint)

    def every_run(self) -> tuple[RunRecord, ...]:
        """Return the runs of every account and endpoint, newest first."""
        return self._runs("TRUE")

    def was_shown(self, digest: str) -> bool:
        """Return whether a plan's file of just these bytes was shown here in full."""
        if not self._path.exists():
            return False
        with self._open() as base:
            found = base.execute("SELECT 1 FROM shown WHERE digest = ?", (digest,)).fetchone()
        return found is not None

    def note_shown(self, digest: str, *, at: datetime) -> None:
        """Record that a plan's file of these bytes was shown in full."""
        with self._open() as base:
            base.execute("INSERT OR IGNORE INTO shown (digest, at) VALUES (?, ?)", (digest, at.isoformat()))

    def _runs(self, which: str, *values: str | int) -> tuple[RunRecord, ...]:
        if not self._path.exists():
            return ()
        with self._open() as base:
            asked = f"{RUNS} WHERE {which} ORDER BY started_at DESC, rowid DESC"
            return tuple(self._record(base, row) for row in base.execute(asked, values).fetchall())

    @staticmethod
    def _record(base: sqlite3.Connection, row: tuple[str, str, bytes, str]) -> RunRecord:
        run, started_at, plan, endpoint = row
        entries = base.execute(
            "SELECT run, at, direction, phase, position, detail FROM entry "
            "WHERE run = ? AND endpoint = ? ORDER BY number",
            (run, endpoint),
        )
        held = _plan(run, plan)
        try:
            return RunRecord(
                plan=held,
                started_at=_time(started_at),
                endpoint=endpoint,
                entries=tuple(_entry(each, len(held.steps)) for each in entries),
            )
        except (ValueError, TypeError):
            raise _damaged(run) from None

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        with self._told():
            private_folder(self._path.parent)
            with closing(sqlite3.connect(own_file(self._path), timeout=BUSY)) as base, base:
                base.execute("PRAGMA synchronous = EXTRA")
                base.execute(RUN_TABLE)
                base.execute(ENTRY_TABLE)
                base.execute(SHOWN_TABLE)
                _see_endpoints(base)
                yield base

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Turn what the disk or SQLite refuses into our error."""
        try:
            yield
        except (OSError, sqlite3.Error, UnicodeError) as error:  # of SQLite's own words, over a damaged file
            raise TrailsealError(
                message(
                    "the journal `{path}` cannot be used: {problem}",
                    path=str(self._path),
                    problem=getattr(error, "strerror", None) or str(error),
                ),
                message("set TRAILSEAL_HOME to a folder that you may write to"),
            ) from error


def _plan(run: str, raw: bytes) -> Plan:
    """Return the plan of a run, which has the run's own name: nothing that was written here lacks it."""
    try:
        plan = json_in(raw, Plan)
    except (ForeignError, TypeError, AttributeError) as problem:
        is_json = isinstance(problem.__cause__, msgspec.ValidationError)
        raise (_of_another_form if is_json else _damaged)(run) from None
    if plan.id != run:
        raise _damaged(run)
    if plan.rollback != roll_back(plan.steps):
        raise _of_another_form(run)
    return plan


def _of_another_form(run: str) -> TrailsealError:
    return TrailsealError(
        message("the journal holds the plan of run {run} in a form that this version does not read", run=run),
        message("it is an older trailseal's: set TRAILSEAL_HOME to another folder, or use that version"),
    )


def _damaged(run: str) -> TrailsealError:
    return TrailsealError(
        message("what the journal holds of run {run} is damaged", run=str(run)[:ID_LENGTH]),
        message(
            "set TRAILSEAL_HOME to another folder: apply and undo need only the plan's file, "
            "and look at AWS again"
        ),
    )


def _see_endpoints(base: sqlite3.Connection) -> None:
    """Make a journal from before endpoints were written down one with them, whoever else opens it now."""
    if not _has_endpoints(base):
        base.execute("BEGIN IMMEDIATE")
        for statement in () if _has_endpoints(base) else WITH_ENDPOINTS:
            base.execute(statement)
        base.commit()


def _has_endpoints(base: sqlite3.Connection) -> bool:
    return any(column == "endpoint" for _, column, *_ in base.execute("PRAGMA table_info(run)"))


def _row(entry: JournalEntry) -> tuple[str, str, str, str, int, str]:
    return entry.run, entry.at.isoformat(), entry.direction, entry.phase, entry.position, entry.detail


def _entry(row: tuple[str, str, str, str, Any, Any], steps: int) -> JournalEntry:
    """
    Return a line of a run of so many steps.

    Raises:
        ValueError, TypeError: it is none.
    """
    run, at, direction, phase, position, detail = row
    if type(position) is not int or type(detail) is not str or not -1 <= position < steps:
        raise ValueError(position)
    return JournalEntry(
        run=run,
        at=_time(at),
        direction=Direction(direction),
        phase=Phase(phase),
        position=position,
        detail=detail,
    )


def _time(text: str) -> datetime:
    """Return a time as it is written here: with its zone, without which no time can be compared."""
    return in_bounds(datetime.fromisoformat(text))
