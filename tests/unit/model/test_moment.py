"""A time is told in UTC, whatever zone it comes with and this machine is in."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from trailseal.model.moment import in_utc

TOKYO = timezone(timedelta(hours=9))


@pytest.mark.parametrize(
    "at",
    [
        pytest.param(datetime(2026, 11, 23, 12, tzinfo=UTC), id="UTC"),
        pytest.param(datetime(2026, 11, 23, 21, tzinfo=TOKYO), id="another zone"),
        pytest.param(datetime(2026, 11, 23, 12), id="no zone"),  # noqa: DTZ001 - as a table tells it
        pytest.param(datetime(2026, 11, 23, 12, 0, 0, 999_999, tzinfo=UTC), id="parts of a second"),
    ],
)
def test_a_time_is_told_in_utc(at: datetime) -> None:
    assert in_utc(at) == "2026-11-23T12:00:00Z"


@pytest.mark.parametrize("hours", [23, -23])
@pytest.mark.parametrize("at", [datetime.min, datetime.max])  # noqa: DTZ901 - the ends of the calendar
def test_a_day_that_utc_does_not_have_is_written_all_the_same(at: datetime, hours: int) -> None:
    told = in_utc(at.replace(tzinfo=timezone(timedelta(hours=hours))))

    assert told.endswith(("Z", ":00"))
