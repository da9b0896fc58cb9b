"""What others put beside CloudTrail's folders hides nothing, ends nothing and is asked for nothing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.loaders import Loader

from trailseal.aws.delivered import Looker
from trailseal.aws.known_regions import known_regions
from trailseal.model.log_file import Delivered, StoredObject
from trailseal.model.organization import Organization
from trailseal.model.passed_over import NamedAfter
from trailseal.model.trail import Trail
from trailseal.model.unreadable import Unreadable

ACCOUNT = "123456789012"
ROOT = f"AWSLogs/{ACCOUNT}/"
LOGS = f"{ROOT}CloudTrail/us-east-1/"
EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)
FILE = f"{ACCOUNT}_CloudTrail_us-east-1_{{}}_x.json.gz"
TRUE = f"{LOGS}2026/06/20/" + FILE.format("20260620T0000Z")
REGIONS = frozenset({"us-east-1", "eu-west-1"})


class S3:
    """A bucket of keys, each put a second after the one before."""

    def __init__(self, *keys: str) -> None:
        self.times = {key: EPOCH + timedelta(seconds=number) for number, key in enumerate(keys)}
        self.listed: list[str] = []

    def get_paginator(self, _: str) -> S3:
        return self

    def paginate(self, *, Prefix: str, Delimiter: str = "", StartAfter: str = "", **_: Any) -> Any:  # noqa: N803
        self.listed.append(Prefix)
        keys = sorted(key for key in self.times if key.startswith(Prefix) and key > StartAfter)
        if Delimiter:
            names = {key[len(Prefix) :].partition("/")[0] for key in keys if "/" in key[len(Prefix) :]}
            yield {"CommonPrefixes": [{"Prefix": f"{Prefix}{name}/"} for name in sorted(names)]}
        else:
            yield {"Contents": [{"Key": key, "LastModified": self.times[key]} for key in keys]}

    def head_object(self, *, Key: str, **_: Any) -> Any:  # noqa: N803
        return {"LastModified": self.times[Key], "ContentLength": 1, "ETag": '"e"'}


def newest(*keys: str) -> StoredObject | Unreadable | None:
    looker = Looker(S3(*keys), "logs", regions=REGIONS)
    (place,) = (each for each in looker.places(ROOT, ACCOUNT) if each.region == "us-east-1")
    return looker.newest(place, Delivered.LOG_FILE, NOW)


STRAYS = {
    "beside the years": f"{LOGS}old/x",
    "beside the months": f"{LOGS}2026/old/x",
    "beside the days": f"{LOGS}2026/06/old/x",
    "no day": f"{LOGS}2026/06/31/x",
    "no month": f"{LOGS}2026/13/01/x",
    "no year": f"{LOGS}99999/01/01/x",
    "digits of another script": f"{LOGS}٢٠٢٦/01/01/x",
    "a year to come": f"{LOGS}9999/12/31/{FILE.format('99991231T0000Z')}",
    "an empty year to come": f"{LOGS}2027/x",
    "a later day of others": f"{LOGS}2026/07/01/notes.txt",
    "today, and others' own": f"{LOGS}2026/11/28/zz-notes.txt",
    "in the day itself": f"{LOGS}2026/06/20/zz-notes.txt",
    "another account's file": f"{LOGS}2026/06/20/999999999999_CloudTrail_us-east-1_20260620T0000Z_x.json.gz",
    "a Region with a blank": f"{ROOT}CloudTrail/backup copy/x",
    "a Region of no partition": f"{ROOT}CloudTrail/xx-nowhere-1/2026/06/20/x",
    "a Region that does not exist": f"{ROOT}CloudTrail/us-east-99/2026/06/20/x",
    "a Region of another partition": f"{ROOT}CloudTrail/cn-north-1/2026/06/20/x",
    "dots": f"{ROOT}CloudTrail/../x",
    "an empty name": f"{ROOT}CloudTrail//x",
    "a control character": f"{ROOT}CloudTrail/\x1b[2J/x",
}


@pytest.mark.parametrize("stray", STRAYS.values(), ids=STRAYS)
def test_a_stray_name_hides_no_delivered_object(stray: str) -> None:
    found = newest(TRUE, stray)

    assert isinstance(found, StoredObject)
    assert found.key == TRUE


@pytest.mark.parametrize("stray", [key for key in STRAYS.values() if LOGS not in key])
def test_a_folder_of_another_name_is_no_region_and_is_told(stray: str) -> None:
    looker = Looker(S3(TRUE, stray), "logs", regions=REGIONS)

    assert [place.region for place in looker.places(ROOT, ACCOUNT)] == ["us-east-1"]
    (told,) = looker.strays
    assert stray.startswith(told.folder)
    assert told.named_after is NamedAfter.REGION


def test_the_object_of_a_later_day_of_cloudtrails_is_the_newest() -> None:
    later = f"{LOGS}2026/07/01/" + FILE.format("20260701T0000Z")
    found = newest(TRUE, later, *STRAYS.values())

    assert isinstance(found, StoredObject)
    assert found.key == later


def test_more_folders_than_anybody_looks_into_are_not_taken_for_nothing() -> None:
    found = newest(
        TRUE, *(f"{LOGS}2026/{month:02}/{day:02}/x" for month in (8, 9, 10) for day in range(1, 29))
    )

    assert isinstance(found, Unreadable)
    assert found.code == "TooManyFolders"


def test_a_folder_of_an_organization_is_an_account_only_by_its_digits() -> None:
    above = "AWSLogs/o-abcdefghij/"
    s3 = S3(f"{above}{ACCOUNT}/x", f"{above}backup/x", f"{above}12345678901/x", f"{above}١٢٣٤٥٦٧٨٩٠١٢/x")
    trail = Trail(
        arn=f"arn:aws:cloudtrail:us-east-1:{ACCOUNT}:trail/t",
        name="t",
        home_region="us-east-1",
        s3_bucket_name="logs",
        is_organization_trail=True,
    )
    looker = Looker(s3, "logs", regions=REGIONS)
    organization = Organization(organization_id="o-abcdefghij", management_account=ACCOUNT)
    found = list(looker.accounts(trail, organization))

    assert found == [(ROOT, ACCOUNT), (f"{above}{ACCOUNT}/", ACCOUNT)]
    assert {stray.named_after for stray in looker.strays} == {NamedAfter.ACCOUNT}
    assert len(looker.strays) == 3


def test_regions_are_those_of_the_partition_that_one_is_in() -> None:
    assert {"us-east-1", "ap-northeast-1"} <= known_regions(Loader(), "eu-west-1")
    assert "aws-global" not in known_regions(Loader(), "eu-west-1")
    assert known_regions(Loader(), "cn-north-1") == {"cn-north-1", "cn-northwest-1"}
    assert "us-gov-west-1" in known_regions(Loader(), "us-gov-new-7")
    assert {"us-east-1", "somewhere"} <= known_regions(Loader(), "somewhere")
    assert not known_regions(Loader(), "us-east-1") & {"us-gov-west-1", "xx-nowhere-1"}
