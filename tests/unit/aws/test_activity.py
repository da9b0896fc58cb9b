"""What tells of readers and could not be read is a value of the answer, whichever call was refused."""

from __future__ import annotations

import gzip
import io
import json
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError
from msgspec import structs

from plan_estate import ACCOUNT, BUCKET, DENIED, HOME, NOW, TRAIL, bucket, object_key, snapshot, trail
from trailseal.aws.activity import AwsActivity
from trailseal.model.activity import Activity
from trailseal.model.bucket import Bucket
from trailseal.model.organization import Organization
from trailseal.model.trail import DataSelector, EventSelection, FieldSelector, Trail
from trailseal.model.unreadable import Unreadable

WRITES = EventSelection(read_management=False, write_management=True)
DATA = structs.replace(WRITES, data_resources=("AWS::S3::Object",))
LOGGED = bucket(logging_target="logs-of-logs")


class RefusingAws:
    """A session whose one client refuses one call, and otherwise knows one file in each bucket."""

    def __init__(self, refused: str = "") -> None:
        self._refused = refused

    def client(self, *_: str) -> Any:
        return self

    def _see(self, operation: str) -> None:
        if operation == self._refused:
            raise ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, operation)

    def get_event_selectors(self, **_: str) -> dict[str, Any]:
        self._see("GetEventSelectors")
        resources = [{"Type": "AWS::S3::Object", "Values": ["arn:aws:s3"]}]
        return {"EventSelectors": [{"IncludeManagementEvents": True, "DataResources": resources}]}

    def get_bucket_logging(self, **_: str) -> dict[str, Any]:
        self._see("GetBucketLogging")
        return {"LoggingEnabled": {"TargetBucket": "logs-of-logs", "TargetPrefix": ""}}

    def get_paginator(self, _: str) -> RefusingAws:
        return self

    def paginate(self, **_: str) -> Iterator[dict[str, Any]]:
        self._see("ListObjectsV2")
        yield {"Contents": [{"Key": object_key(), "LastModified": NOW}]}

    def get_object(self, **_: str) -> dict[str, Any]:
        self._see("GetObject")
        return {"Body": self}

    def read(self, _: int) -> bytes:
        return gzip.compress(b'{"Records": []}')


def looked_up(refused: str = "", *, one: Trail, held: Bucket) -> Activity:
    seen = snapshot(trails=(one,), buckets=(held,))
    return AwsActivity(RefusingAws(refused)).activity(seen, one, days=0)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("refused", "one", "held", "call", "where"),
    [
        ("GetEventSelectors", trail(), bucket(), "cloudtrail:GetEventSelectors", TRAIL),
        ("", trail(events=DENIED), bucket(), DENIED.call, DENIED.where),
        ("ListObjectsV2", trail(events=DATA), bucket(), "s3:ListBucket", BUCKET),
        ("GetObject", trail(events=DATA), bucket(), "s3:GetObject", BUCKET),
        ("", trail(), bucket(logging_target=DENIED), DENIED.call, DENIED.where),
        ("GetBucketLogging", trail(), LOGGED, "s3:GetBucketLogging", BUCKET),
        ("ListObjectsV2", trail(events=WRITES), LOGGED, "s3:ListBucket", BUCKET),
        ("GetObject", trail(events=WRITES), LOGGED, "s3:GetObject", BUCKET),
    ],
    ids=[
        "selectors",
        "selectors before",
        "log files listed",
        "a log file",
        "logging before",
        "logging",
        "access logs listed",
        "an access log",
    ],
)
def test_a_refused_call_is_told(refused: str, one: Trail, held: Bucket, call: str, where: str) -> None:
    found = looked_up(refused, one=one, held=held)

    assert [(each.call, each.code, each.where) for each in found.unreadable] == [
        (call, "AccessDenied", where)
    ]


def test_where_everything_answers_nothing_is_unread() -> None:
    found = looked_up(one=trail(), held=LOGGED)

    assert found == Activity(trail=TRAIL, sources=("data events", "server access logs"))


def test_a_bucket_that_was_not_read_is_told_by_its_own_concern() -> None:
    found = looked_up(one=trail(events=WRITES), held=bucket(name="another", logging_target=DENIED))

    assert found.unreadable == ()


@pytest.mark.parametrize("held", [bucket(), LOGGED])
def test_older_files_of_the_time_are_told(held: Bucket) -> None:
    one = trail(events=DATA if not held.logging_target else WRITES)
    seen = snapshot(trails=(one,), buckets=(held,))
    found = AwsActivity(RefusingAws(), max_files=0).activity(seen, one, days=0)  # type: ignore[arg-type]
    where = held.logging_target or BUCKET

    assert found.unreadable == (Unreadable(call="s3:GetObject", code="TooManyFiles", where=str(where)),)


