"""Usage counted in the bucket: what was delivered on whole days, and how often it was read."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from msgspec import Struct

from trailseal.access.readers.fetches import DATA_EVENTS, fetches_in
from trailseal.access.readers.records import is_of
from trailseal.cost.amount import Range, exactly
from trailseal.cost.usage import Basis, Usage
from trailseal.model.foreign import ForeignError, json_in, unpacked
from trailseal.model.log_file import Delivered, account_folder, delivery_folder
from trailseal.model.passed_over import NamedAfter, PassedOver, accounts_in, sentences, sorted_out
from trailseal.model.trail_place import TrailPlace
from trailseal.objects.calls import Objects, get
from trailseal.objects.folders import list_many, subfolders, subfolders_of
from trailseal.run.events import Observer, Told, ignore

DAYS = 3


class Counted(Struct, frozen=True, kw_only=True):
    """Deliveries by day and kind, over all accounts and Regions, and the log files of the newest day."""

    places: int
    log_files: tuple[int, ...]
    digest_files: tuple[int, ...]
    newest: tuple[str, ...]


class _Records(Struct):
    records: list[Any] = msgspec.field(name="Records", default_factory=list)


def count_deliveries(
    objects: Objects,
    place: TrailPlace,
    *,
    today: datetime,
    regions: frozenset[str],
    days: int = DAYS,
    observe: Observer = ignore,
) -> Counted:
    """
    Return what was delivered on the whole days before `today`; `regions` are the names that one may have.

    Raises:
        TrailsealError: the bucket cannot be listed.
    """
    dates = [today.astimezone(UTC) - timedelta(days=back) for back in range(1, days + 1)]
    roots, strays = _roots(objects, place, regions)
    for sentence in sentences(strays):
        observe(Told(what=sentence))
    folders = {
        (root, region, kind, date): delivery_folder(root=root, kind=kind, region=region, day=date)
        for root, region in roots
        for kind in Delivered
        for date in dates
    }
    listed = list_many(objects, place.bucket, [(folder, "") for folder in folders.values()])

    def on(kind: Delivered, date: datetime) -> int:
        return sum(len(listed[folder]) for (_, _, k, d), folder in folders.items() if (k, d) == (kind, date))

    newest = (listed[f] for (_, _, k, d), f in folders.items() if (k, d) == (Delivered.LOG_FILE, dates[0]))
    return Counted(
        places=len(roots),
        log_files=tuple(on(Delivered.LOG_FILE, date) for date in dates),
        digest_files=tuple(on(Delivered.DIGEST_FILE, date) for date in dates),
        newest=tuple(key for keys in newest for key in keys),
    )


def count_reads(objects: Objects, place: TrailPlace, keys: tuple[str, ...]) -> int | None:
    """
    Return how often what the trail delivered was given out, by the data events in these log files.

    None when a file could not be read. Only a trail with S3 data events on its bucket records any.
    """
    folder = account_folder(prefix=place.prefix, organization=place.organization, account="")
    reads = 0
    for answer in objects.each(get(place.bucket, key) for key in keys):
        try:
            records = json_in(unpacked(answer.body), _Records).records
        except ForeignError:  # of an answer that is an error too
            return None
        events = (record for record in records if isinstance(record, dict))
        reads += sum(
            fetch.source == DATA_EVENTS and is_of(fetch, place.bucket, (folder,))
            for fetch in fetches_in(events)
        )
    return reads


def usage_of(counted: Counted, *, new_keys: int, standing_keys: int = 0, reads: int | None) -> Usage:
    """Return the usage; without counted reads, the stated assumption."""
    usage = Usage(
        places=counted.places,
        log_files_day=_range(counted.log_files),
        digest_files_day=_range(counted.digest_files),
        deliveries=Basis.COUNTED,
        days_counted=len(counted.log_files),
        new_keys=new_keys,
        standing_keys=standing_keys,
    )
    if reads is None or not counted.newest:
        return usage
    per_file = exactly(reads / len(counted.newest))
    return msgspec.structs.replace(usage, reads_per_file=per_file, reads=Basis.COUNTED)


def _roots(
    objects: Objects, place: TrailPlace, known: frozenset[str]
) -> tuple[list[tuple[str, str]], list[PassedOver]]:
    """Return each account's folder with each of its Regions, and the folders of other names."""
    top = account_folder(prefix=place.prefix, organization=place.organization, account="")
    names = subfolders(objects, place.bucket, top)
    folders = {f"{top}{account}/CloudTrail/": f"{top}{account}/" for account in accounts_in(names)}
    roots: list[tuple[str, str]] = []
    strays: list[PassedOver] = []
    for above, found in subfolders_of(objects, place.bucket, folders).items():
        regions, others = sorted_out(
            found, known, bucket=place.bucket, above=above, named_after=NamedAfter.REGION
        )
        roots += ((folders[above], region) for region in regions)
        strays += others
    return roots, strays


def _range(counts: tuple[int, ...]) -> Range:
    return Range(float(min(counts)), float(max(counts)))
