"""The tutorial: its commands are run in turn on one lab, and come out as both languages show them."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from docs.transcripts import ROOT, RUN, Command, agrees, run_all, shaped, steps

PAGES = ("docs/tutorial.md", "docs/tutorial.ja.md")
LIMIT = 900
IN_JAPANESE, IN_ENGLISH = "export LANG=ja_JP.UTF-8", "export LANG=C.UTF-8"
NOTHING = frozenset({"", "..."})


@pytest.fixture
def torn_down(shell_environment: dict[str, str]):
    yield
    subprocess.run(
        ["trailseal", "lab", "down"], env=shell_environment, check=False, capture_output=True, timeout=LIMIT
    )


def test_the_tutorial_comes_out_as_both_languages_show_it(
    torn_down, shell_environment, tmp_path: Path
) -> None:
    """Where the Japanese page shows what a command says, it is run a second time, in Japanese."""
    english, japanese = (steps(page) for page in PAGES)
    play: list[Command] = []
    for said, same in zip(english, japanese, strict=True):
        play.append(said)
        if same.output not in NOTHING:
            play += [Command(line=IN_JAPANESE, output=""), same, Command(line=IN_ENGLISH, output="")]

    outputs = run_all([step.line for step in play], shell_environment, tmp_path, limit=LIMIT)

    assert len(outputs) == len(play)
    for step, output in zip(play, outputs, strict=True):
        if not agrees(step.output, output):
            assert shaped(output) == shaped(step.output), step.line


def test_both_languages_show_the_same_commands():
    english, japanese = ([step.line for step in steps(page)] for page in PAGES)

    assert english == japanese


@pytest.mark.parametrize("page", PAGES)
def test_every_command_that_the_tutorial_shows_is_run(page):
    text = (ROOT / page).read_text(encoding="utf-8")

    assert text.count("```console") == len(RUN.findall(text))
