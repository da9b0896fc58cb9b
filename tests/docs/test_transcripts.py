"""
Every transcript in the documentation is run again and must come out as shown.

A README's is run as a reader runs it, from `trailseal lab up` on; the others on a lab and by a command
that are forked.
"""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from docs.transcripts import ROOT, Transcript, agrees, shaped, transcripts
from forked import Forked
from labs import Nursery

LIMIT = 120
FOUND = transcripts()
MARK = "=====trailseal-command-ended====="


@pytest.fixture
def shell_environment(tmp_path: Path) -> dict[str, str]:
    """An environment with a home of its own, our command on the path, and no terminal."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("AWS_", "TRAILSEAL_", "LC_", "LANG"))}
    scripts = Path(sys.executable).parent
    return {
        **kept,
        "PATH": f"{scripts}:{kept['PATH']}",
        "HOME": str(tmp_path),
        "TRAILSEAL_HOME": str(tmp_path / "state"),
        "COLUMNS": "100",
        "NO_COLOR": "1",
        "LANG": "C.UTF-8",
    }


@pytest.fixture
def on_a_lab(
    transcript: Transcript,
    shell_environment: dict[str, str],
    tmp_path: Path,
    nursery: Nursery,
    forked: Forked,
) -> Iterator[list[str]]:
    """The lines that a shell begins with, for a lab to be there."""
    if transcript.page.startswith("README"):
        yield [
            f"trailseal lab up --detach --cycle 1 --scenario {transcript.scenario} >/dev/null",
            'eval "$(trailseal lab env)"',
        ]
        down = ["trailseal", "lab", "down"]
        subprocess.run(down, env=shell_environment, check=False, capture_output=True, timeout=LIMIT)
        return
    lab = nursery.start_lab(tmp_path / "state", transcript.scenario, cycle=1)
    command = tmp_path / "bin" / "trailseal"
    command.parent.mkdir()
    command.write_text(f'#!/bin/sh\nexec {shlex.join(forked.command)} "$@"\n')
    command.chmod(0o755)
    shell_environment["PATH"] = f"{command.parent}:{shell_environment['PATH']}"
    yield [f"export {name}={shlex.quote(value)}" for name, value in lab.variables().items() if value]
    lab.stop()


def run_all(transcript: Transcript, begin: list[str], environment: dict[str, str], folder: Path) -> list[str]:
    """Run the commands in one shell and return the output of each."""
    script = [*begin]
    for command in transcript.commands:
        script += [command.line, f"echo; echo {MARK}"]
    done = subprocess.run(
        ["bash", "-c", "\n".join(script)],
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=LIMIT,
        check=False,
    )
    return done.stdout.decode().split(MARK)[:-1]


@pytest.mark.parametrize("transcript", FOUND, ids=[f"{t.page}-{i}" for i, t in enumerate(FOUND)])
def test_a_transcript_comes_out_as_shown(
    transcript: Transcript, on_a_lab: list[str], shell_environment: dict[str, str], tmp_path: Path
) -> None:
    outputs = run_all(transcript, on_a_lab, shell_environment, tmp_path)

    assert len(outputs) == len(transcript.commands)
    for command, output in zip(transcript.commands, outputs, strict=True):
        if not agrees(command.output, output):
            assert shaped(output) == shaped(command.output), command.line


@pytest.mark.parametrize("name", ["README.md", "README.ja.md"])
def test_a_readme_opens_with_a_transcript_and_is_short(name: str) -> None:
    lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
    first_block = next(i for i, line in enumerate(lines) if line.startswith("```"))

    assert len(lines) <= 120
    assert lines[first_block] == "```console"
    assert lines[first_block - 1].startswith("<!-- transcript:")
