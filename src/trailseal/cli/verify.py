"""`trailseal verify`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trailseal.cli.command import aws_options, command, common_options, format_option, option
from trailseal.cli.parameters import SNAPSHOT, TIME, Whole
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
@option("--wait", is_flag=True, help=N_("Wait for deliveries after the switch."))
@option("--timeout", type=Whole(min=1), default=1800, show_default=True, metavar="SECONDS",
        help=N_("Wait at most so long."))  # fmt: skip
@option("--snapshot", type=SNAPSHOT, metavar="FILE", help=N_("Look at a saved snapshot, without AWS."))
@aws_options
@format_option
@common_options
def verify(
    trails: tuple[str, ...],
    since: datetime | None,
    *,
    wait: bool,
    timeout: int,
    snapshot: str | None,
    profile: str | None,
    region: str | None,
    output: str,
) -> ExitCode:
    """
    Prove on the delivered objects what they are encrypted with.

    The table holds log files and digest files from before and after each trail's switch. Exits 3 when
    something delivered after it is not under the key, 4 when something could not be read.
    """
    from datetime import timedelta

    from trailseal.run.documents import snapshot_in
    from trailseal.run.verify import VerifyOptions, verify_snapshot
    from trailseal.view.answer import answer
    from trailseal.view.verify import print_delivered

    asked = VerifyOptions(trails=trails, since=since, wait=timedelta(seconds=timeout) if wait else None)
    if snapshot:
        proof = verify_snapshot(snapshot_in(snapshot), asked)
    else:
        from trailseal.cli.wiring import verify_live

        proof = verify_live(asked, profile, region)
    answer(proof, output, print_delivered)
    return proof.exit_code
