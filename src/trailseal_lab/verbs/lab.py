"""`trailseal lab`: an embedded AWS on this machine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trailseal.cli.command import common_options, format_option, group, option
from trailseal.cli.parameters import LONGEST_WAIT, Seconds, Whole
from trailseal.errors import ExitCode
from trailseal.messages import N_

if TYPE_CHECKING:
    from trailseal_lab.register import Running


@group()
def lab() -> None:
    """
    Run an embedded AWS on this machine to rehearse on.

    It listens on 127.0.0.1 only. Any AWS client can use it:
    eval "$(trailseal lab env)"
    """


name_option = option("--name", metavar="NAME", help=N_("The lab to use, when several are running."))


@lab.command()
@option("--port", type=Whole(0, 65535), default=0, help=N_("Port to listen on; else a free one."))
@option("--scenario", metavar="NAME", default="story", show_default=True, help=N_("What the account holds."))
@option(
    "--cycle",
    type=Seconds(0, LONGEST_WAIT),
    default=5.0,
    show_default=True,
    metavar="SECONDS",
    help=N_("Time between deliveries; AWS takes five minutes. 0 waits for `lab tick`."),
)
@option("--detach", is_flag=True, help=N_("Return when the lab is ready, and let it run on."))
@name_option
@common_options
def up(port: int, scenario: str, cycle: float, detach: bool, name: str | None) -> ExitCode:  # noqa: FBT001 - click's flags
    """Start a lab."""
    from trailseal_lab.process import LabOptions, run_detached, run_here
    from trailseal_lab.register import DEFAULT
    from trailseal_lab.verbs.shown import show_up

    wanted = LabOptions(name=DEFAULT if name is None else name, scenario=scenario, port=port, cycle=cycle)
    if detach:
        running = run_detached(wanted)
        show_up(running.name, running.address, running.scenario)
        return ExitCode.CLEAN
    shown: list[str] = []

    def ready(running: Running) -> None:
        shown.append(running.name)  # first: whoever reads the line may stop the lab at once
        show_up(running.name, running.address, running.scenario)

    try:
        run_here(wanted, ready)
    except KeyboardInterrupt:
        if not shown:  # nobody has been told of a lab, so none was stopped
            raise
    return ExitCode.CLEAN


@lab.command()
@option(
    "--as",
    "principal",
    metavar="PRINCIPAL",
    default="",
    help=N_("Print credentials of this user, role or role session; `root` for the account's root user."),
)
@name_option
@format_option
@common_options
def env(principal: str, name: str | None, output: str) -> ExitCode:
    """Print the export lines that point AWS clients at the lab."""
    from trailseal_lab.register import find
    from trailseal_lab.remote import environment
    from trailseal_lab.verbs.shown import show_environment

    show_environment(environment(find(name), principal), as_json=output == "json")
    return ExitCode.CLEAN


@lab.command()
@name_option
@format_option
@common_options
def status(name: str | None, output: str) -> ExitCode:
    """Show the labs that run."""
    from trailseal_lab.remote import statuses
    from trailseal_lab.verbs.shown import show_statuses

    found = statuses(name)
    show_statuses(found, as_json=output == "json")
    wrong = [each for each in found if each.get("failures") or not each.get("answers", True)]
    return ExitCode.FAILED if wrong else ExitCode.CLEAN


@lab.command()
@option("--all", "every", is_flag=True, help=N_("Stop every lab."))
@name_option
@common_options
def down(every: bool, name: str | None) -> ExitCode:  # noqa: FBT001 - click's flags
    """Stop a lab."""
    from trailseal_lab.process import stop
    from trailseal_lab.register import choose, running_labs
    from trailseal_lab.verbs.shown import show_down

    for running, _ in list(running_labs()) if every else [choose(name)]:
        stop(running)
        show_down(running.name)
    return ExitCode.CLEAN


def _add_faults() -> None:
    from trailseal_lab.verbs.fault import fault, tick

    lab.add_command(fault)
    lab.add_command(tick)


_add_faults()
