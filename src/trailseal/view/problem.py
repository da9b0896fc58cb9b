"""How an error looks: one line on what is wrong, one on what to do next, on stderr."""

from __future__ import annotations

import sys

from trailseal.errors import TrailsealError
from trailseal.locale.language import say, translate
from trailseal.messages import N_


def print_problem(error: TrailsealError) -> None:
    """Write the error and its hint to stderr."""
    print(translate(N_("error:")), say(error.what), file=sys.stderr)  # noqa: T201 - the one place that prints errors
    if error.hint:
        print(translate(N_("hint:")), say(error.hint), file=sys.stderr)  # noqa: T201
