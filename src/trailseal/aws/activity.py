"""Present readers, from delivered log files and from S3 server access logs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from msgspec import Struct

from trailseal.access.readers.access_log import ACCESS_LOGS, buckets_in_log
from trailseal.access.readers.fetches import DATA_EVENTS
from trailseal.access.readers.reading_folders import ReadingFolders, reading_folders
from trailseal.access.readers.recording import log_file_arn, recorded, records_reading
from trailseal.access.readers.records import gathered, readers_in_access_log, readers_in_records
from trailseal.access.readers.trail_folders import folders_of
from trailseal.aws.access_log_place import first_of, place_of
from trailseal.aws.accounts import AwsAccounts
from trailseal.aws.errors import unreadable
from trailseal.aws.event_selection import read_event_selection
from trailseal.aws.session import AwsSession
from trailseal.model.activity import Activity, SeenReader
from trailseal.model.bucket import Bucket
from trailseal.model.foreign import LARGEST, ForeignError, TooLargeError, json_value_in, unpacked
from trailseal.model.log_file import Delivered, day_folder, parse_log_file_key, region_folder
from trailseal.model.snapshot import Snapshot
from trailseal.model.trail import EventSelection, Trail
from trailseal.model.unreadable import Unreadable

NO_LOG = "InvalidFormat"
"""Our code for a file that is none of what lies there."""
TOO_MANY = "TooManyFiles"
NOT_DECIDED = "NotDecided"
"""Our code for selectors that record some readers, by who they are or what they read."""
MAX_FILES = 300
"""Files read from each source, newest first; that there are older ones of the time is told."""
MAX_OTHERS = 1_000
"""Access logs of other buckets that lie at the same place and are passed over before that is told."""
MAX_MEMBERS = 50
"""Members' folders that are looked into beside the bucket owner's, which has the same events."""
Listed = tuple[str, datetime]
NEEDED = {"ListObjectsV2": "s3:ListBucket", "GetBucketLogging": "s3:GetBucketLogging"}
"""The IAM action of each call but GetObject's."""


class _Found(Struct, kw_only=True):
    """What one source showed."""

    sources: list[str] = []
    readers: list[SeenReader] = []
    unread: list[Unreadable] = []


