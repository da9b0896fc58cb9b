"""The census by listing: every object's HeadObject, counted, and written to a manifest on the way."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from msgspec import structs

from trailseal.history.rules.census import Census, Tally
from trailseal.history.rules.facts import parts_to_ask, row_from_head, unread_row, with_part
from trailseal.history.rules.manifest import Row, Source
from trailseal.history.rules.method import PROBE_PREFIX
from trailseal.messages import message
from trailseal.objects.calls import (
    ObjectRequest,
    ObjectResponse,
    Objects,
    get_part,
    head,
    list_objects,
    list_versions,
)
from trailseal.objects.folders import next_page, page_of
from trailseal.objects.pages import Listed, Page
from trailseal.run.events import Observer, Progress, ignore

EVERY = 500
OnRow = Callable[[Row], None]


class Described(NamedTuple):
    """An object as HeadObject shows it, and which of its parts are still to be asked for."""

    row: Row
    parts: tuple[str, ...]


class ListingCensus:
    """
    One census by listing and HeadObject.

    Each folder is listed page by page; a page's objects are asked for before the next page, so memory does
    not grow with the bucket.
    """

    def __init__(
        self,
        *,
        objects: Objects,
        bucket: str,
        versions: bool = False,
        acls: bool = False,
        locks: bool = False,
        observer: Observer = ignore,
    ) -> None:
        self._objects = objects
        self._bucket = bucket
        self._versions = versions
        self._acls = acls
        self._locks = locks
        self._on_row: OnRow | None = None
        self._observer = observer
        self._tally = Tally()
        self._done = 0
        self._unreadable = 0
        self._markers = 0

    def run(self, prefixes: Iterable[str], on_row: OnRow | None = None) -> Census:
        """
        Return the count of everything under the prefixes, which must not overlap; `on_row` gets each row.

        Raises:
            TrailsealError: the bucket cannot be listed.
        """
        self._on_row = on_row
        told = 0
        for answer in self._objects.each(self._starts(prefixes), self._then):
            if answer.error and isinstance(answer.call.about, Listed):
                self._miss(answer.call.about)
            if self._done >= told + EVERY:
                told = self._done
                self._observer(Progress(what=message("objects"), done=told))
        return Census(
            bucket=self._bucket,
            source=Source.LISTING,
            rows=self._tally.rows(),
            unreadable=self._unreadable,
            delete_markers=self._markers,
        )

    def _starts(self, prefixes: Iterable[str]) -> Iterator[ObjectRequest]:
        for prefix in prefixes:
            call = (
                list_versions(self._bucket, prefix) if self._versions else list_objects(self._bucket, prefix)
            )
            yield structs.replace(call, about=prefix)

    def _then(self, answer: ObjectResponse) -> Iterable[ObjectRequest]:
        match answer.call.about:
            case str():
                page = page_of(answer)
                self._markers += page.delete_markers
                return self._after_page(answer, page)
            case Listed() as listed if answer.call.method == "HEAD" and not answer.error:
                parts = parts_to_ask(answer.headers, acls=self._acls, locks=self._locks)
                return self._ask(Described(row_from_head(listed, answer.headers), parts))
            case Described(row, (part, *rest)):
                return self._ask(Described(with_part(row, part, answer), tuple(rest)))
        return ()

    def _ask(self, described: Described) -> Iterable[ObjectRequest]:
        if not described.parts:
            self._add(described.row)
            return ()
        row = described.row
        version = row.version_id if self._versions else ""
        return (get_part(self._bucket, row.key, described.parts[0], version, about=described),)

    def _after_page(self, answer: ObjectResponse, page: Page) -> Iterator[ObjectRequest]:
        for listed in page.objects:
            if not listed.key.startswith(PROBE_PREFIX):
                version = listed.version_id if self._versions else ""
                yield head(self._bucket, listed.key, version, about=listed)
        yield from next_page(answer, page)

    def _miss(self, listed: Listed) -> None:
        self._unreadable += 1
        if self._on_row is not None:
            self._on_row(unread_row(listed))

    def _add(self, row: Row) -> None:
        self._done += 1
        self._tally.add(row)
        if self._on_row is not None:
            self._on_row(row)
