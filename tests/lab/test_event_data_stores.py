"""Event data stores belong to one account and Region, and to nobody else."""

from __future__ import annotations

import json

import pytest

from refusals import code_of

STRANGER = "arn:aws:iam::555555555555:root"


def test_a_store_is_its_regions_and_its_name_stands_once(lab):
    here, there = (lab.client("cloudtrail", region=region) for region in ("ap-northeast-1", "us-east-1"))
    arn = here.create_event_data_store(Name="all-events")["EventDataStoreArn"]

    assert code_of(here.create_event_data_store, Name="all-events") == "EventDataStoreAlreadyExistsException"
    assert code_of(there.create_event_data_store, Name="all-events") == ""
    assert here.get_event_data_store(EventDataStore=arn)["Name"] == "all-events"
    assert [each["EventDataStoreArn"] for each in here.list_event_data_stores()["EventDataStores"]] == [arn]
    assert code_of(there.get_event_data_store, EventDataStore=arn) == "EventDataStoreNotFoundException"
    assert code_of(there.get_resource_policy, ResourceArn=arn) == "ResourceNotFoundException"


@pytest.mark.parametrize("operation", ["get_event_data_store", "put_resource_policy", "get_resource_policy"])
def test_another_account_reaches_no_store(lab, operation):
    arn = lab.client("cloudtrail").create_event_data_store(Name="all-events")["EventDataStoreArn"]
    allow = {"Effect": "Allow", "Principal": "*", "Action": "cloudtrail:GetEventDataStore", "Resource": arn}
    policy = {"Version": "2012-10-17", "Statement": [allow]}
    given = {"EventDataStore": arn} if operation == "get_event_data_store" else {"ResourceArn": arn}
    if operation == "put_resource_policy":
        given["ResourcePolicy"] = json.dumps(policy)

    assert code_of(getattr(lab.client("cloudtrail", STRANGER), operation), **given).endswith(
        "NotFoundException"
    )
