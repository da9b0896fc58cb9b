"""
Where a bucket's server access logs lie in the bucket that takes them, and where those of a time begin.

Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/ServerLogs.html#server-access-logging-overview
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from trailseal.model.log_file import day_folder


def place_of(settings: Mapping[str, Any], *, bucket: str, account: str, region: str) -> str:
    """
    Return the prefix of a bucket's access logs; of buckets that share one, theirs too.

    With partitions by date each bucket has a folder of its own: `account/Region/bucket/year/month/day/`.
    """
    prefix = str(settings.get("TargetPrefix", ""))
    return f"{prefix}{account}/{region}/{bucket}/" if _is_partitioned(settings) and account else prefix


def first_of(settings: Mapping[str, Any], since: datetime, *, account: str) -> str:
    """Return what the names of the first logs since a time begin with, below their place; "" for any."""
    if _is_partitioned(settings):
        return day_folder(since) if account else ""
    return f"{since.year:04}-{since:%m-%d}"


def _is_partitioned(settings: Mapping[str, Any]) -> bool:
    return "PartitionedPrefix" in (settings.get("TargetObjectKeyFormat") or {})