ORGANIZATION = "o-abcdefghij"
OWNER, MEMBER = "444455556666", "777788889999"
SOC = f"arn:aws:iam::{OWNER}:role/soc"


class HoldingAws:
    """A session whose S3 holds objects by bucket and key, and remembers where it was listed from."""

    def __init__(self, objects: dict[str, bytes], logging: dict[str, Any] | None = None) -> None:
        self._objects = objects
        self._logging = {"TargetPrefix": "", **(logging or {})}
        self.listed: list[tuple[str, str]] = []
        self.read: list[str] = []

    def client(self, *_: str) -> Any:
        return self

    def get_bucket_logging(self, **_: str) -> dict[str, Any]:
        return {"LoggingEnabled": self._logging}

    def get_paginator(self, _: str) -> HoldingAws:
        return self

    def paginate(self, *, Bucket: str, Prefix: str, StartAfter: str = "") -> Iterator[dict[str, Any]]:  # noqa: N803 - AWS's own names
        del Bucket
        self.listed.append((Prefix, StartAfter))
        keys = sorted(k for k in self._objects if k.startswith(Prefix) and k > StartAfter)
        yield {"Contents": [{"Key": key, "LastModified": NOW} for key in keys]}

    def get_object(self, *, Bucket: str, Key: str) -> dict[str, Any]:  # noqa: N803 - AWS's own names
        del Bucket
        self.read.append(Key)
        return {"Body": io.BytesIO(self._objects[Key])}


def folder_of(account: str) -> str:
    return f"AWSLogs/{ORGANIZATION}/{account}/"


def log_file_in(account: str, key: str, *, day: str = "2026/11/23") -> tuple[str, bytes]:
    """A log file in an account's folder, with the event that the soc read the object of `key`."""
    place = f"{folder_of(account)}CloudTrail/{HOME}/{day}"
    event = {
        "eventName": "GetObject",
        "requestParameters": {"bucketName": BUCKET, "key": key},
        "userIdentity": {"type": "AssumedRole", "sessionContext": {"sessionIssuer": {"arn": SOC}}},
    }
    body = gzip.compress(json.dumps({"Records": [event]}).encode())
    return f"{place}/{account}_CloudTrail_{HOME}_{day.replace('/', '')}T1100Z_x.json.gz", body


def of_organization(*, owner: str = OWNER, members: tuple[str, ...] = (), **changed: Any) -> Any:
    one = trail(events=DATA, is_organization_trail=True, **changed)
    organization = Organization(
        organization_id=ORGANIZATION, management_account=one.account, accounts=members
    )
    return one, snapshot(trails=(one,), buckets=(bucket(account=owner),), organization=organization)


THEIRS = f"{folder_of(OWNER)}CloudTrail/{HOME}/2026/11/20/x.json.gz"


@pytest.mark.parametrize(
    ("account", "owner", "members", "key"),
    [
        (OWNER, OWNER, (), ""),
        (OWNER, OWNER, (), f"arn:aws:kms:{HOME}:{MEMBER}:key/k"),
        (MEMBER, OWNER, (), f"arn:aws:kms:{HOME}:{MEMBER}:key/k"),
        (ACCOUNT, OWNER, (), ""),
        (MEMBER, OWNER, (MEMBER,), ""),
        (MEMBER, "", (OWNER, MEMBER), ""),
    ],
    ids=["bucket's owner", "with a key", "key's owner", "trail's", "a member's", "owner not known"],
)
def test_an_organizations_readers_are_looked_up_where_their_events_lie(account, owner, members, key) -> None:
    one, seen = of_organization(owner=owner, members=members, kms_key_id=key)
    aws = HoldingAws(dict([log_file_in(account, THEIRS)]))

    found = AwsActivity(aws).activity(seen, one, days=3)  # type: ignore[arg-type]

    assert [(each.principal, each.count) for each in found.readers] == [(SOC, 1)]
    assert found.unreadable == ()
    assert aws.listed[0][1].endswith("/2026/11/20/")


def test_reading_beside_what_the_trail_delivered_is_nothing_of_it() -> None:
    one, seen = of_organization()
    beside = THEIRS.replace("/CloudTrail/", "/vpcflowlogs/")

    found = AwsActivity(HoldingAws(dict([log_file_in(OWNER, beside)]))).activity(seen, one, days=3)  # type: ignore[arg-type]

    assert found.readers == ()


