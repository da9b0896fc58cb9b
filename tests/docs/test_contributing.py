"""What the pages for contributors name is there: every file, folder and test."""

from __future__ import annotations

import re

import pytest

from docs.transcripts import ROOT

PAGES = sorted((ROOT / "docs" / "contributing").glob("*.md"))
ROOMS = ("", "src/trailseal", "src/trailseal_lab", "src/trailseal/history/reencrypt")
PLACE = re.compile(r"`([\w./-]+(?:/|\.py|\.md|\.toml))(?: \w+)?`")
TEST = re.compile(r"`(test_\w+)`")
TESTS = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "tests").rglob("test_*.py"))


def is_there(place: str, page: str) -> bool:
    """Whether a place exists, named whole, from a room, or as beside one that the page names whole."""
    beside = {
        whole.rpartition("/")[0] for whole in PLACE.findall(page) if whole.startswith(("src/", "tests/"))
    }
    return any((ROOT / folder / place).exists() for folder in (*ROOMS, *beside))


@pytest.mark.parametrize("page", PAGES, ids=[page.stem for page in PAGES])
def test_every_file_that_is_named_is_there(page) -> None:
    text = page.read_text(encoding="utf-8")
    named = PLACE.findall(text)

    assert named
    assert [place for place in named if not is_there(place, text)] == []


@pytest.mark.parametrize("page", PAGES, ids=[page.stem for page in PAGES])
def test_every_test_that_is_named_is_there(page) -> None:
    named = TEST.findall(page.read_text(encoding="utf-8"))

    assert named
    assert [name for name in named if f"def {name}(" not in TESTS] == []
