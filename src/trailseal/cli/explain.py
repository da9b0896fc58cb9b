"""`trailseal explain`."""

from __future__ import annotations

import click

from trailseal.cli.command import aws_options, command, common_options, format_option, option
from trailseal.cli.parameters import SNAPSHOT
from trailseal.cli.trail_options import trails_option
from trailseal.errors import ExitCode
from trailseal.messages import N_


@command()
@click.argument("control", default="")
@trails_option(N_("Trail to explain; repeatable."))
@option("--snapshot", type=SNAPSHOT, metavar="FILE", help=N_("Explain a saved snapshot, without AWS."))
@aws_options
@format_option
@common_options
def explain(
    control: str,
    trails: tuple[str, ...],
    *,
    snapshot: str | None,
    profile: str | None,
    region: str | None,
    output: str,
) -> ExitCode:
    """
    Say what SSE-KMS would mean for this account, both sides.

    With CONTROL, say what that check asks, why it matters and what to do; AWS is not asked then.
    """
    from trailseal.run.explain import explain_account, explain_control
    from trailseal.view.answer import answer
    from trailseal.view.explain import print_control, print_explanation

    if control:
        answer(explain_control(control), output, print_control)
        return ExitCode.CLEAN
    if snapshot:
        from trailseal.run.documents import snapshot_in

        seen = snapshot_in(snapshot)
    else:
        from trailseal.cli.wiring import open_collector
        from trailseal.run.ports import SnapshotScope

        with open_collector(profile, region) as collector:
            seen = collector.collect(SnapshotScope(trails=trails))
    told = explain_account(seen, trails=trails)
    answer(told, output, print_explanation)
    return told.exit_code
