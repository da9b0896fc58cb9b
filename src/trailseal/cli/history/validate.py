"""`trailseal history validate`: is every file as CloudTrail delivered it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from trailseal.cli.command import AwsOptions, answer_options, aws_options, command, common_options, option
from trailseal.cli.parameters import ACCOUNT, REGION, TIME
from trailseal.cli.trail_options import place_options, trail_option
from trailseal.errors import ExitCode
from trailseal.messages import N_

if TYPE_CHECKING:
    from trailseal.history.rules.verdict import FileVerdict


@command()
@trail_option
@option("--start-time", type=TIME, metavar="TIME", help=N_("From when, UTC; else 7 days back."))
@option(
    "--end-time", type=TIME, metavar="TIME", help=N_("Until when, UTC; else until every digest file is due.")
)
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
@place_options
@option("--all", "every", is_flag=True, help=N_("Name the valid files too."))
@aws_options
@answer_options
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
    organization_id: str,
    every: bool,
    profile: str | None,
    region: str | None,
    output: str,
) -> ExitCode:
    """
    Prove that every log file is as CloudTrail delivered it.

    Same verdicts as `aws cloudtrail validate-logs`, in all Regions and accounts at once. Beyond it, every
    hour ends as proven, not proven, nothing logged or not known, with the reason. Exit code 3 when a file or
    an hour is not proven, 4 when something could not be read or is not known.
    """
    from trailseal.cli.history.place import Where, open_history
    from trailseal.history.rules.validation import window_until
    from trailseal.history.validate.validator import Validator
    from trailseal.view.brief.validate import validate_brief
    from trailseal.view.history.placed import CallerOptions
    from trailseal.view.history.validate import file_line, validation_lines
    from trailseal.view.json_document import json_document
    from trailseal.view.progress import ProgressLine
    from trailseal.view.streams import write_json, write_lines

    caller = CallerOptions(profile=profile or "", region=region or "")
    window = window_until(
        datetime.now(UTC), start=start_time, end=end_time, accounts=accounts, regions=regions
    )

    def told(verdict: FileVerdict) -> None:
        line.clear()
        write_lines([file_line(verdict)], err=output != "text")

    where = Where(trail=trail, bucket=s3_bucket, prefix=s3_prefix, organization=organization_id)
    history = open_history(AwsOptions(profile=profile, region=region), where)
    with ProgressLine() as line, history.planes() as planes:
        validator = Validator(
            objects=planes,
            service=history.service,
            observer=line,
            on_file=told if every else None,
        )
        result = validator.run(history.place, window)
    if output == "json":
        write_json(json_document(result))
    elif output == "brief":
        write_lines(validate_brief(result))
    else:
        write_lines(validation_lines(result, caller, every=every))
    return result.exit_code
