"""
What is known of each hour of a window: spans of time in states, laid over one another, and hours counted.

An hour is one of the clock, in UTC. Digest files need not begin on the hour, so one may hold several spans:
the state that says least for it stands.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from enum import StrEnum

from msgspec import Struct, structs

HOUR = timedelta(hours=1)


class HourState(StrEnum):
    """How an hour ends, the state that says least for it first."""

    NOT_PROVEN = "not proven"
    NOT_KNOWN = "not known"
    NOT_DUE = "not due yet"
    """A digest file may still come; counted apart, and no word against the hour."""
    PROVEN = "proven"
    NOTHING_LOGGED = "nothing was logged"


RANK = {state: number for number, state in enumerate(HourState)}


class Why(StrEnum):
    """Why an hour is not proven, why nothing was logged in it, or why it is not known."""

    NONE = ""
    MISSING = "missing"
    CHANGED = "changed"
    INVALID = "invalid"
    UNREADABLE = "unreadable"
    UNNAMED = "no digest file names them"
    NO_LOG_FILES = "the digest file names no log files"
    STOPPED = "logging was stopped"
    NOT_BEGUN = "logging had not begun"
    OFF = "logging or validation was off"
    NONE_BEFORE = "no digest file before it"
    NONE_AFTER = "nothing after them tells"
    NONE_DELIVERED = "CloudTrail delivered no digest file after it"
    WRITTEN_ANEW = "the newest digest file was written again, so its time says nothing"
    NONE_HERE = "no digest files here"
    NOT_COVERED = "no digest file covers it"
    NOT_LISTED = "its folder cannot be listed"


class Span(Struct, frozen=True, kw_only=True):
    """A time in one state. `key` is the file that decided it, where one did."""

    start: datetime
    end: datetime
    state: HourState
    why: Why = Why.NONE
    bucket: str = ""
    key: str = ""
    backfill: bool = False
    """The file is of the backfill chain, which says nothing of what ordinary digest files name."""
    detail: str = ""


Spans = tuple[Span, ...]
"""In order of time, none of them empty, none over another."""


class HourCounts(Struct, kw_only=True):
    """Hours by state."""

    proven: int = 0
    not_proven: int = 0
    nothing_logged: int = 0
    not_known: int = 0
    not_due: int = 0

    def add(self, other: HourCounts) -> None:
        """Add the hours of another chain."""
        for name in HourCounts.__struct_fields__:
            setattr(self, name, getattr(self, name) + getattr(other, name))


def clipped(spans: Iterable[Span], start: datetime, end: datetime) -> Iterator[Span]:
    """Yield what of the spans lies in a time."""
    for span in spans:
        first, last = max(span.start, start), min(span.end, end)
        if first < last:
            yield structs.replace(span, start=first, end=last)


def overlaid(base: Iterable[Span], over: Iterable[Span], may: Callable[[Span, Span], bool]) -> Spans:
    """Return `base` with `over` in its place where `may(base, over)` alone."""
    found: list[Span] = []
    rest = list(over)
    at = 0
    for span in base:
        begin = span.start
        while at < len(rest) and rest[at].end <= begin:
            at += 1
        for each in _until(rest, at, span.end):
            if each.end <= begin or not may(span, each):
                continue
            found += clipped((span,), begin, each.start)
            found += clipped((each,), max(begin, span.start), span.end)
            begin = max(begin, each.end)
        found += clipped((span,), begin, span.end)
    return tuple(found)


def filled(base: Iterable[Span], more: Iterable[Span]) -> Spans:
    """Return `base`, and of `more` what lies where `base` has nothing."""
    kept = tuple(base)
    found: list[Span] = list(kept)
    at = 0
    for span in more:
        begin = span.start
        while at < len(kept) and kept[at].end <= begin:
            at += 1
        for each in _until(kept, at, span.end):
            found += clipped((span,), begin, each.start)
            begin = max(begin, each.end)
        found += clipped((span,), begin, span.end)
    return tuple(sorted(found, key=lambda each: each.start))


def in_order(spans: Iterable[Span]) -> Spans:
    """Return spans that may lie over one another as spans that do not: the worse state stands."""
    every = tuple(spans)
    found: Spans = ()
    for state in HourState:
        same: list[Span] = []
        for span in sorted((s for s in every if s.state is state), key=lambda s: (s.start, s.end)):
            begin = same[-1].end if same else span.start
            same += clipped((span,), begin, span.end)
        found = filled(found, same)
    return found


def merged(spans: Iterable[Span]) -> Spans:
    """Return the spans with those that touch and say the same made one."""
    found: list[Span] = []
    for span in spans:
        same = found and structs.replace(span, start=found[-1].start, end=found[-1].end) == found[-1]
        if same and span.start <= found[-1].end:
            found[-1] = structs.replace(found[-1], end=span.end)
        else:
            found.append(span)
    return tuple(found)


def hour_of(moment: datetime) -> datetime:
    """Return the beginning of the hour of the clock that a moment lies in."""
    return moment.replace(minute=0, second=0, microsecond=0)


def counted_hours(spans: Sequence[Span]) -> HourCounts:
    """Return how many hours of the clock end in each state; an hour that is only touched counts."""
    counts = HourCounts()
    edges: dict[datetime, HourState] = {}
    for span in spans:
        first, last = hour_of(span.start), hour_of(span.end - timedelta(microseconds=1))
        for hour in {first, last}:
            edges[hour] = min(edges.get(hour, span.state), span.state, key=RANK.__getitem__)
        _count(counts, span.state, max(0, (last - first) // HOUR - 1))
    for state in edges.values():
        _count(counts, state, 1)
    return counts


def _count(counts: HourCounts, state: HourState, hours: int) -> None:
    name = FIELDS[state]
    setattr(counts, name, getattr(counts, name) + hours)


FIELDS = {
    HourState.PROVEN: "proven",
    HourState.NOT_PROVEN: "not_proven",
    HourState.NOTHING_LOGGED: "nothing_logged",
    HourState.NOT_KNOWN: "not_known",
    HourState.NOT_DUE: "not_due",
}


def _until(spans: Sequence[Span], at: int, end: datetime) -> Iterator[Span]:
    while at < len(spans) and spans[at].start < end:
        yield spans[at]
        at += 1
