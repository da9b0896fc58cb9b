"""How an error looks: one line on what is wrong, one on what to do next, on stderr."""

from __future__ import annotations

from trailseal.errors import TrailsealError
from trailseal.locale.language import say, translate
from trailseal.messages import N_
from trailseal.view.streams import write_lines


def print_problem(error: TrailsealError) -> None:
    """Write the error and its hint to stderr."""
    write_lines([f"{translate(N_('error:'))} {say(error.what)}"], err=True)
    if error.hint:
        write_lines([f"{translate(N_('hint:'))} {say(error.hint)}"], err=True)
