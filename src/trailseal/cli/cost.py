"""`trailseal cost`: what each way of encrypting costs, with its assumptions."""

from __future__ import annotations

from trailseal.cli.command import AwsOptions, answer_options, aws_options, command, common_options, option
from trailseal.cli.parameters import MANIFEST, PRICES, READS, Whole
from trailseal.cli.trail_options import place_options, trail_option
from trailseal.errors import ExitCode
from trailseal.messages import N_


@command()
@trail_option
@place_options
@option(
    "--assume",
    "places",
    type=Whole(1, 1_000_000),
    metavar="N",
    help=N_("Ask AWS nothing: N Regions deliver, counted by account."),
)
@option(
    "--reads-per-file", type=READS, metavar="LOW[-HIGH]", help=N_("How often each object is read in all.")
)
@option("--count-reads", is_flag=True, help=N_("Count GetObject events in yesterday's log files."))
@option("--history-objects", type=Whole(0, 10**15), default=0, help=N_("Objects to re-encrypt, once."))
@option("--manifest", type=MANIFEST, metavar="FILE", help=N_("Take the history from a census's manifest."))
@option("--assumptions", is_flag=True, help=N_("Print every assumption, not only the first three."))
@option("--price-file", type=PRICES, metavar="FILE", help=N_("Your own prices."))
@option("--show-prices", is_flag=True, help=N_("Print the price table, to start a price file from."))
@aws_options
@answer_options
@common_options
def cost(*, profile: str | None, region: str | None, output: str, **options: object) -> ExitCode:
    """
    Compare SSE-S3, SSE-KMS and SSE-KMS with bucket keys, per month and year.

    Deliveries are counted in the trail's bucket, or assumed with --assume. It is an estimate, not a bill:
    ranges are given, and what it assumes.
    """
    import msgspec

    from trailseal.cli.cost_options import CostOptions, show_cost

    return show_cost(
        AwsOptions(profile=profile, region=region), msgspec.convert(options, CostOptions), output
    )
