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

    The switch to SSE-KMS seals only what comes after it. `census` says what lies there, `reencrypt` puts
    it under the key, `validate` proves that nothing was lost.
    """


history.add_command(census)
history.add_command(reencrypt)
history.add_command(validate)
