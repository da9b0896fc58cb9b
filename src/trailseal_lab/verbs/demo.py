"""`trailseal demo`."""

from __future__ import annotations

from trailseal.cli.command import command, common_options, option
from trailseal.cli.parameters import Seconds
from trailseal.errors import ExitCode
from trailseal.messages import N_


@command()
@option(
    "--cycle",
    type=Seconds(min=0, min_open=True),
    default=2.0,
    show_default=True,
    metavar="SECONDS",
    help=N_("Time between deliveries; AWS takes five minutes."),
)
@common_options
def demo(*, cycle: float) -> ExitCode:
    """
    Play the whole switch on a lab, with real commands.

    Needs no AWS account. Every line is the real output of a real command; a step that does not come
    out as told ends the play with exit code 1.
    """
    from trailseal_lab.verbs.stage import Stage, play

    with Stage.open(cycle=cycle) as stage:
        play(stage)
    return ExitCode.CLEAN
