"""Log files that no digest file names: which lie in hours that none covers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo

import pytest

from trailseal.history.rules.hours import HOUR, HourState, Span, Why
from trailseal.history.rules.timeline import Beside
from trailseal.history.validate.unnamed import times_of

START = datetime(2026, 1, 1, tzinfo=UTC)
STATES = {
    Why.UNNAMED: HourState.NOT_PROVEN,
    Why.MISSING: HourState.NOT_PROVEN,
    Why.NONE_AFTER: HourState.NOT_KNOWN,
}


class Counting(datetime):
    """A time that counts how often it is compared."""

    compared = 0

    def __lt__(self, other: object) -> bool:
        Counting.compared += 1
        return super().__lt__(other)  # type: ignore[operator]  # of two times


def spans(*whys: Why) -> tuple[Span, ...]:
    return tuple(
        Span(start=START + at * HOUR, end=START + (at + 1) * HOUR, state=STATES[why], why=why)
        for at, why in enumerate(whys)
    )


def files(*minutes: int, kind: type[datetime] = datetime) -> tuple[Beside, ...]:
    utc: tzinfo = UTC
    return tuple(
        Beside(at=kind.fromtimestamp(START.timestamp() + minute * 60, utc), bucket="b", key=f"{minute:06}")
        for minute in minutes
    )


@pytest.mark.parametrize(
    ("whys", "minutes", "inside"),
    [
        ((), (0, 30), ()),
        ((Why.MISSING,), (), ()),
        ((Why.MISSING,), (0, 59, 60), (0, 59)),
        ((Why.NONE_AFTER, Why.UNNAMED), (0, 60, 60, 119, 120), (60, 60, 119)),
        ((Why.MISSING, Why.NONE_AFTER, Why.UNNAMED), (5, 65, 125, 185), (5, 125)),
    ],
)
def test_a_hole_holds_its_beginning_and_not_its_end(
    whys: tuple[Why, ...], minutes: tuple[int, ...], inside: tuple[int, ...]
) -> None:
    found = times_of(spans(*whys), files(*minutes))

    assert found == tuple(START + timedelta(minutes=minute) for minute in inside)


def test_a_year_of_holes_is_not_compared_with_each_file() -> None:
    holes = spans(*[Why.MISSING, Why.NONE_AFTER] * 400)
    every = files(*range(0, 800 * 60, 20), kind=Counting)
    Counting.compared = 0

    assert len(times_of(holes, every)) == len(every) // 2
    assert Counting.compared < 40 * len(holes)
