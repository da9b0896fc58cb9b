"""`--trail`, as verbs share it: for those that are about one trail, and for those that are about several."""

from __future__ import annotations

from collections.abc import Callable

from trailseal.cli.command import F, option
from trailseal.cli.parameters import BUCKET, ORGANIZATION, PREFIX, TRAIL
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


def place_options(function: F) -> F:
    """Add what says where a trail's files are, when it is not where the trail says, or the trail is gone."""
    for decorate in (
        option(
            "--organization-id",
            type=ORGANIZATION,
            default="",
            metavar="ID",
            help=N_("The organization of a trail that is gone; else from the folders."),
        ),
        option(
            "--s3-prefix", type=PREFIX, metavar="PREFIX", help=N_("The prefix that goes with --s3-bucket.")
        ),
        option(
            "--s3-bucket",
            type=BUCKET,
            default="",
            metavar="BUCKET",
            help=N_("Where the files are; with the ARN of a trail that is gone, nothing is asked of it."),
        ),
    ):
        function = decorate(function)
    return function


def trails_option(help_text: str) -> Callable[[F], F]:
    """Return what adds `--trail` as the parameter `trails`: none is all that the verb can be about."""
    return option("--trail", "trails", type=TRAIL, multiple=True, metavar="NAME|ARN", help=help_text)
