"""How often a bucket is listed to verify what was delivered: by its folders and the objects of the time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from math import ceil
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError
from msgspec import structs

from counted_s3 import ORGANIZATION, CountedS3, Shape, filled, utc, within
from plan_estate import KEY, FakeClock, MemoryJournal, Told, snapshot, trail
from trailseal.aws.deliveries import AwsDeliveries
from trailseal.model.log_file import StoredObject
from trailseal.model.organization import Organization
from trailseal.plan.proof import DeliveryProof
from trailseal.run.verify import VerifyOptions, VerifyPorts, verify

NOW = utc(2026, 11, 1)
SHAPES = {
    "one folder": Shape(accounts=1, regions=1, first=utc(2026, 10, 20), last=NOW),
    "many Regions": Shape(accounts=1, regions=7, first=utc(2026, 10, 20), last=NOW, logs=60),
    "many accounts": Shape(accounts=6, regions=1, first=utc(2026, 10, 20), last=NOW, logs=4),
    "4 by 4": Shape(accounts=4, regions=4, first=utc(2026, 10, 1), last=NOW, logs=10),
    "years": Shape(accounts=2, regions=2, first=utc(2022), last=NOW, logs=2, digests=2),
    "ended long ago": Shape(accounts=2, regions=2, first=utc(2020), last=utc(2021)),
    "just begun": Shape(accounts=2, regions=3, first=utc(2026, 10, 31), last=NOW),
    "a gap of years": Shape(accounts=1, regions=2, first=utc(2026, 10, 30), last=NOW),
    "without digests": Shape(accounts=3, regions=2, first=utc(2026, 10, 20), last=NOW, digests=0),
}
SINCE = {"1d": 1, "7d": 7, "365d": 365, "20000d": 20_000}


class Counted(AwsDeliveries):
    """Deliveries in a bucket that counts its listings, whose objects are all under the key."""

    def __init__(self, s3: CountedS3) -> None:
        session = SimpleNamespace(region="eu-west-3", regions=frozenset, profile=None, client=lambda *_: s3)
        super().__init__(SimpleNamespace(first=session, holding=lambda _: session))  # type: ignore[arg-type]
        self._session: Any = SimpleNamespace(
            regions=lambda: frozenset(Shape(accounts=1, regions=7, first=NOW, last=NOW).region_names)
        )
        self.s3 = s3
        self.looked_at = 0

    def _s3(self, bucket: str) -> CountedS3:
        return self.s3

    def look(self, bucket: str, keys: Iterable[str]) -> tuple[StoredObject, ...]:
        asked = tuple(keys)
        self.looked_at += len(asked)
        return tuple(
            StoredObject(
                bucket=bucket,
                key=key,
                size=1,
                last_modified=self.s3.times[key],
                encryption="aws:kms",
                kms_key_id=KEY,
            )
            for key in asked
        )


def verified(shape: Shape, since: datetime, **asked: Any) -> tuple[DeliveryProof, Counted]:
    one = shape.accounts == 1
    organization = "" if one else ORGANIZATION
    of = trail(
        arn=f"arn:aws:cloudtrail:eu-west-3:{shape.account_ids[0]}:trail/audit",
        name="audit",
        home_region="eu-west-3",
        kms_key_id=KEY,
        is_organization_trail=not one,
    )
    deliveries = Counted(CountedS3(filled(shape, organization=organization)))
    estate = structs.replace(
        snapshot(trails=(of,), deliveries=()),
        organization=Organization(organization_id=ORGANIZATION, management_account=shape.account_ids[0]),
    )
    ports = VerifyPorts(
        find=deliveries.places,
        deliveries=deliveries,
        history=SimpleNamespace(switched_at=lambda *_: None),
        journal=MemoryJournal(),
        clock=FakeClock(NOW),
        observe=Told(),
    )
    return verify(estate, VerifyOptions(since=since, **asked), ports), deliveries


@pytest.mark.parametrize("back", SINCE)
@pytest.mark.parametrize("name", SHAPES)
def test_the_listings_are_bounded_by_folders_and_objects(name: str, back: str) -> None:
    shape, since = SHAPES[name], NOW - timedelta(days=SINCE[back])
    proof, deliveries = verified(shape, since)
    objects = within(deliveries.s3.times.values(), since, NOW)

    assert proof.trails[0].listed == objects
    assert deliveries.s3.listed <= 2 * shape.folders + ceil(objects / 1000) + 2
    assert proof.trails[0].unreadable == ()


@pytest.mark.parametrize("since", [utc(1), utc(2013), utc(2019)])
def test_far_dates_and_empty_years_cost_nothing(since: datetime) -> None:
    shape = SHAPES["4 by 4"]

    assert verified(shape, since)[1].s3.listed == verified(shape, utc(2026, 9, 30))[1].s3.listed


@pytest.mark.parametrize("every", [False, True])
def test_of_many_objects_the_first_the_last_and_one_a_day_are_looked_at(*, every: bool) -> None:
    shape = SHAPES["4 by 4"]
    proof, deliveries = verified(shape, utc(2026, 10, 1), every=every)
    (found,) = proof.trails
    days = 31

    assert found.listed == 16 * days * 34
    assert found.looked_at == deliveries.looked_at == (found.listed if every else 32 * (days + 1))
    assert {row.newest for row in found.rows} <= {
        max(at for key, at in deliveries.s3.times.items() if f"/{kind}/" in key)
        for kind in ("CloudTrail", "CloudTrail-Digest")
    }
    assert {row.oldest for row in found.rows} == {utc(2026, 10, 1)}


def test_few_objects_are_all_looked_at() -> None:
    found = verified(SHAPES["just begun"], utc(2026, 10, 1))[0].trails[0]

    assert (found.listed, found.looked_at) == (12 * 24, 12 * 24)


class Refusing(CountedS3):
    """A bucket whose folders under the organization's nobody may list, but each account's."""

    def paginate(self, **asked: Any) -> Iterator[dict[str, Any]]:
        if asked["Prefix"].endswith(f"{ORGANIZATION}/"):
            raise ClientError({"Error": {"Code": "AccessDenied"}}, "ListObjectsV2")
        return super().paginate(**asked)


def test_members_whose_folders_cannot_be_listed_are_told() -> None:
    shape = SHAPES["many accounts"]
    of = trail(is_organization_trail=True)
    organization = Organization(organization_id=ORGANIZATION, management_account=of.account)
    found = Counted(Refusing(filled(shape, organization=ORGANIZATION))).places(of, organization)

    assert found.places == ()
    assert [(each.call, each.code) for each in found.refused] == [("s3:ListBucket", "AccessDenied")]
