"""
Every hour of a window and of one chain, in one state: what digest files prove, and what stands around them.

No side decides by itself. Between two digest files the later one tells what must be there; after the newest,
CloudTrail's own times do where it tells them, else the log files that came later.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from msgspec import Struct, structs

from trailseal.history.rules.chain import end_in_key
from trailseal.history.rules.digest import Digest
from trailseal.history.rules.hours import (
    HOUR,
    HourState,
    Span,
    Spans,
    Why,
    clipped,
    filled,
    hour_of,
    in_order,
    merged,
    overlaid,
)
from trailseal.history.rules.walk import Hole, Walked
from trailseal.model.trail import DIGEST_FILE_DUE

TOLERANCE = timedelta(minutes=15)
"""By so much may S3's time of the newest digest file differ from CloudTrail's of its delivery."""
GUESSES = frozenset({HourState.NOT_KNOWN, HourState.NOT_DUE})
EMPTY = frozenset({HourState.NOT_KNOWN, HourState.NOTHING_LOGGED})
"""What a log file in the hour that no digest file names says otherwise of."""


class TrailTimes(Struct, frozen=True, kw_only=True):
    """
    What CloudTrail tells of a trail, each fact None where it was not asked or tells none.

    `answered` is whether it told of this account and Region, for the place that is looked at.
    """

    answered: bool = False
    delivered: datetime | None = None
    """LatestDigestDeliveryTime."""
    started: datetime | None = None
    stopped: datetime | None = None


class Beside(Struct, frozen=True, order=True):
    """A log file that lies in the bucket."""

    at: datetime
    bucket: str
    key: str


class Around(Struct, frozen=True, kw_only=True):
    """What is known beside the digest files of the window."""

    start: datetime
    end: datetime
    due: datetime
    """Before it, the digest file of every hour has been delivered."""
    told: TrailTimes = TrailTimes()
    earlier: str = ""
    """The newest digest file of the day before the window."""
    older: bool | None = False
    """Whether there is any digest file before the window, None where that cannot be listed."""
    modified: datetime | None = None
    """S3's time of the newest digest file."""
    unnamed: tuple[Beside, ...] = ()
    """In order of time."""
    bad_logs: dict[tuple[str, str], Hole] = {}
    """By bucket and key of a digest file: its time, and what is wrong with a log file that it names."""


def timeline(ordinary: Walked, backfill: Walked, around: Around) -> Spans:
    """Return the states of the whole window, in order of time."""
    covers = in_order(_covers(ordinary, around))
    gaps = filled(_holes(ordinary, around), _after(ordinary, around))
    gaps = filled(gaps, [_whole(around, Why.NOT_COVERED)])
    gaps = overlaid(gaps, in_order(_valid_backfill(backfill, around)), lambda base, _: base.state in GUESSES)
    gaps = overlaid(gaps, _quiet(around), lambda base, over: _quiet_may(base, over, older=around.older))
    gaps = overlaid(gaps, _unnamed(ordinary, around), _unnamed_may)
    found = filled(covers, clipped(gaps, around.start, around.end))
    bad = in_order(_bad_backfill(backfill, around))
    return merged(overlaid(found, bad, lambda base, _: base.state is not HourState.NOT_PROVEN))


def _covers(walked: Walked, around: Around) -> Iterator[Span]:
    broken = {(each.bucket, each.key): each for each in walked.broken}
    for digest in walked.digests:
        place = (digest.bucket, digest.key)
        bad = broken.get(place) or around.bad_logs.get(place)
        yield from clipped((_hole(bad, around) if bad else _cover(digest),), around.start, around.end)


def _cover(digest: Digest) -> Span:
    span = Span(start=digest.start, end=digest.end, state=HourState.PROVEN)
    if digest.text.log_files:
        return span
    return structs.replace(span, state=HourState.NOTHING_LOGGED, why=Why.NO_LOG_FILES)


def _holes(walked: Walked, around: Around) -> Spans:
    return in_order(clipped((_hole(each, around) for each in walked.holes), around.start, around.end))


def _hole(hole: Hole, around: Around) -> Span:
    why = _why_none_before(around) if hole.why is Why.NONE_BEFORE else hole.why
    known = why in {Why.OFF, Why.NONE_BEFORE, Why.NOT_LISTED, Why.NOT_COVERED}
    return Span(
        start=hole.start,
        end=hole.end,
        state=HourState.NOT_KNOWN if known else HourState.NOT_PROVEN,
        why=why,
        bucket=hole.bucket,
        key=hole.key,
        detail=hole.detail,
    )


def _why_none_before(around: Around) -> Why:
    """Return what it means that the first digest file of the window names none before it."""
    if around.older is None:
        return Why.NOT_LISTED
    return Why.OFF if around.older else Why.NONE_BEFORE


def _after(walked: Walked, around: Around) -> Spans:
    """Return the time after the newest digest file, where none follows the window."""
    if walked.follows:
        return ()
    newest = walked.head or around.earlier
    begin = max(_newest_end(walked, around), around.start)
    ahead = walked.ahead
    if ahead is not None:
        return tuple(clipped([_hole(ahead, around)], begin, around.end))
    delivered = around.told.delivered
    if delivered is None:
        missing, why = _untold(begin, newest, around)
    elif newest:
        missing, why = _told(delivered, begin, newest, around.modified)
    else:
        missing, why = _all_gone(delivered, around), Why.NONE_HERE
    known = tuple(clipped([missing] if missing else (), begin, around.end))
    rest = clipped((_whole(around, why),), begin, around.end)
    return filled(known, _not_due(rest, around))


def _newest_end(walked: Walked, around: Around) -> datetime:
    """Return until when the newest digest file tells, the beginning of time where there is none."""
    newest = walked.head or around.earlier
    return max((d.end for d in walked.digests if d.key == newest), default=end_in_key(newest))


