"""
S3 Metadata: a live inventory table of a bucket in S3 Tables, kept up by S3.

The backfill ends with the second cycle, and the table is written anew each 12 cycles: within the hour, as on
AWS. There is no journal table behind its name, and no annotation table.
Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/metadata-tables-overview.html
"""

from __future__ import annotations

from dataclasses import dataclass, field
from importlib.util import find_spec
from typing import Any

from moto.s3.models import FakeBucket, s3_backends

from trailseal_lab.answers import Answer, Forward, answers
from trailseal_lab.call import Call
from trailseal_lab.clock import each_cycle
from trailseal_lab.errors import ApiError
from trailseal_lab.failures import alone
from trailseal_lab.s3.buckets import find_bucket, require_bucket
from trailseal_lab.s3.object_list import entries
from trailseal_lab.s3.tables import inventory_table, namespace_of, table_bucket_arn
from trailseal_lab.world import World

NAMES = {"JournalTableConfiguration": "journal", "InventoryTableConfiguration": "inventory"}
CREATING, BACKFILLING, ACTIVE = "CREATING", "BACKFILLING", "ACTIVE"


@dataclass
class Configured:
    """One bucket's configuration, with the status of its tables."""

    given: dict[str, Any]
    status: str = CREATING


@dataclass
class MetadataTables:
    """The configurations by bucket."""

    of: dict[str, Configured] = field(default_factory=dict)


@answers("s3", "CreateBucketMetadataConfiguration")
def create_configuration(world: World, call: Call, forward: Forward) -> Answer:
    """
    Begin to keep tables of a bucket.

    Raises:
        ApiError: NoSuchBucket, MetadataConfigurationAlreadyExists, or NotImplemented where what writes tables
            is not installed.
    """
    del forward
    bucket = require_bucket(str(call.params["Bucket"]))
    held = world.part(MetadataTables).of
    if str(bucket.name) in held:
        text = "The metadata configuration already exists."
        raise ApiError("MetadataConfigurationAlreadyExists", text, status=409)
    _need_writer()
    held[str(bucket.name)] = Configured(given=call.params["MetadataConfiguration"])
    return {}


@answers("s3", "GetBucketMetadataConfiguration")
def get_configuration(world: World, call: Call, forward: Forward) -> Answer:
    """
    Answer where the tables of a bucket are, and how far.

    Raises:
        ApiError: NoSuchBucket or MetadataConfigurationNotFound.
    """
    del forward
    bucket = require_bucket(str(call.params["Bucket"]))
    configured = _require(world, bucket)
    result: dict[str, Any] = {
        "DestinationResult": {
            "TableBucketType": "aws",
            "TableBucketArn": table_bucket_arn(bucket),
            "TableNamespace": namespace_of(bucket),
        }
    }
    for member, name in NAMES.items():
        if member in configured.given:
            result[f"{member}Result"] = _table_result(bucket, configured, member, name)
    return {"GetBucketMetadataConfigurationResult": {"MetadataConfigurationResult": result}}


@answers("s3", "DeleteBucketMetadataConfiguration")
def delete_configuration(world: World, call: Call, forward: Forward) -> Answer:
    """
    Keep no tables any more; those that there are stay, as on AWS.

    Raises:
        ApiError: NoSuchBucket or MetadataConfigurationNotFound.
    """
    del forward
    bucket = require_bucket(str(call.params["Bucket"]))
    _require(world, bucket)
    del world.part(MetadataTables).of[str(bucket.name)]
    return {}


@each_cycle(order=17)
def keep_up(world: World) -> None:
    """Take new tables a step on, and write the others anew when that is due."""
    for name, configured in world.part(MetadataTables).of.items():
        with alone(world, "s3.metadata_tables", name):
            _keep_up(world, name, configured)


def _keep_up(world: World, name: str, configured: Configured) -> None:
    bucket = find_bucket(name)
    if bucket is None or not _has_inventory(configured):
        return
    if configured.status == CREATING:
        configured.status = BACKFILLING
    elif configured.status == BACKFILLING or world.cycles % 12 == 0:
        _write(bucket)
        configured.status = ACTIVE


def _write(bucket: FakeBucket) -> None:
    from trailseal_lab.s3.iceberg_table import snapshot_files

    table = inventory_table(bucket)
    place = f"{table.warehouse_location}/{len(table._bucket.keys)}"
    location, files = snapshot_files(str(bucket.name), entries(bucket), place)
    storage = s3_backends[table.account_id]["aws"]
    for name, body in files.items():
        storage.put_object(str(table._bucket.name), name, body, encryption="AES256")
    table.update_metadata_location(location, table.version_token)


def _need_writer() -> None:
    if find_spec("pyiceberg") is None:
        text = "The lab writes tables with pyiceberg: pip install 'trailseal[history]'."
        raise ApiError("NotImplemented", text, status=501)


def _table_result(bucket: FakeBucket, configured: Configured, member: str, name: str) -> dict[str, Any]:
    arn = f"{table_bucket_arn(bucket)}/table/{name}"
    if member == "JournalTableConfiguration":
        expiration = configured.given[member]["RecordExpiration"]
        return {"TableStatus": ACTIVE, "TableName": name, "TableArn": arn, "RecordExpiration": expiration}
    if not _has_inventory(configured):
        return {"ConfigurationState": "DISABLED"}
    return {
        "ConfigurationState": "ENABLED",
        "TableStatus": configured.status,
        "TableName": name,
        "TableArn": inventory_table(bucket).arn,
    }


def _has_inventory(configured: Configured) -> bool:
    found = configured.given.get("InventoryTableConfiguration") or {}
    return found.get("ConfigurationState") == "ENABLED"


def _require(world: World, bucket: FakeBucket) -> Configured:
    found = world.part(MetadataTables).of.get(str(bucket.name))
    if found is None:
        text = "The metadata configuration does not exist."
        raise ApiError("MetadataConfigurationNotFound", text, status=404)
    return found
