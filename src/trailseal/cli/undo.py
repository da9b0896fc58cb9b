"""`trailseal undo`."""

from __future__ import annotations

import click

from trailseal.cli.command import answer_options, aws_options, command, common_options, further_option, option
from trailseal.cli.parameters import RUN, SIGNERS
from trailseal.errors import ExitCode
from trailseal.messages import N_, message


@command()
@click.argument("run", type=RUN, metavar="[RUN|PLAN]", required=False, default="")
@option("--yes", is_flag=True, help=N_("Do not ask."))
@option("--signed-by", type=SIGNERS, metavar="FILE", help=N_("Take only a plan that a key in FILE signed."))
@further_option
@aws_options
@answer_options
@common_options
def undo(
    run: str,
    *,
    yes: bool,
    signed_by: str | None,
    further: tuple[str, ...],
    profile: str | None,
    region: str | None,
    output: str,
) -> ExitCode:
    """
    Restore what was there before a run, step by step.

    RUN is a run's id, as trailseal runs lists them, or a plan file where there is no journal; without it,
    the run that changed something last. No key is ever deleted or disabled: undo says which objects only
    that key opens.
    """
    from contextlib import closing

    from trailseal.cli import wiring
    from trailseal.cli.consent import ask
    from trailseal.run.documents import signers
    from trailseal.run.policies_now import not_taken_back
    from trailseal.run.undo import begin_undo, chosen_plan, pending
    from trailseal.run.undo import undo as run_undo
    from trailseal.view.answer import answer
    from trailseal.view.brief.runs import undone_brief
    from trailseal.view.progress import ProgressLine
    from trailseal.view.undo import show_before_undo
    from trailseal.view.undone import print_undone

    trusted = signers(signed_by)
    aws = wiring.accounts(profile, region, further)
    with ProgressLine() as progress, closing(wiring.ports(aws, progress)) as ports:
        chosen = chosen_plan(run, ports, signed_by=trusted)
        opened = begin_undo(chosen.plan, ports, name=chosen.name)
        steps = pending(chosen.plan, opened)
        refused = not_taken_back(steps, chosen.plan, ports.collector, ports.control)
        left = [each.step for each in refused]
        steps = tuple(step for step in steps if step not in left)
        show_before_undo(chosen, steps, refused)
        if steps:
            ask(message("Do this?"), yes=yes)
        undone = run_undo(chosen.plan, opened, ports, but_for=refused, changed_at=chosen.changed_at)
    answer(undone, output, print_undone, undone_brief)
    return undone.exit_code
