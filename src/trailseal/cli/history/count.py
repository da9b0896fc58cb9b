"""The census of one trail's bucket as the command line asks for it."""

from __future__ import annotations

from functools import partial

from trailseal.aws.bucket_inventory import AwsBucketInventory
from trailseal.aws.clock import SystemClock
from trailseal.aws.history_bucket import AwsHistoryBucket
from trailseal.cli.command import AwsOptions
from trailseal.cli.history.place import Where, open_history
from trailseal.errors import ExitCode
from trailseal.history.census.count import estimated, take_census
from trailseal.history.census.options import CensusOptions, CensusPorts
from trailseal.history.rules.quick import Quick
from trailseal.model.trail_place import TrailPlace
from trailseal.view.answer import answer
from trailseal.view.brief.history import census_brief, quick_brief
from trailseal.view.history.census import CensusNext, write_census
from trailseal.view.history.placed import CENSUS, REENCRYPT, VALIDATE, CallerOptions, called, placed
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
    following = after_census(
        history.place, wanted, CallerOptions(profile=aws.profile or "", region=aws.region or "")
    )
    answer(found, output, partial(write_census, following=following), census_brief)
    if found.unreadable:
        return ExitCode.INCOMPLETE
    return ExitCode.FINDINGS if found.not_under("") else ExitCode.CLEAN


def after_census(place: TrailPlace, wanted: CensusOptions, caller: CallerOptions) -> CensusNext:
    """Return the commands that may follow a census of a trail's objects."""
    file = wanted.manifest or "FILE"
    keep = placed(
        CENSUS,
        place,
        caller,
        prefix=wanted.prefixes,
        versions=wanted.versions,
        source=wanted.source,
        manifest=file,
    )
    return CensusNext(
        keep=keep,
        reencrypt=called(REENCRYPT, caller, manifest=file, dry_run=True),
        validate=placed(VALIDATE, place, caller),
        kept=wanted.manifest is not None,
    )


def _quick(found: Quick, output: str) -> ExitCode:
    answer(found, output, write_quick, quick_brief)
    if found.without_days:
        return ExitCode.INCOMPLETE
    return ExitCode.FINDINGS if any(region.before for region in found.regions) else ExitCode.CLEAN
