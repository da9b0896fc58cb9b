"""The objects of one Batch job on disk, so that memory does not grow with the manifest."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec
from msgspec import structs

from trailseal.history.rules.batch import FailedTask, manifest_line
from trailseal.history.rules.manifest import NULL, Row
from trailseal.history.rules.proof import ContentProof
from trailseal.history.rules.state import State
from trailseal.history.rules.work import Work

SCHEMA = """
create table work (number integer primary key, key text, version text);
create table failed (key text, version text, state text, why text, primary key (key, version)) without rowid;
create table proof (number integer primary key, value blob);
"""
FAILED = "left join failed on failed.key = work.key and (failed.version = work.version or not ?)"
ENDED = (
    "select number, work.key, work.version, failed.state, failed.why, proof.value"  # noqa: S608 - ours
    f" from work {FAILED} left join proof using (number) where number > ? order by number limit ?"
)
NUMBER = f"select count(failed.key) from work {FAILED}"  # noqa: S608 - ours
CHUNK = 500


class Spool:
    """
    Works go in, the job's manifest and afterwards their ends come out; `close` it when it is done with.

    The manifest names versions where any object has one, unless they are not `wanted`.
    """

    def __init__(self, folder: Path, name: str, *, wanted: bool) -> None:
        self.manifest = folder / f"{name}.csv"
        self.first: Work | None = None
        self.count = 0
        self.versions = False
        self._wanted = wanted
        self._db = sqlite3.connect(folder / f"{name}.sqlite", isolation_level=None)
        self._db.executescript(f"pragma journal_mode=off; pragma synchronous=off; begin; {SCHEMA}")

    def add(self, work: Work) -> None:
        """Take one object up."""
        self.first = self.first or work
        self.count += 1
        row = work.row
        self.versions = self.versions or (self._wanted and bool(row.version_id))
        self._db.execute("insert into work values (?, ?, ?)", (work.number, row.key, row.version_id or NULL))
        if work.before is not None:
            value = msgspec.json.encode(work.before)
            self._db.execute("insert into proof values (?, ?)", (work.number, value))

    def finish(self) -> None:
        """Write the manifest."""
        with self.manifest.open("wb") as file:
            for work in self.ended():
                file.write(manifest_line(work.target.bucket, work.row, versions=self.versions))

    def fail(self, tasks: Iterable[FailedTask]) -> None:
        """Keep which objects the job's report says have failed, or are gone."""
        failed = (
            (task.key, task.version_id or NULL, task.state, task.why if task.state is State.FAILED else "")
            for task in tasks
            if not task.succeeded
        )
        self._db.executemany("insert or replace into failed values (?, ?, ?, ?)", failed)

    @property
    def failed(self) -> int:
        """How many of the objects have failed, those that are gone among them."""
        return int(self._db.execute(NUMBER, (self.versions,)).fetchone()[0])

    def ended(self) -> Iterator[Work]:
        """Yield all objects with how they ended, in the order of the manifest."""
        last = -1
        while found := self._db.execute(ENDED, (self.versions, last, CHUNK)).fetchall():
            yield from (self._ended(*each) for each in found)
            last = found[-1][0]

    def _ended(
        self, number: int, key: str, version: str, state: str | None, why: str | None, proof: bytes | None
    ) -> Work:
        assert self.first is not None  # noqa: S101 - there is nothing to end where nothing was added
        return structs.replace(
            self.first,
            number=number,
            row=Row(key=key, version_id=version if self.versions else ""),
            state=State.DONE if state is None else State(state),
            detail=why or "",
            before=None if proof is None else msgspec.json.decode(proof, type=ContentProof),
        )

    def close(self) -> None:
        """Let go of the files."""
        self._db.close()
