"""How often a bucket is listed to validate a window: by its folders and the objects of the window."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from math import ceil
from random import Random
from urllib.parse import parse_qs

import pytest
from msgspec import structs

from counted_s3 import ORGANIZATION, CountedS3, Shape, filled, utc, within
from history_estate import PLACE, MemoryTrailService, Thing, page_of
from trailseal.history.rules.chain import ChainId
from trailseal.history.rules.validation import Validation, window_until
from trailseal.history.validate.digest_listing import DigestListing, list_digests
from trailseal.history.validate.validator import Validator
from trailseal.objects.calls import ObjectRequest, ObjectResponse

NOW = utc(2026, 11, 1)
SHAPES = {
    "one folder": Shape(accounts=1, regions=1, first=utc(2026, 9, 1), last=NOW),
    "many Regions": Shape(accounts=1, regions=7, first=utc(2026, 9, 1), last=NOW, logs=60),
    "many accounts": Shape(accounts=6, regions=1, first=utc(2026, 9, 1), last=NOW, logs=4),
    "4 by 4": Shape(accounts=4, regions=4, first=utc(2026, 10, 20), last=NOW, logs=10),
    "busy": Shape(accounts=2, regions=1, first=utc(2026, 10, 20), last=NOW, logs=1500),
    "years": Shape(accounts=2, regions=2, first=utc(2023), last=NOW, logs=2, digests=4),
    "years of one Region": Shape(accounts=3, regions=1, first=utc(2021), last=NOW, logs=1, digests=4),
    "ended long ago": Shape(accounts=2, regions=2, first=utc(2020), last=utc(2021), digests=4),
    "just begun": Shape(accounts=5, regions=1, first=utc(2026, 10, 31), last=NOW),
    "without digests": Shape(accounts=3, regions=1, first=utc(2026, 10, 20), last=NOW, digests=0),
}
WINDOWS = {
    "hours": (NOW - timedelta(hours=7), NOW - timedelta(hours=3)),
    "a week": (NOW - timedelta(days=7), NOW),
    "a day of the past": (utc(2024, 3, 1), utc(2024, 3, 2)),
    "a month long ago": (utc(2020, 5, 1), utc(2020, 6, 1)),
    "around the beginning": (utc(2026, 8, 20), utc(2026, 9, 3)),
    "before CloudTrail": (utc(1990), utc(1991)),
}


class CountedPlane:
    """An object plane over a bucket whose digest files are unreadable, so that only listings count."""

    def __init__(self, keys: dict[str, datetime]) -> None:
        self.s3 = CountedS3(keys)

    def each(
        self,
        calls: Iterable[ObjectRequest],
        then: Callable[[ObjectResponse], Iterable[ObjectRequest]] | None = None,
    ) -> Iterator[ObjectResponse]:
        for call in calls:
            waiting = [call]
            while waiting:
                answer = self._answer(waiting.pop(0))
                waiting += list(then(answer)) if then else []
                yield answer

    def _answer(self, call: ObjectRequest) -> ObjectResponse:
        if "list-type=2" not in call.query:
            return ObjectResponse(call=call, status=403, error="AccessDenied")
        asked = {name: values[0] for name, values in parse_qs(call.query, keep_blank_values=True).items()}
        after = max(asked.get("start-after", ""), asked.get("continuation-token", ""))
        keys, folders = next(
            self.s3.pages(asked["prefix"], after=after, delimiter=asked.get("delimiter", ""))
        )
        keys = keys or [f"{each}x" for each in folders]
        further = self.s3.keys[bisect_right(self.s3.keys, keys[-1]) :][:1] if keys else []
        here = {key: Thing(b"", {}, NOW) for key in (*keys, *further) if key.startswith(asked["prefix"])}
        return ObjectResponse(call=call, status=200, body=page_of(here, call, 1000))


def validated(
    shape: Shape, start: datetime, end: datetime, *, keys: dict[str, datetime] | None = None
) -> tuple[Validation, CountedPlane]:
    organization = "" if shape.accounts == 1 else ORGANIZATION
    place = structs.replace(
        PLACE,
        arn=f"arn:aws:cloudtrail:eu-west-3:{shape.account_ids[0]}:trail/audit",
        name="audit",
        account=shape.account_ids[0],
        home_region="eu-west-3",
        organization=organization,
        multi_region=True,
    )
    plane = CountedPlane(keys or filled(shape, organization=organization))
    service = MemoryTrailService(NOW)
    return Validator(objects=plane, service=service).run(place, window_until(end, start=start)), plane


def bound(shape: Shape, plane: CountedPlane, start: datetime, end: datetime) -> int:
    return 2 * shape.folders + ceil(within(plane.s3.times.values(), start, end) / 1000) + 2


@pytest.mark.parametrize("when", WINDOWS)
@pytest.mark.parametrize("name", SHAPES)
def test_the_listings_are_bounded_by_folders_and_objects(name: str, when: str) -> None:
    shape, (start, end) = SHAPES[name], WINDOWS[when]
    plane = validated(shape, start, end)[1]

    assert plane.s3.listed <= bound(shape, plane, start, end)


@pytest.mark.parametrize("seed", range(12))
def test_the_bound_holds_for_any_shape_and_window(seed: int) -> None:
    random = Random(seed)  # noqa: S311 - a test's own
    first = utc(2022) + timedelta(hours=random.randrange(40_000))
    shape = Shape(
        accounts=random.randint(1, 5),
        regions=random.randint(1, 3),
        first=first,
        last=min(NOW, first + timedelta(hours=random.randrange(1, 2000))),
        logs=random.choice([0, 1, 24, 200]),
        digests=random.choice([0, 24]),
    )
    start = first + timedelta(hours=random.randrange(-1000, 2000))
    end = min(NOW, start + timedelta(hours=random.randrange(1, 300)))
    plane = validated(shape, min(start, end), end)[1]

    assert plane.s3.listed <= bound(shape, plane, min(start, end), end)


@pytest.mark.parametrize("year", [2013, 2019, 2025])
def test_far_dates_and_empty_years_cost_nothing(year: int) -> None:
    shape = SHAPES["just begun"]
    plane = validated(shape, utc(year), utc(year, 2))[1]

    assert plane.s3.listed == validated(shape, utc(2026, 8, 1), utc(2026, 8, 15))[1].s3.listed


def test_what_was_delivered_since_is_not_listed_beside_another_trails_files() -> None:
    shape, (start, end) = SHAPES["years of one Region"], (utc(2021, 3, 1), utc(2021, 3, 2))
    others = filled(structs.replace(shape, logs=0), trail="audit-2", organization=ORGANIZATION)
    keys = filled(shape, organization=ORGANIZATION) | others
    plane = validated(shape, start, end, keys=keys)[1]

    assert plane.s3.listed <= bound(shape, plane, start, end)


@pytest.mark.parametrize("seed", range(30))
def test_from_wherever_a_listing_begins_it_shows_the_same(seed: int) -> None:
    random = Random(seed)  # noqa: S311 - a test's own
    first = utc(2026, 3, 1) + timedelta(hours=random.randrange(100))
    shape = Shape(accounts=1, regions=1, first=first, last=first + timedelta(days=90), logs=0)
    window = window_until(NOW, start=first + timedelta(hours=random.randrange(-90, 2400)))
    keys = {key: at for key, at in filled(shape).items() if random.random() < seed / 30}
    chain = ChainId(
        account=shape.account_ids[0], region="eu-west-3", trail_name="audit", home_region="eu-west-3"
    )
    near, whole = (DigestListing(chain, window, from_beginning=each) for each in (False, True))
    shown = [list_digests(CountedPlane(keys), "logs", [each])[chain.folder] for each in (near, whole)]

    assert shown[0] == shown[1]
    assert whole.has_older in {None, any(at < window.start for at in keys.values())}
    assert near.has_older in {None, True}
