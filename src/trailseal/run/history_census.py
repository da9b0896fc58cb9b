"""The census by listing: every object's HeadObject, counted, and written to a manifest on the way."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from msgspec import structs

from trailseal.history.calls import Answer, Call, Objects, get_part, head, list_objects, list_versions
from trailseal.history.census import Census, Tally
from trailseal.history.facts import grants_of, row_from_head
from trailseal.history.listing import Listed, Page
from trailseal.history.manifest import Row, Source
from trailseal.history.method import PROBE_PREFIX
from trailseal.messages import message
from trailseal.run.events import Observer, Progress, ignore
from trailseal.run.history_listing import next_page, page_of

EVERY = 500
OnRow = Callable[[Row], None]


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
        observer: Observer = ignore,
    ) -> None:
        self._objects = objects
        self._bucket = bucket
        self._versions = versions
        self._acls = acls
        self._on_row: OnRow | None = None
        self._observer = observer
        self._tally = Tally()
        self._unreadable = 0
        self._markers = 0

    def run(self, prefixes: Iterable[str], on_row: OnRow | None = None) -> Census:
        """
        Return the count of everything under the prefixes, which must not overlap; `on_row` gets each row.

        Raises:
            TrailsealError: the bucket cannot be listed.
        """
        done = 0
        self._on_row = on_row
        for answer in self._objects.each(self._starts(prefixes), self._then):
            done += self._take(answer)
            if done and done % EVERY == 0:
                self._observer(Progress(what=message("objects"), done=done))
        return Census(
            bucket=self._bucket,
            source=Source.LISTING,
            rows=self._tally.rows(),
            unreadable=self._unreadable,
            delete_markers=self._markers,
        )

    def _starts(self, prefixes: Iterable[str]) -> Iterator[Call]:
        for prefix in prefixes:
            call = (
                list_versions(self._bucket, prefix) if self._versions else list_objects(self._bucket, prefix)
            )
            yield _about(call, prefix)

    def _then(self, answer: Answer) -> Iterable[Call]:
        match answer.call.about:
            case str() as prefix:
                page = page_of(answer)
                self._markers += page.delete_markers
                return self._after_page(page, prefix)
            case Listed() as listed if self._acls and answer.call.method == "HEAD" and not answer.error:
                part = get_part(self._bucket, listed.key, "acl", listed.version_id, about=(listed, answer))
                return (part,)
        return ()

    def _after_page(self, page: Page, prefix: str) -> Iterator[Call]:
        for listed in page.objects:
            if not listed.key.startswith(PROBE_PREFIX):
                version = listed.version_id if self._versions else ""
                yield head(self._bucket, listed.key, version, about=listed)
        if (following := next_page(self._bucket, prefix, page)) is not None:
            yield _about(following, prefix)

    def _take(self, answer: Answer) -> int:
        match answer.call.about:
            case Listed() as listed:
                if self._acls and not answer.error:
                    return 0
                return self._count(listed, answer)
            case (listed, described):
                return self._count(listed, described, acl=answer)
        return 0

    def _count(self, listed: Listed, answer: Answer, *, acl: Answer | None = None) -> int:
        if answer.error:
            self._unreadable += 1
            return 1
        row = row_from_head(listed, answer.headers)
        if acl is not None:
            grants = {} if acl.error else grants_of(acl.body)
            row = structs.replace(row, grants=grants, acl_unread=bool(acl.error))
        self._tally.add(row)
        if self._on_row is not None:
            self._on_row(row)
        return 1


def _about(call: Call, prefix: str) -> Call:
    return Call(method=call.method, bucket=call.bucket, query=call.query, about=prefix)
