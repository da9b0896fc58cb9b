"""How times are written wherever they are told: ISO 8601 in UTC, to the second, and ages in one unit."""

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


UNITS = ((86_400, "d"), (3_600, "h"), (60, "min"))
"""Of an age, longest first; in signs that are the same in every language."""


def age(at: datetime, now: datetime) -> str:
    """Return how long ago something was, in whole units of one kind: `40 s`, `4 min`, `3 h`, `9 d`."""
    seconds = max(0, int((now - at).total_seconds()))
    for length, sign in UNITS:
        if seconds >= length:
            return f"{seconds // length} {sign}"
    return f"{seconds} s"
