"""Rows of an S3 Inventory, made from a seed, and what the census of them must be."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import Any

from trailseal.history.rules.census import CensusRow, count
from trailseal.history.rules.census_query import STATUSES
from trailseal.history.rules.manifest import Row

KMS = "arn:aws:kms:us-east-1:111111111111:key/1"


def inventory_rows(number: int = 1500, seed: int = 1) -> list[dict[str, Any]]:
    chance = random.Random(seed)  # noqa: S311 - a seeded estate
    return [_row(chance, n) for n in range(number)]


def _row(chance: random.Random, number: int) -> dict[str, Any]:
    account = chance.choice(["111111111111", "222222222222"])
    region = chance.choice(["us-east-1", "ap-northeast-1"])
    folder = chance.choice(["CloudTrail", "CloudTrail-Digest", "CloudTrail-Insight"])
    day = datetime(2026, chance.randrange(1, 12), chance.randrange(1, 28), tzinfo=UTC)
    name = f"{account}_{folder}_{region}_{day:%Y%m%dT%H%MZ}_{number}.json.gz"
    root = chance.choice(["AWSLogs/", "logs/AWSLogs/o-exampleorg/"])
    return {
        "bucket": "b",
        "key": f"other/{number}"
        if number % 10 == 0
        else f"{root}{account}/{folder}/{region}/{day:%Y/%m/%d}/{name}",
        "version_id": "v",
        "is_latest": number % 7 != 0,
        "is_delete_marker": False,
        "size": number,
        "last_modified_date": day + timedelta(days=chance.choice([0, 5])),
        "storage_class": chance.choice(["STANDARD", "GLACIER"]),
        "encryption_status": chance.choice(["SSE-S3", "SSE-KMS", "NOT-SSE", "DSSE-KMS"]),
        "bucket_key_status": chance.choice(["ENABLED", "DISABLED"]),
    }


def expected(rows: list[dict[str, Any]], *, keys: bool = False) -> tuple[CensusRow, ...]:
    """Return the census counted in Python, row by row."""
    return count(
        Row(
            key=row["key"],
            latest=row["is_latest"],
            size=row["size"],
            storage_class=row["storage_class"],
            encryption=STATUSES[row["encryption_status"]],
            bucket_key=row["bucket_key_status"] == "ENABLED",
            modified=row["last_modified_date"],
            kms_key_id=KMS if keys and row["encryption_status"] == "SSE-KMS" else "",
        )
        for row in rows
    )
