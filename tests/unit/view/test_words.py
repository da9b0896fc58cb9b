"""One form for each: times, durations, numbers; and no view writes its own."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

import trailseal
from trailseal.view.words import duration, figure, when

OWN = re.compile(r":%[YFHT]|isoformat\(|strftime|[}]?:,[}]|seconds // 3600")
FOLDER = Path(trailseal.__file__).parent
PRICES = {"money.py"}  # dollars and cents


def test_a_time_that_is_none_is_said_to_be_none():
    assert when(datetime(2026, 11, 23, tzinfo=UTC)) == "2026-11-23T00:00:00Z"
    assert (when(None), when(None, none="never")) == ("-", "never")


@pytest.mark.parametrize(
    ("seconds", "told"), [(0, "0:00:00"), (0.2, "0:00:01"), (61, "0:01:01"), (360_000, "100:00:00")]
)
def test_a_duration_is_told_in_hours(seconds, told):
    assert duration(seconds) == told


def test_thousands_are_parted():
    assert figure(1_234_567) == "1,234,567"


def test_no_view_writes_times_and_numbers_in_a_form_of_its_own():
    written = [
        path.name
        for path in sorted((FOLDER / "view").rglob("*.py"))
        if path.name not in {"words.py", *PRICES} and OWN.findall(path.read_text(encoding="utf-8"))
    ]

    assert written == []


def test_no_view_parts_what_stands_in_a_row_by_itself():
    """Japanese has a comma of its own; the values of a policy are no language."""
    written = {
        path.name
        for path in (FOLDER / "view").rglob("*.py")
        if re.search(r"""["'][,;] ["']\.join""", path.read_text(encoding="utf-8"))
    }

    assert written == {"policy.py", "policy_changes.py"}


@pytest.mark.parametrize("room", ["controls", "plan", "run"])
def test_a_time_in_a_sentence_of_the_core_is_in_utc(room):
    written = [
        path.name
        for path in (FOLDER / room).rglob("*.py")
        if re.search(r"%[YF]|when=.*isoformat", path.read_text(encoding="utf-8"))
    ]

    assert written == []
