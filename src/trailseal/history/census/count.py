"""The census of one trail's bucket, from the source that was asked for or is best."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

from trailseal.errors import TrailsealError
from trailseal.files import Draft, draft_of
from trailseal.history.census.by_list import by_list, lists_to_read
from trailseal.history.census.by_listing import ListingCensus
from trailseal.history.census.estimate import quick_census
from trailseal.history.census.options import CensusOptions, CensusPorts, header_of, top_of
from trailseal.history.rules.census import Census
from trailseal.history.rules.manifest import write_line
from trailseal.history.rules.quick import Quick
from trailseal.messages import message
from trailseal.model.log_file import TRAIL_FOLDERS
from trailseal.model.passed_over import NamedAfter, PassedOver, sentences, sorted_out
from trailseal.objects.calls import Objects
from trailseal.objects.folders import subfolders_of
from trailseal.run.events import Told


def take_census(ports: CensusPorts, wanted: CensusOptions) -> Census:
    """
    Return the census, and write the manifest of it when one is wanted: whole or not at all.

    Raises:
        UsageProblem: the source that was named is none or is damaged, or the manifest cannot be written.
        TrailsealError: the bucket, or the source that was named, cannot be read.
    """
    if wanted.manifest is None:
        return _by_best(ports, wanted, None)
    with draft_of(Path(wanted.manifest)) as draft:
        return _by_best(ports, wanted, draft)


AHEAD = timedelta(days=365)
"""A lab's time may be ahead of the clock; days still later were never delivered on."""


def estimated(ports: CensusPorts, wanted: CensusOptions) -> Quick:
    """
    Return the quick estimate from a few objects of each account and Region.

    Raises:
        TrailsealError: the bucket cannot be listed.
    """
    prefixes = wanted.prefixes or tuple(_of_regions(ports))
    return quick_census(ports.objects, ports.place.bucket, prefixes, until=ports.clock.now().date() + AHEAD)


def _of_regions(ports: CensusPorts) -> Iterator[str]:
    """Yield the prefix of each account's and Region's log files; folders of other names are told."""
    strays: list[PassedOver] = []
    for prefix in _spread(ports):
        above, name = prefix[:-1].rsplit("/", 1)
        if not above.endswith("/CloudTrail"):
            continue
        good, others = sorted_out(
            (name,),
            ports.regions,
            bucket=ports.place.bucket,
            above=f"{above}/",
            named_after=NamedAfter.REGION,
        )
        strays += others
        if good:
            yield prefix
    for sentence in sentences(strays):
        ports.observe(Told(what=sentence))


def _by_best(ports: CensusPorts, wanted: CensusOptions, draft: Draft | None) -> Census:
    """Return the census by the best list that can be read; one that nobody named is left where it cannot."""
    for offer in lists_to_read(ports, wanted):
        try:
            return by_list(ports, wanted, offer, draft)
        except TrailsealError as problem:
            if wanted.source:
                raise
            ports.observe(Told(what=message("not read: {what}"), because=problem.what))
    return _by_listing(ports, wanted, draft)


def _by_listing(ports: CensusPorts, wanted: CensusOptions, draft: Draft | None) -> Census:
    """Return the census by listing, and write the manifest on the way when one is wanted."""
    header = header_of(ports, wanted)
    prefixes = wanted.prefixes or _spread(ports)
    census = ListingCensus(
        objects=ports.objects,
        bucket=ports.place.bucket,
        versions=wanted.versions,
        acls=header.acls and draft is not None,
        locks=header.locks and draft is not None,
        observer=ports.observe,
    )
    if draft is None:
        return census.run(prefixes)
    draft.write(write_line(header))
    return census.run(prefixes, lambda row: draft.write(write_line(row)))


def _spread(ports: CensusPorts) -> tuple[str, ...]:
    """Return one prefix for each account, folder and Region, so that many are listed at once."""
    objects, bucket = ports.objects, ports.place.bucket
    accounts = _inside(objects, bucket, (top_of(ports.place),))
    roots = _inside(objects, bucket, accounts)
    folders = (each for each in roots if each.split("/")[-2] in TRAIL_FOLDERS)
    return tuple(_inside(objects, bucket, folders))


def _inside(objects: Objects, bucket: str, prefixes: Iterator[str] | tuple[str, ...]) -> Iterator[str]:
    found = subfolders_of(objects, bucket, prefixes)
    return (f"{prefix}{name}/" for prefix, names in found.items() for name in names)
