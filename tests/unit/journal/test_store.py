"""The journal: what was written is there, for its owner alone."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import timedelta

import msgspec
import pytest
from msgspec import structs

from plan_estate import ACCOUNT, HOME, KEY, NOW, OTHER, TRAIL, World, plan_of, ports_for
from trailseal.errors import TrailsealError, UsageProblem
from trailseal.journal.store import SqliteJournal
from trailseal.plan.step import new_key
from trailseal.run.journal import Direction, JournalEntry, Phase
from trailseal.run.undo import ToUndo, chosen_plan, find_run

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


SWITCH = 3
"""Where `plan_of()` turns the trail; its other steps make a key, and are left by an undo."""
CHANGED = (Phase.BEGUN, Direction.APPLY), (Phase.DONE, Direction.APPLY)


def begin(journal, plan, *said, at=NOW, position=SWITCH) -> None:
    journal.start(plan, at=at)
    for phase, direction in said:
        journal.write(JournalEntry(run=plan.id, at=at, direction=direction, phase=phase, position=position))


@pytest.mark.parametrize(
    ("position", "said", "changed"),
    [
        (SWITCH, [], False),
        (SWITCH, [(Phase.DONE, Direction.APPLY)], False),
        (SWITCH, [(Phase.BEGUN, Direction.APPLY)], True),
        (SWITCH, CHANGED, True),
        (SWITCH, [*CHANGED, (Phase.BEGUN, Direction.UNDO)], True),
        (SWITCH, [*CHANGED, (Phase.DONE, Direction.UNDO)], False),
        (SWITCH, [*CHANGED, (Phase.BEGUN, Direction.ROLL_BACK), (Phase.DONE, Direction.ROLL_BACK)], False),
        (SWITCH, [*CHANGED, (Phase.DONE, Direction.UNDO), *CHANGED], True),
        (0, CHANGED, False),
    ],
    ids=[
        "only started", "it stood already", "killed at it", "done", "undo was killed", "undone",
        "rolled back", "done again", "a key that is left",
    ],
)  # fmt: skip
def test_undo_takes_the_run_that_changed_something_last(journal, position, said, changed) -> None:
    before = plan_of(rotation_days=90)
    begin(journal, before, *CHANGED)
    begin(journal, plan_of(), *said, at=LATER, position=position)

    assert find_run(journal, "", ACCOUNT).plan == (plan_of() if changed else before)


def test_undo_takes_the_last_change_and_not_the_last_start(journal) -> None:
    first = plan_of(rotation_days=90)
    journal.start(first, at=NOW)
    begin(journal, plan_of(), *CHANGED, at=LATER)
    begin(journal, first, *CHANGED, at=LATER + timedelta(minutes=1))

    assert find_run(journal, "", ACCOUNT).plan == first


def test_a_run_belongs_to_its_endpoint(tmp_path) -> None:
    labs = [SqliteJournal(tmp_path / "journal", f"http://127.0.0.1:{port}") for port in (4001, 4002)]
    aws = SqliteJournal(tmp_path / "journal")
    begin(labs[0], plan_of(), *CHANGED, at=LATER)
    begin(aws, plan_of(), at=NOW)

    assert find_run(labs[0], "", ACCOUNT).endpoint == "http://127.0.0.1:4001"
    for elsewhere in (labs[1], aws):
        with pytest.raises(UsageProblem, match="there is no run to undo"):
            find_run(elsewhere, "", ACCOUNT)
    assert labs[1].run(plan_of().id) is None
    assert (aws.run(plan_of().id).entries, len(labs[0].run(plan_of().id).entries)) == ((), 2)
    assert [run.endpoint for run in aws.every_run()] == ["http://127.0.0.1:4001", ""]


def test_a_journal_from_before_endpoints_keeps_its_runs(tmp_path) -> None:
    path = tmp_path / "journal"
    with closing(sqlite3.connect(path)) as base, base:
        base.execute("CREATE TABLE run (id TEXT PRIMARY KEY, account TEXT, started_at TEXT, plan BLOB)")
        base.execute(
            "CREATE TABLE entry (number INTEGER PRIMARY KEY AUTOINCREMENT, run TEXT REFERENCES run, at TEXT, "
            "direction TEXT, phase TEXT, position INTEGER, detail TEXT)"
        )
        row = (plan_of().id, ACCOUNT, NOW.isoformat(), msgspec.json.encode(plan_of()))
        base.execute("INSERT INTO run VALUES (?, ?, ?, ?)", row)
        base.execute(
            "INSERT INTO entry (run, at, direction, phase, position, detail) VALUES (?, ?, ?, ?, ?, ?)",
            (plan_of().id, NOW.isoformat(), "apply", "begun", SWITCH, ""),
        )
    lab = SqliteJournal(path, "http://127.0.0.1:4001")

    assert find_run(SqliteJournal(path), "", ACCOUNT).changed_at == NOW
    lab.start(plan_of(), at=LATER)
    assert lab.run(plan_of().id).entries == ()
    assert len(lab.every_run()) == 2


@pytest.mark.parametrize(("run", "account"), [("none", ACCOUNT), ("", OTHER)], ids=["named", "newest"])
def test_a_run_that_is_not_there_is_said(journal, run, account) -> None:
    journal.start(plan_of(), at=NOW)

    with pytest.raises(UsageProblem, match="there is no run"):
        find_run(journal, run, account)


def test_a_plan_file_names_a_run_where_there_is_no_journal(journal, tmp_path) -> None:
    from trailseal.plan.codec import write_plan

    (tmp_path / "plan.json").write_bytes(write_plan(plan_of()))
    ports = ports_for(World(), journal)

    file = str(tmp_path / "plan.json")
    assert chosen_plan(file, ports) == ToUndo(plan=plan_of(), name=file)
    begin(journal, plan_of(), *CHANGED)
    assert chosen_plan(file, ports) == ToUndo(plan=plan_of(), name=file, changed_at=NOW)
    assert chosen_plan(plan_of().id, ports) == ToUndo(plan=plan_of(), name=plan_of().id, changed_at=NOW)


def test_a_run_that_is_named_is_found_without_asking_aws(journal) -> None:
    journal.start(plan_of(), at=NOW)
    nobody = structs.replace(ports_for(World(), journal), control=None)

    assert chosen_plan(plan_of().id, nobody) == ToUndo(plan=plan_of(), name=plan_of().id)


def test_a_folder_named_like_a_run_hides_no_run(journal, tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / plan_of().id).mkdir()
    journal.start(plan_of(), at=NOW)

    assert chosen_plan(plan_of().id, ports_for(World(), journal)) == ToUndo(plan=plan_of(), name=plan_of().id)


def test_a_plan_that_an_older_version_wrote_is_told_in_one_line(journal, tmp_path) -> None:
    journal.start(plan_of(), at=NOW)
    with closing(sqlite3.connect(tmp_path / "state" / "journal")) as base, base:
        base.execute("UPDATE run SET plan = ?", (b'{"format": 1, "triggers": [{"template": "x"}]}',))

    for look in (lambda: journal.run(plan_of().id), lambda: journal.runs(ACCOUNT)):
        with pytest.raises(TrailsealError, match="in a form that this version does not read") as told:
            look()
        assert "\n" not in str(told.value)


DAMAGE = {
    "a plan that is no JSON": ("update run set plan = ?", b"{"),
    "a plan that is a number": ("update run set plan = ?", 7),
    "no plan": ("update run set plan = ?", None),
    "a plan that is nested": ("update run set plan = ?", b"[" * 100_000),
    "a plan of another name": (
        "update run set plan = ?",
        msgspec.json.encode(structs.replace(plan_of(), id="f" * 12)),
    ),
    "a plan whose way back is another": (
        "update run set plan = ?",
        msgspec.json.encode(structs.replace(plan_of(), rollback=())),
    ),
    "a time that is none": ("update run set started_at = ?", "soon"),
    "a time without a zone far away": ("update run set started_at = ?", "0001-01-01"),
    "a time that is a number": ("update run set started_at = ?", 1),
    "a line's time": ("update entry set at = ?", "soon"),
    "a line's place": ("update entry set position = ?", 99),
    "a place that is no number": ("update entry set position = ?", "x"),
    "a place that is half a number": ("update entry set position = ?", 1.5),
    "a line's phase": ("update entry set phase = ?", "eaten"),
    "a line's direction": ("update entry set direction = ?", None),
    "a line's detail": ("update entry set detail = ?", b"\xff"),
}


@pytest.mark.parametrize("name", DAMAGE)
def test_a_journal_that_is_damaged_within_is_one_line(journal, tmp_path, name) -> None:
    journal.start(plan_of(), at=NOW)
    journal.write(entry(Phase.BEGUN, 0))
    change, value = DAMAGE[name]
    with closing(sqlite3.connect(tmp_path / "state" / "journal")) as base, base:
        base.execute(change, (value,))

    for ask in (journal.every_run, lambda: journal.run(plan_of().id), lambda: journal.runs(ACCOUNT)):
        with pytest.raises(TrailsealError) as told:
            ask()
        assert "journal" in str(told.value)
        assert told.value.hint


def test_a_switch_whose_time_is_damaged_counts_from_its_beginning(journal) -> None:
    journal.start(plan_of(), at=NOW)
    journal.write(entry(Phase.BEGUN, 3))
    journal.write(entry(Phase.DONE, 3, "soon", at=LATER))

    assert journal.run(plan_of().id).switched_at == {TRAIL: NOW}