def _all_gone(delivered: datetime, around: Around) -> Span:
    """Return when digest files were that CloudTrail delivered and of which none is here."""
    first = min((each.at for each in around.unnamed), default=delivered)
    return _missing(min(hour_of(first), delivered - HOUR), delivered)


def _told(
    delivered: datetime, begin: datetime, newest: str, modified: datetime | None
) -> tuple[Span | None, Why]:
    """Compare CloudTrail's time of the last delivery with S3's of the newest digest file."""
    late = delivered - end_in_key(newest)
    if modified is None or modified > delivered + TOLERANCE:
        return None, Why.WRITTEN_ANEW if late >= HOUR else Why.NONE_DELIVERED
    if delivered - modified <= TOLERANCE:
        return None, Why.NONE_DELIVERED
    end = end_in_key(newest) + max(1, late // HOUR) * HOUR
    return _missing(begin, end), Why.NONE_DELIVERED


def _untold(begin: datetime, newest: str, around: Around) -> tuple[Span | None, Why]:
    """
    Compare the log files with the newest digest file: one much later should be named by another.

    Where CloudTrail says that it never delivered one, none is missing.
    """
    times = [each.at for each in around.unnamed]
    why = Why.NONE_AFTER if newest else Why.NONE_HERE
    never = around.told.answered and not newest
    if not times or never or (newest and times[-1] <= end_in_key(newest) + DIGEST_FILE_DUE):
        return None, why
    first = begin if newest else max(begin, hour_of(times[0]))
    end = min(hour_of(times[-1]) + HOUR, around.due)
    return (_missing(first, end) if first < end else None), why


def _missing(start: datetime, end: datetime) -> Span:
    return Span(start=start, end=end, state=HourState.NOT_PROVEN, why=Why.MISSING)


def _not_due(spans: Iterable[Span], around: Around) -> Spans:
    young = Span(start=around.due, end=max(around.due, around.end), state=HourState.NOT_DUE)
    anew = Why.WRITTEN_ANEW
    return overlaid(spans, clipped((young,), around.due, around.end), lambda base, _: base.why is not anew)


def _quiet(around: Around) -> Spans:
    """Return when CloudTrail says that the trail did not log, by StopLoggingTime and StartLoggingTime."""
    started, stopped = around.told.started, around.told.stopped
    span = _whole(around, Why.STOPPED)
    span = structs.replace(span, state=HourState.NOTHING_LOGGED)
    if started is None:
        return ()
    if stopped is None:
        quiet = structs.replace(span, end=started, why=Why.NOT_BEGUN)
    elif stopped < started:
        quiet = structs.replace(span, start=stopped, end=started)
    else:
        quiet = structs.replace(span, start=stopped)
    return tuple(clipped((quiet,), around.start, around.end))


def _quiet_may(base: Span, over: Span, *, older: bool | None) -> bool:
    """
    Whether CloudTrail's word explains a time.

    A trail that never stopped may be one made anew: before it, another of its name may have logged, and did
    where older digest files are, or may be. A file that is there and bad is explained by nothing.
    """
    if over.why is Why.NOT_BEGUN:
        return older is False and base.why in {Why.NONE_BEFORE, Why.NONE_HERE}
    return base.state in GUESSES or base.why is Why.MISSING


def _unnamed_may(base: Span, over: Span) -> bool:
    """
    Whether a log file says otherwise of a time: not where its digest file may be late.

    One that a digest file may still name speaks only against the word that logging was stopped.
    """
    if over.state is HourState.NOT_DUE:
        return base.state is HourState.NOTHING_LOGGED
    return base.state in EMPTY and base.why is not Why.NONE_AFTER


def _unnamed(walked: Walked, around: Around) -> Spans:
    """Return the hours of log files that no digest file names, and of those that one may still name."""
    open_from = around.end if walked.follows else max(around.due, _newest_end(walked, around))
    past = tuple(each for each in around.unnamed if each.at < open_from)
    young = around.unnamed[len(past) :]
    return (
        *clipped(_hours_of(past, HourState.NOT_PROVEN), around.start, open_from),
        *clipped(_hours_of(young, HourState.NOT_DUE), open_from, around.end),
    )


def _hours_of(files: Iterable[Beside], state: HourState) -> Iterator[Span]:
    """Yield the hours of log files; of each that is not proven, the first file in it."""
    first: dict[datetime, Beside] = {}
    for each in files:
        first.setdefault(hour_of(each.at), each)
    for hour, each in first.items():
        span = Span(start=hour, end=hour + HOUR, state=state)
        if state is HourState.NOT_PROVEN:
            span = structs.replace(span, why=Why.UNNAMED, bucket=each.bucket, key=each.key)
        yield span


def _valid_backfill(walked: Walked, around: Around) -> Iterator[Span]:
    """Yield what valid backfill digest files that name log files prove, or what is wrong with those."""
    for span in _covers(walked, around):
        if span.state is not HourState.NOTHING_LOGGED:
            yield structs.replace(span, backfill=span.state is HourState.NOT_PROVEN)


def _bad_backfill(walked: Walked, around: Around) -> Iterator[Span]:
    for span in _covers(walked, around):
        if span.state is HourState.NOT_PROVEN:
            yield structs.replace(span, backfill=True)
    for hole in walked.holes:
        if hole.key:
            end = end_in_key(hole.key)
            span = structs.replace(_hole(hole, around), start=end - HOUR, end=end, backfill=True)
            yield from clipped((span,), around.start, around.end)


def _whole(around: Around, why: Why) -> Span:
    return Span(start=around.start, end=around.end, state=HourState.NOT_KNOWN, why=why)
