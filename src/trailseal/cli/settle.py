"""`--settle`: how long is looked for what a call did whose answer was lost."""

from __future__ import annotations

from trailseal.cli.command import option
from trailseal.cli.parameters import Seconds
from trailseal.messages import N_

settle_option = option(
    "--settle",
    type=Seconds(min=0),
    default=60,
    show_default=True,
    metavar="SECONDS",
    help=N_("Look so long for what a call may have made whose answer was lost, before it is made again."),
)
