"""Log files of the window that no digest file of the chain names: in hours that are proven, and in others."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from trailseal.history.rules.hours import HourState, Span, Why
from trailseal.history.rules.timeline import Beside
from trailseal.history.rules.validation import ChainResult, Window
from trailseal.history.rules.walk import NeedKeys
from trailseal.history.validate.log_files import NamedLogFile, Place
from trailseal.model.unreadable import Unreadable

EDGE = timedelta(minutes=15)
"""So near to the end of the proven time, the next digest file may name a log file."""


def unnamed_in(
    places: Iterable[NeedKeys],
    listed: Mapping[NeedKeys, tuple[Beside, ...]],
    named: Mapping[Place, NamedLogFile],
) -> tuple[Beside, ...]:
    """Return the log files in the folders of a chain that none of its digest files names, by time."""
    return tuple(
        sorted(
            each for place in places for each in listed.get(place, ()) if (each.bucket, each.key) not in named
        )
    )


def times_of(spans: Iterable[Span], unnamed: tuple[Beside, ...]) -> tuple[datetime, ...]:
    """Return the times of unnamed log files in hours that no digest file covers; both come by time."""
    open_to = {Why.UNNAMED, Why.MISSING}
    found: list[datetime] = []
    # by halving, for a year of missing digest files has as many holes as hours
    for hole in (span for span in spans if span.why in open_to):
        first = bisect_left(unnamed, hole.start, key=_at)
        past = bisect_left(unnamed, hole.end, lo=first, key=_at)
        found += (each.at for each in unnamed[first:past])
    return tuple(found)


def _at(file: Beside) -> datetime:
    return file.at


def told_of_unnamed(found: ChainResult, unnamed: tuple[Beside, ...]) -> list[str]:
    """Return those that are told: no digest file may still name them."""
    young = [span for span in found.spans if span.state is HourState.NOT_DUE]
    start, end = found.found_start, found.found_end
    edge = min(EDGE, (end - start) / 4) if start is not None and end is not None else EDGE
    return [
        each.key
        for each in unnamed
        if not (end is not None and end - edge < each.at < end)
        and not any(span.start <= each.at < span.end for span in young)
    ]


def not_listed(window: Window, refused: Unreadable) -> Span:
    """Return the whole window of a chain whose folder cannot be listed."""
    return Span(
        start=window.start,
        end=window.until,
        state=HourState.NOT_KNOWN,
        why=Why.NOT_LISTED,
        detail=f"{refused.call} {refused.code}",
    )
