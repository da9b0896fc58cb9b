"""
Whether a trail records that its own log files are read: its data selectors, decided as CloudTrail does.

Sources: https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_AdvancedFieldSelector.html and
https://docs.aws.amazon.com/awscloudtrail/latest/userguide/filtering-data-events.html
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from trailseal.access.readers.fetches import KMS_EVENTS, OBJECT
from trailseal.model.arn import bucket_arn
from trailseal.model.log_file import Delivered, delivery_folder, file_stem
from trailseal.model.trail import DataSelector, EventSelection, FieldSelector, Trail

READ = {
    "eventCategory": "Data",
    "eventName": "GetObject",
    "eventSource": "s3.amazonaws.com",
    "eventType": "AwsApiCall",
    "readOnly": "true",
    "resources.type": OBJECT,
}
"""The fields of an event of reading; who read, and the other fields, differ from event to event."""
FILE = "20261123T0000Z_a.json.gz"
DAY = datetime(2026, 11, 23, tzinfo=UTC)


def recorded(trail: Trail, events: EventSelection) -> tuple[str, ...]:
    """Return the sources beside data events that tell of reading: KMS's, of a trail that has a key."""
    found = trail.is_sealed and events.read_management and not events.excludes_kms
    return (KMS_EVENTS,) if found else ()


def records_reading(events: EventSelection, arns: Iterable[str]) -> bool | None:
    """
    Return whether data events tell of fetching each of `arns`; None where that depends on who fetched what.

    Of a selection that says only which resource types it takes in, it is every object.
    """
    if not events.data_selectors:
        return OBJECT in events.data_resources
    answers = {_records(events.data_selectors, arn) for arn in arns}
    return answers.pop() if len(answers) == 1 else None if answers else False


def _records(selectors: tuple[DataSelector, ...], arn: str) -> bool | None:
    answers = {takes_in(each, {**READ, "resources.ARN": arn}) for each in selectors}
    return True if True in answers else None if None in answers else False


def takes_in(selector: DataSelector, event: Mapping[str, str]) -> bool | None:
    """Return whether a selector takes in an event; None where it asks for a field that is not known."""
    answers = {_matches(each, event.get(each.field)) for each in selector.fields}
    return False if False in answers else None if None in answers else True


def _matches(selector: FieldSelector, value: str | None) -> bool | None:
    """Wanted values are alternatives, unwanted ones each exclude; an unknown field may be anything."""
    if value is None:
        return None
    wanted = selector.equals or selector.starts_with or selector.ends_with
    is_wanted = not wanted or _has(value, selector.equals, selector.starts_with, selector.ends_with)
    return is_wanted and not _has(
        value, selector.not_equals, selector.not_starts_with, selector.not_ends_with
    )


def _has(value: str, whole: tuple[str, ...], begins: tuple[str, ...], ends: tuple[str, ...]) -> bool:
    return value in whole or value.startswith(begins) or value.endswith(ends)


def log_file_arn(*, partition: str, bucket: str, root: str, region: str) -> str:
    """Return the ARN of a log file as it may lie under `root`, an account's folder."""
    account = root.rstrip("/").rpartition("/")[2]
    folder = delivery_folder(root=root, kind=Delivered.LOG_FILE, region=region, day=DAY)
    stem = file_stem(kind=Delivered.LOG_FILE, account=account, region=region)
    return bucket_arn(f"{bucket}/{folder}{stem}{FILE}", partition)
