"""The site: its pages are those of the repository, their links turned, and it builds without a warning."""

from __future__ import annotations

import subprocess
import sys

import pytest

from docs.transcripts import ROOT
from witnesses import program

sys.path.append(str(ROOT / "tools"))
import site_pages

PLACES = {
    "README.md": "index.md",
    "README.ja.md": "index.ja.md",
    "docs/a/one.md": "a/one.md",
    "docs/two.md": "two.md",
    "docs/two.ja.md": "two.ja.md",
}


@pytest.mark.parametrize(
    ("source", "text", "there"),
    [
        pytest.param("README.md", "[x](docs/a/one.md#h)", "[x](a/one.md#h)", id="into a folder"),
        pytest.param("docs/a/one.md", "[x](../two.md)", "[x](../two.md)", id="out of a folder"),
        pytest.param("docs/a/one.md", "[x](../../README.md)", "[x](../index.md)", id="to the first page"),
        pytest.param("docs/two.ja.md", "[x](../README.ja.md#h)", "[x](index.md#h)", id="within a language"),
        pytest.param(
            "docs/two.md", "[日本語](two.ja.md)", '<a href="ja/two.html">日本語</a>', id="into Japanese"
        ),
        pytest.param("docs/two.ja.md", "[x](two.md)", '<a href="../two.html">x</a>', id="out of Japanese"),
        pytest.param("docs/a/one.md", "![x](../p/x.en.svg)", "![x](../p/x.en.svg)", id="a picture"),
        pytest.param("README.md", "![x](docs/p/x.en.svg)", "![x](p/x.en.svg)", id="a first page's picture"),
        pytest.param("docs/two.md", "<!-- [x](y.md) -->", "\n", id="a comment"),
        pytest.param("docs/two.md", "```\n[x](y.md)\n```", "```\n[x](y.md)\n```", id="a block of code"),
        pytest.param("docs/two.md", "Two:\n- a\n- b\n", "Two:\n\n- a\n- b\n", id="a list below a line"),
        pytest.param(
            "docs/two.md", "a <https://x> [y](https://z)", "a <https://x> [y](https://z)", id="away"
        ),
    ],
)
def test_a_page_reads_in_the_site_as_it_does_in_the_repository(source, text, there):
    assert site_pages.laid_out(source, text, PLACES) == there


def test_a_link_to_what_is_no_page_stops_the_build():
    with pytest.raises(LookupError, match=r"docs/two\.md: gone\.md"):
        site_pages.laid_out("docs/two.md", "[x](gone.md)", PLACES)


def test_a_japanese_heading_has_the_anchor_of_the_english_one():
    japanese = "# 題\n```\n# code\n```\n## 節\n"

    assert site_pages.same_anchors(japanese, "# The title\n## Part 1.2\n") == (
        "# 題 { #the-title }\n```\n# code\n```\n## 節 { #part-12 }\n"
    )
    with pytest.raises(LookupError):
        site_pages.same_anchors(japanese, "# The title\n")


def test_the_site_builds_without_a_warning_in_both_languages():
    done = subprocess.run(
        [program("site", "python"), str(ROOT / "tools" / "site_pages.py")],
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )

    assert (done.returncode, done.stdout, done.stderr) == (0, "build/site/index.html\n", "")
    assert (ROOT / "build/site/ja/index.html").is_file()
