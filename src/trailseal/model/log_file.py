"""
Log files and digest files: where CloudTrail puts them and what an object of theirs shows.

Source: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/get-and-view-cloudtrail-log-files.html
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from enum import StrEnum

from msgspec import Struct

from trailseal.model.organization import ORGANIZATION_ID

DIGEST_FOLDER = "CloudTrail-Digest"
TRAIL_FOLDERS = (
    "CloudTrail",
    "CloudTrail-Insight",
    "CloudTrail-NetworkActivity",
    "CloudTrail-Aggregated",
    DIGEST_FOLDER,
)
"""What a trail writes to; other services' logs may lie beside."""
DAY_FOLDER = (
    rf"(?:([\s\S]+)/)?AWSLogs/(?:({ORGANIZATION_ID.pattern})/)?([0-9]{{12}})/"
    rf"({'|'.join(TRAIL_FOLDERS)})/([a-z]+(?:-[a-z]+)+-[0-9]+)/"
    r"([0-9]{4})/([0-9]{2})/([0-9]{2})"
)
"""
The folder of one day: prefix, organization, account, CloudTrail's folder, Region, year, month and day.

It is written so that Python, DuckDB, Spark, Athena and Trino read it alike: the census in SQL goes by it too.
"""
KEY = re.compile(f"{DAY_FOLDER}/([^/]+)")
FIRST_YEAR = 2013
"""CloudTrail's first."""
TIME = re.compile(r"_(\d{8}T\d{4}(?:\d\d)?Z)[_.]", re.ASCII)


class Delivered(StrEnum):
    """What CloudTrail delivered: events, or the digest that proves them."""

    LOG_FILE = "log file"
    DIGEST_FILE = "digest file"


DEEPEST = 3
"""CloudTrail's folder lies below the organization's and the account's, at most."""
FOLDERS = {Delivered.LOG_FILE: "CloudTrail", Delivered.DIGEST_FILE: DIGEST_FOLDER}


class LogFileKey(Struct, frozen=True, kw_only=True):
    """An object key taken apart: whose events, of which Region, published on which day."""

    key: str
    kind: Delivered
    account: str
    region: str
    day: str
    """The publish date, `YYYY/MM/DD` in UTC."""
    time: datetime | None
    prefix: str = ""
    organization: str = ""


def parse_log_file_key(key: str) -> LogFileKey | None:
    """Return what the key says of a log file or digest file, None when it is neither, or its day is none."""
    match = KEY.fullmatch(key)
    if match is None:
        return None
    prefix, organization, account, folder, region, *day, file = match.groups(default="")
    if not is_day(*day):
        return None
    return LogFileKey(
        key=key,
        kind=Delivered.DIGEST_FILE if folder == DIGEST_FOLDER else Delivered.LOG_FILE,
        account=account,
        region=region,
        day="/".join(day),
        time=_file_time(file),
        prefix=prefix,
        organization=organization,
    )


def is_day(year: str, month: str, day: str) -> bool:
    """Whether three texts of digits are a day of the calendar."""
    try:
        date(int(year), int(month), int(day))
    except ValueError:
        return False
    return True


def file_stem(*, kind: Delivered, account: str, region: str) -> str:
    """Return how the names of all files of a kind begin that are delivered for an account and Region."""
    return f"{account}_{FOLDERS[kind]}_{region}_"


def _file_time(file: str) -> datetime | None:
    found = TIME.findall(file)
    if not found:
        return None
    text = found[-1]
    form = "%Y%m%dT%H%M%SZ" if len(text) == len("20260101T000000Z") else "%Y%m%dT%H%MZ"
    try:
        return datetime.strptime(text, form).replace(tzinfo=UTC)
    except ValueError:
        return None


def account_folder(*, prefix: str, organization: str, account: str) -> str:
    """Return `[prefix/]AWSLogs/[o-id/]account/`, under which everything of one account lies."""
    parts = [part for part in (prefix, "AWSLogs", organization, account) if part]
    return "/".join(parts) + "/"


def is_delivered_under(key: str, folder: str) -> bool:
    """Whether CloudTrail delivers an object of this key under `folder`, an account's or one above it."""
    below = key.removeprefix(folder).split("/")[:-1] if key.startswith(folder) else []
    return any(part.startswith(FOLDERS[Delivered.LOG_FILE]) for part in below[:DEEPEST])


def delivery_folder(*, root: str, kind: Delivered, region: str, day: datetime) -> str:
    """Return the folder under `root` (an `account_folder`) that one day of one Region lies in."""
    return f"{region_folder(root=root, kind=kind, region=region)}{day_folder(day)}"


def region_folder(*, root: str, kind: Delivered, region: str) -> str:
    """Return the folder under `root` (an `account_folder`) that every day of one Region lies in."""
    return f"{root}{FOLDERS[kind]}/{region}/"


def day_folder(day: date) -> str:
    """Return `YYYY/MM/DD/`, of any year: `%Y` alone leaves the zeros of an early one out."""
    return f"{day.year:04}/{day:%m/%d}/"


class StoredObject(Struct, frozen=True, kw_only=True, tag="object"):
    """What HeadObject shows of one object. Encryption is `AES256`, `aws:kms`, `aws:kms:dsse` or ""."""

    bucket: str
    key: str
    size: int
    last_modified: datetime
    encryption: str
    kms_key_id: str = ""
    bucket_key_enabled: bool = False
    etag: str = ""
    version_id: str = ""
    storage_class: str = "STANDARD"
    metadata: dict[str, str] = {}
