"""`trailseal history`: count, re-encrypt and validate what was delivered before."""

from __future__ import annotations

from trailseal.cli.command import group
from trailseal.cli.history.census import census
from trailseal.cli.history.reencrypt import reencrypt
from trailseal.cli.history.validate import validate


@group()
def history() -> None:
    """
    Count, re-encrypt and validate what was delivered before.

    The switch to SSE-KMS encrypts only what is delivered after it. `census` counts what is there,
    `reencrypt` encrypts it with the key, `validate` proves that nothing was lost.
    """


history.add_command(census)
history.add_command(reencrypt)
history.add_command(validate)
