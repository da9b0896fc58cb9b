"""The pictures of screens are those of what `demo` prints."""

from __future__ import annotations

import sys

import pytest

from docs.transcripts import ROOT

sys.path.append(str(ROOT / "tools"))
import pictures


def test_each_picture_is_as_the_demo_prints_its_screen(capsys: pytest.CaptureFixture[str]) -> None:
    assert pictures.main("check") == 0
    assert capsys.readouterr().out == ""


def test_a_screen_stands_whole_and_asks_nothing_of_the_network() -> None:
    play = "# One.\n$ trailseal x\n不明 <time>\n\n# Two.\n$ trailseal y\nno\n"
    shown = pictures.screen(play, "trailseal x")
    picture = pictures.drawn(shown, "x")

    assert shown == "$ trailseal x\n不明 2026-11-23T12:00:00Z"
    assert "不明" in picture
    assert "no" not in picture.replace("monospace", "").split("matrix", 2)[2]
    assert "url(http" not in picture


def test_a_screen_that_the_demo_no_longer_shows_is_named() -> None:
    with pytest.raises(LookupError, match="trailseal z"):
        pictures.screen("$ trailseal x\n", "trailseal z")
