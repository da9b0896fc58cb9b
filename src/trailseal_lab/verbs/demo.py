"""`trailseal demo`."""

from __future__ import annotations

from trailseal.cli.command import command, language_option, option
from trailseal.cli.parameters import LONGEST_WAIT, Seconds
from trailseal.errors import ExitCode
from trailseal.messages import N_


@command()
@option(
    "--cycle",
    type=Seconds(0, LONGEST_WAIT, above=True),
    default=2.0,
    show_default=True,
    metavar="SECONDS",
    help=N_("Time between deliveries; AWS takes five minutes."),
)
@language_option
def demo(*, cycle: float) -> ExitCode:
    """
    Play the whole switch on a lab, with real commands.

    Needs no AWS account. Every line is the real output of a real command; a step that does not come
    out as announced ends the play with exit code 1.
    """
    from trailseal_lab.verbs.stage import Stage, play, tell_next

    with Stage.open(cycle=cycle) as stage:
        play(stage)
    tell_next()
    return ExitCode.CLEAN
