"""Which lists S3 keeps: an answer that is not understood is never taken for none."""

from __future__ import annotations

from typing import Any

import pytest

from trailseal.aws.bucket_inventory import AwsBucketInventory
from trailseal.model.bucket_inventory import InventoryConfiguration, MetadataTable
from trailseal.model.unreadable import Unreadable

TABLE = {
    "ConfigurationState": "ENABLED",
    "TableStatus": "ACTIVE",
    "TableName": "inventory",
    "TableArn": "arn:t",
}
DESTINATION = {"TableBucketArn": "arn:b", "TableNamespace": "n"}
WHOLE = {"DestinationResult": DESTINATION, "InventoryTableConfigurationResult": TABLE}
INVENTORY = {
    "Id": "daily",
    "IsEnabled": True,
    "IncludedObjectVersions": "All",
    "Destination": {"S3BucketDestination": {"Bucket": "arn:aws:s3:::reports"}},
}


class Answers:
    """A session whose every client gives these answers."""

    def __init__(self, **answers: Any) -> None:
        self.answers = answers

    def client(self, *_where: str) -> Any:
        return self

    def __getattr__(self, operation: str) -> Any:
        return lambda **_: self.answers[operation]


def table_of(whole: Any) -> Any:
    answer = {"GetBucketMetadataConfigurationResult": {"MetadataConfigurationResult": whole}}
    session: Any = Answers(
        get_bucket_metadata_configuration=answer if whole is not None else {},
        get_table_metadata_location={"metadataLocation": "s3://m"},
    )
    return AwsBucketInventory(session, region="us-east-1").metadata_table("b")


def lists_of(*found: Any, **more: Any) -> Any:
    session: Any = Answers(list_bucket_inventory_configurations={"InventoryConfigurationList": found, **more})
    return AwsBucketInventory(session, region="us-east-1").inventories("b")


def test_a_whole_answer_is_a_table_that_is_complete() -> None:
    assert table_of(WHOLE) == MetadataTable(arn="arn:t", status="ACTIVE", metadata_location="s3://m")


@pytest.mark.parametrize(
    "whole",
    [
        pytest.param(None, id="another-answer"),
        pytest.param({"InventoryTableConfigurationResult": TABLE}, id="no-destination"),
        pytest.param(WHOLE | {"DestinationResult": {"TableNamespace": "n"}}, id="no-table-bucket"),
        pytest.param(
            WHOLE | {"InventoryTableConfigurationResult": {n: TABLE[n] for n in TABLE if n != "TableName"}},
            id="no-name",
        ),
    ],
)
def test_an_answer_that_lacks_a_part_is_not_understood(whole: Any) -> None:
    found = table_of(whole)

    assert isinstance(found, Unreadable)
    assert found.code == "UnexpectedAnswer"


def test_a_table_that_is_off_is_none() -> None:
    assert table_of({"InventoryTableConfigurationResult": {"ConfigurationState": "DISABLED"}}) is None


def test_an_inventory_is_read_with_what_it_has() -> None:
    wanted = InventoryConfiguration(
        configuration_id="daily", is_enabled=True, bucket="reports", all_versions=True
    )

    assert lists_of(INVENTORY) == (wanted,)


@pytest.mark.parametrize("missing", list(INVENTORY))
def test_an_inventory_that_lacks_a_part_is_not_understood(missing: str) -> None:
    found = lists_of({name: INVENTORY[name] for name in INVENTORY if name != missing})

    assert isinstance(found, Unreadable)
    assert found.code == "UnexpectedAnswer"


@pytest.mark.parametrize("more", [{"IsTruncated": True}, {"IsTruncated": True, "NextContinuationToken": "x"}])
def test_a_listing_that_says_there_is_more_and_gives_none_ends(more: dict[str, Any]) -> None:
    assert lists_of(**more) == ()
