"""One form for each: times, durations, numbers; and no view writes its own."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

import trailseal
from trailseal.locale.language import choose_language, say
from trailseal.messages import Duration, message
from trailseal.model.key import KeyState
from trailseal.view.words import duration, figure, passing, when

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


@pytest.mark.parametrize(
    ("lang", "plain"), [("en", {KeyState.ENABLED}), ("ja", set())], ids=["in English", "in Japanese"]
)
def test_a_key_s_state_in_a_sentence_has_its_meaning_beside_it(lang: str, plain: set[KeyState]) -> None:
    """In English `Enabled` says what it means."""
    choose_language(["--lang", lang])
    said = {state: say(message("{state}", state=state)) for state in KeyState}
    choose_language(["--lang", "en"])

    assert {state for state, text in said.items() if text == state.value} == plain
    assert all(text.startswith(state.value) for state, text in said.items())
    assert str(message("{state}", state=KeyState.DISABLED)) == "Disabled"


@pytest.mark.parametrize(
    ("seconds", "english", "japanese"),
    [
        (0, "0 s", "0 秒"),
        (0.2, "1 s", "1 秒"),
        (90, "1 min 30 s", "1 分 30 秒"),
        (1800, "30 min", "30 分"),
        (7200, "2 h", "2 時間"),
    ],
)
def test_a_time_that_passes_and_a_row_of_names_are_worded_by_the_language(seconds, english, japanese):
    text = message("{names}: {time}", names=("a", "b"), time=passing(seconds))
    said = []
    for lang in ("en", "ja"):
        choose_language(["--lang", lang])
        said.append(say(text))
    choose_language(["--lang", "en"])

    assert said == [f"a, b: {english}", f"a、b: {japanese}"]
    assert str(text) == said[0]
    assert isinstance(passing(seconds), Duration)
