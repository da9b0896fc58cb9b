"""Files are written whole or not at all, for their owner alone, and by every writer in the same way."""

from __future__ import annotations

import errno
import json
import os
import resource
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from plan_estate import NOW, plan_of
from trailseal.errors import ExitCode, TrailsealError, UsageProblem
from trailseal.files import Draft, draft_of, own_file, place_of, write_new, write_private
from trailseal.history.reencrypt.ledger import Ledger
from trailseal.history.reencrypt.shard_place import FolderStore
from trailseal.journal.store import SqliteJournal
from trailseal.messages import message

HINT = message("name another")
BIG = b"x" * 100_000


def in_two_parts(path: Path, content: bytes) -> None:
    with draft_of(path) as draft:
        draft.write(content[:1])
        draft.writelines(iter([content[1:], b""]))


def as_new(path: Path, content: bytes) -> None:
    write_new(path, content, hint=HINT)


def as_shard(path: Path, content: bytes) -> None:
    FolderStore(path.parent).write(path.name, content)


def as_ledger(path: Path, content: bytes) -> None:
    del content
    with Ledger(path, manifest="m", target="t"):
        pass


def as_journal(path: Path, content: bytes) -> None:
    del content
    SqliteJournal(path).start(plan_of(), at=NOW)


WHOLE: dict[str, Callable[[Path, bytes], None]] = {
    "write_private": write_private,
    "draft_of": in_two_parts,
    "a shard of a ledger": as_shard,
}
KEPT = {"ledger": as_ledger, "journal": as_journal}
WRITERS = {**WHOLE, "write_new": as_new, **KEPT}
whole = pytest.mark.parametrize("write", WHOLE.values(), ids=WHOLE)
kept = pytest.mark.parametrize("write", KEPT.values(), ids=KEPT)
writers = pytest.mark.parametrize("write", WRITERS.values(), ids=WRITERS)
Write = Callable[[Path, bytes], None]


def lying(folder: Path) -> list[str]:
    """Return what lies in a folder, but for what SQLite and locks leave beside a database."""
    return sorted(each.name for each in folder.iterdir())


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@writers
def test_what_is_new_is_its_owners_alone_and_nothing_else_is_left(write: Write, tmp_path: Path) -> None:
    write(tmp_path / "m", b"new")

    assert lying(tmp_path) == ["m"]
    assert mode(tmp_path / "m") == 0o600


@pytest.mark.parametrize("before", [0o644, 0o666, 0o640, 0o604, 0o777], ids=oct)
@pytest.mark.parametrize("write", [*WHOLE.values(), *KEPT.values()], ids=[*WHOLE, *KEPT])
def test_what_others_could_read_is_its_owners_alone_afterwards(
    write: Write, before: int, tmp_path: Path
) -> None:
    write(tmp_path / "m", b"old")
    (tmp_path / "m").chmod(before)
    write(tmp_path / "m", b"new")

    assert mode(tmp_path / "m") == 0o600


@writers
@pytest.mark.parametrize("there", [True, False], ids=["to a file", "to nothing yet"])
def test_every_writer_follows_a_link_and_leaves_it(write: Write, *, there: bool, tmp_path: Path) -> None:
    (tmp_path / "away").mkdir()
    if there and write is not as_new:
        write(tmp_path / "away" / "n", b"old")
    (tmp_path / "middle").symlink_to("away/n")
    (tmp_path / "m").symlink_to("middle")
    write(tmp_path / "m", b"new")

    assert (tmp_path / "m").is_symlink()
    assert (tmp_path / "middle").is_symlink()
    assert (lying(tmp_path), lying(tmp_path / "away")) == (["away", "m", "middle"], ["n"])
    assert mode(tmp_path / "away" / "n") == 0o600


def a_loop(path: Path) -> None:
    path.symlink_to(path.name)


def two_that_lead_to_each_other(path: Path) -> None:
    path.symlink_to("other")
    path.with_name("other").symlink_to(path.name)


PLACES: dict[str, Callable[[Path], object]] = {
    "a folder": Path.mkdir,
    "a link to a folder": lambda path: path.symlink_to(path.parent),
    "a pipe": os.mkfifo,
    "a link to a device": lambda path: path.symlink_to("/dev/null"),
    "a link into no folder": lambda path: path.symlink_to(path.parent / "no" / "such"),
    "a link to itself": a_loop,
    "links in a circle": two_that_lead_to_each_other,
}


@writers
@pytest.mark.parametrize("make", PLACES.values(), ids=PLACES)
def test_where_no_file_can_lie_nothing_changes_and_it_is_wrong_usage(
    write: Write, make: Callable[[Path], object], tmp_path: Path
) -> None:
    make(tmp_path / "m")
    before = lying(tmp_path)
    with pytest.raises(UsageProblem, match=r"is not a file|there is no folder|cannot be written"):
        write(tmp_path / "m", b"new")

    assert lying(tmp_path) == before


def test_a_device_is_never_replaced() -> None:
    with pytest.raises(UsageProblem, match="`/dev/null` is not a file"):
        write_private(Path("/dev/null"), b"")

    assert Path("/dev/null").is_char_device()


@whole
@pytest.mark.parametrize("name", ["m" * 250, "計画" * 40, ".hidden"])
def test_a_long_name_is_written_as_any_other(write: Write, name: str, tmp_path: Path) -> None:
    write(tmp_path / name, b"new")

    assert [(each.name, each.read_bytes()) for each in tmp_path.iterdir()] == [(name, b"new")]


