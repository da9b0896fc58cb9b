"""The census of a list that S3 keeps: which one it is, how it is fetched, and the manifest of it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from msgspec import Struct, structs

from trailseal.errors import TrailsealError, UsageProblem
from trailseal.extras import HISTORY, is_installed, need
from trailseal.files import Draft
from trailseal.history.census.duckdb import Files, census_of_files, rows_of_files
from trailseal.history.census.options import CensusOptions, CensusPorts, header_of, top_of
from trailseal.history.census.source import Offer, Wish, choices, find_source
from trailseal.history.rules.census import Census
from trailseal.history.rules.census_query import ObjectScope
from trailseal.history.rules.inventory import FileFormat
from trailseal.history.rules.manifest import Source, write_line
from trailseal.messages import message
from trailseal.model.log_file import TRAIL_FOLDERS
from trailseal.objects.calls import Objects
from trailseal.run.events import Observer, Told

COLUMNS = (
    "key",
    "version_id",
    "sequence_number",
    "is_delete_marker",
    "size",
    "last_modified_date",
    "e_tag",
    "storage_class",
    "encryption_status",
    "is_bucket_key_enabled",
    "kms_key_arn",
)
"""What is read of an S3 Metadata table."""
KINDS_OF_LIST = {"inventory": Source.INVENTORY, "metadata": Source.METADATA}


class Local(Struct, frozen=True, kw_only=True):
    """A list on this machine."""

    bucket: str
    as_of: datetime | None
    files: Files


def lists_to_read(ports: CensusPorts, wanted: CensusOptions) -> Iterator[Offer]:
    """
    Yield the lists to read, the best first, none to ask S3 about every object; what is chosen is told.

    Raises:
        UsageProblem: the source that was named is none.
        TrailsealError: the bucket has no such list, or cannot be listed.
    """
    if wanted.source == "listing":
        return
    if wanted.source:
        yield _named(ports, wanted)
    elif is_installed(*HISTORY):
        for chosen in choices(ports.lists, ports.objects, _wish(ports, wanted)):
            for note in chosen.notes:
                ports.observe(Told(what=note))
            ports.observe(Told(what=message("source: {what}"), because=chosen.because))
            if chosen.offer is not None:
                yield chosen.offer
    else:
        because = message("listing and HeadObject; to read other lists: pip install 'trailseal[history]'")
        ports.observe(Told(what=message("source: {what}"), because=because))


def _named(ports: CensusPorts, wanted: CensusOptions) -> Offer:
    if wanted.source.startswith("s3://") and wanted.source.endswith("manifest.json"):
        return Offer(source=Source.INVENTORY, uri=wanted.source)
    if wanted.source not in KINDS_OF_LIST:
        raise UsageProblem(
            message("`{source}` is not a source that this version reads", source=wanted.source),
            message(
                "give listing, metadata, inventory, quick, or s3://BUCKET/.../manifest.json of S3 Inventory"
            ),
        )
    return find_source(ports.lists, ports.objects, _wish(ports, wanted), KINDS_OF_LIST[wanted.source])


def _wish(ports: CensusPorts, wanted: CensusOptions) -> Wish:
    return Wish(
        bucket=ports.place.bucket,
        prefixes=wanted.prefixes or (top_of(ports.place),),
        versions=wanted.versions,
        now=ports.clock.now(),
    )


def by_list(ports: CensusPorts, wanted: CensusOptions, offer: Offer, draft: Draft | None) -> Census:
    """
    Return the census of a list, and write the manifest of it to `draft`, whose rows `reencrypt` asks about.

    Raises:
        UsageProblem: it is damaged, lacks columns, or is of another bucket; or the extra is not installed.
        TrailsealError: it cannot be read, or lists nothing that is wanted.
    """
    need("history", *HISTORY)
    place = ports.place
    scope = ObjectScope(
        prefixes=wanted.prefixes or (top_of(place),),
        folders=() if wanted.prefixes else TRAIL_FOLDERS,
        versions=wanted.versions,
    )
    with _fetched(ports, offer) as local:
        if local.bucket != place.bucket:
            raise UsageProblem(
                message(
                    "the inventory is of {bucket}, and the trail delivers to {other}",
                    bucket=local.bucket,
                    other=place.bucket,
                ),
                message("name the bucket that is meant with --s3-bucket"),
            )
        rows = census_of_files(local.files, scope)
        if not rows:
            raise TrailsealError(
                message("{uri} lists none of the objects that are to be counted", uri=offer.uri),
                message("`--source listing` asks S3 about every object"),
            )
        if draft is not None:
            header = structs.replace(header_of(ports, wanted), source=offer.source, complete=False)
            draft.write(write_line(header))
            draft.writelines(map(write_line, rows_of_files(local.files, scope)))
    return Census(bucket=local.bucket, source=offer.source, rows=rows, as_of=local.as_of)


@contextmanager
def _fetched(ports: CensusPorts, offer: Offer) -> Iterator[Local]:
    with TemporaryDirectory(prefix="trailseal-") as folder:
        if offer.source is Source.METADATA:
            yield _table(ports.place.bucket, ports.objects, offer, Path(folder), ports.observe)
        else:
            yield _report(ports.objects, offer, Path(folder), ports.observe)


def _table(bucket: str, objects: Objects, offer: Offer, folder: Path, observer: Observer) -> Local:
    from trailseal.history.census.iceberg import fetch_table

    table = fetch_table(objects, offer.uri, COLUMNS, folder, observer)
    files = Files(paths=(table.path,), file_format=FileFormat.PARQUET)
    return Local(bucket=bucket, as_of=table.as_of, files=files)


def _report(objects: Objects, offer: Offer, folder: Path, observer: Observer) -> Local:
    from trailseal.history.census.report import fetch_report

    bucket, _, key = offer.uri.removeprefix("s3://").partition("/")
    report, paths = fetch_report(objects, bucket, key, folder, observer)
    files = Files(paths=paths, file_format=report.file_format, columns=report.columns)
    return Local(bucket=report.source_bucket, as_of=report.as_of, files=files)
