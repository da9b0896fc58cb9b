"""`--settle`: how long is looked for what a call did whose answer was lost."""

from __future__ import annotations

from trailseal.cli.command import option
from trailseal.cli.parameters import LONGEST_WAIT, Seconds
from trailseal.messages import N_

settle_option = option(
    "--settle",
    type=Seconds(0, LONGEST_WAIT),
    default=60,
    show_default=True,
    metavar="SECONDS",
    help=N_("When the answer to a call was lost: seconds to look for what it made before it is made again."),
)
