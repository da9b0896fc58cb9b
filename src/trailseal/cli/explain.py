"""`trailseal explain`."""

from __future__ import annotations

import click

from trailseal.cli.command import (
    answer_options,
    aws_options,
    command,
    common_options,
    further_option,
    no_account,
    option,
)
from trailseal.cli.parameters import SNAPSHOT
from trailseal.cli.trail_options import trails_option
from trailseal.errors import ExitCode
from trailseal.messages import N_


@command()
@click.argument("code", default="")
@trails_option(N_("Trail to explain; repeatable."))
@option("--snapshot", type=SNAPSHOT, metavar="FILE", help=N_("Explain a saved snapshot, without AWS."))
@further_option
@aws_options
@answer_options
@common_options
def explain(
    code: str,
    trails: tuple[str, ...],
    *,
    snapshot: str | None,
    further: tuple[str, ...],
    profile: str | None,
    region: str | None,
    output: str,
) -> ExitCode:
    """
    Say what SSE-KMS would mean for this account, both sides.

    With CODE, say what that check, rule of lint or concern of a plan means, why it matters and what to do;
    AWS is not asked then.
    """
    from trailseal.run.explain import explain_account
    from trailseal.view.answer import answer
    from trailseal.view.brief.costs import explained_brief
    from trailseal.view.explain import print_explanation

    no_account(snapshot, further)
    if code:
        _explain_code(code, output)
        return ExitCode.CLEAN
    if snapshot:
        from trailseal.run.documents import snapshot_in

        seen = snapshot_in(snapshot)
    else:
        from trailseal.cli.wiring import open_collector
        from trailseal.run.ports import SnapshotScope

        with open_collector(profile, region, further=further) as collector:
            seen = collector.collect(
                SnapshotScope(trails=trails, settings=False, bucket_settings=("replication",))
            )
    told = explain_account(seen, trails=trails)
    answer(told, output, print_explanation, explained_brief)
    return told.exit_code


def _explain_code(code: str, output: str) -> None:
    from trailseal.cli.usage import no_such_code
    from trailseal.controls.catalogue import CHECKS
    from trailseal.run.explain import explain_control
    from trailseal.view.answer import answer
    from trailseal.view.brief.costs import code_brief, control_brief
    from trailseal.view.codes import explained, names, print_code
    from trailseal.view.explain import print_control

    if found := explained(code):
        answer(found, output, print_code, code_brief)
        return
    if code.lower() not in {check.lower() for check in CHECKS}:
        raise no_such_code(code, [*CHECKS, *names()])
    answer(explain_control(code), output, print_control, control_brief)
