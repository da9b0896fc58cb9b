"""The ledger where it cannot be written."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from trailseal.errors import TrailsealError, UsageProblem
from trailseal.history.reencrypt.ledger import SCHEMA, Ledger
from trailseal.history.rules.manifest import Row
from trailseal.history.rules.method import Target
from trailseal.history.rules.work import Work, planned


def test_a_ledger_that_another_run_keeps_busy_is_one_line_and_goes_on_afterwards(tmp_path: Path) -> None:
    path = tmp_path / "ledger"
    with Ledger(path, manifest="m", target="t") as ledger:
        ledger._db.execute("pragma busy_timeout = 1")
        with closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("begin immediate")
            with pytest.raises(TrailsealError, match="cannot be used: database is locked"):
                ledger.claim([1])

        assert ledger.claim([1]) == {1: False}


def test_what_was_begun_when_something_is_raised_is_taken_back(tmp_path: Path) -> None:
    with Ledger(tmp_path / "ledger", manifest="m", target="t") as ledger:
        with pytest.raises(KeyboardInterrupt):
            ledger.enter(interrupted())

        assert ledger.counts() == {}
        assert ledger.claim([1]) == {1: False}


def test_a_full_disk_is_one_line_and_what_was_there_stays(tmp_path: Path) -> None:
    with Ledger(tmp_path / "ledger", manifest="m", target="t") as ledger:
        ledger.claim([1])
        (pages,) = ledger._db.execute("pragma page_count").fetchone()
        ledger._db.execute(f"pragma max_page_count = {pages}")
        with pytest.raises(TrailsealError, match="cannot be used: database or disk is full"):
            ledger.claim(range(2, 100_000))

        assert sum(ledger.counts().values()) == 1


def test_a_damaged_ledger_is_one_line(tmp_path: Path) -> None:
    path = tmp_path / "ledger"
    with Ledger(path, manifest="m", target="t") as ledger:
        ledger.claim(range(1, 5000))
    content = bytearray(path.read_bytes())
    content[8192:] = b"\xff" * (len(content) - 8192)
    path.write_bytes(content)

    with pytest.raises(TrailsealError, match="malformed"), Ledger(path, manifest="m", target="t") as ledger:
        ledger.counts()


FOREIGN = {
    "another database": "create table bookmarks (id integer)",
    "one that has a table of that name": "create table about (name text, value text); create table x (y)",
    "one in WAL mode": "pragma journal_mode=wal; create table bookmarks (id integer)",
}


@pytest.mark.parametrize("made_by", FOREIGN.values(), ids=FOREIGN)
def test_a_database_of_something_else_is_no_ledger_and_is_left_as_it_is(made_by: str, tmp_path: Path) -> None:
    path = tmp_path / "mine.sqlite"
    with closing(sqlite3.connect(path)) as database:
        database.executescript(made_by)
    before = path.read_bytes()
    with pytest.raises(UsageProblem, match="is not a ledger"):
        Ledger(path, manifest="m", target="t")

    assert [each.name for each in tmp_path.iterdir()] == ["mine.sqlite"]
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    "content", [b"text", b"SQLite format 3\0", bytes(5000)], ids=["text", "head", "zeros"]
)
def test_a_file_that_is_no_database_is_left_as_it_is(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "notes"
    path.write_bytes(content)
    with pytest.raises(UsageProblem, match="cannot be used as a ledger"):
        Ledger(path, manifest="m", target="t")

    assert path.read_bytes() == content


@pytest.mark.parametrize("made", range(len(SCHEMA.split(";"))))
def test_a_ledger_whose_making_was_killed_is_made_whole(made: int, tmp_path: Path) -> None:
    path = tmp_path / "ledger"
    with closing(sqlite3.connect(path)) as database:
        database.executescript("pragma journal_mode=wal;" + ";".join(SCHEMA.split(";")[:made]))
    with Ledger(path, manifest="m", target="t") as ledger:
        assert ledger.claim([1]) == {1: False}


def test_a_ledger_that_a_run_has_open_tells_whose_it_is(tmp_path: Path) -> None:
    with (
        Ledger(tmp_path / "ledger", manifest="m", target="t"),
        pytest.raises(UsageProblem, match="another manifest"),
    ):
        Ledger(tmp_path / "ledger", manifest="n", target="t")


def test_runs_that_name_one_ledger_differently_see_each_other(tmp_path: Path) -> None:
    (tmp_path / "away").mkdir()
    (tmp_path / "link").symlink_to("away/ledger")
    with (
        Ledger(tmp_path / "link", manifest="m", target="t") as one,
        Ledger(tmp_path / "away" / "ledger", manifest="m", target="t") as other,
    ):
        assert one.claim([1]) == {1: False}
        assert other.claim([1]) == {}


def test_a_link_laid_out_for_a_lock_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "ledger.run-1").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(TrailsealError):
        Ledger(tmp_path / "ledger", manifest="m", target="t")

    assert not (tmp_path / "elsewhere").exists()


def interrupted() -> Iterator[Work]:
    yield planned(1, Row(key="k"), Target(bucket="b", key_arn="arn"))
    raise KeyboardInterrupt
