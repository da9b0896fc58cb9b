"""`trailseal runs`."""

from __future__ import annotations

from trailseal.cli.command import answer_options, command, common_options
from trailseal.errors import ExitCode


@command()
@answer_options
@common_options
def runs(output: str) -> ExitCode:
    """
    List the runs that can be undone.

    Newest first, of every account and endpoint, as this user's journal holds them. AWS is not asked.
    """
    from trailseal.cli import wiring
    from trailseal.run.runs import list_runs
    from trailseal.view.answer import answer
    from trailseal.view.brief.runs import runs_brief
    from trailseal.view.runs import print_runs

    answer(list_runs(wiring.journal().every_run()), output, print_runs, runs_brief)
    return ExitCode.CLEAN
