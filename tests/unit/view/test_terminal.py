"""Lines have the terminal's width, COLUMNS' where it is exported, and none elsewhere."""

from __future__ import annotations

import io

import pytest
from rich.text import Text

from trailseal.view.terminal import Terminal, wrap

LINE = "one two three four five six seven"


def printed(**options: int) -> list[str]:
    out = io.StringIO()
    Terminal(file=out, **options).prose(LINE)
    return out.getvalue().splitlines()


def test_off_a_terminal_a_line_has_no_width(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)

    assert printed() == [LINE]
    assert printed(width=20) == ["one two three four", "five six seven"]


def test_columns_that_are_exported_count(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "20")

    assert printed() == ["one two three four", "five six seven"]


@pytest.mark.parametrize(
    ("text", "width", "lines"),
    [
        ("", 5, [""]),
        ("a b", 5, ["a b"]),
        ("  indented words here", 12, ["  indented", "  words here"]),
        ("arn:aws:iam::123456789012:role/a", 10, ["arn:aws:iam::123456789012:role/a"]),
        ("see arn:aws:iam::123456789012:role/a now", 10, ["see", "arn:aws:iam::123456789012:role/a", "now"]),
        (
            "役割 arn:aws:iam::123456789012:role/a です",
            12,
            ["役割", "arn:aws:iam::123456789012:role/a", "です"],
        ),
    ],
)
def test_a_line_is_broken_between_words(text: str, width: int, lines: list[str]) -> None:
    assert [line.plain for line in wrap(Text(text), width)] == lines
