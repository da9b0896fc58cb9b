"""What a census was asked for, what it reaches, and what every manifest of it begins with."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkstemp
from typing import Protocol

from msgspec import Struct

from trailseal.errors import UsageProblem
from trailseal.history.census.source import Lists
from trailseal.history.rules.manifest import Header
from trailseal.messages import message
from trailseal.model.log_file import account_folder
from trailseal.model.trail_place import TrailPlace
from trailseal.objects.calls import Objects
from trailseal.run.events import Observer
from trailseal.run.ports import Clock

SHOWN = 100
"""So much of a name is in that of its draft; a file system may take no longer one."""


class Wanted(Struct, frozen=True, kw_only=True):
    """What the command line asked for; an empty source is chosen."""

    prefixes: tuple[str, ...]
    manifest: str | None
    versions: bool
    quick: bool
    source: str


class BucketSettings(Protocol):
    """Tells what the objects of a bucket can have besides their content."""

    def has_acls(self, name: str) -> bool:
        """Return whether objects can have ACLs; what cannot be read is taken for yes."""
        ...

    def has_locks(self, name: str) -> bool:
        """Return whether objects can be locked; what cannot be read is taken for yes."""
        ...


class CensusPorts(Struct, frozen=True, kw_only=True):
    """What a census reaches: a trail's bucket, its objects, and what S3 keeps and says of them."""

    place: TrailPlace
    region: str
    objects: Objects
    lists: Lists
    settings: BucketSettings
    clock: Clock
    observe: Observer


def top_of(place: TrailPlace) -> str:
    """Return the folder that holds all accounts' folders of a trail."""
    return account_folder(prefix=place.prefix, organization=place.organization, account="")


def header_of(ports: CensusPorts, wanted: Wanted) -> Header:
    """Return the header of a manifest by listing."""
    place = ports.place
    return Header(
        bucket=place.bucket,
        region=ports.region,
        prefix=place.prefix,
        trail_arn=place.arn,
        made_at=ports.clock.now(),
        versions=wanted.versions,
        acls=ports.settings.has_acls(place.bucket),
        locks=ports.settings.has_locks(place.bucket),
    )


@contextmanager
def draft_of(path: Path) -> Iterator[Path]:
    """
    Hand out a private file beside `path`, which takes its place in the end, or goes if anything is raised.

    Raises:
        UsageProblem: nothing can be written there.
    """
    place = path.resolve()
    try:
        if place.exists() and not place.is_file():
            raise UsageProblem(message("`{path}` is not a file", path=str(path)))
        number, name = mkstemp(dir=place.parent, prefix=f".{place.name[:SHOWN]}.", suffix=".part")
    except OSError as problem:
        raise UsageProblem(
            message("`{path}` cannot be written: {problem}", path=str(path), problem=problem.strerror or "")
        ) from problem
    os.close(number)
    draft = Path(name)
    try:
        yield draft
        draft.replace(place)
    finally:
        draft.unlink(missing_ok=True)
