"""A plan is told in short only where its very bytes were shown in full before."""

from __future__ import annotations

import os
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import pytest

from plan_estate import NOW, snapshot
from trailseal.cli.main import run
from trailseal.cli.saved_plan import show_once
from trailseal.errors import ExitCode
from trailseal.journal.store import SqliteJournal
from trailseal.model.document import encode
from trailseal.run.documents import plan_and_digest_in

STATEMENT = '"Sid": "AllowCloudTrailEncryptLogs"'


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TRAILSEAL_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    Path("snapshot.json").write_bytes(encode(snapshot()))
    return tmp_path / "home"


def planned(*options: str) -> Path:
    assert run(["plan", "--snapshot", "snapshot.json", "--out", "p.json", *options]) is ExitCode.FINDINGS
    return Path("p.json")


def is_full(path: Path, capsys: pytest.CaptureFixture[str]) -> bool:
    capsys.readouterr()
    show_once(*plan_and_digest_in(path))
    shown = capsys.readouterr().err
    assert "cloudtrail:UpdateTrail" in shown
    return STATEMENT in shown


def test_what_plan_showed_is_told_in_short(capsys) -> None:
    assert not is_full(planned(), capsys)
    assert not is_full(planned("-v"), capsys)


def test_what_only_a_program_read_is_shown_in_full_once(capsys) -> None:
    path = planned("--format", "json")

    assert [is_full(path, capsys) for _ in range(2)] == [True, False]


@pytest.mark.parametrize("options", [["--brief"], ["-q"], ["--format", "json"]], ids=" ".join)
def test_what_was_shown_in_part_or_not_at_all_is_shown_in_full(options, capsys) -> None:
    assert is_full(planned(*options), capsys)


def test_what_went_nowhere_is_shown_in_full(capsys) -> None:
    with Path(os.devnull).open("w", encoding="utf-8") as nowhere:
        with redirect_stdout(nowhere):
            path = planned()
        with redirect_stderr(nowhere):
            show_once(*plan_and_digest_in(path))

    assert [is_full(path, capsys) for _ in range(2)] == [True, False]


CHANGES = {"a line more": (b"}\n", b"}\n\n"), "another line end": (b"\n", b"\r\n")}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_other_bytes_are_another_plan(change, capsys) -> None:
    path = planned()
    path.write_bytes(path.read_bytes().replace(*change))

    assert is_full(path, capsys)


def test_what_another_home_showed_is_shown_here_in_full(capsys, monkeypatch, tmp_path) -> None:
    path = planned()
    monkeypatch.setenv("TRAILSEAL_HOME", str(tmp_path / "another"))

    assert is_full(path, capsys)


def test_a_home_that_cannot_be_written_to_spoils_no_plan(home: Path) -> None:
    home.write_text("")

    assert planned().exists()


def test_the_journal_keeps_digests_apart(home: Path) -> None:
    journal = SqliteJournal(home / "journal")

    assert not journal.was_shown("a")
    journal.note_shown("a", at=NOW)
    journal.note_shown("a", at=NOW)
    assert (journal.was_shown("a"), journal.was_shown("b")) == (True, False)
