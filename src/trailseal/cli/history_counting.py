"""The census of one trail's bucket, from whichever source was asked for."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from msgspec import Struct, structs

from trailseal.aws.history_bucket import AwsHistoryBucket
from trailseal.aws.object_plane import ObjectPlane
from trailseal.cli.command import AwsOptions
from trailseal.cli.history_place import History, open_history
from trailseal.errors import UsageProblem
from trailseal.history.census import Census
from trailseal.history.census_query import KINDS, LOG_FOLDERS
from trailseal.history.inventory import InventoryManifest
from trailseal.history.manifest import Header, Row, Source, write_line
from trailseal.messages import message
from trailseal.model.log_file import account_folder
from trailseal.run.history_census import ListingCensus
from trailseal.run.history_listing import subfolders
from trailseal.view.answer import answer
from trailseal.view.history_census import write_census
from trailseal.view.progress import ProgressLine


class Wanted(Struct, frozen=True, kw_only=True):
    """What the command line asked for."""

    prefixes: tuple[str, ...]
    manifest: str | None
    versions: bool
    quick: bool
    source: str


def count(aws: AwsOptions, trail: str, bucket: str, wanted: Wanted, output: str) -> int:
    """Make the census, print it and return the exit code."""
    history = open_history(aws, trail, bucket=bucket)
    line = ProgressLine()
    if wanted.quick:
        return _quick(history, wanted, output)
    if wanted.source in {"", "listing"}:
        result = by_listing(history, wanted, line)
    else:
        result = by_inventory(history, wanted)
    line.end()
    answer(result, output, write_census)
    if result.unreadable:
        return 4
    return 3 if result.not_under("") else 0


def by_listing(history: History, wanted: Wanted, line: ProgressLine) -> Census:
    """Return the census by listing, and write the manifest on the way when one is wanted."""
    place = history.place
    header = _header(history, wanted)
    with history.plane() as plane:
        prefixes = wanted.prefixes or _spread(history, plane)
        census = ListingCensus(
            objects=plane, bucket=place.bucket, versions=wanted.versions, acls=header.acls, observer=line
        )
        if wanted.manifest is None:
            return census.run(prefixes)
        with _writable(Path(wanted.manifest)).open("wb") as file:
            file.write(write_line(header))

            def write(row: Row) -> None:
                file.write(write_line(row))

            return census.run(prefixes, write)


def by_inventory(history: History, wanted: Wanted) -> Census:
    """
    Return the census of an S3 Inventory report, its manifest and shards checked.

    Raises:
        UsageProblem: the source is no `s3://…/manifest.json`, or the report is damaged, lacks columns, or is
            of another bucket and a manifest is wanted.
    """
    bucket, _, key = wanted.source.removeprefix("s3://").partition("/")
    if not wanted.source.startswith("s3://") or not key.endswith("manifest.json"):
        raise UsageProblem(
            message("`{source}` is not a source that this version reads", source=wanted.source),
            message(
                "give `listing`, or s3://BUCKET/.../manifest.json of S3 Inventory; for S3 Metadata use --sql"
            ),
        )
    from tempfile import TemporaryDirectory

    from trailseal.engines.census_duckdb import census_of_files
    from trailseal.run.history_inventory import fetch_report

    with TemporaryDirectory() as folder, history.plane() as plane:
        report, paths = fetch_report(plane, bucket, key, Path(folder))
        rows = census_of_files(paths, report.file_format, columns=report.columns)
        if wanted.manifest is not None:
            _write_bare(history, wanted, report, paths)
    return Census(bucket=report.source_bucket, source=Source.INVENTORY, rows=rows)


def _write_bare(history: History, wanted: Wanted, report: InventoryManifest, paths: tuple[Path, ...]) -> None:
    """Write the inventory's objects of the trail as a manifest, whose rows `reencrypt` asks about first."""
    from trailseal.engines.census_duckdb import Scope, rows_of_files

    place = history.place
    if report.source_bucket != place.bucket:
        raise UsageProblem(
            message(
                "the inventory is of {bucket}, and the trail delivers to {other}",
                bucket=report.source_bucket,
                other=place.bucket,
            ),
            message("name the bucket that is meant with --s3-bucket"),
        )
    top = account_folder(prefix=place.prefix, organization=place.organization, account="")
    scope = Scope(
        prefixes=wanted.prefixes or (top,),
        folders=() if wanted.prefixes else (*LOG_FOLDERS, *KINDS),
        versions=wanted.versions,
    )
    header = structs.replace(_header(history, wanted), source=Source.INVENTORY, complete=False)
    path = Path(wanted.manifest or "")
    draft = _writable(path.with_name(f".{path.name}.part"))
    try:
        with draft.open("wb") as file:
            file.write(write_line(header))
            rows = rows_of_files(paths, report.file_format, scope, columns=report.columns)
            file.writelines(map(write_line, rows))
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def _header(history: History, wanted: Wanted) -> Header:
    place = history.place
    return Header(
        bucket=place.bucket,
        region=history.settings.region,
        prefix=place.prefix,
        trail_arn=place.arn,
        made_at=datetime.now(UTC),
        versions=wanted.versions,
        acls=_has_acls(history),
    )


def _has_acls(history: History) -> bool:
    return AwsHistoryBucket(history.session, region=history.settings.region).has_acls(history.place.bucket)


def _quick(history: History, wanted: Wanted, output: str) -> int:
    from trailseal.run.history_quick import quick_census
    from trailseal.view.history_quick import write_quick

    with history.plane() as plane:
        prefixes = wanted.prefixes or tuple(p for p in _spread(history, plane) if "/CloudTrail/" in p)
        result = quick_census(plane, history.place.bucket, prefixes)
    answer(result, output, write_quick)
    return 3 if any(region.before for region in result.regions) else 0


def _writable(path: Path) -> Path:
    try:
        path.touch(mode=0o600)
    except OSError as problem:
        raise UsageProblem(
            message("`{path}` cannot be written: {problem}", path=str(path), problem=problem.strerror or "")
        ) from problem
    return path


def _spread(history: History, plane: ObjectPlane) -> tuple[str, ...]:
    """Return one prefix for each account, folder and Region, so that many are listed at once."""
    place = history.place
    top = account_folder(prefix=place.prefix, organization=place.organization, account="")
    found: list[str] = []
    for account in subfolders(plane, place.bucket, top):
        for folder in subfolders(plane, place.bucket, f"{top}{account}/"):
            root = f"{top}{account}/{folder}/"
            regions = subfolders(plane, place.bucket, root)
            found += [f"{root}{region}/" for region in regions]
    return tuple(found)