class AwsActivity:
    """Looks for fetches where the trail, or the bucket's own logging, records them."""

    def __init__(
        self, session: AwsSession, *, further: Sequence[AwsSession] = (), max_files: int = MAX_FILES
    ) -> None:
        self._session = session
        self._accounts = AwsAccounts(session, further)
        self._max_files = max_files

    def activity(self, snapshot: Snapshot, trail: Trail, *, days: int) -> Activity:
        """Return who was seen in the last `days` days; nothing is written anywhere."""
        seen: list[SeenReader] = []
        sources: list[str] = []
        unread: list[Unreadable] = []
        for read in (self._from_log_files, self._from_access_logs):
            try:
                found = read(snapshot, trail, snapshot.taken_at - timedelta(days=days))
            except (ClientError, BotoCoreError) as error:
                call = NEEDED.get(getattr(error, "operation_name", ""), "s3:GetObject")
                unread.append(unreadable(error, call=call, where=trail.s3_bucket_name))
                continue
            sources += found.sources
            seen += found.readers
            unread += found.unread
        return Activity(
            trail=trail.arn,
            sources=tuple(sources),
            readers=gathered(seen),
            unreadable=tuple(unread),
        )

    def _from_log_files(self, snapshot: Snapshot, trail: Trail, since: datetime) -> _Found:
        client = self._session.client("cloudtrail", trail.home_region)
        events = trail.events or read_event_selection(client, trail.arn)
        if isinstance(events, Unreadable):
            return _Found(unread=[events])
        folders = reading_folders(snapshot, trail)
        sources, unread = _recorded(snapshot, trail, events, folders)
        if not sources:
            return _Found(unread=unread)
        bucket = trail.s3_bucket_name
        s3 = self._accounts.holding(bucket).client("s3", _region(snapshot, trail))
        keys = _newest(self._log_files(s3, snapshot, trail, folders.needed, since))
        found = _Found(sources=sources, unread=[*unread, *self._too_many(bucket, keys)])
        left = self._max_files - len(keys)
        beside = folders.beside[:MAX_MEMBERS] if left > 0 else ()
        keys = keys[: self._max_files] + _newest(self._log_files(s3, snapshot, trail, beside, since))[:left]
        of_trail = folders_of(snapshot, trail)
        for key, _ in keys:
            try:
                records = _records(_body(s3, bucket, key))
            except ForeignError as problem:
                found.unread.append(_no_log(bucket, key, problem))
            else:
                found.readers += readers_in_records(records, bucket=bucket, folders=of_trail)
        return found

    def _log_files(
        self, s3: Any, snapshot: Snapshot, trail: Trail, roots: Iterable[str], since: datetime
    ) -> Iterator[Listed]:
        """Events of reading the bucket are recorded in the bucket's Region."""
        for root in roots:
            folder = region_folder(root=root, kind=Delivered.LOG_FILE, region=_region(snapshot, trail))
            for key, time in _listed(s3, trail.s3_bucket_name, folder, since, after=day_folder(since)):
                if (parsed := parse_log_file_key(key)) is not None and parsed.time is not None:
                    yield key, time

    def _from_access_logs(self, snapshot: Snapshot, trail: Trail, since: datetime) -> _Found:
        bucket = snapshot.bucket(trail.s3_bucket_name)
        if not isinstance(bucket, Bucket) or not bucket.logging_target:
            return _Found()
        if isinstance(bucket.logging_target, Unreadable):
            return _Found(unread=[bucket.logging_target])
        region = _region(snapshot, trail)
        s3 = self._accounts.holding(bucket.name).client("s3", region)
        settings = s3.get_bucket_logging(Bucket=bucket.name).get("LoggingEnabled", {})
        prefix = place_of(settings, bucket=bucket.name, account=bucket.account, region=region)
        target = bucket.logging_target
        after = first_of(settings, since, account=bucket.account)
        found = _Found(sources=[ACCESS_LOGS])
        folders = folders_of(snapshot, trail)
        own = others = 0
        for key, _ in _newest(_listed(s3, target, prefix, since, after=after)):
            if own >= self._max_files or others >= MAX_OTHERS:
                found.unread.append(_there_are_more(target))
                break
            try:
                text = _body(s3, target, key).decode("utf-8", "replace")
            except ForeignError as problem:
                own += 1
                found.unread.append(_no_log(target, key, problem))
                continue
            named = buckets_in_log(text)
            own, others = (own, others + 1) if named and bucket.name not in named else (own + 1, others)
            found.readers += readers_in_access_log(text, bucket=bucket.name, folders=folders)
        return found

    def _too_many(self, bucket: str, keys: list[Listed]) -> list[Unreadable]:
        """Return that files of the time are not looked into, if there are so many."""
        return [_there_are_more(bucket)] if len(keys) > self._max_files else []


def _there_are_more(bucket: str) -> Unreadable:
    return Unreadable(call="s3:GetObject", code=TOO_MANY, where=bucket)


def _newest(listed: Iterable[Listed]) -> list[Listed]:
    return sorted(listed, key=lambda each: each[1], reverse=True)


def _recorded(
    snapshot: Snapshot, trail: Trail, events: EventSelection, folders: ReadingFolders
) -> tuple[list[str], list[Unreadable]]:
    """Return which events of reading the trail records, and whether that depends on who reads what."""
    region = _region(snapshot, trail)
    roots = (*folders.needed, *folders.beside)
    arns = [
        log_file_arn(partition=snapshot.partition, bucket=trail.s3_bucket_name, root=root, region=region)
        for root in roots
    ]
    answer = records_reading(events, arns)
    sources = [*([] if answer is False else [DATA_EVENTS]), *recorded(trail, events)]
    doubt = Unreadable(call="cloudtrail:GetEventSelectors", code=NOT_DECIDED, where=trail.arn)
    unread = [folders.unread] if sources and folders.unread else []
    return sources, [*unread, *([doubt] if answer is None else [])]


def _region(snapshot: Snapshot, trail: Trail) -> str:
    bucket = snapshot.bucket(trail.s3_bucket_name)
    known = isinstance(bucket, Bucket) and isinstance(bucket.region, str)
    return str(bucket.region) if known and isinstance(bucket, Bucket) else trail.home_region


def _listed(s3: Any, bucket: str, prefix: str, since: datetime, *, after: str) -> Iterator[Listed]:
    """Yield what was put there since; names begin with their time, so that `after` is where to begin."""
    begin = {"StartAfter": prefix + after} if after else {}
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix, **begin):
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
