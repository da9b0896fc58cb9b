"""`trailseal history validate`: is every file as CloudTrail delivered it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from trailseal.cli.command import AwsOptions, aws_options, command, common_options, format_option, option
from trailseal.cli.parameters import ACCOUNT, BUCKET, PREFIX, REGION, TIME
from trailseal.cli.trail_options import trail_option
from trailseal.errors import ExitCode
from trailseal.messages import N_

if TYPE_CHECKING:
    from trailseal.history.rules.verdict import FileVerdict


@command()
@trail_option
@option("--start-time", type=TIME, metavar="TIME", help=N_("From when, UTC; else 7 days back."))
@option("--end-time", type=TIME, metavar="TIME", help=N_("Until when, UTC; else now."))
@option(
    "--account",
    "accounts",
    type=ACCOUNT,
    multiple=True,
    metavar="ID",
    help=N_("Only these accounts of an organization."),
)
@option(
    "--only-region",
    "regions",
    type=REGION,
    multiple=True,
    metavar="REGION",
    help=N_("Only these Regions' files."),
)
@option(
    "--s3-bucket",
    type=BUCKET,
    default="",
    metavar="BUCKET",
    help=N_("Where the files are, when not where the trail says."),
)
@option("--s3-prefix", type=PREFIX, metavar="PREFIX", help=N_("The prefix that goes with --s3-bucket."))
@option("--all", "every", is_flag=True, help=N_("Name the valid files too."))
@aws_options
@format_option
@common_options
def validate(  # noqa: PLR0913 - one for each option
    *,
    trail: str,
    start_time: datetime | None,
    end_time: datetime | None,
    accounts: tuple[str, ...],
    regions: tuple[str, ...],
    s3_bucket: str,
    s3_prefix: str | None,
    every: bool,
    profile: str | None,
    region: str | None,
    output: str,
) -> ExitCode:
    """
    Prove that every log file is as CloudTrail delivered it.

    Same verdicts as `aws cloudtrail validate-logs`, in all Regions and accounts at once, and it finds deleted
    digest files that the AWS CLI misses. Exit code 3 when a file is missing, changed or not proven.
    """
    from trailseal.cli.history.place import open_history
    from trailseal.history.rules.validation import window_until
    from trailseal.history.validate.validator import Validator
    from trailseal.view.history.validate import file_line, validation_lines
    from trailseal.view.json_document import json_document
    from trailseal.view.progress import ProgressLine
    from trailseal.view.streams import write_json, write_lines

    window = window_until(
        datetime.now(UTC), start=start_time, end=end_time, accounts=accounts, regions=regions
    )

    def told(verdict: FileVerdict) -> None:
        line.clear()
        write_lines([file_line(verdict)], err=output == "json")

    history = open_history(
        AwsOptions(profile=profile, region=region), trail, bucket=s3_bucket, prefix=s3_prefix
    )
    with ProgressLine() as line, history.plane() as plane:
        validator = Validator(
            objects=plane,
            service=history.service,
            observer=line,
            on_file=told if every else None,
        )
        result = validator.run(history.place, window)
    if output == "json":
        write_json(json_document(result))
    else:
        write_lines(validation_lines(result))
    return result.exit_code
