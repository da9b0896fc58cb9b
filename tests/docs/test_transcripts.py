"""
Every transcript in the documentation is run again and must come out as shown.

A README's is run as a reader runs it, from `trailseal lab up` on; the others on a lab and by a command
that are forked.
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from docs.transcripts import ROOT, Transcript, agrees, lines_on_a_lab, run_all, shaped, transcripts
from forked import Forked
from labs import Nursery

LIMIT = 900
FOUND = transcripts()


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
    with lines_on_a_lab(
        transcript.scenario, nursery=nursery, forked=forked, environment=shell_environment, folder=tmp_path
    ) as lines:
        yield lines


@pytest.mark.parametrize("transcript", FOUND, ids=[f"{t.page}-{i}" for i, t in enumerate(FOUND)])
def test_a_transcript_comes_out_as_shown(
    transcript: Transcript, on_a_lab: list[str], shell_environment: dict[str, str], tmp_path: Path
) -> None:
    lines = [*on_a_lab, *(command.line for command in transcript.commands)]
    outputs = run_all(lines, shell_environment, tmp_path, limit=LIMIT)[len(on_a_lab) :]

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


@pytest.mark.parametrize(
    ("shown", "real", "same"),
    [
        ("...\nb", "a\na\nb\n", True),
        ("...", "", True),
        ("...", "Traceback (most recent call last):\n  a\nValueError\n", False),
        ("a\n...", "a\nerror: no\n", False),
        ("...", "エラー: だめ\n", False),
        ("error: no", "error: no\n", True),
        ("error ...", "error    KP101\n", True),
    ],
)
def test_what_a_page_leaves_out_hides_no_failure(shown: str, real: str, same: bool) -> None:  # noqa: FBT001
    assert agrees(shown, real) is same
