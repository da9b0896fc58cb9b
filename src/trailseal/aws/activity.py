"""Present readers, from delivered log files and from S3 server access logs."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from msgspec import Struct

from trailseal.access.readers.records import (
    ACCESS_LOGS,
    DATA_EVENTS,
    KMS_EVENTS,
    gathered,
    readers_in_access_log,
    readers_in_records,
)
from trailseal.aws.errors import unreadable
from trailseal.aws.event_selection import read_event_selection
from trailseal.aws.session import AwsSession
from trailseal.model.activity import Activity, SeenReader
from trailseal.model.bucket import Bucket
from trailseal.model.foreign import LARGEST, ForeignError, TooLargeError, json_value_in, unpacked
from trailseal.model.log_file import Delivered, account_folder, delivery_folder, parse_log_file_key
from trailseal.model.organization import Organization
from trailseal.model.snapshot import Snapshot
from trailseal.model.trail import EventSelection, Trail
from trailseal.model.unreadable import Unreadable

NO_LOG = "InvalidFormat"
"""Our code for a file that is none of what lies there."""
MAX_FILES = 300
"""Files read from each source, newest first; a longer time is told as incomplete."""


class _Found(Struct, kw_only=True):
    """What one source showed."""

    sources: list[str] = []
    readers: list[SeenReader] = []
    unread: list[Unreadable] = []
    all_read: bool = True


class AwsActivity:
    """Looks for fetches where the trail, or the bucket's own logging, records them."""

    def __init__(self, session: AwsSession, *, max_files: int = MAX_FILES) -> None:
        self._session = session
        self._max_files = max_files

    def activity(self, snapshot: Snapshot, trail: Trail, *, days: int) -> Activity:
        """Return who was seen in the last `days` days; nothing is written anywhere."""
        seen: list[SeenReader] = []
        sources: list[str] = []
        unread: list[Unreadable] = []
        complete = True
        for source, read in (("log files", self._from_log_files), (ACCESS_LOGS, self._from_access_logs)):
            try:
                found = read(snapshot, trail, snapshot.taken_at - timedelta(days=days))
            except (ClientError, BotoCoreError) as error:
                unread.append(unreadable(error, call="s3:GetObject", where=f"{source} of {trail.name}"))
                continue
            sources += found.sources
            seen += found.readers
            unread += found.unread
            complete = complete and found.all_read
        return Activity(
            trail=trail.arn,
            sources=tuple(sources),
            readers=gathered(seen),
            complete=complete,
            unreadable=tuple(unread),
        )

    def _from_log_files(self, snapshot: Snapshot, trail: Trail, since: datetime) -> _Found:
        client = self._session.client("cloudtrail", trail.home_region)
        events = trail.events or read_event_selection(client, trail.arn)
        sources = _recorded(trail, events)
        if not sources:
            return _Found()
        bucket = trail.s3_bucket_name
        s3 = self._session.client("s3", _region(snapshot, trail))
        keys = sorted(self._log_files(s3, snapshot, trail, since), key=lambda k: k[1], reverse=True)
        found = _Found(sources=sources, all_read=len(keys) <= self._max_files)
        for key, _ in keys[: self._max_files]:
            try:
                found.readers += readers_in_records(_records(_body(s3, bucket, key)), bucket=bucket)
            except ForeignError as problem:
                found.unread.append(_no_log(bucket, key, problem))
        return found

    def _log_files(
        self, s3: Any, snapshot: Snapshot, trail: Trail, since: datetime
    ) -> Iterator[tuple[str, datetime]]:
        """Events of reading the bucket are recorded in the bucket's Region."""
        root = _root(snapshot, trail)
        day = since
        while day.date() <= snapshot.taken_at.date():
            folder = delivery_folder(
                root=root, kind=Delivered.LOG_FILE, region=_region(snapshot, trail), day=day
            )
            for key, time in _listed(s3, trail.s3_bucket_name, folder, since):
                if (parsed := parse_log_file_key(key)) is not None and parsed.time is not None:
                    yield key, time
            day += timedelta(days=1)

    def _from_access_logs(self, snapshot: Snapshot, trail: Trail, since: datetime) -> _Found:
        bucket = snapshot.bucket(trail.s3_bucket_name)
        if not isinstance(bucket, Bucket) or not isinstance(bucket.logging_target, str):
            return _Found()
        if not bucket.logging_target:
            return _Found()
        s3 = self._session.client("s3", _region(snapshot, trail))
        place = s3.get_bucket_logging(Bucket=bucket.name).get("LoggingEnabled", {})
        prefix = str(place.get("TargetPrefix", ""))
        keys = sorted(_listed(s3, bucket.logging_target, prefix, since), key=lambda k: k[1], reverse=True)
        folder = _root(snapshot, trail)
        found = _Found(sources=[ACCESS_LOGS], all_read=len(keys) <= self._max_files)
        for key, _ in keys[: self._max_files]:
            try:
                text = _body(s3, bucket.logging_target, key).decode("utf-8", "replace")
            except ForeignError as problem:
                found.unread.append(_no_log(bucket.logging_target, key, problem))
            else:
                found.readers += readers_in_access_log(text, bucket=bucket.name, prefix=folder)
        return found


def _root(snapshot: Snapshot, trail: Trail) -> str:
    """The folder of the trail's own account, below the organization's for its trail."""
    found = snapshot.organization
    organization = (
        found.organization_id if trail.is_organization_trail and isinstance(found, Organization) else ""
    )
    return account_folder(prefix=trail.s3_key_prefix, organization=organization, account=trail.account)


def _recorded(trail: Trail, events: EventSelection | Unreadable) -> list[str]:
    """Return which events that tell of reading the trail records: none when it is not known."""
    if not isinstance(events, EventSelection):
        return []
    found = [DATA_EVENTS] if "AWS::S3::Object" in events.data_resources else []
    if trail.is_sealed and events.read_management and not events.excludes_kms:
        found.append(KMS_EVENTS)
    return found


def _region(snapshot: Snapshot, trail: Trail) -> str:
    bucket = snapshot.bucket(trail.s3_bucket_name)
    known = isinstance(bucket, Bucket) and isinstance(bucket.region, str)
    return str(bucket.region) if known and isinstance(bucket, Bucket) else trail.home_region


def _listed(s3: Any, bucket: str, prefix: str, since: datetime) -> Iterator[tuple[str, datetime]]:
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix):
        for entry in page.get("Contents", []):
            if entry["LastModified"] >= since:
                yield entry["Key"], entry["LastModified"]


def _body(s3: Any, bucket: str, key: str) -> bytes:
    """
    Return what an object holds.

    Raises:
        TooLargeError: it is larger than any log file.
    """
    body: bytes = s3.get_object(Bucket=bucket, Key=key)["Body"].read(LARGEST + 1)
    if len(body) > LARGEST:
        raise TooLargeError("more than any log file has")
    return body


def _records(body: bytes) -> list[dict[str, Any]]:
    """
    Return the file's records.

    Raises:
        ForeignError: it is no log file.
    """
    document = json_value_in(unpacked(body))
    records = document.get("Records") if isinstance(document, dict) else None
    if not isinstance(records, list):
        raise ForeignError("no list of records")
    return [record for record in records if isinstance(record, dict)]


def _no_log(bucket: str, key: str, problem: ForeignError) -> Unreadable:
    return Unreadable(call="s3:GetObject", code=NO_LOG, where=f"{bucket}/{key}", detail=str(problem))
