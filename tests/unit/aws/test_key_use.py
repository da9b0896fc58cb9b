"""What a key was last used for, and by whom."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError

from trailseal.aws.key_service import AwsKeyService
from trailseal.aws.key_use import last_use
from trailseal.model.key import KeyLastUse
from trailseal.model.unreadable import Unreadable

USER = "arn:aws:iam::111122223333:user/a"
KEY = "arn:aws:kms:us-east-1:111122223333:key/1234abcd"
NOW = datetime(2026, 11, 23, tzinfo=UTC)
USED = {"Operation": "Decrypt", "Timestamp": NOW, "CloudTrailEventId": "e-1"}
REFUSED = ClientError({"Error": {"Code": "AccessDeniedException"}}, "any")


class FakeAws:
    """KMS and CloudTrail in one, with the events that the history has."""

    def __init__(self, usage: dict[str, Any] | None, *events: str, refuses: str = "") -> None:
        self.usage, self.events, self.refuses = usage, events, refuses

    def caller(self) -> tuple[str, str]:
        return "111122223333", USER

    def region_of(self, named: str) -> str:
        return named.split(":")[3]

    def client(self, service: str, region: str) -> FakeAws:
        assert region == "us-east-1"
        if self.refuses == service:
            self.get_key_last_usage = self.lookup_events = refuse  # type: ignore[method-assign,assignment]
        return self

    def get_key_last_usage(self, **_: Any) -> dict[str, Any]:
        told = {} if self.usage is None else {"KeyLastUsage": self.usage}
        return {**told, "TrackingStartDate": NOW, "KeyCreationDate": NOW}

    def lookup_events(self, **asked: Any) -> dict[str, Any]:
        assert asked["LookupAttributes"] == [{"AttributeKey": "EventId", "AttributeValue": "e-1"}]
        return {"Events": [{"CloudTrailEvent": text} for text in self.events]}


class OlderAws(FakeAws):
    """With a botocore from before GetKeyLastUsage."""

    def __getattribute__(self, name: str) -> Any:
        if name == "get_key_last_usage":
            raise AttributeError(name)
        return super().__getattribute__(name)


def refuse(**_: Any) -> dict[str, Any]:
    raise REFUSED


def event(**identity: str) -> str:
    return json.dumps({"userIdentity": identity})


@pytest.mark.parametrize(
    ("events", "user"),
    [
        (
            (event(arn="arn:aws:iam::111122223333:user/a", invokedBy="AWS Internal"),),
            "arn:aws:iam::111122223333:user/a",
        ),
        ((event(type="AWSService", invokedBy="cloudtrail.amazonaws.com"),), "cloudtrail.amazonaws.com"),
        ((), ""),
        (("{",), ""),
        (("[]",), ""),
        ((event(),), ""),
    ],
    ids=["user", "service", "no event", "no JSON", "no event's form", "nobody"],
)
def test_the_caller_is_who_the_event_history_names(events: tuple[str, ...], user: str) -> None:
    found = last_use(FakeAws(USED, *events), KEY)  # type: ignore[arg-type]  # a session's one method

    assert found == KeyLastUse(operation="Decrypt", at=NOW, tracked_since=NOW, created=NOW, user=user)


@pytest.mark.parametrize(
    ("aws", "key", "is_asked"),
    [
        (FakeAws(USED), KEY, True),
        (FakeAws(USED), KEY.replace("111122223333", "444455556666"), False),
        (OlderAws(USED), KEY, False),
    ],
    ids=["own", "another account's", "older botocore"],
)
def test_only_the_own_account_asks_and_with_a_botocore_that_can(
    aws: FakeAws, key: str, *, is_asked: bool
) -> None:
    found = AwsKeyService(aws).last_use(key)  # type: ignore[arg-type]  # as above

    assert (found is not None) is is_asked


@pytest.mark.parametrize("usage", [None, {}], ids=["left out", "empty"])
def test_without_a_use_the_history_is_not_asked(usage: dict[str, Any] | None) -> None:
    found = last_use(FakeAws(usage, refuses="cloudtrail"), KEY)  # type: ignore[arg-type]  # as above

    assert found == KeyLastUse(tracked_since=NOW, created=NOW)


def test_what_is_refused_is_named() -> None:
    by_kms = last_use(FakeAws(USED, refuses="kms"), KEY)  # type: ignore[arg-type]  # as above
    by_cloudtrail = last_use(FakeAws(USED, refuses="cloudtrail"), KEY)  # type: ignore[arg-type]  # as above

    assert isinstance(by_kms, Unreadable)
    assert by_kms.call == "kms:GetKeyLastUsage"
    assert isinstance(by_cloudtrail, KeyLastUse)
    assert isinstance(by_cloudtrail.user, Unreadable)
    assert by_cloudtrail.user.call == "cloudtrail:LookupEvents"