@writers
@pytest.mark.parametrize("name", ["no/such/m", "m" * 300])
def test_a_name_that_no_file_can_have_is_wrong_usage(write: Write, name: str, tmp_path: Path) -> None:
    if write is as_journal and "/" in name:
        return  # the journal's folder is made
    with pytest.raises(UsageProblem if write is not as_journal else TrailsealError):
        write(tmp_path / name, b"new")

    assert lying(tmp_path) == []


@pytest.mark.parametrize("raised", [KeyboardInterrupt, UsageProblem, OSError])
def test_what_was_there_stays_when_anything_is_raised(raised: type[BaseException], tmp_path: Path) -> None:
    path = tmp_path / "m"
    path.write_text("old")
    with pytest.raises(raised), draft_of(path) as draft:
        write_half(draft, raised)

    assert [(each.name, each.read_text()) for each in tmp_path.iterdir()] == [("m", "old")]


def write_half(draft: Draft, raised: type[BaseException]) -> None:
    draft.write(b"half")
    raise raised("")


def test_what_is_there_is_no_new_file(tmp_path: Path) -> None:
    (tmp_path / "m").write_text("old")
    with pytest.raises(UsageProblem, match="exists already and is left as it is"):
        as_new(tmp_path / "m", b"new")

    assert (tmp_path / "m").read_text() == "old"


FAULTS = [errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO]
CALLS = ["fsync of the file", "fsync of the folder", "rename"]


@pytest.mark.parametrize("write", [*WHOLE.values(), as_new], ids=[*WHOLE, "write_new"])
@pytest.mark.parametrize("number", FAULTS, ids=errno.errorcode.get)
@pytest.mark.parametrize("call", CALLS)
def test_a_disk_that_does_not_take_it_is_one_line_at_every_call(
    write: Write, number: int, call: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fsync = os.fsync

    def refuse(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    def refuse_one(descriptor: int) -> None:
        is_folder = stat.S_ISDIR(os.fstat(descriptor).st_mode)
        if is_folder == (call == "fsync of the folder"):
            refuse()
        fsync(descriptor)

    if call == "rename":
        monkeypatch.setattr(Path, "replace", refuse)
    else:
        monkeypatch.setattr(os, "fsync", refuse_one)
    if call == "rename" and write is as_new:
        return
    with pytest.raises(TrailsealError, match="cannot be written") as found:
        write(tmp_path / "m", b"new")

    assert found.value.exit_code is ExitCode.FAILED
    assert lying(tmp_path) == (["m"] if call == "fsync of the folder" else [])


@pytest.mark.parametrize("number", [errno.EINVAL, errno.ENOTSUP], ids=errno.errorcode.get)
def test_a_file_system_that_cannot_sync_a_folder_is_no_fault(
    number: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fsync = os.fsync

    def refuse_folders(descriptor: int) -> None:
        if stat.S_ISDIR(os.fstat(descriptor).st_mode):
            raise OSError(number, os.strerror(number))
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", refuse_folders)
    write_private(tmp_path / "m", b"new")

    assert (tmp_path / "m").read_bytes() == b"new"


def test_file_then_name_are_brought_to_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[tuple[bool, bool]] = []
    fsync = os.fsync

    def note(descriptor: int) -> None:
        seen.append((stat.S_ISDIR(os.fstat(descriptor).st_mode), (tmp_path / "m").exists()))
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", note)
    write_private(tmp_path / "m", b"new")

    assert seen == [(False, False), (True, True)]


def test_a_draft_cannot_be_guessed_or_laid_out_as_a_link(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: dict[str, int] = {}
    real = os.open

    def note(path: str, flags: int, *given: int, **named: int) -> int:
        opened[str(path)] = flags
        return real(path, flags, *given, **named)

    monkeypatch.setattr(os, "open", note)
    for _ in range(20):
        write_private(tmp_path / "m", b"new")
    drafts = {name: flags for name, flags in opened.items() if name.endswith(".part")}

    assert len(drafts) == 20
    assert all(flags & os.O_EXCL and flags & os.O_NOFOLLOW for flags in drafts.values())


@kept
def test_a_database_of_somebody_else_that_cannot_be_made_private_is_not_used(
    write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(errno.EPERM, "Operation not permitted")

    write(tmp_path / "m", b"")
    (tmp_path / "m").chmod(0o644)
    monkeypatch.setattr(os, "fchmod", refuse)
    write(tmp_path / "m", b"")  # a file system without modes: it is ours all the same
    monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 1)

    with pytest.raises(TrailsealError, match="Operation not permitted"):
        write(tmp_path / "m", b"")


def test_a_database_is_kept_with_what_it_holds(tmp_path: Path) -> None:
    (tmp_path / "m").write_text("old")

    assert own_file(tmp_path / "m") == place_of(tmp_path / "m")
    assert (tmp_path / "m").read_text() == "old"


def test_a_full_disk_has_one_exit_code_and_leaves_nothing_half_written(tmp_path: Path) -> None:
    ended = subprocess.run(
        [sys.executable, __file__, str(tmp_path)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )

    assert json.loads(ended.stdout) == dict.fromkeys(WRITERS, 1)
    assert [name for name in lying(tmp_path) if (tmp_path / name).stat().st_size] == []


def main(folder: Path) -> None:
    """Write with every writer where no file may have more than no bytes at all, and print the exit codes."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    codes = {}
    for name, write in WRITERS.items():
        try:
            write(folder / name, BIG)
        except TrailsealError as problem:
            codes[name] = int(problem.exit_code)
    sys.stdout.write(json.dumps(codes))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
