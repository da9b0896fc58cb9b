"""
What a key was last used for, and by whom: KMS keeps the operation, CloudTrail's Event history the caller.

Source: https://docs.aws.amazon.com/kms/latest/APIReference/API_GetKeyLastUsage.html
"""

from __future__ import annotations

from botocore.exceptions import BotoCoreError, ClientError

from trailseal.aws.errors import unreadable
from trailseal.aws.session import AwsSession
from trailseal.model.arn import Arn
from trailseal.model.foreign import ForeignError, json_value_in
from trailseal.model.key import KeyLastUse
from trailseal.model.unreadable import Unreadable

CALL = "kms:GetKeyLastUsage"


def last_use(session: AwsSession, key_arn: str) -> KeyLastUse | Unreadable:
    """Return the last successful cryptographic operation with a key of the caller's own account."""
    region = Arn.parse(key_arn).region
    try:
        raw = session.client("kms", region).get_key_last_usage(KeyId=key_arn)
    except (ClientError, BotoCoreError) as error:
        return unreadable(error, call=CALL, where=key_arn)
    used = raw.get("KeyLastUsage") or {}
    event = str(used.get("CloudTrailEventId", ""))
    return KeyLastUse(
        operation=str(used.get("Operation", "")),
        at=used.get("Timestamp"),
        tracked_since=raw.get("TrackingStartDate"),
        created=raw.get("KeyCreationDate"),
        user=_user(session, region, event) if event else "",
    )


def _user(session: AwsSession, region: str, event_id: str) -> str | Unreadable:
    """Return who an event is of, "" where the Event history does not show it."""
    asked = [{"AttributeKey": "EventId", "AttributeValue": event_id}]
    try:
        found = session.client("cloudtrail", region).lookup_events(LookupAttributes=asked)["Events"]
    except (ClientError, BotoCoreError) as error:
        return unreadable(error, call="cloudtrail:LookupEvents", where=region)
    return next((_caller(str(event.get("CloudTrailEvent", ""))) for event in found), "")


def _caller(text: str) -> str:
    """Return the ARN of an event's caller, or the service that it is of; "" where it names neither."""
    try:
        event = json_value_in(text)
    except ForeignError:
        return ""
    identity = event.get("userIdentity") if isinstance(event, dict) else None
    if not isinstance(identity, dict):
        return ""
    return str(identity.get("arn") or identity.get("invokedBy") or "")
