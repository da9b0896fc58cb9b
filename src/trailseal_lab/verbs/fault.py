"""`trailseal lab fault` and `lab tick`: rehearse what goes wrong, and let time pass."""

from __future__ import annotations

import click

from trailseal.cli.command import command, common_options, format_option, group, option
from trailseal.cli.parameters import REGION, Seconds, Whole, Word
from trailseal.errors import ExitCode
from trailseal.messages import N_

KINDS = (
    "throttle",
    "500",
    "500-after",
    "503",
    "slow",
    "hold",
    "hold-after",
    "drop",
    "dropped-after",
    "cut",
    "html",
    "denied",
    "expired",
)
name_option = option("--name", metavar="NAME", help=N_("The lab to use, when several are running."))


@group()
def fault() -> None:
    """Let API calls of the lab fail on demand."""


@fault.command()
@option("--service", default="*", metavar="SERVICE", help=N_("Service, `s3` for instance; else every one."))
@option(
    "--operation",
    default="*",
    metavar="OPERATION",
    help=N_("API operation, `GetObject` for instance; else every one."),
)
@option(
    "--region",
    type=REGION,
    default="*",
    metavar="REGION",
    help=N_("Calls in this Region; else in every one."),
)
@option(
    "--kind",
    type=Word(KINDS),
    required=True,
    metavar="KIND",
    help=N_(
        "Kind of fault: throttle, 500, 500-after, 503, slow, hold, hold-after, drop, dropped-after, cut, "
        "html, denied or expired."
    ),
)
@option("--count", type=Whole(1, 1_000_000), default=1, show_default=True, help=N_("How many calls fail."))
@option("--skip", type=Whole(0, 1_000_000), default=0, help=N_("How many calls pass first."))
@option(
    "--seconds",
    type=Seconds(0, 300),
    default=2.0,
    show_default=True,
    help=N_("How long a slow answer takes."),
)
@name_option
@common_options
def add(
    service: str,
    operation: str,
    region: str,
    kind: str,
    count: int,
    skip: int,
    seconds: float,
    name: str | None,
) -> ExitCode:
    """Add a fault for the next matching calls."""
    from trailseal_lab.register import find
    from trailseal_lab.remote import add_fault
    from trailseal_lab.verbs.shown import show_faults

    given = {
        "service": service,
        "operation": operation,
        "region": region,
        "kind": kind,
        "count": count,
        "skip": skip,
        "seconds": seconds,
    }
    show_faults(add_fault(find(name), given), as_json=False)
    return ExitCode.CLEAN


@fault.command("list")
@name_option
@format_option
@common_options
def list_faults(name: str | None, output: str) -> ExitCode:
    """Show the faults that wait, and how many calls are held."""
    from trailseal_lab.register import find
    from trailseal_lab.remote import faults
    from trailseal_lab.verbs.shown import show_faults

    show_faults(faults(find(name)), as_json=output == "json")
    return ExitCode.CLEAN


@fault.command()
@name_option
@common_options
def release(name: str | None) -> ExitCode:
    """Let every held call go on, and hold none after it."""
    from trailseal_lab.register import find
    from trailseal_lab.remote import release_calls
    from trailseal_lab.verbs.shown import show_faults

    show_faults(release_calls(find(name)), as_json=False)
    return ExitCode.CLEAN


@fault.command()
@name_option
@common_options
def clear(name: str | None) -> ExitCode:
    """Forget every fault, and let the calls go on that are held."""
    from trailseal_lab.register import find
    from trailseal_lab.remote import clear_faults
    from trailseal_lab.verbs.shown import show_faults

    show_faults(clear_faults(find(name)), as_json=False)
    return ExitCode.CLEAN


@command()
@click.argument("cycles", type=Whole(1, 10000), default=1)
@name_option
@common_options
def tick(cycles: int, name: str | None) -> ExitCode:
    """Let cycles pass now: deliveries each, digests each 12th, Security Hub each 2nd."""
    from trailseal_lab.register import find
    from trailseal_lab.remote import advance
    from trailseal_lab.verbs.shown import show_failures

    failures = advance(find(name), cycles)
    show_failures(failures)
    return ExitCode.FAILED if failures else ExitCode.CLEAN
