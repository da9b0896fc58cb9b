"""`history census --brief`, with `--quick` and without."""

from __future__ import annotations

from collections.abc import Iterator

from trailseal.history.rules.census import Census
from trailseal.history.rules.quick import Quick
from trailseal.locale.language import say
from trailseal.messages import counted
from trailseal.view.brief.lines import line
from trailseal.view.history.census import not_looked_at, without_a_key
from trailseal.view.history.quick import estimated, without_days


def census_brief(census: Census) -> Iterator[str]:
    """Yield how many objects the bucket holds, and how many are not under a KMS key."""
    parts = [counted("{count} object", "{count} objects", census.objects), without_a_key(census)]
    parts += [not_looked_at(census)] if census.unreadable else []
    yield line(census.bucket, map(say, parts))


def quick_brief(quick: Quick) -> Iterator[str]:
    """Yield about how many objects are not under a KMS key, and where nothing is known of that."""
    parts = [] if quick.without_days and not quick.regions else [estimated(quick)]
    yield line(quick.bucket, map(say, (*parts, *map(without_days, quick.without_days))))
