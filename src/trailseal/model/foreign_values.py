"""
Numbers and times in texts that others wrote: a number of 64 bits, a time in UTC that can be reckoned with.

Python reads far more as either: digits of any script, as many as there are, times without a zone, which
cannot be compared with others, and the first year, from which no hour can be taken.
"""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from trailseal.model.foreign import ForeignError, TooLargeError

DIGITS = 18
"""Any number of so many fits into 64 bits."""
FIRST, LAST = datetime(1970, 1, 1, tzinfo=UTC), datetime(9000, 1, 1, tzinfo=UTC)
"""A retention may last long; in the years beside these, times cannot be added and subtracted."""


def number_in(text: str) -> int:
    """
    Return a whole number, 0 or more.

    Raises:
        TooLargeError: it is larger than anything that is counted.
        ForeignError: it is none.
    """
    if not (text.isascii() and text.isdecimal()):
        raise ForeignError("not a number")
    if len(text) > DIGITS:
        raise TooLargeError("a number of too many digits")
    return int(text)


def time_in(text: str) -> datetime:
    """
    Return an ISO 8601 time in UTC, which is also meant where it names no zone.

    Raises:
        ForeignError: it is none, or far from any that a file can have.
    """
    try:
        return in_bounds(datetime.fromisoformat(text))
    except ValueError as problem:
        raise ForeignError(str(problem)) from problem


def http_time_in(text: str) -> datetime:
    """
    Return the time in a header of HTTP, in UTC, which is also meant where it names no zone.

    Raises:
        ForeignError: it is none, or far from any that a file can have.
    """
    try:
        return in_bounds(parsedate_to_datetime(text))
    except (ValueError, OverflowError) as problem:
        raise ForeignError(str(problem)) from problem


def in_bounds(time: datetime) -> datetime:
    """
    Return a time in UTC, which is also meant where it names no zone.

    Raises:
        ForeignError: it is far from any that a file can have.
    """
    aware = time if time.tzinfo else time.replace(tzinfo=UTC)
    if FIRST <= aware <= LAST:
        return aware.astimezone(UTC)
    raise ForeignError("no time that a file can have")