def test_members_folders_are_read_as_far_as_there_is_room_and_the_owners_wholly() -> None:
    one, seen = of_organization(members=(MEMBER,))
    files = dict(
        log_file_in(account, THEIRS, day=f"2026/11/2{n}") for n in (1, 2) for account in (OWNER, MEMBER)
    )
    room, owners, short = (
        AwsActivity(HoldingAws(files), max_files=most).activity(seen, one, days=3)  # type: ignore[arg-type]
        for most in (4, 2, 1)
    )

    assert [each.readers[0].count for each in (room, owners, short)] == [4, 2, 1]
    assert [bool(each.unreadable) for each in (room, owners, short)] == [False, False, True]


def access_line(bucket_name: str, who: str) -> str:
    key = f"AWSLogs/{ACCOUNT}/CloudTrail/{HOME}/2026/11/20/x.json.gz"
    return (
        f"79a5 {bucket_name} [22/Nov/2026:10:00:00 +0000] 192.0.2.3 {who} 3E57 REST.GET.OBJECT {key} "
        f'"GET /{key} HTTP/1.1" 200 - 113 113 7 - "-" "S3Console/0.4" -'
    )


PARTITIONED = {"TargetPrefix": "p/", "TargetObjectKeyFormat": {"PartitionedPrefix": {}}}
SIMPLE = {"TargetPrefix": "p/", "TargetObjectKeyFormat": {"SimplePrefix": {}}}


@pytest.mark.parametrize(
    ("logging", "owner", "listed", "name"),
    [
        (SIMPLE, ACCOUNT, ("p/", "p/2026-11-20"), "p/2026-11-22-10-20-30-ABC"),
        ({"TargetPrefix": "p/"}, ACCOUNT, ("p/", "p/2026-11-20"), "p/2026-11-22-10-20-30-ABC"),
        (
            PARTITIONED,
            ACCOUNT,
            (f"p/{ACCOUNT}/{HOME}/{BUCKET}/", f"p/{ACCOUNT}/{HOME}/{BUCKET}/2026/11/20/"),
            f"p/{ACCOUNT}/{HOME}/{BUCKET}/2026/11/22/2026-11-22-10-20-30-ABC",
        ),
        (PARTITIONED, "", ("p/", ""), f"p/{ACCOUNT}/{HOME}/{BUCKET}/2026/11/22/2026-11-22-10-20-30-ABC"),
    ],
    ids=["by prefix", "of old", "by date", "by date, owner not known"],
)
def test_access_logs_are_listed_from_the_first_day_asked_for(logging, owner, listed, name) -> None:
    one = trail(events=WRITES)
    seen = snapshot(trails=(one,), buckets=(bucket(logging_target="logs-of-logs", account=owner),))
    aws = HoldingAws({name: access_line(BUCKET, "-").encode()}, logging)

    found = AwsActivity(aws).activity(seen, one, days=3)  # type: ignore[arg-type]

    assert aws.listed == [listed]
    assert [each.principal for each in found.readers] == ["anonymous"]


def test_access_logs_of_other_buckets_take_no_room() -> None:
    one = trail(events=WRITES)
    seen = snapshot(trails=(one,), buckets=(LOGGED,))
    others = {f"2026-11-22-10-{n}": access_line("another", SOC).encode() for n in range(10, 15)}
    mine = {"2026-11-21-a": access_line(BUCKET, SOC).encode(), "2026-11-21-b": b"", "2026-11-21-c": b""}
    found, short = (
        AwsActivity(HoldingAws({**others, **mine}), max_files=most).activity(seen, one, days=3)  # type: ignore[arg-type]
        for most in (4, 2)
    )

    assert [(each.principal, each.count) for each in found.readers] == [(SOC, 1)]
    assert (found.unreadable, [each.code for each in short.unreadable]) == ((), ["TooManyFiles"])


def test_a_selector_that_takes_in_some_readers_alone_is_told() -> None:
    by_reader = FieldSelector(field="userIdentity.arn", not_equals=(SOC,))
    objects = FieldSelector(field="resources.type", equals=("AWS::S3::Object",))
    events = structs.replace(DATA, data_selectors=(DataSelector(fields=(objects, by_reader)),))
    one = trail(events=events)

    found = AwsActivity(HoldingAws({})).activity(snapshot(trails=(one,)), one, days=3)  # type: ignore[arg-type]

    assert found.sources == ("data events",)
    assert [(each.call, each.code) for each in found.unreadable] == [
        ("cloudtrail:GetEventSelectors", "NotDecided")
    ]


def test_an_organization_that_was_not_read_may_have_readers_that_nobody_saw() -> None:
    one, seen = of_organization()
    unread = structs.replace(seen, organization=DENIED)

    found = AwsActivity(HoldingAws({})).activity(unread, one, days=3)  # type: ignore[arg-type]

    assert found.unreadable == (DENIED,)
