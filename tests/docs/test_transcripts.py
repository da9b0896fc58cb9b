"""Every transcript in the documentation is run again and must come out as shown."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from docs.transcripts import ROOT, Transcript, agrees, shaped, transcripts

LIMIT = 120
FOUND = transcripts()


@pytest.fixture
def shell_environment(tmp_path: Path) -> Iterator[dict[str, str]]:
    """An environment with a home of its own, our command on the path, and no terminal."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("AWS_", "TRAILSEAL_", "LC_", "LANG"))}
    scripts = Path(sys.executable).parent
    environment = {
        **kept,
        "PATH": f"{scripts}:{kept['PATH']}",
        "HOME": str(tmp_path),
        "TRAILSEAL_HOME": str(tmp_path / "state"),
        "COLUMNS": "100",
        "NO_COLOR": "1",
        "LANG": "C.UTF-8",
    }
    yield environment
    subprocess.run(
        ["trailseal", "lab", "down"], env=environment, check=False, capture_output=True, timeout=LIMIT
    )


def run_all(transcript: Transcript, environment: dict[str, str], folder: Path) -> list[str]:
    """Run the commands in one shell and return the output of each."""
    mark = "=====trailseal-command-ended====="
    up = f"trailseal lab up --detach --cycle 1 --scenario {transcript.scenario} >/dev/null"
    script = [up, 'eval "$(trailseal lab env)"']
    for command in transcript.commands:
        script += [command.line, f"echo; echo {mark}"]
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
    return done.stdout.decode().split(mark)[:-1]


@pytest.mark.parametrize("transcript", FOUND, ids=[f"{t.page}-{i}" for i, t in enumerate(FOUND)])
def test_a_transcript_comes_out_as_shown(
    transcript: Transcript, shell_environment: dict[str, str], tmp_path: Path
) -> None:
    outputs = run_all(transcript, shell_environment, tmp_path)

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
