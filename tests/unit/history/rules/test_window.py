"""The time that a validation looks at where little or nothing is said of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from trailseal.errors import UsageProblem
from trailseal.history.rules.validation import Window, window_until

NOW = datetime(2026, 11, 28, tzinfo=UTC)
DAY = timedelta(days=1)
DUE = NOW - timedelta(hours=2)


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        pytest.param(None, None, (NOW - 7 * DAY, DUE, NOW, DUE), id="nothing-is-said"),
        pytest.param(NOW - DAY, None, (NOW - DAY, DUE, NOW, DUE), id="until-every-digest-file-is-due"),
        pytest.param(
            None, NOW - DAY, (NOW - 8 * DAY, NOW - DAY, NOW - DAY, NOW - DAY), id="seven-days-before-its-end"
        ),
        pytest.param(NOW - DAY, NOW - DAY, (NOW - DAY, NOW - DAY, NOW - DAY, NOW - DAY), id="a-moment"),
        pytest.param(None, NOW, (NOW - 7 * DAY, NOW, NOW, DUE), id="what-is-not-due-is-asked-for"),
        pytest.param(NOW, None, (NOW, NOW, NOW, NOW), id="nothing-is-due"),
    ],
)
def test_the_last_seven_days_are_meant_where_nothing_else_is_said(
    start: datetime | None, end: datetime | None, expected: tuple[datetime, datetime, datetime, datetime]
) -> None:
    found = window_until(NOW, start=start, end=end, accounts=("1",), regions=("r",))

    assert found == Window(
        start=expected[0],
        end=expected[1],
        until=expected[2],
        due=expected[3],
        accounts=("1",),
        regions=("r",),
    )


def test_a_time_that_ends_before_it_begins_is_refused() -> None:
    with pytest.raises(UsageProblem, match="`--start-time` is after `--end-time`"):
        window_until(NOW, start=NOW + DAY)
