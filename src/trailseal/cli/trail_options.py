"""`--trail`, as verbs share it: for those that are about one trail, and for those that are about several."""

from __future__ import annotations

from collections.abc import Callable

from trailseal.cli.command import F, option
from trailseal.cli.parameters import TRAIL
from trailseal.messages import N_


def trail_option(function: F) -> F:
    """Add `--trail` as the parameter `trail`: "" is the only one that there is."""
    return option(
        "--trail",
        type=TRAIL,
        default="",
        metavar="NAME|ARN",
        help=N_("The trail; not needed when there is one."),
    )(function)


def trails_option(help_text: str) -> Callable[[F], F]:
    """Return what adds `--trail` as the parameter `trails`: none is all that the verb can be about."""
    return option("--trail", "trails", type=TRAIL, multiple=True, metavar="NAME|ARN", help=help_text)
