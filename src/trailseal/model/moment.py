"""How a time is written wherever it is told: ISO 8601 in UTC, to the second."""

from __future__ import annotations

from datetime import UTC, datetime


def in_utc(at: datetime) -> str:
    """
    Return a time as AWS's pages write it, `2026-11-23T12:00:00Z`; one without a zone is of UTC.

    At either end of the calendar UTC may have no such day: then it is written with its own zone.
    """
    try:
        return f"{at.astimezone(UTC) if at.tzinfo else at:%Y-%m-%dT%H:%M:%SZ}"
    except OverflowError:
        return at.isoformat()
