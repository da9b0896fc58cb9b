"""What GetTrailStatus says in one Region."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from trailseal.aws.errors import unreadable
from trailseal.model.foreign import ForeignError
from trailseal.model.foreign_values import time_in
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
        latest_delivery_attempt_time=_hint(raw.get("LatestDeliveryAttemptTime", "")),
        latest_digest_delivery_time=raw.get("LatestDigestDeliveryTime"),
        latest_digest_delivery_error=raw.get("LatestDigestDeliveryError", ""),
        latest_cloud_watch_logs_delivery_time=raw.get("LatestCloudWatchLogsDeliveryTime"),
        latest_cloud_watch_logs_delivery_error=raw.get("LatestCloudWatchLogsDeliveryError", ""),
        start_logging_time=raw.get("StartLoggingTime"),
        stop_logging_time=raw.get("StopLoggingTime"),
    )


def _hint(text: str) -> datetime | None:
    """Return the time in a field that is no longer in use, None for whatever else it may hold."""
    try:
        return time_in(text) if text else None
    except ForeignError:
        return None
