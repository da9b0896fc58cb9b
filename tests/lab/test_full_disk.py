"""Whatever verb writes it, a file for which there is no room ends in one line, with 1, and leaves nothing."""

from __future__ import annotations

import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from labs import RunningLab

ROOM = 50
"""Bytes that a file may have."""
WORDS = {
    "check": ("check", "--save"),
    "who": ("who", "--save"),
    "plan": ("plan", "--out"),
    "census": ("history", "census", "--manifest"),
}


def no_room() -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (ROOM, ROOM))


def unmeasured(environment: dict[str, str]) -> dict[str, str]:
    """Leave out what would measure coverage: it keeps a file of its own, and there is no room for it."""
    return {name: value for name, value in environment.items() if not name.startswith("COVERAGE")}


@pytest.mark.parametrize("words", WORDS.values(), ids=WORDS)
@pytest.mark.parametrize("kept", [True, False], ids=["in the place of one", "new"])
def test_where_there_is_no_room_one_line_says_so_and_what_was_there_stays(
    words: tuple[str, ...], *, kept: bool, shared_lab: Callable[[str], RunningLab], tmp_path: Path
) -> None:
    place = tmp_path / "out"
    if kept:
        place.write_text("old")
    ended = subprocess.run(
        [sys.executable, "-m", "trailseal", *words, str(place)],
        env=unmeasured(shared_lab("clean").environment()),
        preexec_fn=no_room,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )

    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr.splitlines()[-1] == f"error: `{place}` cannot be written: File too large"
    assert [(each.name, each.read_text()) for each in tmp_path.iterdir()] == [("out", "old")] * kept
