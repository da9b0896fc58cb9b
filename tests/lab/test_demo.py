"""The demo plays through, its whole output is as reviewed, and a play that goes wrong says so."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from demo_play import LANGUAGES, golden, plain, play
from trailseal.errors import TrailsealError
from trailseal_lab.verbs.stage import Stage, expect, hub_says, verdict_of

MOST_LINES = 120


@pytest.fixture(scope="module", params=LANGUAGES)
def played(request):
    """One play in each language, for all that is asked of it."""
    return request.param, play(request.param)


def test_the_demo_plays_the_whole_switch(played):
    _, done = played

    assert done.returncode == 0, done.stdout[-2000:]
    asked = re.findall(r"^\$ trailseal (\w+)", done.stdout, re.MULTILINE)
    assert [*dict.fromkeys(asked)] == ["lab", "check", "plan", "apply", "verify", "undo"]


def test_the_whole_output_is_as_it_was_reviewed(played):
    lang, done = played

    assert plain(done.stdout) == golden(lang).read_text(encoding="utf-8"), "python tests/demo_play.py"


@pytest.mark.parametrize("lang", LANGUAGES)
def test_it_is_what_a_person_wants_to_read(lang):
    lines = golden(lang).read_text(encoding="utf-8").splitlines()
    commands = [number for number, line in enumerate(lines) if line.startswith("$ ")]
    compared = next(number for number in commands if "--compare" in lines[number])

    assert len(lines) <= MOST_LINES
    assert [each for each in ("74%", "80%") if each not in "".join(lines[compared:])] == []
    assert [lines[number] for number in commands if number > compared] == [
        "$ trailseal lab down",
        "$ trailseal check",
        "$ trailseal lab up --scenario story --detach",
    ]


def test_nothing_is_left_of_a_play(tmp_path, monkeypatch, capfd):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    with Stage.open(cycle=1) as stage:
        assert Path(stage.folder).parent == tmp_path

    assert not [*tmp_path.iterdir()]
    assert "Nothing is left on this machine" in capfd.readouterr().out


def test_of_a_command_s_end_the_last_lines_are_shown_and_of_a_failed_one_all(tmp_path, capfd):
    stage = Stage(folder=tmp_path, environment={**os.environ})
    stage.run("help", "check", last=2)
    shown = capfd.readouterr().out.splitlines()
    with pytest.raises(TrailsealError, match="`trailseal help nothing` ended with 2, not 0"):
        stage.run("help", "nothing", last=1)

    assert shown[0] == "$ trailseal help check 2>&1 | tail -n 2"
    assert [line.split()[0] for line in shown[1:]] == ["--lang", "-h,"]
    assert "there is no command `nothing`" in capfd.readouterr().out


def test_what_does_not_come_out_as_told_ends_the_play():
    with pytest.raises(TrailsealError, match="the score went up"):
        expect(1 > 2, "the score went up")  # noqa: PLR0133 - what is told is false


def test_facts_without_the_control_say_nothing():
    assert (verdict_of({}), hub_says({})) == ("", "")
