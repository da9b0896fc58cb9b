"""What a census was asked for, and what every manifest of it begins with."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from tempfile import mkstemp

from msgspec import Struct

from trailseal.aws.history_bucket import AwsHistoryBucket
from trailseal.cli.history_place import History
from trailseal.errors import UsageProblem
from trailseal.history.manifest import Header
from trailseal.history.validation import TrailPlace
from trailseal.messages import message
from trailseal.model.log_file import account_folder


class Wanted(Struct, frozen=True, kw_only=True):
    """What the command line asked for; an empty source is chosen."""

    prefixes: tuple[str, ...]
    manifest: str | None
    versions: bool
    quick: bool
    source: str


def top_of(place: TrailPlace) -> str:
    """Return the folder that holds all accounts' folders of a trail."""
    return account_folder(prefix=place.prefix, organization=place.organization, account="")


def header_of(history: History, wanted: Wanted) -> Header:
    """Return the header of a manifest by listing."""
    place = history.place
    bucket = AwsHistoryBucket(history.session, region=history.settings.region)
    return Header(
        bucket=place.bucket,
        region=history.settings.region,
        prefix=place.prefix,
        trail_arn=place.arn,
        made_at=datetime.now(UTC),
        versions=wanted.versions,
        acls=bucket.has_acls(place.bucket),
        locks=bucket.has_locks(place.bucket),
    )


@contextmanager
def draft_of(path: Path) -> Iterator[Path]:
    """
    Hand out a private file beside `path`, to be put in its place when it is whole; what is left of it goes.

    Raises:
        UsageProblem: nothing can be written there.
    """
    try:
        number, name = mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part")
    except OSError as problem:
        raise _not_writable(path, problem) from problem
    os.close(number)
    draft = Path(name)
    try:
        yield draft
    finally:
        draft.unlink(missing_ok=True)


def writable(path: Path) -> Path:
    """
    Return a path that can be written, a private file where there is none.

    Raises:
        UsageProblem: it cannot.
    """
    try:
        path.touch(mode=0o600)
    except OSError as problem:
        raise _not_writable(path, problem) from problem
    return path


def _not_writable(path: Path, problem: OSError) -> UsageProblem:
    return UsageProblem(
        message("`{path}` cannot be written: {problem}", path=str(path), problem=problem.strerror or "")
    )
