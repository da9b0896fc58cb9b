"""A Region that is off, in the words of each service, and who may switch one."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError

OFF = "me-south-1"
LISTS = {
    "cloudtrail": "list_trails",
    "ec2": "describe_vpcs",
    "iam": "list_users",
    "kms": "list_keys",
    "lambda": "list_functions",
    "s3": "list_buckets",
    "securityhub": "describe_hub",
    "sns": "list_topics",
    "sqs": "list_queues",
    "sts": "get_caller_identity",
}


def _refused(client, name):
    with pytest.raises(ClientError) as refused:
        getattr(client, name)()
    answer = refused.value.response
    return answer["Error"]["Code"], answer["Error"]["Message"], answer["ResponseMetadata"]["HTTPStatusCode"]


@pytest.mark.sweep
@pytest.mark.parametrize("service", LISTS)
def test_a_region_that_is_off_knows_the_account_s_keys_as_little_as_a_stranger_s(here, service):
    there = here.client(service, region=OFF)
    here.client("account").disable_region(RegionName=OFF)
    off = _refused(there, LISTS[service])

    here.client("account").enable_region(RegionName=OFF)
    here.world.issued.clear()

    assert off == _refused(there, LISTS[service])
    assert ("AuthFailure" in off) is (service == "ec2")


def test_s3_tells_a_session_of_its_token(here):
    given = here.client("sts").get_session_token()["Credentials"]
    here.client("account").disable_region(RegionName=OFF)
    scope = f"AWS4-HMAC-SHA256 Credential={given['AccessKeyId']}/20260101/{OFF}/s3/aws4_request"

    answer = here.send("s3", method="GET", Authorization=scope, X_Amz_Security_Token=given["SessionToken"])

    assert b"<Code>InvalidToken</Code>" in answer.body


@pytest.fixture
def accounts(here):
    """The management account, a delegate for Account Management, one for CloudTrail, a member, a stranger."""
    organizations = here.client("organizations")
    organizations.create_organization(FeatureSet="ALL")
    made = {"management": here.world.account, "stranger": "210987654321"}
    for name in ("delegate", "other", "member"):
        status = organizations.create_account(AccountName=name, Email=f"{name}@example.com")
        made[name] = status["CreateAccountStatus"]["AccountId"]
    for name, service in (("delegate", "account"), ("other", "cloudtrail")):
        organizations.register_delegated_administrator(
            AccountId=made[name], ServicePrincipal=f"{service}.amazonaws.com"
        )
    return made


@pytest.mark.sweep
@pytest.mark.parametrize(
    ("caller", "named", "may"),
    [
        ("management", "member", True),
        ("delegate", "member", True),
        ("member", None, True),
        ("member", "member", True),
        ("stranger", "stranger", True),
        ("other", "member", False),
        ("member", "other", False),
        ("member", "management", False),
        ("stranger", "member", False),
        ("management", "stranger", False),
    ],
)
@pytest.mark.parametrize("operation", ["disable_region", "enable_region", "get_region_opt_status"])
def test_only_who_administers_an_account_switches_its_regions(here, accounts, operation, caller, named, may):
    client = here.client("account", account=accounts[caller])
    given = {"AccountId": accounts[named]} if named else {}

    if may:
        getattr(client, operation)(RegionName=OFF, **given)
    else:
        with pytest.raises(ClientError) as refused:
            getattr(client, operation)(RegionName=OFF, **given)
        assert refused.value.response["Error"]["Code"] == "AccessDeniedException"
