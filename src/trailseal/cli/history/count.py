"""The census of one trail's bucket as the command line asks for it."""

from __future__ import annotations

from trailseal.aws.bucket_inventory import AwsBucketInventory
from trailseal.aws.clock import SystemClock
from trailseal.aws.history_bucket import AwsHistoryBucket
from trailseal.cli.command import AwsOptions
from trailseal.cli.history.place import open_history
from trailseal.history.census.count import counted, estimated
from trailseal.history.census.wanted import CensusPorts, Wanted
from trailseal.view.answer import answer
from trailseal.view.history.census import write_census
from trailseal.view.history.quick import write_quick
from trailseal.view.progress import ProgressLine


def count(aws: AwsOptions, trail: str, bucket: str, wanted: Wanted, output: str, *, quick: bool) -> int:
    """Make the census, print it and return the exit code."""
    history = open_history(aws, trail, bucket=bucket)
    line = ProgressLine()
    with history.plane() as plane:
        ports = CensusPorts(
            place=history.place,
            region=history.settings.region,
            objects=plane,
            lists=AwsBucketInventory(history.session, region=history.settings.region),
            settings=AwsHistoryBucket(history.session, region=history.settings.region),
            clock=SystemClock(),
            observe=line,
        )
        if quick:
            return _quick(ports, wanted, output)
        result = counted(ports, wanted)
    line.end()
    answer(result, output, write_census)
    if result.unreadable:
        return 4
    return 3 if result.not_under("") else 0


def _quick(ports: CensusPorts, wanted: Wanted, output: str) -> int:
    result = estimated(ports, wanted)
    answer(result, output, write_quick)
    if result.without_days:
        return 4
    return 3 if any(region.before for region in result.regions) else 0
