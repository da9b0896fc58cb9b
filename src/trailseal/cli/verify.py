"""`trailseal verify`."""

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
)
from trailseal.cli.parameters import LONGEST_WAIT, SNAPSHOT, TIME, Whole
from trailseal.cli.trail_options import trails_option
from trailseal.errors import ExitCode
from trailseal.messages import N_

if TYPE_CHECKING:
    from datetime import datetime


@command()
@trails_option(N_("Trail to look at; repeatable."))
@option(
    "--since",
    type=TIME,
    metavar="TIME",
    help=N_("Look from this time on: 2026-11-23T12:00:00Z, or 6h, 3d ago."),
)
@option("--all", "every", is_flag=True, help=N_("Look at each object, also of more than 10,000."))
@option("--wait", is_flag=True, help=N_("Wait for deliveries after the switch."))
@option("--timeout", type=Whole(1, LONGEST_WAIT), default=1800, show_default=True, metavar="SECONDS",
        help=N_("Longest time to wait, in seconds."))  # fmt: skip
@option("--snapshot", type=SNAPSHOT, metavar="FILE", help=N_("Look at a saved snapshot, without AWS."))
@further_option
@aws_options
@answer_options
@common_options
def verify(  # noqa: PLR0913 - one parameter for each option
    trails: tuple[str, ...],
    since: datetime | None,
    *,
    every: bool,
    wait: bool,
    timeout: int,
    snapshot: str | None,
    further: tuple[str, ...],
    profile: str | None,
    region: str | None,
    output: str,
) -> ExitCode:
    """
    Prove on the delivered objects what they are encrypted with.

    The table holds log files and digest files from before and after each trail's switch. Exits 3 when
    something delivered after it is not encrypted with the key, 4 when something could not be read. Of more
    than 10,000 objects it looks at the first, the last and one a day of each place, and says so.
    """
    from datetime import timedelta

    from trailseal.run.documents import snapshot_in
    from trailseal.run.verify import VerifyOptions, verify_snapshot
    from trailseal.view.answer import answer
    from trailseal.view.brief.verify import verify_brief
    from trailseal.view.verify import print_delivered

    no_account(snapshot, further)
    patience = timedelta(seconds=timeout) if wait else None
    asked = VerifyOptions(trails=trails, since=since, wait=patience, every=every)
    if snapshot:
        proof = verify_snapshot(snapshot_in(snapshot), asked)
    else:
        from trailseal.cli.wiring import verify_live

        proof = verify_live(asked, profile, region, further)
    answer(proof, output, print_delivered, verify_brief)
    return proof.exit_code
