"""`trailseal check`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from trailseal.cli.command import aws_options, command, common_options, format_option, option
from trailseal.cli.parameters import OUT, SNAPSHOT
from trailseal.cli.trail_options import trails_option
from trailseal.errors import ExitCode, UsageProblem
from trailseal.messages import N_, message

if TYPE_CHECKING:
    from trailseal.run.check import CheckResult
    from trailseal.view.terminal import Terminal


@command()
@trails_option(N_("Trail to check; repeatable."))
@option("--control", "controls", multiple=True, metavar="ID", help=N_("Only this check; repeatable."))
@option("--no-hub", is_flag=True, help=N_("Do not ask Security Hub."))
@option("--save", type=OUT, metavar="FILE", help=N_("Save what was read, for --snapshot."))
@option("--snapshot", type=SNAPSHOT, metavar="FILE", help=N_("Check a saved snapshot, without AWS."))
@aws_options
@format_option
@common_options
def check(
    trails: tuple[str, ...],
    controls: tuple[str, ...],
    *,
    no_hub: bool,
    save: str | None,
    snapshot: str | None,
    profile: str | None,
    region: str | None,
    output: str,
) -> ExitCode:
    """
    Show each trail's encryption, its verdicts and the security score.

    Nothing is changed. Exits 0 when all passed, 3 when something failed, 4 when something could not be
    read, which is never taken for a pass.
    """
    from trailseal.files import write_private
    from trailseal.model.document import encode
    from trailseal.run.check import check_account, check_snapshot, known_checks
    from trailseal.view.answer import answer

    if save and snapshot:
        raise UsageProblem(message("--snapshot reads no AWS account: --save does"))
    known_checks(controls)
    if snapshot:
        from trailseal.run.documents import snapshot_in

        result = check_snapshot(snapshot_in(snapshot), trails=trails, only=controls)
    else:
        from trailseal.cli.wiring import open_collector

        shows = "" if output == "json" else "trailseal.view.check"
        with open_collector(profile, region, meanwhile=shows, tells=False) as collector:
            seen, result = check_account(
                collector, trails=trails, only=controls, hub=not no_hub, effects=bool(save)
            )
        if save:
            write_private(Path(save), encode(seen))
    answer(result, output, _text)
    return result.exit_code


def _text(result: CheckResult, console: Terminal) -> None:
    """Write the text; rich is loaded only for it."""
    from trailseal.view.check import print_check

    print_check(result, console)
