"""`trailseal apply`."""

from __future__ import annotations

import click

from trailseal.cli.command import answer_options, aws_options, command, common_options, further_option, option
from trailseal.cli.parameters import LONGEST_WAIT, MATERIAL, PLAN, SIGNERS, Whole
from trailseal.cli.settle import settle_option
from trailseal.errors import ExitCode
from trailseal.messages import N_


@command()
@click.argument("plan", type=PLAN, metavar="PLAN")
@option("--yes", is_flag=True, help=N_("Do not ask."))
@option("--no-wait", is_flag=True, help=N_("Do not wait for the next deliveries."))
@option("--timeout", type=Whole(1, LONGEST_WAIT), default=1800, show_default=True, metavar="SECONDS",
        help=N_("Longest time to wait for the next deliveries, in seconds."))  # fmt: skip
@option("--signed-by", type=SIGNERS, metavar="FILE", help=N_("Take only a plan that a key in FILE signed."))
@option("--material", type=MATERIAL, metavar="FILE", help=N_("Key material for a key that waits for it."))
@settle_option
@further_option
@aws_options
@answer_options
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
    further: tuple[str, ...],
    profile: str | None,
    region: str | None,
    output: str,
) -> ExitCode:
    """
    Carry out a plan, exactly as shown, and see the result arrive.

    Shows the plan (in short if it was shown in full here; -v shows it whole), asks, and reads again before
    each step. Interrupted anywhere, the same command goes on where it stopped. If deliveries fail after
    the change, the trail is rolled back automatically.
    """
    from contextlib import closing
    from datetime import timedelta

    from trailseal.cli import wiring
    from trailseal.cli.consent import ask
    from trailseal.cli.saved_plan import show_once
    from trailseal.plan.codec import belongs
    from trailseal.plan.losing import see_accepted
    from trailseal.run.apply import apply as run_apply
    from trailseal.run.documents import plan_and_digest_in, signers
    from trailseal.view.answer import answer
    from trailseal.view.apply import print_applied
    from trailseal.view.brief.runs import applied_brief
    from trailseal.view.losing import question
    from trailseal.view.progress import ProgressLine

    read, digest = plan_and_digest_in(plan, signed_by=signers(signed_by))
    aws = wiring.accounts(profile, region, further)
    with (
        ProgressLine() as progress,
        closing(wiring.ports(aws, progress, material=material, settle=settle)) as ports,
    ):
        belongs(read, account=ports.control.account(), name=plan)
        see_accepted(read, name=plan)
        show_once(read, digest)
        if read.can_apply:
            ask(question(read), yes=yes)
        done = run_apply(read, ports, name=plan, wait=not no_wait, timeout=timedelta(seconds=timeout))
    answer(done, output, print_applied, applied_brief)
    return done.exit_code
