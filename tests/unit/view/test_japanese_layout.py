"""Every screen in Japanese, at 80 and 120 columns, shows none of the kinds of layout fault there are."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from trailseal.cli.main import run
from trailseal.locale.language import choose_language
from trailseal.messages import WIDE
from trailseal.view.breaking import NOT_FIRST, NOT_LAST, line_ends, width_of
from verb_tree import verbs
from views import LINES, PICKS, VIEWS, printed

WIDTHS = (80, 120)
STRAY = re.compile(f"{WIDE.pattern} {WIDE.pattern}")
HELPS = [(), *(names for names, _ in verbs()), ("key",), ("history",), ("policy",), ("lab",)]


@pytest.fixture(autouse=True)
def _japanese() -> Iterator[None]:
    choose_language(["--lang", "ja"])
    yield
    choose_language(["--lang", "en"])


def faults(screen: str, width: int | None) -> list[tuple[str, str]]:
    """Return each fault of layout by its kind, with the line that has it."""
    found = []
    for line in screen.splitlines():
        text = line.strip()
        if text[:1] in NOT_FIRST and WIDE.match(text):
            found.append(("begins with what closes", line))
        if text[-1:] in NOT_LAST and WIDE.match(text[-1:]):
            found.append(("ends with what opens", line))
        if STRAY.search(line):
            found.append(("a blank between wide letters", line))
        if width and width_of(line) > width and _can_end_sooner(line, width):
            found.append(("wider than the screen", line))
    return found


def _can_end_sooner(line: str, width: int) -> bool:
    """Whether it is a sentence that might have been broken; JSON, a command and a row of a table are not."""
    return bool(WIDE.search(line) and not re.search(r"\S  |[{}]", line) and line_ends(line, width))


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("  。次", "begins with what closes"),
        ("次（", "ends with what opens"),
        ("ポリシー が", "a blank between wide letters"),
        ("あ" * 50, "wider than the screen"),
    ],
)
def test_each_kind_of_fault_is_seen(line: str, kind: str) -> None:
    assert [found for found, _ in faults(line, 80)] == [kind]


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", VIEWS)
def test_a_screen_has_no_fault_of_layout(name: str, width: int) -> None:
    kind, write = VIEWS[name]
    for pick in PICKS[name]:
        assert not faults(printed(kind, write, "name", pick, width), None if name in LINES else width), pick


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("names", HELPS, ids=" ".join)
def test_a_help_page_has_no_fault_of_layout(
    names: tuple[str, ...], width: int, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    run(["--lang", "ja", *names, "--help"])

    assert not faults(capsys.readouterr().out, width)
