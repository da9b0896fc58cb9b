"""What EC2 and Account Management tell of Regions, and a Region that there is not."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError

OFF, CHOSEN, ALWAYS = "me-south-1", "eu-south-1", "ap-northeast-1"


@pytest.fixture
def ec2(here):
    here.client("account").disable_region(RegionName=OFF)
    return here.client("ec2")


def names(ec2, **given):
    return {row["RegionName"] for row in ec2.describe_regions(**given)["Regions"]}


def by(name, *values):
    return {"Filters": [{"Name": name, "Values": list(values)}]}


def test_without_words_the_regions_are_shown_that_are_on(ec2):
    shown = names(ec2)

    assert {CHOSEN, ALWAYS} <= shown
    assert OFF not in shown
    assert names(ec2, AllRegions=True) == shown | {OFF}
    assert not {name for name in shown if name.startswith(("cn-", "us-gov-", "us-iso"))}


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        (by("opt-in-status", "not-opted-in"), set()),
        (by("opt-in-status", "not-opted-in") | {"AllRegions": True}, {OFF}),
        (by("region-name", "eu-south-?"), {"eu-south-1", "eu-south-2"}),
        (by("region-name", ALWAYS, OFF), {ALWAYS}),
        (by("region-name", r"eu-south-\?"), set()),
        (by("endpoint", f"ec2.{ALWAYS}.amazonaws.com"), {ALWAYS}),
        ({"RegionNames": [OFF, ALWAYS]}, {OFF, ALWAYS}),
        ({"RegionNames": [OFF, ALWAYS]} | by("opt-in-status", "opt-in-not-required"), {ALWAYS}),
    ],
)
def test_names_and_filters_choose(ec2, asked, found):
    assert names(ec2, **asked) == found


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"RegionNames": ["us-east-9"]}, "InvalidParameterValue"),
        (by("colour", "red"), "InvalidParameterValue"),
        ({"DryRun": True}, "DryRunOperation"),
    ],
)
def test_what_there_is_not_is_refused(ec2, asked, code):
    with pytest.raises(ClientError) as refused:
        names(ec2, **asked)

    assert refused.value.response["Error"]["Code"] == code


def test_account_management_lists_them_page_by_page_with_their_status(here, ec2):
    account = here.client("account")
    rows = [row for page in account.get_paginator("list_regions").paginate(
        PaginationConfig={"PageSize": 7}) for row in page["Regions"]]  # fmt: skip
    told = {row["RegionName"]: row["RegionOptStatus"] for row in rows}

    assert len(rows) == len(told) == len(names(ec2, AllRegions=True))
    assert (told[OFF], told[CHOSEN], told[ALWAYS]) == ("DISABLED", "ENABLED", "ENABLED_BY_DEFAULT")
    off = account.list_regions(RegionOptStatusContains=["DISABLED"])
    assert off["Regions"] == [{"RegionName": OFF, "RegionOptStatus": "DISABLED"}]
    for given in ({"NextToken": "x"}, {"AccountId": "210987654321"}):
        with pytest.raises(ClientError):
            account.list_regions(**given)
    with pytest.raises(ClientError):
        account.get_region_opt_status(RegionName="us-east-9")


@pytest.mark.parametrize("region", ["us-east-9", "cn-north-1", "nowhere"])
@pytest.mark.parametrize(
    ("service", "asked", "code"),
    [
        ("cloudtrail", "describe_trails", "InvalidSignatureException"),
        ("kms", "list_keys", "InvalidSignatureException"),
        ("securityhub", "describe_hub", "InvalidSignatureException"),
        ("s3", "list_buckets", "AuthorizationHeaderMalformed"),
        ("sns", "list_topics", "SignatureDoesNotMatch"),
        ("ec2", "describe_vpcs", "AuthFailure"),
    ],
)
def test_in_a_region_that_there_is_not_nobody_answers(here, region, service, asked, code):
    with pytest.raises(ClientError) as refused:
        getattr(here.client(service, region=region), asked)()

    assert refused.value.response["Error"]["Code"] == code
