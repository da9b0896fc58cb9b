"""The ledger where it cannot be written."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from trailseal.errors import TrailsealError
from trailseal.history.reencrypt.ledger import Ledger
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


def interrupted() -> Iterator[Work]:
    yield planned(1, Row(key="k"), Target(bucket="b", key_arn="arn"))
    raise KeyboardInterrupt
