"""
Where a census gets its facts: S3 asked about every object, or a list of them that S3 keeps.

A list is taken only where it holds all that is wanted, is complete and not old, and saves much: up to
`ASKED_AT_MOST` objects are asked about one by one, which shows most and is as of now.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import chain, islice
from typing import Protocol

from msgspec import Struct

from trailseal.errors import TrailsealError
from trailseal.history.rules.inventory import why_not
from trailseal.history.rules.manifest import Source
from trailseal.messages import Message, message
from trailseal.model.bucket_inventory import InventoryConfiguration, MetadataTable
from trailseal.model.unreadable import Unreadable
from trailseal.objects.calls import NOT_FOUND, Objects, head, one
from trailseal.objects.folders import more_than, subfolders

ASKED_AT_MOST = 100_000
OLDEST = timedelta(days=8)
"""S3 writes reports daily or weekly; an older one is taken when it is asked for only."""
REPORT = "%Y-%m-%dT%H-%MZ"
"""A report's folder. Source: storage-inventory-location.html"""
EVER = datetime.min.replace(tzinfo=UTC)
LOOKED_AT = 5
"""So many of the newest reports; the last may still be being written."""


class Lists(Protocol):
    """Tells which lists S3 keeps of a bucket's objects."""

    def metadata_table(self, bucket: str) -> MetadataTable | Unreadable | None:
        """Return the live inventory table, None where there is none."""
        ...

    def inventories(self, bucket: str) -> tuple[InventoryConfiguration, ...] | Unreadable:
        """Return what S3 Inventory is told about the bucket."""
        ...


class Wish(Struct, frozen=True, kw_only=True):
    """What the census is of: a bucket's objects under these prefixes, with older versions or without."""

    bucket: str
    prefixes: tuple[str, ...]
    versions: bool
    now: datetime


class Offer(Struct, frozen=True, kw_only=True):
    """A list that can be used: an inventory's `manifest.json` or a table's `metadata.json`."""

    source: Source
    uri: str
    as_of: datetime | None = None


class Chosen(Struct, frozen=True, kw_only=True):
    """The list to read, None for asking S3 about every object; why, and why not the others."""

    offer: Offer | None
    because: Message
    notes: tuple[Message, ...] = ()


def choices(lists: Lists, objects: Objects, wish: Wish) -> Iterator[Chosen]:
    """
    Yield what can be used when nobody has named a source, the best first; to ask S3 itself comes last.

    Raises:
        TrailsealError: the bucket cannot be listed.
    """
    notes: list[Message] = []
    because = message("listing and HeadObject; S3 keeps no other list of `{bucket}`", bucket=wish.bucket)
    reports = _reports(lists, objects, wish, notes, oldest=wish.now - OLDEST)
    for number, offer in enumerate(chain(_tables(lists, wish, notes), reports)):
        if number == 0 and _are_few(objects, wish):
            because = message(
                "listing and HeadObject; there are at most {number} objects", number=ASKED_AT_MOST
            )
            break
        yield Chosen(offer=offer, because=_because(offer), notes=tuple(notes))
        notes.clear()
    yield Chosen(offer=None, because=because, notes=tuple(notes))


def _are_few(objects: Objects, wish: Wish) -> bool:
    return not more_than(objects, wish.bucket, wish.prefixes, ASKED_AT_MOST, versions=wish.versions)


def _because(offer: Offer) -> Message:
    if offer.source is Source.METADATA:
        return message("the S3 Metadata table; `--source listing` asks S3 about every object instead")
    return message(
        "the S3 Inventory report {uri}; `--source listing` asks S3 about every object instead",
        uri=offer.uri,
    )


