"""The journal: what was written is there, for its owner alone."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import timedelta

import pytest
from msgspec import structs

from plan_estate import ACCOUNT, HOME, KEY, NOW, OTHER, TRAIL, World, plan_of, ports_for
from trailseal.errors import TrailsealError, UsageProblem
from trailseal.journal.store import SqliteJournal
from trailseal.plan.step import new_key
from trailseal.run.journal import Direction, JournalEntry, Phase
from trailseal.run.undo import chosen_plan, find_run

LATER = NOW + timedelta(minutes=1)


@pytest.fixture
def journal(tmp_path):
    return SqliteJournal(tmp_path / "state" / "journal")


def entry(phase, position=-1, detail="", direction=Direction.APPLY, at=NOW):
    return JournalEntry(
        run=plan_of().id, at=at, direction=direction, phase=phase, position=position, detail=detail
    )


def test_a_run_comes_back_as_it_was_written(journal) -> None:
    plan = plan_of()
    journal.start(plan, at=NOW)
    journal.write(entry(Phase.BEGUN, 0))
    journal.write(entry(Phase.DONE, 0, KEY))

    record = journal.run(plan.id[:6])

    assert record.plan == plan
    assert [e.phase for e in record.entries] == [Phase.BEGUN, Phase.DONE]
    assert record.made_keys == {new_key(HOME): KEY}
    assert record.begun == {}


def test_starting_twice_is_one_run(journal) -> None:
    journal.start(plan_of(), at=NOW)

    assert journal.start(plan_of(), at=LATER).started_at == NOW
    assert len(journal.runs(ACCOUNT)) == 1


def test_what_was_begun_and_not_done_is_known(journal) -> None:
    journal.start(plan_of(), at=NOW)
    journal.write(entry(Phase.BEGUN, 0))

    assert journal.run(plan_of().id).begun == {0: NOW}


def test_a_switch_that_was_killed_before_it_was_noted_counts_from_its_beginning(journal) -> None:
    journal.start(plan_of(), at=NOW)
    journal.write(entry(Phase.BEGUN, 3))
    journal.write(entry(Phase.DONE, 3, "", at=LATER))

    assert journal.run(plan_of().id).switched_at == {TRAIL: NOW}


def test_a_switch_seen_done_that_this_journal_never_began_has_no_time(journal) -> None:
    journal.start(plan_of(), at=NOW)
    journal.write(entry(Phase.DONE, 3, ""))

    assert journal.run(plan_of().id).switched_at == {}


def test_the_file_is_its_owners_alone(journal, tmp_path) -> None:
    journal.start(plan_of(), at=NOW)

    assert oct((tmp_path / "state" / "journal").stat().st_mode & 0o777) == "0o600"
    assert oct((tmp_path / "state").stat().st_mode & 0o777) == "0o700"


def test_before_the_first_run_there_is_none(journal) -> None:
    assert journal.run("x") is None
    assert journal.runs(ACCOUNT) == ()


def test_a_journal_that_cannot_be_written_is_one_line(tmp_path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(TrailsealError, match="cannot be used"):
        SqliteJournal(tmp_path / "file" / "journal").start(plan_of(), at=NOW)


def test_a_file_that_is_no_journal_is_one_line(tmp_path) -> None:
    (tmp_path / "journal").write_text("not a database, but long enough to be read as one" * 20)

    with pytest.raises(TrailsealError, match="cannot be used"):
        SqliteJournal(tmp_path / "journal").runs(ACCOUNT)


def test_the_newest_standing_run_is_the_one_to_undo(journal) -> None:
    journal.start(plan_of(rotation_days=90), at=NOW)
    journal.start(plan_of(), at=LATER)

    assert find_run(journal, "", ACCOUNT).plan == plan_of()
    journal.write(entry(Phase.ENDED, detail="undone", direction=Direction.UNDO))
    assert find_run(journal, "", ACCOUNT).plan == plan_of(rotation_days=90)


@pytest.mark.parametrize(("run", "account"), [("none", ACCOUNT), ("", OTHER)], ids=["named", "newest"])
def test_a_run_that_is_not_there_is_said(journal, run, account) -> None:
    journal.start(plan_of(), at=NOW)

    with pytest.raises(UsageProblem, match="there is no run"):
        find_run(journal, run, account)


def test_a_plan_file_names_a_run_where_there_is_no_journal(journal, tmp_path) -> None:
    from trailseal.plan.codec import write_plan

    (tmp_path / "plan.json").write_bytes(write_plan(plan_of()))
    ports = ports_for(World(), journal)

    assert chosen_plan(str(tmp_path / "plan.json"), ports)[0] == plan_of()
    journal.start(plan_of(), at=NOW)
    assert chosen_plan(plan_of().id, ports) == (plan_of(), plan_of().id)


def test_a_run_that_is_named_is_found_without_asking_aws(journal) -> None:
    journal.start(plan_of(), at=NOW)
    nobody = structs.replace(ports_for(World(), journal), control=None)

    assert chosen_plan(plan_of().id, nobody) == (plan_of(), plan_of().id)


def test_a_folder_named_like_a_run_hides_no_run(journal, tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / plan_of().id).mkdir()
    journal.start(plan_of(), at=NOW)

    assert chosen_plan(plan_of().id, ports_for(World(), journal)) == (plan_of(), plan_of().id)


def test_a_plan_that_an_older_version_wrote_is_told_in_one_line(journal, tmp_path) -> None:
    journal.start(plan_of(), at=NOW)
    with closing(sqlite3.connect(tmp_path / "state" / "journal")) as base, base:
        base.execute("UPDATE run SET plan = ?", (b'{"format": 1, "triggers": [{"template": "x"}]}',))

    for look in (lambda: journal.run(plan_of().id), lambda: journal.runs(ACCOUNT)):
        with pytest.raises(TrailsealError, match="in a form that this version does not read") as told:
            look()
        assert "\n" not in str(told.value)
