"""What AWS says and trailseal does not know is unknown: no verdict, and no traceback."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from trailseal.aws.activity import _records
from trailseal.aws.hub import _status
from trailseal.aws.key_reader import UNKNOWN_STATE, read_key
from trailseal.aws.key_service import AwsKeyService
from trailseal.aws.trail_history import AwsTrailHistory
from trailseal.errors import Incomplete
from trailseal.model.foreign import ForeignError
from trailseal.model.key import KeyState, UnreadKey
from trailseal.model.log_file import StoredObject
from trailseal.model.trail import TrailStatus
from trailseal.model.unreadable import Unreadable
from trailseal.plan.plan import Watched
from trailseal.run.arrivals import Arrival, Switch, WatchedArrival
from trailseal.run.deliveries import Folder, TrailSetting
from trailseal.run.events import ignore
from trailseal.run.watch import Waiter

KEY = "arn:aws:kms:us-east-1:123456789012:key/k"
TRAIL = "arn:aws:cloudtrail:us-east-1:123456789012:trail/t"
NOW = datetime(2025, 1, 1, tzinfo=UTC)
NO_OBJECTS = ("null", "[]", "3", '"x"', "{", "", "[" * 100_000, '{"a":' * 100_000)


class Kms:
    """Knows one key, in a state of the future."""

    def describe_key(self, **_: str) -> Any:
        return {"KeyMetadata": {"Arn": KEY, "KeyState": "Asleep"}}


class Session:
    """Gives one client for everything."""

    region = "us-east-1"

    def __init__(self, client: Any) -> None:
        self._client = client

    def client(self, *_: str) -> Any:
        return self._client

    def region_of(self, _: str) -> str:
        return self.region


class Events:
    """LookupEvents with these texts."""

    def __init__(self, texts: tuple[str, ...]) -> None:
        self._page = {"Events": [{"EventTime": NOW, "CloudTrailEvent": text} for text in texts]}

    def get_paginator(self, _: str) -> Events:
        return self

    def paginate(self, **_: Any) -> list[Any]:
        return [self._page]


class Nothing:
    """A clock and a bucket in which nothing is delivered."""

    def __init__(self) -> None:
        self._now = NOW

    def now(self) -> datetime:
        return self._now

    def elapsed(self) -> float:
        return (self._now - NOW).total_seconds()

    def setting(self, *_: str) -> TrailSetting:
        return TrailSetting(key=KEY, bucket="b")

    def sleep(self, seconds: float) -> None:
        self._now += timedelta(seconds=seconds)

    def delivered(self, _: Folder, **__: datetime) -> tuple[StoredObject, ...]:
        return ()

    def times(self, _: Folder, **__: datetime) -> tuple[datetime, ...]:
        return ()

    def regions(self, _: Folder) -> tuple[str, ...]:
        return ()

    def status(self, _: str, region: str) -> TrailStatus | Unreadable:
        return TrailStatus(region=region, is_logging=True)

    def close(self) -> None:
        """Nothing was opened."""


def test_a_key_in_a_state_of_the_future_is_unread() -> None:
    found = read_key(Kms(), KEY)

    assert isinstance(found, UnreadKey)
    assert (found.reason.code, found.reason.detail) == (UNKNOWN_STATE, "Asleep")


def test_the_verb_for_keys_says_that_it_does_not_know_the_state() -> None:
    with pytest.raises(Incomplete, match="Asleep"):
        AwsKeyService(Session(Kms())).read(KEY)  # type: ignore[arg-type]  # a session that speaks to nobody


def waited(state: str) -> WatchedArrival:
    nothing = Nothing()
    place = Watched(trail_arn=TRAIL, bucket="b", root="AWSLogs/1/", account="1", region="us-east-1")
    switch = Switch(trail_arn=TRAIL, home_region="us-east-1", key=KEY, at=NOW)
    waiter = Waiter(nothing, nothing, ignore, gap=timedelta(minutes=5), key_state=lambda _: state)
    (seen,) = waiter.wait((switch,), (place,), timeout=timedelta(minutes=1))
    return seen


@pytest.mark.parametrize("state", [*KeyState, "Asleep"])
def test_a_wait_fails_for_a_state_that_is_known_to_be_of_no_use(state: str) -> None:
    known = state in set(KeyState)
    fails = known and not KeyState(state).is_usable

    assert waited(str(state)).arrival is (Arrival.FAILING if fails else Arrival.WAITING)


@pytest.mark.parametrize(
    ("found", "status"),
    [
        ({"PASSED"}, "PASSED"),
        ({"PASSED", "FAILED"}, "FAILED"),
        ({"PASSED", "WARNING"}, "UNKNOWN"),
        ({"PASSED", "NOT_AVAILABLE"}, "UNKNOWN"),
        ({"PASSED", ""}, "UNKNOWN"),
        ({""}, "UNKNOWN"),
        ({"PASSED", "ALMOST"}, "UNKNOWN"),
    ],
    ids=lambda given: given if isinstance(given, str) else " ".join(sorted(given)) or "none",
)
def test_a_control_passed_where_each_finding_did(found: set[str], status: str) -> None:
    assert _status(found) == status


@pytest.mark.parametrize(
    "text",
    [
        *NO_OBJECTS,
        '{"requestParameters": 3, "responseElements": []}',
        '{"requestParameters": {"kmsKeyId": 3}}',
    ],
    ids=lambda text: text[:30],
)
def test_an_event_that_is_none_turned_no_trail(text: str) -> None:
    history = AwsTrailHistory(Session(Events((text,))))  # type: ignore[arg-type]  # speaks to nobody

    assert history.switched_at(TRAIL, "us-east-1", KEY) is None


@pytest.mark.parametrize(
    "text",
    [*NO_OBJECTS, '{"Records": 3}', '{"Records": null}'],
    ids=lambda t: t[:30],
)
def test_a_file_that_is_none_of_cloudtrails_is_told(text: str) -> None:
    for body in (text.encode(), gzip.compress(text.encode())):
        with pytest.raises(ForeignError):
            _records(body)


def test_what_is_no_record_is_passed_over() -> None:
    assert _records(gzip.compress(b'{"Records": [3, null]}')) == []


def test_records_are_read() -> None:
    assert _records(gzip.compress(json.dumps({"Records": [{"a": 1}, 2]}).encode())) == [{"a": 1}]
