"""A snapshot that a verb saves, and what whoever reads it later will not find there."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from trailseal.errors import ExitCode
from trailseal.files import write_private
from trailseal.messages import message

if TYPE_CHECKING:
    from trailseal.model.snapshot import Snapshot


def save_snapshot(seen: Snapshot, path: str) -> ExitCode:
    """
    Save a snapshot and return 4 where it lacks what could not be read, which is told, else 0.

    The verb's own answer may not rest on it; that of a verb which reads the snapshot may.
    """
    from trailseal.locale.language import say
    from trailseal.model.document import encode
    from trailseal.plan.unread_facts import untold_in
    from trailseal.view.words import listed

    write_private(Path(path), encode(seen))
    calls = untold_in(seen)
    if not calls:
        return ExitCode.CLEAN
    told = message("not read, so {path} does not hold it: {calls}", path=path, calls=listed(calls))
    click.echo(say(told), err=True)
    return ExitCode.INCOMPLETE
