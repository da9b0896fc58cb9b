"""The census of one trail's bucket as the command line asks for it."""

from __future__ import annotations

from trailseal.aws.bucket_inventory import AwsBucketInventory
from trailseal.aws.clock import SystemClock
from trailseal.aws.history_bucket import AwsHistoryBucket
from trailseal.cli.command import AwsOptions
from trailseal.cli.history.place import Where, open_history
from trailseal.errors import ExitCode
from trailseal.history.census.count import estimated, take_census
from trailseal.history.census.options import CensusOptions, CensusPorts
from trailseal.history.rules.quick import Quick
from trailseal.view.answer import answer
from trailseal.view.brief.history import census_brief, quick_brief
from trailseal.view.history.census import write_census
from trailseal.view.history.quick import write_quick
from trailseal.view.progress import ProgressLine


def count(aws: AwsOptions, where: Where, wanted: CensusOptions, output: str, *, quick: bool) -> ExitCode:
    """Make the census, print it and return the exit code."""
    history = open_history(aws, where)
    with ProgressLine() as line, history.plane() as plane:
        ports = CensusPorts(
            place=history.place,
            region=history.settings.region,
            regions=history.session.regions() | {history.place.home_region},
            objects=plane,
            lists=AwsBucketInventory(history.session, region=history.settings.region),
            settings=AwsHistoryBucket(history.session, region=history.settings.region),
            clock=SystemClock(),
            observe=line,
        )
        found = estimated(ports, wanted) if quick else take_census(ports, wanted)
    if isinstance(found, Quick):
        return _quick(found, output)
    answer(found, output, write_census, census_brief)
    if found.unreadable:
        return ExitCode.INCOMPLETE
    return ExitCode.FINDINGS if found.not_under("") else ExitCode.CLEAN


def _quick(found: Quick, output: str) -> ExitCode:
    answer(found, output, write_quick, quick_brief)
    if found.without_days:
        return ExitCode.INCOMPLETE
    return ExitCode.FINDINGS if any(region.before for region in found.regions) else ExitCode.CLEAN
