"""A bucket that counts how often it is listed, for boto3's callers and for the object plane's."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from types import SimpleNamespace
from typing import Any

from msgspec import Struct

from trailseal.model.log_file import Delivered, account_folder, day_folder, file_stem, region_folder

PAGE = 1000
ORGANIZATION = "o-abcdefghij"
LOG, DIGEST = Delivered.LOG_FILE, Delivered.DIGEST_FILE


class Shape(Struct, frozen=True, kw_only=True):
    """How a bucket looks: whose folders it has, from when to when, and how many files come each day."""

    accounts: int
    regions: int
    first: datetime
    last: datetime
    logs: int = 24
    digests: int = 24

    @property
    def folders(self) -> int:
        """Accounts, Regions, and log files and digest files in each."""
        return self.accounts * self.regions * 2

    @property
    def account_ids(self) -> tuple[str, ...]:
        """The accounts; the first is the trail's."""
        return tuple(f"{number:012}" for number in range(111111111111, 111111111111 + self.accounts))

    @property
    def region_names(self) -> tuple[str, ...]:
        """The Regions; the first is the trail's home."""
        names = ("eu-west-3", "us-east-1", "us-east-2", "us-west-2", "eu-west-1", "ap-south-1", "sa-east-1")
        return names[: self.regions]


@cache
def filled(shape: Shape, *, trail: str = "audit", organization: str = "") -> dict[str, datetime]:
    """Return the keys of a bucket with the times at which they came."""
    found: dict[str, datetime] = {}
    for account in shape.account_ids:
        root = account_folder(prefix="", organization=organization, account=account)
        for region in shape.region_names:
            for kind, daily in ((LOG, shape.logs), (DIGEST, shape.digests)):
                stem = file_stem(kind=kind, account=account, region=region)
                middle = f"{trail}_{shape.region_names[0]}_{region}_" if kind is DIGEST else ""
                folder = region_folder(root=root, kind=kind, region=region)
                for at in _times(shape, daily):
                    tail = f"{at:%Y%m%dT%H%M%SZ}" if kind is DIGEST else f"{at:%Y%m%dT%H%MZ}_{'x' * 16}"
                    name = middle.removesuffix(f"{region}_") + tail
                    found[f"{folder}{day_folder(at)}{stem}{name}.json.gz"] = at
    return found


def _times(shape: Shape, daily: int) -> Iterator[datetime]:
    at = shape.first
    while daily and at < shape.last:
        yield at
        at += timedelta(days=1) / daily


class CountedS3:
    """ListObjectsV2 over sorted keys; `listed` counts the requests."""

    def __init__(self, keys: dict[str, datetime]) -> None:
        self.times = keys
        self.keys = sorted(keys)
        self.listed = 0
        self.meta = SimpleNamespace(region_name="eu-west-3")

    def get_paginator(self, name: str) -> CountedS3:
        assert name == "list_objects_v2"
        return self

    def paginate(self, **asked: Any) -> Iterator[dict[str, Any]]:
        """Yield pages, each counted when it is asked for."""
        for keys, folders in self.pages(
            asked["Prefix"], after=asked.get("StartAfter", ""), delimiter=asked.get("Delimiter", "")
        ):
            yield {
                "Contents": [{"Key": key, "LastModified": self.times[key]} for key in keys],
                "CommonPrefixes": [{"Prefix": each} for each in folders],
            }

    def pages(
        self, prefix: str, *, after: str = "", delimiter: str = ""
    ) -> Iterator[tuple[list[str], list[str]]]:
        begin = max(bisect_left(self.keys, prefix), bisect_right(self.keys, after))
        end = bisect_left(self.keys, prefix + "\U0010ffff")
        if delimiter:
            self.listed += 1
            yield [], list(self._folders(prefix, begin, end))
            return
        while True:
            self.listed += 1
            yield self.keys[begin : min(begin + PAGE, end)], []
            begin += PAGE
            if begin >= end:
                return

    def _folders(self, prefix: str, begin: int, end: int) -> Iterator[str]:
        while begin < end:
            folder = prefix + self.keys[begin][len(prefix) :].partition("/")[0] + "/"
            yield folder
            begin = bisect_left(self.keys, folder + "\U0010ffff")


def within(keys: Iterable[datetime], since: datetime, until: datetime) -> int:
    """Return how many came in a time."""
    return sum(since <= at <= until for at in keys)


def utc(year: int, month: int = 1, day: int = 1) -> datetime:
    """Return midnight of a day."""
    return datetime(year, month, day, tzinfo=UTC)
