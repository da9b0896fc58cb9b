"""A time that a user gives means one instant, or it is told as no time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trailseal.errors import UsageProblem
from trailseal.run.moment import FIRST, LAST, read_moment

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("30m", NOW - timedelta(minutes=30), id="minutes"),
        pytest.param("6h", NOW - timedelta(hours=6), id="hours"),
        pytest.param("3d", NOW - timedelta(days=3), id="days"),
        pytest.param("2026-11-23T12:00:00Z", NOW, id="a time"),
        pytest.param("2026-11-23T21:00:00+09:00", NOW, id="a time of another zone"),
        pytest.param("2026-11-23", NOW.replace(hour=0), id="a day"),
    ],
)
def test_a_time_is_told_or_so_long_ago(text: str, expected: datetime) -> None:
    assert read_moment(text, now=NOW) == expected
    assert read_moment(text, now=NOW).tzinfo is UTC


@pytest.mark.parametrize(
    "text",
    [
        "",
        "soon",
        "2026-11-23T12:00:00",
        "2026-11-23 12:00",
        "20261123",
        "2026-W48",
        "0001-01-01T00:00:00+14:00",
        "0001-01-01",
        "0000-01-01",
        "2012-12-31",
        "9999-12-31T23:59:59-12:00",
        "2500-01-01",
        "99999d",
        "\u0663d",
    ],
)
def test_what_has_no_zone_or_nobody_means_is_no_time(text: str) -> None:
    with pytest.raises(UsageProblem, match="is not a time") as refused:
        read_moment(text, now=NOW)

    assert "use 2026-11-23T12:00:00Z" in str(refused.value.hint)


@given(st.text())
def test_any_text_is_a_time_or_told_as_none(text: str) -> None:
    try:
        at = read_moment(text, now=NOW)
    except UsageProblem:
        return

    assert FIRST <= at <= LAST
