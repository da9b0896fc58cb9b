"""
moto's S3 Tables, found wherever they are.

Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-tables-aws-managed-buckets.html
"""

from __future__ import annotations

from boto3 import Session
from moto.s3.models import FakeBucket
from moto.s3tables.models import Table, s3tables_backends

from trailseal_lab.s3.buckets import bucket_owner

TABLE_BUCKET = "aws-s3"
INVENTORY = "inventory"
STORAGE = "--table-s3"

# moto has S3 Tables in three Regions, since the SDK names none; the lab has it wherever S3 is.
setattr(s3tables_backends, "_additional_regions", Session().get_available_regions("s3"))  # noqa: B010 - not public


def inventory_table(bucket: FakeBucket) -> Table:
    """Return the live inventory table of a bucket, made where missing."""
    tables = s3tables_backends[str(bucket_owner(str(bucket.name)))][str(bucket.region_name)]
    arn, namespace = table_bucket_arn(bucket), namespace_of(bucket)
    if arn not in tables.table_buckets:
        tables.create_table_bucket(TABLE_BUCKET)
    if namespace not in tables.get_table_bucket(arn).namespaces:
        tables.create_namespace(arn, namespace)
    if INVENTORY not in tables.get_namespace(arn, namespace).tables:
        tables.create_table(arn, namespace, INVENTORY, "ICEBERG")
    return tables.get_table(arn, namespace, INVENTORY)


def table_bucket_arn(bucket: FakeBucket) -> str:
    """Return the ARN of the table bucket that AWS manages for the bucket's account and Region."""
    owner = bucket_owner(str(bucket.name))
    return f"arn:aws:s3tables:{bucket.region_name}:{owner}:bucket/{TABLE_BUCKET}"


def namespace_of(bucket: FakeBucket) -> str:
    """Return the namespace that holds a bucket's tables."""
    return f"b_{bucket.name}".replace(".", "_")


def table_of_storage(bucket: str) -> Table | None:
    """Return the table whose files a bucket holds, None for every other bucket."""
    owner = bucket_owner(bucket) if bucket.endswith(STORAGE) else None
    if owner is None:
        return None
    found = (
        table
        for tables in s3tables_backends[owner].values()
        for table_bucket in tables.table_buckets.values()
        for namespace in table_bucket.namespaces.values()
        for table in namespace.tables.values()
        if table._bucket.name == bucket
    )
    return next(found, None)
