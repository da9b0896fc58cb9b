"""The Regions that botocore knows, which is whose names a folder may have."""

from __future__ import annotations

import re
from typing import Any

from trailseal.model.arn import REGION


def known_regions(loader: Any, region: str) -> frozenset[str]:
    """Return the Regions of the partition that `region` lies in, itself among them, by botocore's data."""
    partitions = loader.load_data("partitions")["partitions"]
    own = next((each for each in partitions if _has(each, region)), partitions[0])
    return frozenset(name for name in own["regions"] if REGION.fullmatch(name)) | {region}


def _has(partition: dict[str, Any], region: str) -> bool:
    return region in partition["regions"] or re.match(partition["regionRegex"], region) is not None
