"""`trailseal apply`."""

from __future__ import annotations

import click

from trailseal.cli.command import aws_options, command, common_options, format_option, option
from trailseal.cli.parameters import MATERIAL, PLAN, SIGNERS, Whole
from trailseal.cli.settle import settle_option
from trailseal.errors import ExitCode
from trailseal.messages import N_, message


@command()
@click.argument("plan", type=PLAN, metavar="PLAN")
@option("--yes", is_flag=True, help=N_("Do not ask."))
@option("--no-wait", is_flag=True, help=N_("Do not wait for the next deliveries."))
@option("--timeout", type=Whole(min=1), default=1800, show_default=True, metavar="SECONDS",
        help=N_("Wait at most so long for the next deliveries."))  # fmt: skip
@option("--signed-by", type=SIGNERS, metavar="FILE", help=N_("Take only a plan that a key in FILE signed."))
@option("--material", type=MATERIAL, metavar="FILE", help=N_("Key material for a key that waits for it."))
@settle_option
@aws_options
@format_option
@common_options
def apply(  # noqa: PLR0913 - one parameter for each option
    plan: str,
    *,
    yes: bool,
    no_wait: bool,
    timeout: int,
    signed_by: str | None,
    material: str | None,
    settle: float,
    profile: str | None,
    region: str | None,
    output: str,
) -> ExitCode:
    """
    Carry out a plan, exactly as shown, and see the result arrive.

    Shows the plan, asks, and reads again before each step. Interrupted anywhere, the same command goes
    on where it stopped. When deliveries fail after the change, the trail is put back by itself.
    """
    from contextlib import closing
    from datetime import timedelta

    from trailseal.cli import wiring
    from trailseal.cli.consent import ask
    from trailseal.plan.codec import belongs
    from trailseal.run.apply import apply as run_apply
    from trailseal.run.documents import plan_in, signers
    from trailseal.view.answer import answer
    from trailseal.view.apply import print_applied
    from trailseal.view.plan import show_before
    from trailseal.view.progress import ProgressLine

    read = plan_in(plan, signed_by=signers(signed_by))
    aws = wiring.session(profile, region)
    with (
        ProgressLine() as progress,
        closing(wiring.ports(aws, profile, progress, material=material, settle=settle)) as ports,
    ):
        belongs(read, account=ports.control.account(), name=plan)
        show_before(read)
        if read.can_apply:
            ask(message("Do this?"), yes=yes)
        done = run_apply(read, ports, name=plan, wait=not no_wait, timeout=timedelta(seconds=timeout))
    answer(done, output, print_applied)
    return done.exit_code
