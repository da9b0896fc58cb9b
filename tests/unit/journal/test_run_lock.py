"""One process at a time carries out a plan."""

from __future__ import annotations

import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

import pytest

from trailseal.errors import TrailsealError
from trailseal.journal.store import SqliteJournal

HOLDER = """
import sys
from pathlib import Path
from trailseal.journal.store import SqliteJournal
with SqliteJournal(Path(sys.argv[1])).alone("aa", lambda: print("waits", flush=True)):
    print("has it", flush=True)
    sys.stdin.read()
"""


def holder(path: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )


def says(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


@pytest.mark.parametrize("how", ["ends", "is killed"])
def test_a_second_process_waits_for_the_first(how: str, tmp_path: Path) -> None:
    path = tmp_path / "home" / "journal"
    with holder(path) as first:
        assert says(first) == "has it"
        with holder(path) as second:
            assert says(second) == "waits"
            if how == "ends":
                first.communicate()
            else:
                first.kill()
            assert says(second) == "has it"
            second.communicate()

    assert list(path.parent.glob("*.lock")) == []


def test_other_runs_do_not_wait(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    waited: list[str] = []
    with holder(path) as first, ExitStack() as stack:
        assert says(first) == "has it"
        stack.enter_context(SqliteJournal(path).alone("bb", lambda: waited.append("bb")))
        first.communicate()

    assert waited == []


def test_a_lock_whose_file_was_deleted_is_taken_anew(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    with holder(path) as first:
        assert says(first) == "has it"
        next(tmp_path.glob("*.lock")).unlink()
        with SqliteJournal(path).alone("aa", lambda: None):
            first.communicate()
            assert list(tmp_path.glob("*.lock")) == []


def test_a_link_in_its_place_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "journal.aa.lock").symlink_to(tmp_path / "elsewhere")

    with (
        pytest.raises(TrailsealError, match=r"the journal .* cannot be used"),
        SqliteJournal(tmp_path / "journal").alone("aa", lambda: None),
    ):
        pass

    assert not (tmp_path / "elsewhere").exists()
