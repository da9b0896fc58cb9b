"""What GetTrailStatus and the event history tell of a trail's deliveries, and what is no answer to that."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from plan_estate import ACCOUNT, HOME, NOW, OTHER, TRAIL, trail
from trailseal.aws.trail_history import validation_turned_on
from trailseal.aws.trail_status import trail_status
from trailseal.model.unreadable import NOT_ASKED, Unreadable

NAME = TRAIL.rpartition("/")[2]
THEIRS = trail(arn=TRAIL.replace(ACCOUNT, OTHER))


class CloudTrail:
    """Has one page of events, or refuses; answers GetTrailStatus."""

    def __init__(self, *events: dict[str, Any], refuses: str = "", **status: Any) -> None:
        self._events, self._refuses, self._status = events, refuses, status
        self.asked: list[Any] = []

    def get_trail_status(self, **_: str) -> dict[str, Any]:
        return {"IsLogging": True, **self._status}

    def get_paginator(self, _: str) -> CloudTrail:
        return self

    def paginate(self, **asked: Any) -> list[Any]:
        self.asked.append(asked)
        if self._refuses:
            raise ClientError({"Error": {"Code": self._refuses}}, "LookupEvents")
        return [{"Events": [{"EventTime": at, "CloudTrailEvent": json.dumps(e)} for at, e in self._pairs()]}]

    def _pairs(self) -> list[tuple[Any, dict[str, Any]]]:
        return [(NOW - timedelta(minutes=n), event) for n, event in enumerate(self._events)]


def event(**asked: Any) -> dict[str, Any]:
    return {"requestParameters": {"name": NAME, "enableLogFileValidation": True, **asked}}


@pytest.mark.parametrize(
    ("events", "minutes"),
    [
        ([event()], 0),
        ([event(name=TRAIL)], 0),
        ([event(name="another"), event(), event()], 1),
        ([event(enableLogFileValidation=False)], None),
        ([event(enableLogFileValidation="true")], None),
        ([event(kmsKeyId="k")], 0),
        ([{**event(), "errorCode": "AccessDenied"}], None),
        ([{"requestParameters": None}], None),
        ([], None),
    ],
)
def test_validation_was_turned_on_by_the_newest_change_that_did_it(events, minutes):
    told = validation_turned_on(CloudTrail(*events), (trail(),), account=ACCOUNT, since=NOW)

    assert told == {TRAIL: None if minutes is None else NOW - timedelta(minutes=minutes)}


def test_a_history_that_is_refused_is_not_known():
    told = validation_turned_on(
        CloudTrail(refuses="AccessDeniedException"), (trail(),), account=ACCOUNT, since=NOW
    )

    reason = told[TRAIL]
    assert isinstance(reason, Unreadable)
    assert (reason.call, reason.is_denied) == ("cloudtrail:LookupEvents", True)


def test_the_history_of_another_account_is_not_asked():
    client = CloudTrail(event())
    told = validation_turned_on(client, (THEIRS,), account=ACCOUNT, since=NOW)

    assert told == {THEIRS.arn: Unreadable(call="cloudtrail:LookupEvents", code=NOT_ASKED, where=OTHER)}
    assert client.asked == []


@pytest.mark.parametrize(
    ("text", "at"),
    [
        (f"{NOW:%Y-%m-%dT%H:%M:%SZ}", NOW),
        ("", None),
        ("yesterday", None),
        ("0001-01-01T00:00:00Z", None),
    ],
)
def test_the_time_of_the_last_attempt_is_a_hint_that_may_be_anything(text, at):
    told = trail_status(CloudTrail(LatestDeliveryAttemptTime=text), TRAIL, HOME)

    assert not isinstance(told, Unreadable)
    assert told.latest_delivery_attempt_time == at
