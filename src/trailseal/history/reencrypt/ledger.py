"""
The ledger of a re-encryption: one SQLite file beside the manifest, one row for each object.

An object is entered as started before its request is sent, and with its end after. What a killed run
left as started is looked at again by the next one. Several runs may share a ledger: each holds a lock
file for as long as it lives, and rows of a run that is gone are taken over.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Self

from msgspec import Struct

from trailseal.errors import TrailsealError, UsageProblem
from trailseal.files import own_file, place_of
from trailseal.history.reencrypt.ledger_about import of_another, see_about, unusable
from trailseal.history.reencrypt.run_locks import RunLocks
from trailseal.history.rules.manifest import Row, read_rows, write_line
from trailseal.history.rules.state import State
from trailseal.history.rules.work import Work
from trailseal.messages import message
from trailseal.model.foreign import ForeignError
from trailseal.model.foreign_values import number_in

STATES = tuple(State)
MARKS = {state: number for number, state in enumerate(STATES)}
UNNAMED = frozenset({State.DONE, State.NOTHING})
"""What is listed by nobody, and needs no key."""
SCHEMA = """
create table if not exists about (name text primary key, value text) without rowid;
create table if not exists runs (id integer primary key);
create table if not exists work (
    number integer primary key, state integer not null, run integer not null,
    key text, detail text, version text
);
create table if not exists described (number integer primary key, row blob not null);
"""


class Problem(Struct, frozen=True, kw_only=True):
    """An object that is not done, as the ledger lists it."""

    number: int
    key: str
    state: State
    detail: str


def _open(path: Path) -> sqlite3.Connection:
    try:
        database = sqlite3.connect(own_file(path), timeout=60, isolation_level=None)
        database.execute("pragma journal_mode=wal")
        database.execute("pragma synchronous=normal")
        database.executescript(SCHEMA)
    except (OSError, sqlite3.DatabaseError) as problem:
        raise unusable(path, problem) from problem
    return database


class Ledger:
    """Open it with `with`; one writer at a time is SQLite's business."""

    def __init__(self, path: Path, *, manifest: str, target: str) -> None:
        """
        Open or make the ledger of one manifest and one target; what is of another is left as it is.

        Raises:
            UsageProblem: it is no ledger, or belongs to another manifest or another key.
            TrailsealError: it cannot be read or written.
        """
        about = {"manifest": manifest, "target": target}
        self._path = path = place_of(path)
        see_about(path, about)
        self._db = _open(path)
        with self._guarded():
            for name, value in about.items():
                self._belongs(name, value)
            self._run = int(self._db.execute("insert into runs default values returning id").fetchone()[0])
        try:
            self._locks = RunLocks(path, own=self._run)
        except OSError as problem:
            self._db.close()
            raise unusable(path, problem) from problem

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exc: object) -> None:
        self._db.close()
        self._locks.let_go()

    def claim(self, numbers: Iterable[int]) -> dict[int, bool]:
        """
        Enter rows as started by this run, and return those that are now its own.

        The value tells whether an earlier run, which is gone, had started it: then nobody knows how far.
        """
        asked = tuple(numbers)
        alive: dict[int, bool] = {}
        own: dict[int, bool] = {}
        with self._transaction():
            found = self._between(min(asked), max(asked)) if asked else {}
            for number in asked:
                if number not in found:
                    own[number] = False
                elif (held := found[number])[0] == 0 and not self._locks.is_alive(held[1], alive):
                    own[number] = True
            self._db.executemany(
                "insert into work values (?, 0, ?, null, null, null) on conflict (number) do update set"
                " run = excluded.run",
                ((number, self._run) for number in own),
            )
        return own

    def _between(self, first: int, last: int) -> dict[int, tuple[int, int]]:
        query = "select number, state, run from work where number between ? and ?"
        found = self._db.execute(query, (first, last)).fetchall()
        if not all(isinstance(run, int) for _, _, run in found):  # it becomes a file's name
            raise self._damaged("work.run")
        return {number: (MARKS[self._state(state)], run) for number, state, run in found}

    def enter(self, works: Iterable[Work]) -> None:
        """Enter how works ended, all or none."""
        with self._transaction():
            self._db.executemany(
                "insert into work values (?, ?, ?, ?, ?, ?) on conflict (number) do update set"
                " state = excluded.state, key = excluded.key, detail = excluded.detail, version ="
                " excluded.version",
                (
                    (
                        work.number,
                        MARKS[work.state],
                        self._run,
                        None if work.state in UNNAMED else work.row.key,
                        work.detail or None,
                        work.version_id or None,
                    )
                    for work in works
                ),
            )

    def describe(self, works: Iterable[Work]) -> None:
        """Keep what S3 said of bare rows, so that a run after this one sends out the same work."""
        with self._transaction():
            self._db.executemany(
                "insert or replace into described values (?, ?)",
                ((work.number, write_line(work.row)) for work in works),
            )

    def described(self, numbers: Iterable[int]) -> dict[int, Row]:
        """Return the rows that S3 described to an earlier run."""
        found: dict[int, Row] = {}
        with self._guarded():
            for number in numbers:
                kept = self._db.execute("select row from described where number = ?", (number,)).fetchall()
                if not all(isinstance(line, bytes) for (line,) in kept):
                    raise self._damaged("described.row")
                found.update(read_rows((line for (line,) in kept), name=str(self._path), first=number))
        return found

    def retry(self) -> int:
        """Forget what failed, so that it is tried again; return how many."""
        with self._transaction():
            self._db.execute(
                "delete from described where number in (select number from work where state = ?)",
                (STATES.index(State.FAILED),),
            )
            forgotten = self._db.execute(
                "delete from work where state = ?", (STATES.index(State.FAILED),)
            ).rowcount
            if forgotten:
                self._try_again()
            return forgotten

    def start_over(self) -> None:
        """Forget what this run has begun and not ended, so that it is begun anew."""
        own = "select number from work where state = 0 and run = ?"
        with self._transaction():
            self._db.execute(f"delete from described where number in ({own})", (self._run,))  # noqa: S608 - ours
            self._db.execute("delete from work where state = 0 and run = ?", (self._run,))
            self._try_again()

    def _try_again(self) -> None:
        self._db.execute("insert or replace into about values ('tries', ?)", (str(self.tries + 1),))

    @property
    def tries(self) -> int:
        """How often something was begun anew."""
        with self._guarded():
            found = self._db.execute("select value from about where name = 'tries'").fetchone()
        return self._number(found[0]) if found else 0

    def counts(self) -> dict[State, int]:
        """Return how many objects stand how."""
        with self._guarded():
            found = self._db.execute("select state, count(*) from work group by state").fetchall()
        return {self._state(state): number for state, number in found}

    def problems(self, states: Iterable[State], *, limit: int = 1000) -> Iterator[Problem]:
        """Yield objects in these states, in manifest order."""
        marks = [STATES.index(state) for state in states]
        query = (
            f"select number, key, state, detail from work where state in ({','.join('?' * len(marks))})"  # noqa: S608 - question marks only
            " order by number limit ?"
        )
        with self._guarded(), closing(self._db.execute(query, (*marks, limit))) as found:
            for number, key, state, detail in found:
                if not (isinstance(key, str | None) and isinstance(detail, str | None)):
                    raise self._damaged("work")
                yield Problem(number=number, key=key or "", state=self._state(state), detail=detail or "")

    def _state(self, mark: object) -> State:
        if not isinstance(mark, int) or not 0 <= mark < len(STATES):
            raise self._damaged("work.state")
        return STATES[mark]

    def _number(self, text: object) -> int:
        try:
            return number_in(str(text))
        except ForeignError:
            raise self._damaged("about.tries") from None

    def _damaged(self, place: str) -> UsageProblem:
        """Return that something stands in the ledger that no run enters."""
        return UsageProblem(
            message("the ledger `{path}` is damaged at `{place}`", path=str(self._path), place=place),
            message("name another ledger with `--ledger`"),
        )

    def _belongs(self, name: str, value: str) -> None:
        self._db.execute("insert or ignore into about values (?, ?)", (name, value))
        (found,) = self._db.execute("select value from about where name = ?", (name,)).fetchone()
        if found != value:
            self._db.close()
            raise of_another(self._path, name, found)

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        """`begin immediate` … `commit`, or `rollback` when something is raised."""
        try:
            with self._guarded():
                self._db.execute("begin immediate")
                yield
                self._db.execute("commit")
        finally:
            if self._db.in_transaction:
                self._db.execute("rollback")

    @contextmanager
    def _guarded(self) -> Iterator[None]:
        """Say in one line what SQLite finds: a full disk, a damaged page, another run that keeps it busy."""
        try:
            yield
        except sqlite3.Error as problem:
            raise TrailsealError(
                message(
                    "the ledger `{path}` cannot be used: {problem}",
                    path=str(self._path),
                    problem=str(problem),
                ),
                message("what it holds is kept; another run may be writing it: try again"),
            ) from problem
