"""The documentation is whole: a page per verb, no dead link, nothing shown that does not exist."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from docs.transcripts import ROOT
from trailseal.cli.main import VERBS, Verbs, trailseal
from trailseal.controls import every_control
from trailseal.run.permissions.needs import VERBS as NEEDS

sys.path.append(str(ROOT / "tools"))
import site_pages

PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
LINK = re.compile(r"\]\((?!https?:|mailto:)(?P<page>[^)#\s]*)(?:#(?P<anchor>[^)\s]*))?\)")


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_exists_and_has_a_page_with_its_help(verb: str) -> None:
    import click

    page = ROOT / "docs" / "verbs" / f"{verb}.md"

    assert isinstance(trailseal, Verbs)
    assert trailseal.get_command(click.Context(trailseal), verb) is not None
    assert f'docs_blocks.usage("{verb}")' in page.read_text(encoding="utf-8")


def test_the_page_of_check_names_every_check() -> None:
    page = (ROOT / "docs" / "verbs" / "check.md").read_text(encoding="utf-8")
    ids = sorted(meta.id for meta in every_control())
    ours = [each for each in ids if each.startswith("TS")]

    assert ours == [f"TS{number}" for number in range(101, 101 + len(ours))]
    assert f"`{ours[0]}` to `{ours[-1]}`" in page
    for each in set(ids) - set(ours):
        assert f"`{each}`" in page or f"`.{each.removeprefix('CloudTrail.')}`" in page


PERMISSIONS = re.compile(r"^## Permissions\n(.*?)(?=^## |\Z)", re.DOTALL | re.MULTILINE)
GENERATED = re.compile(r"<!-- \[\[\[cog.*?\[\[\[end\]\]\] -->", re.DOTALL)
FEW = 2
"""Actions that a sentence may name, to say which option they are for."""
ANCHOR = re.compile(r"\(permissions\.md#([\w-]+)\)")


@pytest.mark.parametrize("verb", sorted({name.partition(" ")[0] for name in NEEDS}))
def test_what_a_verb_needs_stands_in_one_place(verb: str) -> None:
    """A page shows the generated policy or where its table is, and lists no actions by hand."""
    page = (ROOT / "docs" / "verbs" / f"{verb}.md").read_text(encoding="utf-8")
    (section,) = PERMISSIONS.findall(page)
    named = {name.replace(" ", "-") for name in NEEDS if name.partition(" ")[0] == verb}

    assert f'docs_blocks.permissions("{verb}")' in section or set(ANCHOR.findall(section)) == named
    by_hand = GENERATED.sub("", section)
    assert len({need.action for name in NEEDS for need in NEEDS[name] if need.action in by_hand}) <= FEW


@pytest.mark.parametrize("page", PAGES, ids=[str(p.relative_to(ROOT)) for p in PAGES])
def test_no_link_between_pages_is_dead(page) -> None:
    links = LINK.finditer(site_pages.FENCE.sub("", page.read_text(encoding="utf-8")))

    assert [link[0] for link in links if not leads_somewhere(page, link["page"], link["anchor"])] == []


def leads_somewhere(page: Path, there: str, anchor: str | None) -> bool:
    """Whether the page that is linked to exists and has that heading."""
    target = page.parent / there if there else page
    return target.exists() and (not anchor or anchor in anchors(target))


def anchors(page: Path) -> set[str]:
    """Return the anchors of a page's headings."""
    return {site_pages.slug(heading) for heading in site_pages.headings(page.read_text(encoding="utf-8"))}


@pytest.mark.parametrize("page", PAGES, ids=[str(p.relative_to(ROOT)) for p in PAGES])
def test_no_page_carries_a_path_of_the_machine_it_was_written_on(page) -> None:
    assert not re.search(r"/(root|work|opt|home)/", page.read_text(encoding="utf-8"))


IN_BACKTICKS = re.compile(r"`([^`\n]+)`")
OF_ONE_LANGUAGE = frozenset({"LANG=ja_JP.UTF-8", "--lang ja"})
JAPANESE = [page for page in PAGES if ".ja." in page.name]


@pytest.mark.parametrize("page", JAPANESE, ids=[str(p.relative_to(ROOT)) for p in JAPANESE])
def test_both_languages_name_the_same_options_and_settings_and_show_the_same_commands(page) -> None:
    """What a program says is its own language's and stands in a transcript: the rest has the same names."""
    japanese, english = (
        each.read_text(encoding="utf-8") for each in (page, page.with_name(page.name.replace(".ja.", ".")))
    )
    commands, named, rows = zip(*(names_of(text) for text in (japanese, english)), strict=True)

    assert commands[0] == commands[1]
    assert named[0] ^ named[1] <= OF_ONE_LANGUAGE
    assert rows[0] == rows[1]


def names_of(text: str) -> tuple[list[str], set[str], int]:
    """Return the commands that a page shows, what stands in backticks, and how many rows its tables have."""
    lines = "".join(block[0] for block in site_pages.FENCE.finditer(text)).splitlines()
    prose = site_pages.FENCE.sub("", text)
    rows = [line for line in prose.splitlines() if line.startswith("|")]
    commands = [line.removesuffix(" --lang ja") for line in lines if line.startswith("$ ")]
    return commands, set(IN_BACKTICKS.findall(prose)), len(rows)
