"""When a trail was turned to its key, or validation on, as CloudTrail's event history tells (90 days)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from trailseal.aws.errors import unreadable
from trailseal.aws.session import AwsSession
from trailseal.model.arn import Arn
from trailseal.model.foreign import ForeignError, json_value_in
from trailseal.model.trail import Trail
from trailseal.model.unreadable import NOT_ASKED, Unreadable

LOOKUP = "cloudtrail:LookupEvents"
MOST_PAGES = 20
"""LookupEvents allows two calls a second, and 50 events on each page."""


class AwsTrailHistory:
    """LookupEvents in a trail's home Region."""

    def __init__(self, session: AwsSession) -> None:
        self._session = session

    def switched_at(self, trail_arn: str, home_region: str, key: str) -> datetime | Unreadable | None:
        """
        Return the time of the newest UpdateTrail or CreateTrail event that set `key`, None when too old.

        A later event that leaves the key alone does not count, and neither does one that failed.
        """
        client = self._session.client("cloudtrail", home_region)
        times: list[datetime] = []
        try:
            for name in ("UpdateTrail", "CreateTrail"):
                asked = [{"AttributeKey": "EventName", "AttributeValue": name}]
                pages = client.get_paginator("lookup_events").paginate(
                    LookupAttributes=asked, PaginationConfig={"MaxItems": 50 * MOST_PAGES}
                )
                for page in pages:
                    times += [
                        event["EventTime"]
                        for event in page["Events"]
                        if _sets(event.get("CloudTrailEvent", ""), trail_arn, key)
                    ]
        except (ClientError, BotoCoreError) as error:
            return unreadable(error, call=LOOKUP, where=home_region)
        return max(times, default=None)


def validation_turned_on(
    cloudtrail: Any, trails: Iterable[Trail], *, account: str, since: datetime
) -> dict[str, datetime | Unreadable | None]:
    """
    Return for each trail's ARN when validation was last turned on since a time, None where it was not.

    `cloudtrail` is a client of the trails' home Region. The history of `account` alone can be asked.
    """
    own = [trail.arn for trail in trails if trail.account == account]
    found: dict[str, datetime | Unreadable | None] = {
        trail.arn: Unreadable(call=LOOKUP, code=NOT_ASKED, where=trail.account)
        for trail in trails
        if trail.account != account
    }
    try:
        events = _updates(cloudtrail, since) if own else []
    except (ClientError, BotoCoreError) as error:
        return found | {arn: unreadable(error, call=LOOKUP, where=arn) for arn in own}
    told = [(event["EventTime"], _done(event.get("CloudTrailEvent", ""))) for event in events]
    for arn in own:
        turns = [at for at, done in told if done.get("enableLogFileValidation") is True and _is_of(done, arn)]
        found[arn] = max(turns, default=None)
    return found


def _updates(cloudtrail: Any, since: datetime) -> list[dict[str, Any]]:
    asked = [{"AttributeKey": "EventName", "AttributeValue": "UpdateTrail"}]
    pages = cloudtrail.get_paginator("lookup_events").paginate(
        LookupAttributes=asked, StartTime=since, PaginationConfig={"MaxItems": 50 * MOST_PAGES}
    )
    return [event for page in pages for event in page["Events"]]


def _sets(text: str, trail_arn: str, key: str) -> bool:
    """Whether an event turned this trail to this key."""
    asked = _done(text)
    return bool(asked.get("kmsKeyId")) and _is_of(asked, trail_arn) and asked["kmsKeyId"] == key


def _done(text: str) -> dict[str, object]:
    """Return what an event asked for, its key as CloudTrail answered with it; nothing where it failed."""
    try:
        event = json_value_in(text)
    except ForeignError:
        return {}
    if not isinstance(event, dict) or event.get("errorCode"):
        return {}
    asked, answered = (_object(event.get(part)) for part in ("requestParameters", "responseElements"))
    if not asked.get("kmsKeyId"):
        return asked
    return {**asked, "kmsKeyId": answered.get("kmsKeyId", asked["kmsKeyId"])}


def _is_of(asked: dict[str, object], trail_arn: str) -> bool:
    return asked.get("name") in (trail_arn, Arn.parse(trail_arn).resource_name)


def _object(part: object) -> dict[str, object]:
    return part if isinstance(part, dict) else {}
