"""What the estimate starts from: options, a manifest, or the trail's own bucket."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import msgspec
from msgspec import Struct

from trailseal.cli.command import AwsOptions, wants_detail
from trailseal.cost.amount import Range
from trailseal.cost.estimate import estimate
from trailseal.cost.prices import LIST_PRICES, PriceTable
from trailseal.cost.usage import Basis, OlderObjects, Usage, assumed_usage
from trailseal.errors import ExitCode, UsageProblem
from trailseal.messages import message
from trailseal.model.document import encode
from trailseal.run.documents import prices_in
from trailseal.view.answer import answer
from trailseal.view.brief.costs import cost_brief
from trailseal.view.cost import write_estimate
from trailseal.view.streams import write_json


class CostOptions(Struct, frozen=True, kw_only=True):
    """What the command line asked for."""

    trail: str
    s3_bucket: str
    s3_prefix: str | None
    organization_id: str
    places: int | None
    reads_per_file: Range | None
    count_reads: bool
    history_objects: int
    manifest: str | None
    price_file: str | None
    show_prices: bool
    assumptions: bool


def show_cost(aws: AwsOptions, asked: CostOptions, output: str) -> ExitCode:
    """Print the estimate."""
    prices = _prices(asked)
    if asked.show_prices:
        write_json(encode(prices).decode())
        return ExitCode.CLEAN
    history = _history(asked)
    usage = _usage(aws, asked)
    if asked.reads_per_file is not None:
        usage = msgspec.structs.replace(usage, reads_per_file=asked.reads_per_file, reads=Basis.ASSUMED)
    found = estimate(msgspec.structs.replace(usage, history=history), prices)
    answer(found, output, partial(write_estimate, whole=asked.assumptions or wants_detail()), cost_brief)
    return ExitCode.CLEAN


def _prices(asked: CostOptions) -> PriceTable:
    if asked.price_file is None:
        return LIST_PRICES
    return prices_in(asked.price_file)


def _usage(aws: AwsOptions, asked: CostOptions) -> Usage:
    if asked.places is not None:
        if asked.count_reads:
            raise UsageProblem(
                message("--assume asks AWS nothing, so --count-reads has no log files to count in"),
                message("leave one of them out, or say how often files are read with --reads-per-file"),
            )
        return assumed_usage(places=asked.places)
    from trailseal.cli.history.place import Where, open_history
    from trailseal.run.cost import count_deliveries, count_reads, usage_of
    from trailseal.view.progress import ProgressLine

    where = Where(
        trail=asked.trail,
        bucket=asked.s3_bucket,
        prefix=asked.s3_prefix,
        organization=asked.organization_id,
    )
    history = open_history(aws, where)
    standing = 1 if history.place.kms_key_id else 0
    with ProgressLine() as line, history.plane() as plane:
        known = history.session.regions() | {history.place.home_region}
        counted = count_deliveries(plane, history.place, today=datetime.now(UTC), regions=known, observe=line)
        reads = count_reads(plane, history.place, counted.newest) if asked.count_reads else None
    if not any(counted.log_files):
        return assumed_usage(places=max(counted.places, 1), new_keys=1 - standing, standing_keys=standing)
    return usage_of(counted, reads=reads, new_keys=1 - standing, standing_keys=standing)


def _history(asked: CostOptions) -> OlderObjects | None:
    if asked.manifest is not None:
        from trailseal.history.reencrypt.manifest_file import ManifestFile

        rows = [
            row.size for _, row in ManifestFile(Path(asked.manifest)).rows() if row.encryption == "AES256"
        ]
        return OlderObjects(objects=len(rows), size=sum(rows))
    return OlderObjects(objects=asked.history_objects) if asked.history_objects else None
