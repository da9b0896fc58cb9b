"""The lists of a bucket's objects that S3 keeps itself: S3 Inventory reports, S3 Metadata tables."""

from __future__ import annotations

from msgspec import Struct

ACTIVE = "ACTIVE"
NEEDED_FIELDS = frozenset({"Size", "LastModifiedDate", "StorageClass", "EncryptionStatus"})
"""The optional fields of a report that a census needs."""


class MetadataTable(Struct, frozen=True, kw_only=True):
    """
    A bucket's live inventory table. Source: API_InventoryTableConfigurationResult.

    `metadata_location` is the `s3://…metadata.json` of its newest snapshot, "" before there is one.
    """

    arn: str
    status: str
    metadata_location: str = ""

    @property
    def is_complete(self) -> bool:
        """Whether every object is in it: it is neither being backfilled nor failed."""
        return self.status == ACTIVE and bool(self.metadata_location)


class InventoryConfiguration(Struct, frozen=True, kw_only=True):
    """What S3 Inventory is told to list. Source: API_InventoryConfiguration."""

    configuration_id: str
    is_enabled: bool
    bucket: str
    """The bucket that reports go to."""
    prefix: str = ""
    """Put before reports, which lie in `prefix/SOURCE-BUCKET/ID/`."""
    all_versions: bool = False
    optional_fields: frozenset[str] = frozenset()
    only_under: str = ""
    """Only keys that begin so are listed."""

    def folder(self, source_bucket: str) -> str:
        """
        Return the folder of the reports.

        Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/storage-inventory-location.html
        """
        above = f"{self.prefix.rstrip('/')}/" if self.prefix else ""
        return f"{above}{source_bucket}/{self.configuration_id}/"
