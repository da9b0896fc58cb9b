"""`trailseal plan`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from trailseal.cli.command import (
    BRIEF,
    answer_options,
    aws_options,
    command,
    common_options,
    further_option,
    no_account,
    option,
    wants_detail,
)
from trailseal.cli.parameters import (
    INTENT,
    KEY_OR_NEW,
    OUT,
    PRINCIPAL,
    PRIVATE_KEY,
    SNAPSHOT,
    TRAIL_ARN,
    Days,
    Whole,
    Word,
)
from trailseal.cli.trail_options import trails_option
from trailseal.errors import ExitCode
from trailseal.messages import N_


@command()
@trails_option(N_("Trail to switch; repeatable."))
@option(
    "--key",
    type=KEY_OR_NEW,
    metavar="ARN|ALIAS|create",
    help=N_("Key to use; `create` makes one (the default)."),
)
@option("--alias", metavar="alias/NAME", help=N_("Name for the key."))
@option("--rotation-days", type=Days(), metavar="N", help=N_("Rotate the key every N days (90 to 2560)."))
@option("--multi-region", is_flag=True, default=None, help=N_("Make a multi-Region key."))
@option("--origin", type=Word(["aws", "external"]), help=N_("Where a new key's key material comes from."))
@option("--policy", type=Word(["least", "console"]), help=N_("A new key's policy: least or console."))
@option(
    "--also-for",
    type=TRAIL_ARN,
    multiple=True,
    metavar="ARN",
    help=N_("Trail of another account that will use the key."),
)
@option(
    "--reader",
    "readers",
    type=PRINCIPAL,
    multiple=True,
    metavar="ARN",
    help=N_("Only these principals may read; repeatable."),
)
@option(
    "--also-reader",
    "also_readers",
    type=PRINCIPAL,
    multiple=True,
    metavar="ARN",
    help=N_("This principal may read too, beside those seen reading; repeatable."),
)
@option("--reader-mode", type=Word(["grant", "perimeter"]), help=N_("How other principals are denied."))
@option(
    "--reader-days", type=Whole(0, 10_000), default=7, show_default=True, metavar="N",
    help=N_("Look for readers in the events of the last N days; 0 for not at all."),
)  # fmt: skip
@option(
    "--accept",
    multiple=True,
    metavar="CODE",
    help=N_("Accept the risk behind a refusal, by its code; repeatable."),
)
@option(
    "--config", type=INTENT, metavar="FILE", help=N_("Intent file; else ./trailseal.toml where there is one.")
)
@option("--snapshot", type=SNAPSHOT, metavar="FILE", help=N_("Plan on a saved snapshot, without AWS."))
@option("--out", type=OUT, metavar="FILE", help=N_("Save the plan for apply."))
@option("--sign", type=PRIVATE_KEY, metavar="KEYFILE", help=N_("Sign the saved plan with this SSH key."))
@further_option
@aws_options
@answer_options
@common_options
def plan(  # noqa: PLR0913 - one parameter for each option
    *,
    config: str | None,
    snapshot: str | None,
    out: str | None,
    sign: str | None,
    reader_days: int,
    further: tuple[str, ...],
    profile: str | None,
    region: str | None,
    output: str,
    **given: Any,
) -> ExitCode:
    """
    Work out the steps to SSE-KMS, in an order that keeps logs flowing.

    Nothing is changed. Without options every trail that is not on SSE-KMS yet is planned for, with a
    new key. With -v the policies are shown whole. Exits 3 when there are steps, 0 when there is nothing
    to do.
    """
    from secrets import token_hex

    from trailseal.cli.saved_plan import note_shown, save_plan, signing
    from trailseal.plan.names import TAG_BYTES
    from trailseal.run.documents import snapshot_in
    from trailseal.run.intent import OWN_FILE, gather
    from trailseal.run.plan import plan_saved, plan_switch
    from trailseal.view.brief.plan import plan_brief
    from trailseal.view.plan import tell_plan
    from trailseal.view.streams import write_lines

    no_account(snapshot, further)
    sealer = signing(sign, out)
    name = config or (OWN_FILE if Path(OWN_FILE).exists() else "")
    intent = gather(name, given=given)
    if snapshot:
        made = plan_saved(intent, snapshot_in(snapshot), tag=token_hex(TAG_BYTES))
    else:
        from trailseal.aws.activity import AwsActivity
        from trailseal.aws.clock import SystemClock
        from trailseal.aws.collector import AwsCollector
        from trailseal.aws.control_plane import AwsControlPlane
        from trailseal.cli import wiring
        from trailseal.view.progress import ProgressLine

        aws = wiring.accounts(profile, region, further)
        others = aws.further
        with ProgressLine() as line:
            _, made = plan_switch(
                intent,
                AwsCollector(aws.first, further=others, observe=line),
                AwsControlPlane(aws.first, further=others),
                SystemClock(),
                tag=token_hex(TAG_BYTES),
                activity=AwsActivity(aws.first, further=others),
                days=reader_days,
            )
    digest = save_plan(made, out, sealer) if out else ""
    if output == BRIEF:
        write_lines(plan_brief(made))
    else:
        tell_plan(made, output, out=out, whole=wants_detail())
    if digest and output == "text":
        note_shown(digest, sys.stdout)
    return made.exit_code
