"""How an error looks: one line on what is wrong, one on what to do next, on stderr."""

from __future__ import annotations

from trailseal.errors import TrailsealError
from trailseal.locale.language import say, translate
from trailseal.messages import N_
from trailseal.view.streams import write_lines


def print_problem(error: TrailsealError) -> None:
    """Write the error and its hint to stderr."""
    lines = [" ".join((translate(N_("error:")), say(error.what)))]
    if error.hint:
        lines.append(" ".join((translate(N_("hint:")), say(error.hint))))
    write_lines(lines, err=True)
