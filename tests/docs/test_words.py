"""Pages keep to the words that `tools/words.py` lists; of marked texts `tools/catalogue.py check` says so."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import reduce
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import pytest

from docs.transcripts import ROOT
from trailseal.view.breaking import joined

PAGES = sorted({*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")} - {ROOT / "CHANGELOG.md"})
SHEET = re.compile(r"<!-- \[\[\[cog import docs_blocks; docs_blocks\.words.*?\[\[\[end\]\]\] -->", re.DOTALL)
SHOWN = re.compile(r"^```.*?^```|^    .*?$|`[^`\n]*`", re.DOTALL | re.MULTILINE)
"""Transcripts, code and what stands in backticks is a program's, and looked at where it is written."""


def _words():
    spec = spec_from_file_location("words", ROOT / "tools" / "words.py")
    assert spec
    assert spec.loader
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


WORDS = _words()


def prose(page: Path) -> Iterator[str]:
    """Yield a page's paragraphs without what a program prints, each on one line."""
    text = SHOWN.sub("``", SHEET.sub("", page.read_text(encoding="utf-8")))
    for paragraph in text.split("\n\n"):
        yield reduce(joined, map(str.strip, paragraph.splitlines()), "")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_a_page_keeps_to_the_words_of_its_language(page: Path) -> None:
    language = "ja" if ".ja." in page.name else "en"

    assert [(fault, text) for text in prose(page) for fault in WORDS.wrong(text, language)] == []


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "it can not be read"),
        ("en", "Can not be read"),
        ("en", "## Take it back"),
        ("en", "the trail is put back"),
        ("ja", "計画を適用します"),
        ("ja", "読み手はいません"),
        ("ja", "KMSキーです"),
        ("ja", "終わりです. 次"),
        ("ja", "よいですか?"),
        ("ja", "ポリシー が許可しません"),
        ("ja", "拒否します(理由なし)"),
    ],
)
def test_a_text_with_another_word_is_found(language: str, text: str) -> None:
    assert WORDS.wrong(text, language)


@pytest.mark.parametrize(
    "text", ["計画してください", "切り替え（KMS キー）", "証跡 `KMSキー` は 74% です。次"]
)
def test_a_text_with_the_right_words_is_not(text: str) -> None:
    assert WORDS.wrong(text, "ja") == []
