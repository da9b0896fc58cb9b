"""
Which lists of its objects S3 keeps for a bucket.

Sources: https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketMetadataConfiguration.html
https://docs.aws.amazon.com/AmazonS3/latest/API/API_s3Buckets_GetTableMetadataLocation.html
https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListBucketInventoryConfigurations.html
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from trailseal.aws.errors import code_of, unreadable
from trailseal.aws.moving_lists import Steps
from trailseal.aws.response_parsers import NotAwsAnswerError
from trailseal.aws.session import AwsSession
from trailseal.model.bucket_inventory import ACTIVE, InventoryConfiguration, MetadataTable
from trailseal.model.unreadable import Unreadable

CONFIGURATION = "s3:GetBucketMetadataTableConfiguration"
INVENTORIES = "s3:GetInventoryConfiguration"
NO_TABLE = frozenset({"MetadataConfigurationNotFound"})


class AwsBucketInventory:
    """Asks S3 and S3 Tables, in the bucket's Region."""

    def __init__(self, session: AwsSession, *, region: str) -> None:
        self._session = session
        self._region = region

    def metadata_table(self, bucket: str) -> MetadataTable | Unreadable | None:
        """Return the live inventory table, None where the bucket has none."""
        s3 = self._session.client("s3", self._region)
        try:
            found = s3.get_bucket_metadata_configuration(Bucket=bucket)
        except (ClientError, BotoCoreError) as error:
            if code_of(error) in NO_TABLE:
                return None
            return unreadable(error, call=CONFIGURATION, where=bucket)
        whole = found.get("GetBucketMetadataConfigurationResult", {}).get("MetadataConfigurationResult")
        if whole is None:
            return Unreadable(call=CONFIGURATION, code=NotAwsAnswerError.code, where=bucket)
        table = whole.get("InventoryTableConfigurationResult", {})
        if table.get("ConfigurationState") != "ENABLED":
            return None
        if table.get("TableStatus") != ACTIVE:
            return MetadataTable(arn=table.get("TableArn", ""), status=table.get("TableStatus", ""))
        return self._located(bucket, whole.get("DestinationResult", {}), table)

    def _located(
        self, bucket: str, destination: dict[str, Any], table: dict[str, Any]
    ) -> MetadataTable | Unreadable:
        tables = self._session.client("s3tables", self._region)
        try:
            found = tables.get_table_metadata_location(
                tableBucketARN=destination["TableBucketArn"],
                namespace=destination["TableNamespace"],
                name=table["TableName"],
            )
        except (ClientError, BotoCoreError) as error:
            return unreadable(error, call="s3tables:GetTableMetadataLocation", where=table["TableName"])
        except KeyError:
            return Unreadable(call=CONFIGURATION, code=NotAwsAnswerError.code, where=bucket)
        return MetadataTable(
            arn=table.get("TableArn", ""),
            status=ACTIVE,
            metadata_location=found.get("metadataLocation", ""),
        )

    def inventories(self, bucket: str) -> tuple[InventoryConfiguration, ...] | Unreadable:
        """Return what S3 Inventory is told about the bucket."""
        try:
            return tuple(self._inventories(bucket))
        except (ClientError, BotoCoreError) as error:
            return unreadable(error, call=INVENTORIES, where=bucket)
        except KeyError:
            return Unreadable(call=INVENTORIES, code=NotAwsAnswerError.code, where=bucket)

    def _inventories(self, bucket: str) -> Iterator[InventoryConfiguration]:
        s3 = self._session.client("s3", self._region)
        more: dict[str, str] = {}
        steps = Steps("list_bucket_inventory_configurations")
        while True:
            page = s3.list_bucket_inventory_configurations(Bucket=bucket, **more)
            found = page.get("InventoryConfigurationList", [])
            steps.take(page, [found])
            yield from map(_inventory, found)
            if not found or not page.get("IsTruncated") or "NextContinuationToken" not in page:
                return
            more = {"ContinuationToken": page["NextContinuationToken"]}


def _inventory(found: dict[str, Any]) -> InventoryConfiguration:
    destination = found["Destination"]["S3BucketDestination"]
    return InventoryConfiguration(
        configuration_id=found["Id"],
        is_enabled=found["IsEnabled"],
        bucket=destination["Bucket"].rpartition(":")[2],
        prefix=destination.get("Prefix", ""),
        all_versions=found["IncludedObjectVersions"] == "All",
        optional_fields=frozenset(found.get("OptionalFields", ())),
        only_under=found.get("Filter", {}).get("Prefix", ""),
    )
