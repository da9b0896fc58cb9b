"""
Build the documentation as a site, in English and Japanese: `python tools/site_pages.py`, run by `make docs`.

The pages stand in `docs/` and beside it, written to be read on their own. Here they are laid out under
`build/pages` as mkdocs reads them, and the site is built from there into `build/site`; a warning is an error.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path, PurePosixPath
from posixpath import normpath, relpath

ROOT = Path(__file__).parent.parent
PAGES = ROOT / "build" / "pages"
PLACES = {
    "README.md": "index.md",
    "README.ja.md": "index.ja.md",
    "CONTRIBUTING.md": "contributing.md",
    "SECURITY.md": "security.md",
    "CHANGELOG.md": "changelog.md",
}
"""Where pages beside `docs/` lie in the site."""
PICTURE = ".svg"
FENCE = re.compile(r"^(?P<fence>```+)[^\n]*\n.*?^(?P=fence)$", re.DOTALL | re.MULTILINE)
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
LINK = re.compile(r"(?P<text>\[[^\]]*\])\((?!https?:|mailto:|#)(?P<target>[^)#\s]+)(?P<anchor>#[^)\s]*)?\)")
ITEM = re.compile(r"^(?P<above>(?![-*#|>\s]|\d+\. )[^\n]+\n)(?=([-*]|\d+\.) )", re.MULTILINE)
"""The line above a list's first item: Markdown asks for an empty line between, which GitHub does not."""


def sources() -> dict[str, str]:
    """Return the page of the site for each page of the repository, both as paths."""
    inside = (path.relative_to(ROOT).as_posix() for path in (ROOT / "docs").rglob("*.md"))
    return PLACES | {path: path.removeprefix("docs/") for path in inside}


def laid_out(source: str, text: str, places: dict[str, str]) -> str:
    """
    Return a page's text as the site's, its links turned to where their targets lie there.

    Raises:
        LookupError: a link leads to something that is no page.
    """

    def turned(link: re.Match[str]) -> str:
        target = normpath(str(PurePosixPath(source).parent / link["target"]))
        if target.endswith(PICTURE):
            there = relpath(target.removeprefix("docs/"), str(PurePosixPath(places[source]).parent))
            return f"{link['text']}({there})"
        if target not in places:
            raise LookupError(f"{source}: {link['target']} is no page of the site")
        here, there = places[source], places[target]
        if here != there and _language_left_out(here) == _language_left_out(there):
            return _other_language(link["text"][1:-1], here, there)
        there = relpath(_language_left_out(there), str(PurePosixPath(here).parent))
        return f"{link['text']}({there}{link['anchor'] or ''})"

    return _outside_code(
        text, lambda prose: ITEM.sub(r"\g<above>\n", LINK.sub(turned, COMMENT.sub("\n", prose)))
    )


def slug(heading: str) -> str:
    """Return the anchor of a heading, as GitHub makes it."""
    return re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-")


def headings(text: str) -> list[str]:
    """Return the headings of a page."""
    return HEADING.findall(FENCE.sub("", text))


def same_anchors(text: str, english: str) -> str:
    """
    Return a Japanese page whose headings have the anchors of the English one.

    A page that stands in English alone, and is shown among Japanese ones, links to those.

    Raises:
        LookupError: they do not have as many headings.
    """
    anchors = [slug(heading) for heading in headings(english)]
    if len(anchors) != len(headings(text)):
        raise LookupError(f"other headings than in English: {headings(text)}")
    left = iter(anchors)
    return _outside_code(
        text, lambda prose: HEADING.sub(lambda line: f"{line[0]} {{ #{next(left)} }}", prose)
    )


def _outside_code(text: str, change: Callable[[str], str]) -> str:
    """Return a page with all of it changed but its blocks of code."""
    parts: list[str] = []
    end = 0
    for fence in FENCE.finditer(text):
        parts += [change(text[end : fence.start()]), fence[0]]
        end = fence.end()
    return "".join([*parts, change(text[end:])])


def _language_left_out(place: str) -> str:
    """Return how pages of one language name a page: the plugin of languages finds it in theirs."""
    return place.replace(".ja.md", ".md")


def _other_language(text: str, here: str, there: str) -> str:
    """Return the link from a page to itself in the other language, as an address: the plugin knows none."""
    name = PurePosixPath(_language_left_out(here)).with_suffix(".html")
    folder, below = str(name.parent), f"ja/{name}"
    address = (
        relpath(below, folder) if ".ja." in there else relpath(str(name), str(PurePosixPath(below).parent))
    )
    return f'<a href="{address}">{text}</a>'


def lay_out() -> None:
    """Write all pages anew under `build/pages`."""
    shutil.rmtree(PAGES, ignore_errors=True)
    places = sources()
    for source, place in places.items():
        text = (ROOT / source).read_text(encoding="utf-8")
        if ".ja." in source:
            text = same_anchors(text, (ROOT / source.replace(".ja.", ".")).read_text(encoding="utf-8"))
        path = PAGES / place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(laid_out(source, text, places), encoding="utf-8")
    for picture in (ROOT / "docs").rglob(f"*{PICTURE}"):
        path = PAGES / picture.relative_to(ROOT / "docs")
        path.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(picture, path)


def main() -> int:
    """Build the site, and return 1 where anything is not in order."""
    lay_out()
    built = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--clean"],
        cwd=ROOT,
        env=os.environ | {"NO_MKDOCS_2_WARNING": "1"},
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    told = [line for line in built.stderr.splitlines() if line and not line.startswith("INFO ")]
    print("\n".join([*told, *([] if built.returncode else ["build/site/index.html"])]))
    return built.returncode


if __name__ == "__main__":
    sys.exit(main())
