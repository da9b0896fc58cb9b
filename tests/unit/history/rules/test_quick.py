from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trailseal.history.rules.quick import DayAnswer, Quick, SwitchDay, bisect

FIRST, LAST = date(2026, 1, 1), date(2026, 3, 31)


def run(sealed: Callable[[date], bool | None]) -> tuple[SwitchDay, int]:
    steps = bisect("p/", FIRST, LAST)
    asked = next(steps)
    for number in range(1, 100):
        try:
            asked = steps.send(DayAnswer(asked.day, sealed(asked.day)))
        except StopIteration as stop:
            found: SwitchDay = stop.value
            return found, number
    raise AssertionError


@given(st.integers(min_value=0, max_value=90))
def test_the_switch_is_found_in_few_questions(days: int) -> None:
    switch = FIRST + timedelta(days=days)
    found, asked = run(lambda day: day >= switch)

    assert found.day == (switch if days < 90 else None)
    assert (found.confidence, asked <= 15) == (1.0, True)


def test_a_history_that_goes_back_and_forth_is_not_trusted() -> None:
    found, _ = run(lambda day: day.day % 2 == 0)

    assert found.confidence < 1.0


def test_days_that_cannot_be_looked_at_give_no_confidence() -> None:
    assert run(lambda _: None)[0].confidence == 0.0


@pytest.mark.parametrize(("day", "before"), [(date(2026, 1, 11), 1000), (None, 9000)])
def test_what_lies_before_is_estimated_from_the_days(day: date | None, before: int) -> None:
    switch = SwitchDay(prefix="p/", first=FIRST, last=LAST, day=day, agree=8, looked=8, files_a_day=100.0)

    assert Quick(bucket="b", regions=(switch,)).regions[0].before == before
