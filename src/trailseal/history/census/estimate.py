"""The quick estimate carried out: a listing and a HeadObject for each day that the bisecting asks about."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import msgspec

from trailseal.history.rules.facts import SSE
from trailseal.history.rules.quick import DayAnswer, DayQuestion, Quick, SwitchDay, bisect
from trailseal.model.log_file import FIRST_YEAR, day_folder, parse_log_file_key
from trailseal.model.passed_over import DIGITS, dates_in
from trailseal.objects.calls import Objects, head, list_objects, one
from trailseal.objects.folders import list_many, page_of, subfolders

SAMPLE_DAYS = 3


def quick_census(objects: Objects, bucket: str, prefixes: tuple[str, ...], *, until: date) -> Quick:
    """
    Return the estimate; each prefix is one account and Region. Folders of days after `until` are passed over.

    Raises:
        TrailsealError: the bucket cannot be listed.
    """
    found = {prefix: _switch(objects, bucket, prefix, until) for prefix in prefixes}
    return Quick(
        bucket=bucket,
        regions=tuple(switch for switch in found.values() if switch is not None),
        without_days=tuple(prefix for prefix, switch in found.items() if switch is None),
    )


def _switch(objects: Objects, bucket: str, prefix: str, until: date) -> SwitchDay | None:
    first, last = (_edge(objects, bucket, prefix, until, newest=newest) for newest in (False, True))
    if first is None or last is None:
        return None
    steps = bisect(prefix, first, last)
    try:
        asked = next(steps)
        while True:
            asked = steps.send(_look(objects, bucket, prefix, asked))
    except StopIteration as stop:
        switch: SwitchDay = stop.value
    newest = _newest_sealed(objects, bucket, switch) if switch.day is None else None
    files_a_day = _files_a_day(objects, bucket, switch)
    return msgspec.structs.replace(switch, files_a_day=files_a_day, newest_sealed=newest)


def _newest_sealed(objects: Objects, bucket: str, switch: SwitchDay) -> bool | None:
    """Return whether the last object of the last day is under a key: the switch may have been on that day."""
    folder = f"{switch.prefix}{day_folder(switch.last)}"
    keys = list_many(objects, bucket, [(folder, "")])[folder]
    answer = one(objects, head(bucket, keys[-1])) if keys else None
    return None if answer is None or answer.error else answer.headers.get(SSE) == "aws:kms"


def _edge(objects: Objects, bucket: str, prefix: str, until: date, *, newest: bool) -> date | None:
    """Return the oldest or newest day under a prefix on which CloudTrail can have delivered."""
    return next(_days(objects, bucket, prefix, (), until, newest=newest), None)


def _days(
    objects: Objects, bucket: str, folder: str, above: tuple[int, ...], until: date, *, newest: bool
) -> Iterator[date]:
    """Yield the days that have a folder, from one end; what is no date is passed over."""
    names = dates_in(subfolders(objects, bucket, folder), above)
    for name in reversed(names) if newest else names:
        parts = (*above, int(name))
        if not (FIRST_YEAR,) <= parts <= (until.year, until.month, until.day):
            continue
        if len(parts) == len(DIGITS):
            year, month, day = parts
            yield date(year, month, day)
        else:
            yield from _days(objects, bucket, f"{folder}{name}/", parts, until, newest=newest)


def _look(objects: Objects, bucket: str, prefix: str, asked: DayQuestion) -> DayAnswer:
    page = page_of(
        one(objects, list_objects(bucket, prefix, after=f"{prefix}{day_folder(asked.day)}", limit=1))
    )
    if not page.objects:
        return DayAnswer(asked.day, None)
    listed = page.objects[0]
    parsed = parse_log_file_key(listed.key)
    day = date(*map(int, parsed.day.split("/"))) if parsed else asked.day
    answer = one(objects, head(bucket, listed.key))
    return DayAnswer(day, None if answer.error else answer.headers.get(SSE) == "aws:kms")


def _files_a_day(objects: Objects, bucket: str, switch: SwitchDay) -> float:
    """Return the mean of a few days spread over the whole time."""
    span = (switch.last - switch.first).days + 1
    days = {switch.first + timedelta(days=number * span // SAMPLE_DAYS) for number in range(SAMPLE_DAYS)}
    folders = [(f"{switch.prefix}{day_folder(day)}", "") for day in sorted(days)]
    return sum(map(len, list_many(objects, bucket, folders).values())) / len(days)
