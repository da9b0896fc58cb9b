"""Times off the calendar's edge are told as no time, before they overflow in a sum."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from trailseal.errors import UsageProblem
from trailseal.run.moment import parse_expiry, parse_since


@pytest.mark.parametrize("text", ["0001-01-01T00:00:00+14:00", "0001-01-01", "9999-12-31T23:59:59-12:00"])
def test_a_time_at_the_calendar_s_edge_is_no_time(text: str) -> None:
    with pytest.raises(UsageProblem, match="is no time"):
        parse_since(text, now=datetime(2026, 1, 1, tzinfo=UTC))
    with pytest.raises(UsageProblem, match="is no time"):
        parse_expiry(text)


def test_a_wrong_expiry_is_told_with_how_to_write_one() -> None:
    with pytest.raises(UsageProblem) as wrong:
        parse_expiry("soon")

    assert "write 2027-11-23T12:00:00Z" in str(wrong.value.hint)
