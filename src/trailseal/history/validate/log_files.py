"""The log files that digest files name, each judged, and those in the same time that none names."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from itertools import chain

from trailseal.history.rules.chain import Walked
from trailseal.history.rules.digest import Digest, LoggedFile, log_file_verdict, read_time
from trailseal.history.rules.validation import NAMED, ChainResult, Validation, Window
from trailseal.history.rules.verdict import FileVerdict, Validity
from trailseal.history.validate.refused import refused
from trailseal.messages import message
from trailseal.model.log_file import Delivered, parse_log_file_key
from trailseal.objects.calls import ObjectRequest, ObjectResponse, Objects, get, list_objects
from trailseal.objects.folders import next_page, page_of
from trailseal.run.events import Observer, Progress, ignore

EVERY = 200
EDGE = timedelta(minutes=15)
"""So near to the end of the proven time, the next digest file may name a log file."""

OnFile = Callable[[FileVerdict], None]
Walks = list[tuple[ChainResult, Walked]]


class LogFiles:
    """The log files of a few chains, read and listed all at once."""

    def __init__(
        self, *, objects: Objects, result: Validation, on_file: OnFile | None, observer: Observer = ignore
    ) -> None:
        self._objects = objects
        self._result = result
        self._on_file = on_file
        self._observer = observer
        self._listed: dict[str, list[str]] = {}

    def judge(self, walks: Walks, window: Window) -> None:
        """
        Enter the verdict of every log file into the result, and those that no digest file names.

        Raises:
            TrailsealError: the bucket cannot be listed.
        """
        total = sum(1 for _ in _named(walks))
        done = 0
        chains = {found.chain: found for found, _ in walks}
        reads = (get(about[2].s3_bucket, about[2].s3_object, about=about) for about in _named(walks))
        calls = chain(self._listings(chains.values(), window), reads)
        for answer in self._objects.each(calls, self._next_listing):
            if isinstance(answer.call.about, ChainResult):
                continue
            self._take(answer)
            done += 1
            if done % EVERY == 0 or done == total:
                self._observer(Progress(what=message("log files"), done=done, total=total))
        named = {entry.s3_object for _, _, entry in _named(walks)}
        for found in chains.values():
            self._note_unnamed(found, named)

    def _listings(self, chains: Iterable[ChainResult], window: Window) -> Iterator[ObjectRequest]:
        for found in chains:
            if found.found_start is not None:
                folder = found.chain.log_folder
                after = f"{folder}{window.start - timedelta(days=1):%Y/%m/%d}"
                yield list_objects(self._result.trail.bucket, folder, after=after, about=found)

    def _next_listing(self, answer: ObjectResponse) -> Iterable[ObjectRequest]:
        found = answer.call.about
        if not isinstance(found, ChainResult):
            return ()
        page, folder = page_of(answer), found.chain.log_folder
        self._listed.setdefault(folder, []).extend(listed.key for listed in page.objects)
        return next_page(answer, page)

    def _take(self, answer: ObjectResponse) -> None:
        found, digest, entry = answer.call.about
        verdict = _verdict(answer, entry)
        found.log_files.add(verdict)
        if verdict is Validity.VALID and self._on_file is None:
            return
        told = _file_verdict(answer, verdict, found, digest, entry)
        if verdict is not Validity.VALID:
            self._result.problems.append(told)
        if self._on_file is not None:
            self._on_file(told)

    def _note_unnamed(self, found: ChainResult, named: set[str]) -> None:
        listed = self._listed.get(found.chain.log_folder, ())
        extra = sorted(key for key in listed if key not in named and _is_inside(key, found))
        found.unnamed = len(extra)
        self._result.unnamed += extra[: max(0, NAMED - len(self._result.unnamed))]


def _named(walks: Walks) -> Iterator[tuple[ChainResult, Digest, LoggedFile]]:
    for found, walked in walks:
        for digest in walked.digests:
            for entry in digest.text.log_files or ():
                yield found, digest, entry


def _verdict(answer: ObjectResponse, entry: LoggedFile) -> Validity:
    return refused(answer) or log_file_verdict(entry, answer.body)


def _file_verdict(
    answer: ObjectResponse, verdict: Validity, found: ChainResult, digest: Digest, entry: LoggedFile
) -> FileVerdict:
    return FileVerdict(
        kind=Delivered.LOG_FILE,
        bucket=entry.s3_bucket,
        key=entry.s3_object,
        verdict=verdict,
        account=found.chain.account,
        region=found.chain.region,
        start=_time(entry.oldest_event_time) or digest.start,
        end=_time(entry.newest_event_time) or digest.end,
        detail=f"{answer.error} {answer.message}".strip() if verdict is Validity.UNREADABLE else "",
    )


def _time(text: str | None) -> datetime | None:
    try:
        return read_time(text) if text else None
    except ValueError:
        return None


def _is_inside(key: str, found: ChainResult) -> bool:
    """Whether a log file's own time lies well inside the time that the chain proves."""
    parsed = parse_log_file_key(key)
    if parsed is None or parsed.kind is not Delivered.LOG_FILE or parsed.time is None:
        return False
    if found.found_start is None or found.found_end is None:
        return False
    edge = min(EDGE, (found.found_end - found.found_start) / 4)
    return found.found_start <= parsed.time <= found.found_end - edge
