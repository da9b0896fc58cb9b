from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from history_estate import MemoryObjects, Thing
from trailseal.errors import TrailsealError
from trailseal.history.census import source
from trailseal.history.census.source import Chosen, Wish, choices, find_source
from trailseal.history.rules.manifest import Source
from trailseal.model.bucket_inventory import NEEDED_FIELDS, InventoryConfiguration, MetadataTable
from trailseal.model.unreadable import Unreadable

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
TABLE = MetadataTable(arn="arn:t", status="ACTIVE", metadata_location="s3://t/metadata.json")
DAILY = InventoryConfiguration(
    configuration_id="daily", is_enabled=True, bucket="reports", optional_fields=NEEDED_FIELDS
)


class Lists:
    def __init__(self, table: Any = None, *configurations: InventoryConfiguration) -> None:
        self.table = table
        self.configurations: Any = configurations

    def metadata_table(self, bucket: str) -> MetadataTable | Unreadable | None:
        found: MetadataTable | Unreadable | None = self.table
        return found

    def inventories(self, bucket: str) -> tuple[InventoryConfiguration, ...] | Unreadable:
        found: tuple[InventoryConfiguration, ...] | Unreadable = self.configurations
        return found


def estate(*reports: str, objects: int = 3) -> MemoryObjects:
    """A bucket with some objects, and reports of which each name is a time with its files."""
    thing = Thing(body=b"x", headers={})
    logs = {f"AWSLogs/{n}": thing for n in range(objects)}
    return MemoryObjects(logs=logs, reports={f"logs/daily/{name}": thing for name in reports})


def report(age: timedelta, *, whole: bool = True) -> Iterable[str]:
    folder = f"{NOW - age:%Y-%m-%dT%H-%MZ}"
    return (f"{folder}/manifest.json", *([f"{folder}/manifest.checksum"] if whole else ()))


def best(lists: Lists, objects: MemoryObjects, wanted: Wish) -> Chosen:
    return next(choices(lists, objects, wanted))


def wish(**changes: Any) -> Wish:
    given: dict[str, Any] = {"bucket": "logs", "prefixes": ("AWSLogs/",), "versions": False, "now": NOW}
    return Wish(**(given | changes))


@pytest.fixture(autouse=True)
def _few_are_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source, "ASKED_AT_MOST", 2)


def test_nothing_but_listing_where_s3_keeps_no_list_and_nothing_is_counted() -> None:
    objects = estate()
    chosen = best(Lists(), objects, wish())

    assert (chosen.offer, chosen.notes, objects.sent) == (None, (), [])


def test_the_table_comes_before_reports() -> None:
    chosen = best(Lists(TABLE, DAILY), estate(*report(timedelta(0))), wish())

    assert chosen.offer is not None
    assert (chosen.offer.source, chosen.offer.uri) == (Source.METADATA, "s3://t/metadata.json")


def test_few_objects_are_asked_themselves() -> None:
    chosen = best(Lists(TABLE), estate(objects=2), wish())

    assert (chosen.offer, "at most 2 objects" in str(chosen.because)) == (None, True)


def test_of_reports_the_newest_whole_one_is_taken() -> None:
    newest, older = report(timedelta(hours=1), whole=False), report(timedelta(days=1))
    objects = estate(*newest, *older, *report(timedelta(days=2)), "data/1.csv.gz", "hive/x")
    chosen = best(Lists(None, DAILY), objects, wish())

    assert chosen.offer is not None
    assert chosen.offer.uri == "s3://reports/logs/daily/2026-11-24T12-00Z/manifest.json"
    assert chosen.offer.as_of == NOW - timedelta(days=1)


def test_an_old_report_is_taken_only_when_it_is_asked_for() -> None:
    objects, lists = estate(*report(timedelta(days=9))), Lists(None, DAILY)
    chosen = best(lists, objects, wish())

    assert chosen.offer is None
    assert [str(note) for note in chosen.notes] == ["S3 Inventory `daily` has not reported since 2026-11-16"]
    assert find_source(lists, objects, wish(), Source.INVENTORY).as_of == NOW - timedelta(days=9)


@pytest.mark.parametrize(
    ("lists", "said"),
    [
        (Lists(Unreadable(call="s3:X", code="AccessDenied")), "not read: s3:X AccessDenied"),
        (Lists(MetadataTable(arn="arn:t", status="FAILED")), "not complete: FAILED"),
        (Lists(None, DAILY), "`daily` has no report yet"),
    ],
)
def test_what_cannot_be_used_is_said_and_listing_is_chosen(lists: Lists, said: str) -> None:
    chosen = best(lists, estate(), wish())

    assert chosen.offer is None
    assert said in str(chosen.notes[0])


def test_a_place_of_reports_that_cannot_be_listed_is_said() -> None:
    elsewhere = InventoryConfiguration(
        configuration_id="daily", is_enabled=True, bucket="gone", optional_fields=NEEDED_FIELDS
    )
    chosen = best(Lists(None, elsewhere), estate(), wish())

    assert "NoSuchBucket" in str(chosen.notes[0])


def test_reports_that_may_not_be_read_are_not_taken_for_none() -> None:
    objects = estate(*report(timedelta(0)))
    objects.errors = {"logs/daily/2026-11-25T12-00Z/manifest.checksum": "403"}
    chosen = best(Lists(None, DAILY), objects, wish())

    assert "manifest.checksum cannot be read: 403" in str(chosen.notes[0])


def test_what_was_asked_for_and_is_not_there_is_an_error_of_its_own_kind() -> None:
    lists = Lists(Unreadable(call="s3:X", code="AccessDenied"))
    lists.configurations = Unreadable(call="s3:Y", code="AccessDenied")
    for kind, said in ((Source.METADATA, "s3:X"), (Source.INVENTORY, "s3:Y")):
        with pytest.raises(TrailsealError, match=said):
            find_source(lists, estate(), wish(), kind)


def test_after_a_list_that_cannot_be_read_comes_the_next_and_listing_last() -> None:
    old = InventoryConfiguration(configuration_id="old", is_enabled=False, bucket="reports")
    found = list(choices(Lists(TABLE, DAILY, old), estate(*report(timedelta(0))), wish()))

    assert [each.offer.source if each.offer else None for each in found] == ["s3-metadata", "inventory", None]
    assert [[str(note) for note in each.notes] for each in found] == [
        [],
        ["S3 Inventory `old` is disabled"],
        [],
    ]


def test_a_report_of_which_nothing_is_told_is_no_reason_to_take_an_older_one() -> None:
    objects = estate(*report(timedelta(0)), *report(timedelta(days=1)))
    objects.errors = {"logs/daily/2026-11-25T12-00Z/manifest.checksum": "503"}

    assert "cannot be read: 503" in str(best(Lists(None, DAILY), objects, wish()).notes[0])
