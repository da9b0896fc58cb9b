"""Each verb starts anew, in an interpreter that has imported nothing: other tests fork their commands."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from forked import Forked
from trailseal.cli.main import VERBS

ENVIRONMENT = {"COLUMNS": "100", "LC_ALL": "C.UTF-8", "NO_COLOR": "1"}


def started(command: list[str], *words: str, folder: Path) -> tuple[int, str, str]:
    given = {k: v for k, v in os.environ.items() if not k.startswith(("AWS_", "TRAILSEAL_"))}
    given |= ENVIRONMENT | {"TRAILSEAL_HOME": str(folder), "HOME": str(folder)}
    done = subprocess.run(
        [*command, *words], env=given, cwd=folder, capture_output=True, text=True, check=False
    )
    return done.returncode, done.stdout, done.stderr


@pytest.mark.parametrize("verb", VERBS)
def test_a_verb_starts_and_a_forked_one_says_the_same(verb: str, forked: Forked, tmp_path: Path) -> None:
    anew = started([sys.executable, "-m", "trailseal"], verb, "--help", folder=tmp_path)

    assert (anew[0], anew[2]) == (0, "")
    assert anew == started(forked.command, verb, "--help", folder=tmp_path)


def test_a_forked_command_has_the_arguments_streams_and_folder_of_who_asks(
    forked: Forked, tmp_path: Path
) -> None:
    (tmp_path / "policy.json").write_text("{", encoding="utf-8")
    words = ("policy", "lint", "policy.json")
    anew = started([sys.executable, "-m", "trailseal"], *words, folder=tmp_path)

    assert anew[0] != 0
    assert "policy.json" in anew[2]
    assert anew == started(forked.command, *words, folder=tmp_path)


def test_a_forked_command_ends_with_who_asked(forked: Forked, tmp_path: Path) -> None:
    reading, writing = os.pipe()
    with subprocess.Popen(
        [*forked.command, "simulate"], cwd=tmp_path, stdin=subprocess.PIPE, stdout=writing
    ) as asking:
        os.close(writing)
        asking.kill()

    with os.fdopen(reading) as output:  # which ends when the last process that writes to it has
        assert output.read() == ""
