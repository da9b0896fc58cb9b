"""`trailseal check`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trailseal.cli.command import (
    answer_options,
    aws_options,
    command,
    common_options,
    further_option,
    no_account,
    option,
    wants_detail,
)
from trailseal.cli.parameters import CHECK, OUT, SNAPSHOT
from trailseal.cli.trail_options import trails_option
from trailseal.errors import ExitCode, UsageProblem
from trailseal.messages import N_, message

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trailseal.run.check import CheckResult
    from trailseal.run.compare import CheckComparison, CheckSeen
    from trailseal.view.terminal import Terminal


@command()
@trails_option(N_("Trail to check; repeatable."))
@option("--control", "controls", multiple=True, metavar="ID", help=N_("Only this check; repeatable."))
@option("--no-hub", is_flag=True, help=N_("Do not ask Security Hub."))
@option(
    "--copies",
    is_flag=True,
    help=N_("Also name each copy of the events beside the log files, and who can read it."),
)
@option("--save", type=OUT, metavar="FILE", help=N_("Save what was read, for --snapshot."))
@option("--snapshot", type=SNAPSHOT, metavar="FILE", help=N_("Check a saved snapshot, without AWS."))
@option(
    "--compare",
    "earlier",
    type=CHECK,
    metavar="FILE",
    help=N_("Show what changed since FILE: a snapshot, or what --format json printed."),
)
@further_option
@aws_options
@answer_options
@common_options
def check(  # noqa: PLR0913 - one parameter for each option
    trails: tuple[str, ...],
    controls: tuple[str, ...],
    *,
    no_hub: bool,
    copies: bool,
    save: str | None,
    snapshot: str | None,
    earlier: str | None,
    further: tuple[str, ...],
    profile: str | None,
    region: str | None,
    output: str,
) -> ExitCode:
    """
    Show each trail's encryption, its verdicts and the security score.

    Nothing is changed. Exits 0 when all passed, 3 when something failed, 4 when something could not be
    read, which is never taken for a pass.
    """
    from trailseal.cli.saved_snapshot import save_snapshot
    from trailseal.view.answer import answer

    if save and snapshot:
        raise UsageProblem(message("--snapshot reads no AWS account: --save does"))
    no_account(snapshot, further)
    if controls:
        from trailseal.run.check import known_checks

        known_checks(controls)
    before = _earlier(earlier) if earlier else None
    lacking = ExitCode.CLEAN
    if snapshot:
        from trailseal.run.check import check_snapshot
        from trailseal.run.documents import snapshot_in

        result = check_snapshot(snapshot_in(snapshot), trails=trails, only=controls, copies=copies)
    else:
        from trailseal.cli.wiring import open_collector
        from trailseal.run.check_account import check_account

        later = "trailseal.view.check" if output == "text" else "trailseal.run.check"
        with open_collector(profile, region, further=further, meanwhile=later, tells=False) as collector:
            seen, result = check_account(
                collector,
                trails=trails,
                only=controls,
                hub=not no_hub,
                effects=bool(save),
                copies=copies,
            )
        lacking = save_snapshot(seen, save) if save else ExitCode.CLEAN
    if before:
        from trailseal.run.compare import compare

        _answer_compared(compare(before, result, trails=trails, only=controls), result, output)
    else:
        answer(result, output, _text, _brief)
    return lacking or result.exit_code


def _earlier(path: str) -> CheckSeen:
    from trailseal.run.documents import check_in

    return check_in(path)


def _answer_compared(found: CheckComparison, result: CheckResult, output: str) -> None:
    """Print two checks side by side."""
    from trailseal.view.answer import answer
    from trailseal.view.brief.compare import compare_brief
    from trailseal.view.check_compare import print_comparison

    def text(found: CheckComparison, console: Terminal) -> None:
        print_comparison(found, result, console, detail=wants_detail())

    answer(found, output, text, compare_brief)


def _text(result: CheckResult, console: Terminal) -> None:
    """Write the text; rich is loaded only for it."""
    from trailseal.view.check import print_check

    print_check(result, console, detail=wants_detail())


def _brief(result: CheckResult) -> Iterator[str]:
    """Return the brief lines; what writes them is loaded only for them."""
    from trailseal.view.brief.check import check_brief

    return check_brief(result)
