from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from io import StringIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from history_estate import MemoryObjects, Thing
from trailseal.history.census.estimate import quick_census
from trailseal.history.rules.facts import SSE
from trailseal.history.rules.quick import DayAnswer, Quick, SwitchDay, bisect
from trailseal.view.history.quick import write_quick
from trailseal.view.terminal import Terminal

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


@pytest.mark.parametrize(
    ("newest", "said"),
    [
        (True, "no whole day is SSE-KMS yet, but the newest object is; about 900 objects until then"),
        (False, "no day is SSE-KMS, about 900 objects"),
        (None, "no day is SSE-KMS, about 900 objects"),
    ],
)
def test_a_switch_on_the_last_day_is_told_by_the_newest_object(*, newest: bool | None, said: str) -> None:
    objects = {f"p/2026/01/0{day}/{number}": "" for day in range(1, 4) for number in (1, 2, 3)}
    if newest:
        objects["p/2026/01/03/3"] = "aws:kms"
    bucket = {key: Thing(body=b"", headers={SSE: sse} if sse else {}) for key, sse in objects.items()}
    plane = MemoryObjects(b=bucket)
    if newest is None:
        plane.errors["p/2026/01/03/3"] = "AccessDenied"
    found = quick_census(plane, "b", ("p/",), until=LAST)
    (switch,) = found.regions

    assert (switch.day, switch.newest_sealed) == (None, newest)
    page = StringIO()
    shown = Terminal(file=page, width=200)
    write_quick(structs.replace(found, regions=(structs.replace(switch, files_a_day=300.0),)), shown)
    assert said in " ".join(page.getvalue().split())
