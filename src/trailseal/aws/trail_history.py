"""When a trail was turned to its key, as CloudTrail's own event history tells it (90 days)."""

from __future__ import annotations

from datetime import datetime

from botocore.exceptions import BotoCoreError, ClientError

from trailseal.aws.errors import unreadable
from trailseal.aws.session import AwsSession
from trailseal.model.arn import Arn
from trailseal.model.foreign import ForeignError, json_value_in
from trailseal.model.unreadable import Unreadable

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
            return unreadable(error, call="cloudtrail:LookupEvents", where=home_region)
        return max(times, default=None)


def _sets(text: str, trail_arn: str, key: str) -> bool:
    """Whether an event turned this trail to this key."""
    try:
        event = json_value_in(text)
    except ForeignError:
        return False
    if not isinstance(event, dict):
        return False
    asked, answered = (_object(event.get(part)) for part in ("requestParameters", "responseElements"))
    if event.get("errorCode") or not asked.get("kmsKeyId"):
        return False
    names = (trail_arn, Arn.parse(trail_arn).resource_name)
    return asked.get("name") in names and answered.get("kmsKeyId", asked["kmsKeyId"]) == key


def _object(part: object) -> dict[str, object]:
    return part if isinstance(part, dict) else {}
