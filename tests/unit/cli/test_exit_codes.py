"""The exit codes are one enum, and the pages tell it."""

from __future__ import annotations

import inspect
import re

import pytest

from docs.transcripts import ROOT
from trailseal.errors import MEANINGS, ExitCode, TrailsealError
from verb_tree import verbs

TOLD = re.compile(r"(?:^|[·.] |`|\| )(\d{1,3})(?= [a-z|])", re.MULTILINE)
PAGES = sorted((ROOT / "docs" / "verbs").glob("*.md"))


def told(page: str) -> set[int]:
    section = re.split("## Exit codes|# exit codes|exit code [|]", page)[-1].partition("\n## ")[0]
    return {int(number) for number in TOLD.findall(section)}


@pytest.mark.parametrize(("names", "verb"), list(verbs()), ids=str)
def test_a_verb_returns_an_exit_code(names, verb):
    assert inspect.signature(inspect.unwrap(verb.callback)).return_annotation == "ExitCode"


def test_an_error_ends_with_an_exit_code():
    kinds: list[type[TrailsealError]] = [TrailsealError, *TrailsealError.__subclasses__()]

    assert {type(kind.exit_code) for kind in kinds} == {ExitCode}


def test_the_readme_tells_every_exit_code():
    assert list(MEANINGS) == list(ExitCode)
    assert told((ROOT / "README.md").read_text(encoding="utf-8")) == set(ExitCode)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_page_tells_no_exit_code_that_there_is_not(page):
    numbers = told(page.read_text(encoding="utf-8"))

    assert ExitCode.CLEAN in numbers
    assert numbers <= set(ExitCode)
