"""`trailseal undo`."""

from __future__ import annotations

import click

from trailseal.cli.command import aws_options, command, common_options, format_option, option
from trailseal.cli.parameters import RUN, SIGNERS
from trailseal.errors import ExitCode
from trailseal.messages import N_, message


@command()
@click.argument("run", type=RUN, metavar="[RUN|PLAN]", required=False, default="")
@option("--yes", is_flag=True, help=N_("Do not ask."))
@option("--signed-by", type=SIGNERS, metavar="FILE", help=N_("Take only a plan that a key in FILE signed."))
@aws_options
@format_option
@common_options
def undo(
    run: str,
    *,
    yes: bool,
    signed_by: str | None,
    profile: str | None,
    region: str | None,
    output: str,
) -> ExitCode:
    """
    Put back what stood before a run, step by step.

    RUN is a run's id, or a plan file where there is no journal; without it, the newest run. No key is
    ever deleted or disabled: undo says which objects only that key opens.
    """
    from contextlib import closing

    from trailseal.cli import wiring
    from trailseal.cli.consent import ask
    from trailseal.run.documents import signers
    from trailseal.run.undo import begin_undo, chosen_plan, pending
    from trailseal.run.undo import undo as run_undo
    from trailseal.view.answer import answer
    from trailseal.view.apply import print_undone
    from trailseal.view.progress import ProgressLine
    from trailseal.view.undo import show_before_undo

    trusted = signers(signed_by)
    aws = wiring.session(profile, region)
    with ProgressLine() as progress, closing(wiring.ports(aws, profile, progress)) as ports:
        plan, name = chosen_plan(run, ports, signed_by=trusted)
        opened = begin_undo(plan, ports, name=name)
        steps = pending(plan, opened)
        show_before_undo(plan, steps)
        if steps:
            ask(message("Do this?"), yes=yes)
        undone = run_undo(plan, opened, ports)
    answer(undone, output, print_undone)
    return ExitCode.CLEAN
