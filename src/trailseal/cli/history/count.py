"""The census of one trail's bucket, from the source that was asked for or is best."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from trailseal.aws.plane.object_plane import ObjectPlane
from trailseal.cli.command import AwsOptions
from trailseal.cli.history.place import History, open_history
from trailseal.cli.history_lists import by_list, lists_to_read
from trailseal.cli.history_wanted import Wanted, draft_of, header_of, top_of
from trailseal.errors import TrailsealError
from trailseal.history.census.by_listing import ListingCensus
from trailseal.history.rules.census import Census
from trailseal.history.rules.census_query import TRAIL_FOLDERS
from trailseal.history.rules.manifest import Row, write_line
from trailseal.messages import message
from trailseal.objects.folders import subfolders_of
from trailseal.run.events import Told
from trailseal.view.answer import answer
from trailseal.view.history.census import write_census
from trailseal.view.progress import ProgressLine


def count(aws: AwsOptions, trail: str, bucket: str, wanted: Wanted, output: str) -> int:
    """Make the census, print it and return the exit code."""
    history = open_history(aws, trail, bucket=bucket)
    line = ProgressLine()
    with history.plane() as plane:
        if wanted.quick:
            return _quick(history, wanted, plane, output)
        result = _counted(history, wanted, plane, line)
    line.end()
    answer(result, output, write_census)
    if result.unreadable:
        return 4
    return 3 if result.not_under("") else 0


def _counted(history: History, wanted: Wanted, plane: ObjectPlane, line: ProgressLine) -> Census:
    """Return the census, and write the manifest of it when one is wanted: whole or not at all."""
    if wanted.manifest is None:
        return _by_best(history, wanted, plane, line, None)
    with draft_of(Path(wanted.manifest)) as draft:
        return _by_best(history, wanted, plane, line, draft)


def _by_best(
    history: History, wanted: Wanted, plane: ObjectPlane, line: ProgressLine, draft: Path | None
) -> Census:
    """Return the census by the best list that can be read; one that nobody named is left where it cannot."""
    for offer in lists_to_read(history, wanted, plane, line):
        try:
            return by_list(history, wanted, plane, offer, line, draft)
        except TrailsealError as problem:
            if wanted.source:
                raise
            line(Told(what=message("not read: {what}"), because=problem.what))
    return _by_listing(history, wanted, plane, line, draft)


def _by_listing(
    history: History, wanted: Wanted, plane: ObjectPlane, line: ProgressLine, draft: Path | None
) -> Census:
    """Return the census by listing, and write the manifest on the way when one is wanted."""
    header = header_of(history, wanted)
    prefixes = wanted.prefixes or _spread(history, plane)
    census = ListingCensus(
        objects=plane,
        bucket=history.place.bucket,
        versions=wanted.versions,
        acls=header.acls and draft is not None,
        locks=header.locks and draft is not None,
        observer=line,
    )
    if draft is None:
        return census.run(prefixes)
    with draft.open("wb") as file:
        file.write(write_line(header))

        def write(row: Row) -> None:
            file.write(write_line(row))

        return census.run(prefixes, write)


def _quick(history: History, wanted: Wanted, plane: ObjectPlane, output: str) -> int:
    from trailseal.history.census.estimate import quick_census
    from trailseal.view.history.quick import write_quick

    prefixes = wanted.prefixes or tuple(p for p in _spread(history, plane) if "/CloudTrail/" in p)
    result = quick_census(plane, history.place.bucket, prefixes)
    answer(result, output, write_quick)
    if result.without_days:
        return 4
    return 3 if any(region.before for region in result.regions) else 0


def _spread(history: History, plane: ObjectPlane) -> tuple[str, ...]:
    """Return one prefix for each account, folder and Region, so that many are listed at once."""
    bucket, top = history.place.bucket, top_of(history.place)
    accounts = _inside(subfolders_of(plane, bucket, (top,)))
    roots = subfolders_of(plane, bucket, accounts)
    folders = (each for each in _inside(roots) if each.split("/")[-2] in TRAIL_FOLDERS)
    return tuple(_inside(subfolders_of(plane, bucket, folders)))


def _inside(found: dict[str, tuple[str, ...]]) -> Iterator[str]:
    return (f"{prefix}{name}/" for prefix, names in found.items() for name in names)
