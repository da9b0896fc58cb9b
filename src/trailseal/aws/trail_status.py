"""What GetTrailStatus says in one Region."""

from __future__ import annotations

from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from trailseal.aws.errors import unreadable
from trailseal.model.trail import TrailStatus
from trailseal.model.unreadable import Unreadable


def trail_status(cloudtrail: Any, trail_arn: str, region: str) -> TrailStatus | Unreadable:
    """Return what GetTrailStatus says through a client of `region`."""
    try:
        raw = cloudtrail.get_trail_status(Name=trail_arn)
    except (ClientError, BotoCoreError) as error:
        return unreadable(error, call="cloudtrail:GetTrailStatus", where=region)
    return TrailStatus(
        region=region,
        is_logging=bool(raw.get("IsLogging")),
        latest_delivery_time=raw.get("LatestDeliveryTime"),
        latest_delivery_error=raw.get("LatestDeliveryError", ""),
        latest_digest_delivery_time=raw.get("LatestDigestDeliveryTime"),
        latest_digest_delivery_error=raw.get("LatestDigestDeliveryError", ""),
        start_logging_time=raw.get("StartLoggingTime"),
        stop_logging_time=raw.get("StopLoggingTime"),
    )
