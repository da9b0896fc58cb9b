"""Every screen, at 80 and 120 columns, shows none of the kinds of layout fault there are."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from layout import WIDTHS, faults
from trailseal.cli.main import run
from trailseal.locale.language import choose_language
from verb_tree import verbs
from views import LINES, PICKS, VIEWS, printed

HELPS = [(), *(names for names, _ in verbs()), ("key",), ("history",), ("policy",), ("lab",)]


@pytest.fixture(params=["en", "ja"], autouse=True)
def lang(request: pytest.FixtureRequest) -> Iterator[str]:
    """The language that all is said in."""
    choose_language(["--lang", request.param])
    yield request.param
    choose_language(["--lang", "en"])


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("  。次", "begins with what closes"),
        ("次（", "ends with what opens"),
        ("ポリシー が", "a blank between wide letters"),
        ("あ" * 50, "wider than the screen"),
        ("a sentence of English " * 5 + "ends", "wider than the screen"),
        ("拒否 (キーポリシー)", "signs of English in Japanese"),
        ("閲覧者 (3): a", "signs of English in Japanese"),
        ("アカウント, リージョン", "signs of English in Japanese"),
        ("text ", "blanks at the end"),
        ("on arn:aws:kms:eu-west-1:111122223333:key/1234abcd-", "a broken identifier"),
        ("at 2026-11-23T12:00:", "a broken identifier"),
        ("1 objects in all", "a plural of one"),
        ("a word ; another", "stray blanks in a sentence"),
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
    names: tuple[str, ...],
    width: int,
    lang: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    run(["--lang", lang, *names, "--help"])

    assert not faults(capsys.readouterr().out, width)
