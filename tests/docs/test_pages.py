"""The documentation is whole: a page per verb, no dead link, nothing shown that does not exist."""

from __future__ import annotations

import re

import pytest

from docs.transcripts import ROOT
from trailseal.cli.main import VERBS, Verbs, trailseal

PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
LINK = re.compile(r"\]\((?!https?:|mailto:|#)([^)#\s]+)")


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_exists_and_has_a_page_with_its_help(verb: str) -> None:
    import click

    page = ROOT / "docs" / "verbs" / f"{verb}.md"

    assert isinstance(trailseal, Verbs)
    assert trailseal.get_command(click.Context(trailseal), verb) is not None
    assert f'docs_blocks.usage("{verb}")' in page.read_text(encoding="utf-8")


@pytest.mark.parametrize("page", PAGES, ids=[str(p.relative_to(ROOT)) for p in PAGES])
def test_no_link_between_pages_is_dead(page) -> None:
    text = page.read_text(encoding="utf-8")

    assert [link for link in LINK.findall(text) if not (page.parent / link).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=[str(p.relative_to(ROOT)) for p in PAGES])
def test_no_page_carries_a_path_of_the_machine_it_was_written_on(page) -> None:
    assert not re.search(r"/(root|work|opt|home)/", page.read_text(encoding="utf-8"))
