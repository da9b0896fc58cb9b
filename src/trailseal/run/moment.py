"""The times that a user names on the command line, in UTC."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from trailseal.errors import UsageProblem
from trailseal.messages import message
from trailseal.model.log_file import FIRST_YEAR

AGO = re.compile(r"(\d{1,5})([mhd])", re.ASCII)
UNITS = {"m": "minutes", "h": "hours", "d": "days"}
DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
FIRST, LAST = datetime(FIRST_YEAR, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
"""Far beyond, days cannot be added to a time."""


def read_moment(text: str, *, now: datetime) -> datetime:
    """
    Return the time that is meant: ISO 8601 with a zone, a day of UTC, or so long before `now`.

    Raises:
        UsageProblem: it is none of them, or nobody can mean it.
    """
    at = _parse(text, now)
    if at is None or not FIRST <= at <= LAST:
        raise UsageProblem(
            message("`{text}` is not a time", text=text),
            message("use 2026-11-23T12:00:00Z, 2026-11-23 (its beginning in UTC), or 6h, 3d ago"),
        )
    return at


def _parse(text: str, now: datetime) -> datetime | None:
    if ago := AGO.fullmatch(text):
        return now - timedelta(**{UNITS[ago[2]]: int(ago[1])})
    try:
        at = datetime.fromisoformat(text)
        if DAY.fullmatch(text):
            return at.replace(tzinfo=UTC)
        return at.astimezone(UTC) if at.tzinfo else None
    except (ValueError, OverflowError):
        return None
