"""What a census was asked for, what it reaches, and what every manifest of it begins with."""

from __future__ import annotations

from typing import Protocol

from msgspec import Struct

from trailseal.history.census.source import Lists
from trailseal.history.rules.manifest import Header
from trailseal.model.log_file import account_folder
from trailseal.model.trail_place import TrailPlace
from trailseal.objects.calls import Objects
from trailseal.run.events import Observer
from trailseal.run.ports import Clock


class CensusOptions(Struct, frozen=True, kw_only=True):
    """What is to be counted, and from which source."""

    prefixes: tuple[str, ...] = ()
    """Only keys under these, none for all of the trail's."""
    manifest: str | None = None
    """The file to write a manifest to."""
    versions: bool = False
    source: str = ""
    """`listing`, `metadata`, `inventory` or a report's URI; "" for the best there is."""


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
    regions: frozenset[str]
    """The names that a Region's folder may have."""
    objects: Objects
    lists: Lists
    settings: BucketSettings
    clock: Clock
    observe: Observer


def top_of(place: TrailPlace) -> str:
    """Return the folder that holds all accounts' folders of a trail."""
    return account_folder(prefix=place.prefix, organization=place.organization, account="")


def header_of(ports: CensusPorts, wanted: CensusOptions) -> Header:
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
