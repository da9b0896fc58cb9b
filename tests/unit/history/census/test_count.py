"""The census from the source that was asked for or is best, with no AWS behind it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from history_estate import ACCOUNT, BUCKET, PLACE, START, Bucket, MemoryObjects, Thing, estate
from plan_estate import FakeClock
from trailseal.errors import TrailsealError, UsageProblem
from trailseal.history.census import source
from trailseal.history.census.count import estimated, take_census
from trailseal.history.census.options import CensusOptions, CensusPorts
from trailseal.history.rules.manifest import Source, read_header
from trailseal.model.bucket_inventory import MetadataTable
from trailseal.run.events import Told

TABLE = MetadataTable(arn="arn:t", status="ACTIVE", metadata_location="s3://none/metadata.json")


class Lists:
    """One S3 Metadata table at the most."""

    def __init__(self, table: MetadataTable | None = None) -> None:
        self.table = table

    def metadata_table(self, bucket: str) -> MetadataTable | None:
        return self.table

    def inventories(self, bucket: str) -> tuple[()]:
        return ()


class Settings:
    """A bucket whose objects may be locked and have no ACLs."""

    def has_acls(self, name: str) -> bool:
        return False

    def has_locks(self, name: str) -> bool:
        return True


def ports(
    told: list[str], *, table: MetadataTable | None = None, strays: Bucket | None = None
) -> CensusPorts:
    def observe(event: object) -> None:
        if isinstance(event, Told):
            told.append(str(event.because or event.what))

    return CensusPorts(
        place=PLACE,
        region="ap-northeast-1",
        regions=frozenset({"ap-northeast-1"}),
        objects=MemoryObjects(**{BUCKET: estate(hours=3) | (strays or {})}),
        lists=Lists(table),
        settings=Settings(),
        clock=FakeClock(),
        observe=observe,
    )


def wanted(**changes: Any) -> CensusOptions:
    given: dict[str, Any] = {
        "prefixes": (),
        "manifest": None,
        "versions": False,
        "source": "listing",
    }
    return CensusOptions(**{**given, **changes})


def test_everything_of_the_trail_is_counted_and_written(tmp_path: Path) -> None:
    path = tmp_path / "manifest"
    census = take_census(ports([]), wanted(manifest=str(path)))
    first, *rows = path.read_bytes().splitlines()
    header = read_header(first, name="m")

    assert (census.source, sum(row.objects for row in census.rows), len(rows)) == (Source.LISTING, 9, 9)
    assert (header.trail_arn, header.acls, header.locks) == (PLACE.arn, False, True)
    assert header.made_at == FakeClock().now()


def test_a_list_that_nobody_named_is_left_where_it_cannot_be_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source, "ASKED_AT_MOST", 2)
    told: list[str] = []

    assert take_census(ports(told, table=TABLE), wanted(source="")).source is Source.LISTING
    assert told[0].startswith("the S3 Metadata table")
    assert told[1].startswith("s3://none/metadata.json cannot be read")


@pytest.mark.sweep
def test_a_list_that_was_named_ends_the_census_where_it_cannot_be_read() -> None:
    with pytest.raises(TrailsealError, match="cannot be read"):
        take_census(ports([], table=TABLE), wanted(source="metadata"))


def test_a_source_of_no_kind_is_wrong_usage() -> None:
    with pytest.raises(UsageProblem, match="`excel` is not a source"):
        take_census(ports([]), wanted(source="excel"))


def test_the_estimate_looks_at_each_region_of_the_log_files() -> None:
    quick = estimated(ports([]), wanted())

    assert [region.prefix for region in quick.regions] == ["AWSLogs/123456789012/CloudTrail/ap-northeast-1/"]


def test_what_lies_beside_hides_no_day_and_is_told() -> None:
    own = f"AWSLogs/{ACCOUNT}/CloudTrail/ap-northeast-1/"
    names = (
        "2026/31/01/x",
        "2027/old/x",
        "1999/02/30/x",
        "old/x",
        "0001/01/01/x",
        "2012/12/31/x",
        "9999/12/31/x",
        "٢٠٢٦/01/01/x",
    )
    strays = [*(own + name for name in names), f"AWSLogs/{ACCOUNT}/CloudTrail/backup copy/x"]
    told: list[str] = []
    found = estimated(
        ports(told, strays={key: Thing(body=b"", headers={}) for key in strays}), CensusOptions()
    )

    assert [region.prefix for region in found.regions] == [own]
    assert {found.regions[0].first, found.regions[0].last} == {START.date()}
    assert found.without_days == ()
    assert [text for text in told if "backup copy" in text]
