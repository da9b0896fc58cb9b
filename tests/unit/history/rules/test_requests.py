"""Which version a copy names: an older one by its ID, the current one by its key alone."""

from __future__ import annotations

import pytest

from trailseal.history.rules.manifest import Row
from trailseal.history.rules.method import Target
from trailseal.history.rules.requests import copy_call

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
