"""
S3 Inventory configurations, as they were given: moto forgets which versions are wanted.

Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketInventoryConfiguration.html
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from trailseal_lab.answers import Answer, Forward, answers
from trailseal_lab.call import Call
from trailseal_lab.errors import ApiError
from trailseal_lab.s3.buckets import find_bucket, require_bucket
from trailseal_lab.world import World

Configuration = dict[str, Any]


@dataclass
class Inventories:
    """The configurations by bucket and ID."""

    of: dict[str, dict[str, Configuration]] = field(default_factory=dict)

    def enabled(self) -> Iterator[tuple[str, Configuration]]:
        """Yield each enabled configuration with its bucket, where that is still there."""
        for bucket, configurations in self.of.items():
            if find_bucket(bucket) is not None:
                yield from ((bucket, each) for each in configurations.values() if each["IsEnabled"])


@answers("s3", "PutBucketInventoryConfiguration")
def put_inventory(world: World, call: Call, forward: Forward) -> Answer:
    """
    Keep a configuration, in place of the one of that ID.

    Raises:
        ApiError: NoSuchBucket, or InvalidS3DestinationBucket.
    """
    del forward
    bucket = require_bucket(str(call.params["Bucket"]))
    given: Configuration = call.params["InventoryConfiguration"]
    target = str(given["Destination"]["S3BucketDestination"]["Bucket"])
    if find_bucket(target.rpartition(":")[2]) is None:
        raise ApiError("InvalidS3DestinationBucket", "The specified destination bucket does not exist.")
    world.part(Inventories).of.setdefault(str(bucket.name), {})[str(given["Id"])] = given
    return {}


@answers("s3", "GetBucketInventoryConfiguration")
def get_inventory(world: World, call: Call, forward: Forward) -> Answer:
    """
    Answer one configuration.

    Raises:
        ApiError: NoSuchBucket or NoSuchConfiguration.
    """
    del forward
    return {"InventoryConfiguration": _require(world, call)}


@answers("s3", "ListBucketInventoryConfigurations")
def list_inventories(world: World, call: Call, forward: Forward) -> Answer:
    """
    Answer all configurations on one page.

    Raises:
        ApiError: NoSuchBucket.
    """
    del forward
    bucket = require_bucket(str(call.params["Bucket"]))
    found = world.part(Inventories).of.get(str(bucket.name), {})
    return {"InventoryConfigurationList": list(found.values()), "IsTruncated": False}


@answers("s3", "DeleteBucketInventoryConfiguration")
def delete_inventory(world: World, call: Call, forward: Forward) -> Answer:
    """
    Forget a configuration; reports that were written stay.

    Raises:
        ApiError: NoSuchBucket or NoSuchConfiguration.
    """
    del forward
    _require(world, call)
    del world.part(Inventories).of[str(call.params["Bucket"])][str(call.params["Id"])]
    return {}


def _require(world: World, call: Call) -> Configuration:
    bucket = require_bucket(str(call.params["Bucket"]))
    found = world.part(Inventories).of.get(str(bucket.name), {}).get(str(call.params["Id"]))
    if found is None:
        raise ApiError("NoSuchConfiguration", "The specified configuration does not exist.", status=404)
    return found
