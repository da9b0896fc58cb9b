"""The demo plays through, and a play that goes wrong says so."""

from __future__ import annotations

import subprocess
import sys

import pytest

from trailseal.errors import TrailsealError
from trailseal_lab.verbs.stage import expect, hub_says, verdict_of


def test_the_demo_plays_the_whole_switch():
    done = subprocess.run(
        [sys.executable, "-m", "trailseal", "demo", "--cycle", "1"],
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )

    assert done.returncode == 0, done.stdout[-2000:] + done.stderr
    for words in ("plan --out plan.json", "apply plan.json --yes", "verify", "undo --yes"):
        assert f"\n$ trailseal {words}\n" in done.stdout
    assert "PROVEN: everything delivered since the switch is under the key" in done.stdout
    assert "74 % before, 80 % after" in done.stdout


def test_what_does_not_come_out_as_told_ends_the_play():
    with pytest.raises(TrailsealError, match="the score went up"):
        expect(1 > 2, "the score went up")  # noqa: PLR0133 - what is told is false


def test_facts_without_the_control_say_nothing():
    assert (verdict_of({}), hub_says({})) == ("", "")
