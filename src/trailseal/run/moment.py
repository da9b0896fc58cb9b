"""The times that a user names on the command line, in UTC."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from trailseal.errors import UsageProblem
from trailseal.messages import Message, message

AGO = re.compile(r"(\d{1,5})([mhd])")
UNITS = {"m": "minutes", "h": "hours", "d": "days"}
YEARS = range(1970, 9999)
"""Outside these a sum of times can fall off the calendar."""


def parse_since(text: str, *, now: datetime) -> datetime:
    """
    Return the time that `--since` names: an ISO 8601 time, or so many minutes, hours or days ago.

    Raises:
        UsageProblem: it is neither.
    """
    if match := AGO.fullmatch(text):
        return now - timedelta(**{UNITS[match[2]]: int(match[1])})
    return _parse(text, message("write 2026-11-23T12:00:00Z, or 30m, 6h, 3d for so long ago"))


def parse_expiry(text: str | None) -> datetime | None:
    """
    Return the time that `--valid-to` names, None for none.

    Raises:
        UsageProblem: it is no ISO 8601 time.
    """
    return _parse(text, message("write 2027-11-23T12:00:00Z, or 2027-11-23")) if text else None


def _parse(text: str, hint: Message) -> datetime:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise UsageProblem(message("`{text}` is no time", text=text), hint) from None
    if at.year not in YEARS:
        raise UsageProblem(message("`{text}` is no time", text=text), hint)
    return at if at.tzinfo else at.replace(tzinfo=UTC)
