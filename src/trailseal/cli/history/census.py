"""`trailseal history census`: what is encrypted how."""

from __future__ import annotations

import click

from trailseal.cli.command import AwsOptions, answer_options, aws_options, command, common_options, option
from trailseal.cli.parameters import OUT, PREFIX, Word
from trailseal.cli.trail_options import place_options, trail_option
from trailseal.errors import ExitCode, UsageProblem
from trailseal.messages import N_, message


@command()
@trail_option
@option(
    "--prefix",
    "prefixes",
    type=PREFIX,
    multiple=True,
    help=N_("Only keys under these; else all of the trail's."),
)
@option("--manifest", type=OUT, metavar="FILE", help=N_("Write a manifest for `reencrypt`."))
@option("--versions", is_flag=True, help=N_("Count older versions too."))
@option("--quick", is_flag=True, help=N_("Estimate from a few objects of each Region."))
@option(
    "--source",
    default="",
    metavar="listing|metadata|inventory|quick|URI",
    help=N_("Else the best there is; a URI is an s3://…/manifest.json of S3 Inventory."),
)
@option(
    "--sql",
    type=Word(["athena", "trino", "pyspark", "duckdb"]),
    help=N_("Only print the census of an S3 Metadata table, to run it elsewhere."),
)
@option(
    "--table", metavar="[[CATALOG.]DATABASE.]TABLE", help=N_("The table that --sql asks; else `inventory`.")
)
@place_options
@aws_options
@answer_options
@common_options
def census(  # noqa: PLR0913 - one for each option
    *,
    trail: str,
    prefixes: tuple[str, ...],
    manifest: str | None,
    versions: bool,
    quick: bool,
    source: str,
    sql: str | None,
    table: str | None,
    s3_bucket: str,
    s3_prefix: str | None,
    organization_id: str,
    profile: str | None,
    region: str | None,
    output: str,
) -> ExitCode:
    """
    Count what is encrypted how, by account, Region and month.

    Up to 100,000 objects are each asked with HeadObject, which needs no kms:Decrypt; of more, a list that S3
    keeps is read, where there is one: the S3 Metadata table, or the newest report of S3 Inventory. The
    manifest that is written holds all that `reencrypt` needs; a list's objects are asked by `reencrypt`
    instead. Exits with 3 when something is not encrypted with a
    KMS key.
    """
    if sql is not None:
        from trailseal.history.rules.census_query import LIVE_INVENTORY, TABLE, Dialect, census_sql

        click.echo(census_sql(LIVE_INVENTORY, Dialect(sql), table=TABLE if table is None else table))
        return ExitCode.CLEAN
    if table is not None:
        raise UsageProblem(message("--table names the table that --sql asks"), message("add --sql athena"))
    from trailseal.cli.history.count import count
    from trailseal.cli.history.place import Where
    from trailseal.history.census.options import CensusOptions
    from trailseal.objects.pages import outermost

    history_options = AwsOptions(profile=profile, region=region)
    quick = quick or source == "quick"
    if quick and (manifest is not None or versions or source not in {"", "quick"}):
        raise UsageProblem(
            message(
                "the quick estimate looks at a few objects, and takes no --manifest, --versions or --source"
            ),
            message("leave --quick out to count them all"),
        )
    wanted = CensusOptions(prefixes=outermost(prefixes), manifest=manifest, versions=versions, source=source)
    where = Where(trail=trail, bucket=s3_bucket, prefix=s3_prefix, organization=organization_id)
    return count(history_options, where, wanted, output, quick=quick)
