"""`trailseal simulate`."""

from __future__ import annotations

import sys

from trailseal.cli.command import command, language_option
from trailseal.errors import ExitCode


@command()
@language_option
def simulate() -> ExitCode:
    """
    Decide requests over policies: JSON lines on stdin, one answer for each line on stdout.

    Offline: it needs no AWS account and reads no configuration. A line that cannot be read, or whose
    policies are not policies, is answered as `invalid` with the place. Exits 0 when every line was answered.
    """
    from trailseal.cli.simulate_stream import answer_stream

    try:
        answer_stream(sys.stdin.fileno(), sys.stdout.fileno())
    except BrokenPipeError:
        raise BrokenPipeError from None  # by its number click would end the process itself
    return ExitCode.CLEAN
