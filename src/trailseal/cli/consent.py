"""Asking before anything is changed."""

from __future__ import annotations

import click

from trailseal.errors import TrailsealError
from trailseal.locale.language import translate
from trailseal.messages import N_, message


def ask(*, yes: bool) -> None:
    """
    Return when the user agrees, or has agreed with `--yes`.

    Raises:
        TrailsealError: the user does not agree, or there is nobody to ask.
    """
    if yes:
        return
    try:
        agreed = click.confirm(translate(N_("Do this?")), err=True)
    except click.Abort:
        agreed = False
    if not agreed:
        raise TrailsealError(
            message("nothing was changed"),
            message("answer y, or give --yes where nobody can answer"),
        )
