"""The log files that digest files name, each judged once, and those that lie beside them in the bucket."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from msgspec import Struct

from trailseal.history.rules.digest import Digest, LoggedFile, log_file_verdict
from trailseal.history.rules.timeline import Beside
from trailseal.history.rules.validation import ChainResult, Window
from trailseal.history.rules.verdict import FileVerdict, Validity
from trailseal.history.rules.walk import BadFile, Hole, NeedKeys, Walked
from trailseal.history.validate.refused import refused
from trailseal.messages import message
from trailseal.model.foreign import ForeignError
from trailseal.model.foreign_values import time_in
from trailseal.model.log_file import Delivered, parse_log_file_key
from trailseal.model.unreadable import Unreadable
from trailseal.objects.calls import ObjectResponse, Objects, get
from trailseal.objects.folders import GoesOn, listed_of
from trailseal.run.events import Observer, Progress

EVERY = 200
SLACK = timedelta(hours=1)
"""A file may lie in the folder of the day on which its delivery ended."""

Place = tuple[str, str]
OnBad = Callable[[BadFile], None]
OnFile = Callable[[FileVerdict], None]


class NamedLogFile(Struct, frozen=True, kw_only=True):
    """A log file, with the digest files that name it: two, where it stands in both chains."""

    found: ChainResult
    by: list[tuple[Digest, LoggedFile]]


def named_by(found: ChainResult, *walks: Walked) -> dict[Place, NamedLogFile]:
    """Return the log files that the digest files of a chain name, by bucket and key."""
    named: dict[Place, NamedLogFile] = {}
    for walked in walks:
        for digest in walked.digests:
            for entry in digest.text.log_files or ():
                place = (entry.s3_bucket, entry.s3_object)
                named.setdefault(place, NamedLogFile(found=found, by=[])).by.append((digest, entry))
    return named


class LogFiles:
    """The log files of a few chains, read all at once."""

    def __init__(self, objects: Objects, *, on_file: OnFile, on_bad: OnBad, observer: Observer) -> None:
        self._objects = objects
        self._on_file = on_file
        self._on_bad = on_bad
        self._observer = observer
        self.bad: dict[Place, Hole] = {}
        """By bucket and key of a digest file: its time, and what is wrong with a log file that it names."""

    def judge(self, every: Iterable[dict[Place, NamedLogFile]]) -> None:
        """Enter the verdict of every log file into its chain's counts; a file that two name counts once."""
        chains = tuple(every)
        total = sum(map(len, chains))
        calls = (get(*place, about=named) for chain in chains for place, named in chain.items())
        for done, answer in enumerate(self._objects.each(calls), 1):
            self._take(answer, answer.call.about)
            if done % EVERY == 0 or done == total:
                self._observer(Progress(what=message("log files"), done=done, total=total))

    def _take(self, answer: ObjectResponse, named: NamedLogFile) -> None:
        not_read = refused(answer)
        worst = BadFile(verdict=Validity.VALID)
        about = named.by[0]
        for digest, entry in named.by:
            judged = not_read or BadFile(verdict=log_file_verdict(entry, answer.body))
            if judged.verdict is Validity.VALID:
                continue
            worst, about = judged, (digest, entry)
            self.bad.setdefault((digest.bucket, digest.key), _hole(digest, judged, answer))
        named.found.log_files.add(worst.verdict)
        named.found.named_twice += len(named.by) > 1
        if worst.verdict is not Validity.VALID:
            self._on_bad(worst)
        self._on_file(_file_verdict(worst, named.found, *about))


def _hole(digest: Digest, bad: BadFile, answer: ObjectResponse) -> Hole:
    return Hole(
        start=digest.start,
        end=digest.end,
        why=bad.why,
        bucket=answer.call.bucket,
        key=answer.call.key,
        detail=bad.detail,
    )


def _file_verdict(judged: BadFile, found: ChainResult, digest: Digest, entry: LoggedFile) -> FileVerdict:
    return FileVerdict(
        kind=Delivered.LOG_FILE,
        bucket=entry.s3_bucket,
        key=entry.s3_object,
        verdict=judged.verdict,
        account=found.chain.account,
        region=found.chain.region,
        start=_time(entry.oldest_event_time) or digest.start,
        end=_time(entry.newest_event_time) or digest.end,
        detail=judged.detail,
    )


def _time(text: str | None) -> datetime | None:
    try:
        return time_in(text) if text else None
    except ForeignError:
        return None


def beside(
    objects: Objects, places: Iterable[NeedKeys], window: Window
) -> tuple[dict[NeedKeys, tuple[Beside, ...]], tuple[Unreadable, ...]]:
    """
    Return the log files of the window that lie in the folders of chains, with their times, in order of time.

    Raises:
        TrailsealError: an answer is no listing.
    """
    found: dict[NeedKeys, tuple[Beside, ...]] = {}
    refusals: list[Unreadable] = []
    by_bucket: dict[str, list[NeedKeys]] = {}
    for place in places:
        by_bucket.setdefault(place.bucket, []).append(place)
    for bucket, here in by_bucket.items():
        folders = {place.chain.log_folder: place for place in here}
        first, past = window.start - SLACK, window.until + SLACK
        asked = [(folder, place.chain.log_key(window.start, day=first)) for folder, place in folders.items()]
        ends = {folder: place.chain.log_key(window.until, day=past) for folder, place in folders.items()}
        listed = listed_of(objects, bucket, asked, goes_on=_until(ends))
        for folder, every in listed.items():
            if isinstance(every, Unreadable):
                refusals.append(every)
                continue
            found[folders[folder]] = _dated((each.key for each in every), folders[folder], window)
    return found, tuple(refusals)


def _until(ends: dict[str, str]) -> GoesOn:
    """Return what lists no page after one that goes past the last key of its folder."""
    return lambda folder, page: page.objects[-1].key <= ends[folder]


def _dated(keys: Iterable[str], place: NeedKeys, window: Window) -> tuple[Beside, ...]:
    dated: list[Beside] = []
    for key in keys:
        parsed = parse_log_file_key(key)
        if parsed is None or parsed.kind is not Delivered.LOG_FILE or parsed.time is None:
            continue
        own = (parsed.account, parsed.region) == (place.chain.account, place.chain.region)
        if own and window.start <= parsed.time < window.until:
            dated.append(Beside(parsed.time, place.bucket, key))
    return tuple(sorted(dated))
