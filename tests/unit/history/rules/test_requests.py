"""The two requests: which version a copy names, and what is said of an S3 Bucket Key."""

from __future__ import annotations

import pytest
from msgspec import structs

from trailseal.history.rules.manifest import Row
from trailseal.history.rules.method import Target
from trailseal.history.rules.requests import copy_call, update_call

TARGET = Target(bucket="b", key_arn="arn:aws:kms:eu-west-1:111122223333:key/1")


@pytest.mark.parametrize(
    ("row", "source"),
    [
        (Row(key="a b"), "b/a%20b"),
        (Row(key="a", version_id="v+1", latest=True), "b/a"),
        (Row(key="a", version_id="v+1", latest=False), "b/a?versionId=v%2B1"),
    ],
)
def test_a_copy_reads_the_version_that_the_census_saw(row: Row, source: str) -> None:
    """Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html."""
    assert copy_call(row, TARGET).headers["x-amz-copy-source"] == source


@pytest.mark.parametrize(("wanted", "said"), [({}, "false"), ({"bucket_key": True}, "true")])
@pytest.mark.parametrize("row", [Row(key="a"), Row(key="a", storage_class="STANDARD_IA", etag="e", tags=1)])
def test_no_request_leaves_the_bucket_key_to_the_bucket(row: Row, wanted: dict[str, bool], said: str) -> None:
    """Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/configuring-bucket-key-object.html."""
    target = structs.replace(TARGET, **wanted)

    assert copy_call(row, target).headers["x-amz-server-side-encryption-bucket-key-enabled"] == said
    assert (
        f"<BucketKeyEnabled>{said}</BucketKeyEnabled>".encode() in update_call("b", row.key, "", target).body
    )