def find_source(lists: Lists, objects: Objects, wish: Wish, source: Source) -> Offer:
    """
    Return the bucket's list of one kind, however old.

    Raises:
        TrailsealError: there is none that can be used.
    """
    notes: list[Message] = []
    if source is Source.METADATA:
        found = _tables(lists, wish, notes)
        missing = message("`{bucket}` has no S3 Metadata live inventory table", bucket=wish.bucket)
    else:
        found = _reports(lists, objects, wish, notes)
        missing = message("`{bucket}` has no S3 Inventory configuration", bucket=wish.bucket)
    if (offer := next(found, None)) is not None:
        return offer
    raise TrailsealError(
        notes[0] if notes else missing,
        message("`--source listing` asks S3 about every object"),
    )


def _tables(lists: Lists, wish: Wish, notes: list[Message]) -> Iterator[Offer]:
    """Yield the S3 Metadata table where it can be used; `notes` gets why it cannot."""
    match lists.metadata_table(wish.bucket):
        case Unreadable() as reason:
            notes.append(_not_read(reason))
        case MetadataTable(is_complete=True) as table:
            yield Offer(source=Source.METADATA, uri=table.metadata_location)
        case MetadataTable(status=status):
            notes.append(message("the S3 Metadata table is not complete: {status}", status=status))
        case None:
            pass


def _reports(
    lists: Lists, objects: Objects, wish: Wish, notes: list[Message], *, oldest: datetime | None = None
) -> Iterator[Offer]:
    """Yield the S3 Inventory reports that can be used, the newest first; `notes` gets why others cannot."""
    configurations = lists.inventories(wish.bucket)
    if isinstance(configurations, Unreadable):
        notes.append(_not_read(configurations))
        return
    found = [_newest(objects, wish, each, notes, oldest) for each in configurations]
    offers = [offer for offer in found if offer is not None]
    yield from sorted(offers, key=lambda offer: offer.as_of or EVER, reverse=True)


def _newest(
    objects: Objects,
    wish: Wish,
    configuration: InventoryConfiguration,
    notes: list[Message],
    oldest: datetime | None,
) -> Offer | None:
    """Return the newest whole report of one configuration, None when there is none to use."""
    name = configuration.configuration_id
    if (unfit := why_not(configuration, wish.prefixes, versions=wish.versions)) is not None:
        notes.append(unfit)
        return None
    try:
        report = _report(objects, configuration, wish.bucket)
    except TrailsealError as problem:
        notes.append(message("S3 Inventory `{name}`: {problem}", name=name, problem=str(problem)))
        return None
    if report is None:
        notes.append(message("S3 Inventory `{name}` has no report yet", name=name))
    elif oldest is not None and report.as_of is not None and report.as_of < oldest:
        time = f"{report.as_of:%Y-%m-%d}"
        notes.append(message("S3 Inventory `{name}` has not reported since {time}", name=name, time=time))
    else:
        return report
    return None


def _report(objects: Objects, configuration: InventoryConfiguration, source_bucket: str) -> Offer | None:
    folder = configuration.folder(source_bucket)
    times = sorted(_times(subfolders(objects, configuration.bucket, folder)), reverse=True)
    for time in islice(times, LOOKED_AT):
        key = f"{folder}{time:{REPORT}}/manifest"
        found = one(objects, head(configuration.bucket, f"{key}.checksum"))
        if found.status == NOT_FOUND:
            continue
        if found.error:
            raise TrailsealError(
                message(
                    "s3://{bucket}/{key} cannot be read: {error}",
                    bucket=configuration.bucket,
                    key=found.call.key,
                    error=found.error,
                )
            )
        uri = f"s3://{configuration.bucket}/{key}.json"
        return Offer(source=Source.INVENTORY, uri=uri, as_of=time)
    return None


def _times(names: Iterable[str]) -> Iterator[datetime]:
    """Yield the times that folders are named after; `hive` and `data` lie beside them."""
    for name in names:
        try:
            yield datetime.strptime(name, REPORT).replace(tzinfo=UTC)
        except ValueError:
            continue


def _not_read(reason: Unreadable) -> Message:
    return message("not read: {call} {code}", call=reason.call, code=reason.code)
