"""What the lab lacks says so; lists of what it cannot have are there, and empty."""

from __future__ import annotations

import csv
import json

import pytest

from refusals import code_of
from rows import each_row

LACKING = (
    ("kms", "derive_shared_secret", {"KeyAgreementAlgorithm": "ECDH", "PublicKey": b"x"}),
    ("kms", "generate_data_key_pair", {"KeyPairSpec": "ECC_NIST_P256"}),
    ("kms", "describe_custom_key_stores", None),
    ("kms", "create_custom_key_store", {"CustomKeyStoreName": "store"}),
    ("securityhub", "get_insights", None),
    ("securityhub", "get_insight_results", {"InsightArn": "arn:aws:securityhub:::insight/x"}),
    ("securityhub", "describe_products", None),
    ("securityhub", "list_automation_rules", None),
    ("cloudtrail", "create_channel", {"Name": "one", "Source": "Custom", "Destinations": [
        {"Type": "EVENT_DATA_STORE", "Location": "store"}]}),
    ("cloudtrail", "list_dashboards", None),
    ("cloudtrail", "start_query", {"QueryStatement": "SELECT 1"}),
    ("accessanalyzer", "list_analyzers", None),
    ("cloudformation", "describe_stacks", None),
    ("backup", "list_restore_jobs", None),
)  # fmt: skip


@each_row(("service", "operation", "given"), LACKING)
def test_what_is_lacking_is_said_in_the_client_s_own_protocol(here, service, operation, given):
    client = here.client(service)
    if operation in {"derive_shared_secret", "generate_data_key_pair"}:
        given = {**given, "KeyId": here.client("kms").create_key()["KeyMetadata"]["KeyId"]}
    if service == "securityhub":
        code_of(client.enable_security_hub)

    assert code_of(getattr(client, operation), **(given or {})) == "NotImplemented"


def test_there_are_no_channels(here):
    trails = here.client("cloudtrail")

    assert trails.list_channels()["Channels"] == []
    assert code_of(trails.list_channels, NextToken="0123") == "InvalidNextTokenException"
    assert code_of(trails.get_channel, Channel="one") == "ChannelNotFoundException"


def test_integrations_are_switched_on_and_off(here):
    hub, region = here.client("securityhub"), here.world.region
    product = f"arn:aws:securityhub:{region}::product/aws/guardduty"
    assert code_of(hub.list_enabled_products_for_import) == "InvalidAccessException"
    hub.enable_security_hub()

    assert hub.list_enabled_products_for_import()["ProductSubscriptions"] == []
    made = hub.enable_import_findings_for_product(ProductArn=product)["ProductSubscriptionArn"]
    assert made.endswith(":product-subscription/aws/guardduty")
    assert code_of(hub.enable_import_findings_for_product, ProductArn=product) == "ResourceConflictException"
    other = product.replace(region, "us-east-1")
    assert code_of(hub.enable_import_findings_for_product, ProductArn=other) == "InvalidInputException"
    hub.enable_import_findings_for_product(ProductArn=product.replace("guardduty", "macie"))
    pages = hub.get_paginator("list_enabled_products_for_import").paginate(PaginationConfig={"PageSize": 1})
    assert len([arn for page in pages for arn in page["ProductSubscriptions"]]) == 2
    hub.disable_import_findings_for_product(ProductSubscriptionArn=made)
    gone = {"ProductSubscriptionArn": made}
    assert code_of(hub.disable_import_findings_for_product, **gone) == "ResourceNotFoundException"


POLICY = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Action": "s3:*",
            "Resource": [
                "arn:aws:s3:::logs/${aws:username}/*",
                "arn:aws:s3:::${*}/${aws:PrincipalTag/team, 'none'}",
            ],
            "Condition": {
                "StringEquals": {"aws:SourceAccount": "${aws:PrincipalAccount}"},
                "Bool": {"AWS:USERNAME": "true", "aws:SecureTransport": "true"},
            },
        },
        {"Effect": "Deny", "NotAction": "iam:*", "NotResource": "arn:aws:iam::*:user/${aws:userid}"},
    ],
}
NAMED = {
    "aws:username",
    "aws:principaltag/team",
    "aws:sourceaccount",
    "aws:principalaccount",
    "aws:securetransport",
    "aws:userid",
}


def test_the_condition_keys_of_policies_are_told(here):
    iam, text = here.client("iam"), json.dumps(POLICY)
    iam.create_user(UserName="carol")
    iam.put_user_policy(UserName="carol", PolicyName="p", PolicyDocument=text)
    carol = iam.get_user(UserName="carol")["User"]["Arn"]

    of_given = iam.get_context_keys_for_custom_policy(PolicyInputList=[text, text])["ContextKeyNames"]
    of_carol = iam.get_context_keys_for_principal_policy(PolicySourceArn=carol)["ContextKeyNames"]

    assert {name.lower() for name in of_given} == NAMED
    assert sorted(of_given) == sorted(of_carol)
    assert len(of_given) == len(NAMED)
    assert code_of(iam.get_context_keys_for_custom_policy, PolicyInputList=["{"]) == "InvalidInput"
    nobody = carol.replace("carol", "nobody")
    assert code_of(iam.get_context_keys_for_principal_policy, PolicySourceArn=nobody) == "NoSuchEntity"


@pytest.fixture
def report(here):
    """The rows of the credential report, by user."""
    iam = here.client("iam")
    assert code_of(iam.get_credential_report) == "ReportNotPresent"
    iam.create_user(UserName="carol")
    iam.create_user(UserName="dave")
    iam.create_login_profile(UserName="dave", Password="Long-enough-1!")
    iam.create_access_key(UserName="carol")
    iam.generate_credential_report()
    text = iam.get_credential_report()["Content"].decode()
    return {row["user"]: row for row in csv.DictReader(text.splitlines())}


def test_the_credential_report_begins_with_the_root_user_and_invents_no_password(report):
    root, carol, dave = report["<root_account>"], report["carol"], report["dave"]

    assert next(iter(report)) == "<root_account>"
    assert root["arn"].endswith(":root")
    assert (root["mfa_active"], root["access_key_1_active"]) == ("false", "false")
    of_password = (
        "password_enabled",
        "password_last_used",
        "password_last_changed",
        "password_next_rotation",
    )
    assert [root[name] for name in of_password] == [
        "true",
        "no_information",
        "not_supported",
        "not_supported",
    ]
    assert [carol[name] for name in of_password] == ["false", "N/A", "N/A", "N/A"]
    assert dave["password_enabled"] == "true"
    assert dave["password_last_changed"].endswith("+00:00")
    assert (carol["access_key_1_active"], carol["access_key_1_last_used_region"]) == ("true", "N/A")
    assert (carol["access_key_2_active"], carol["access_key_2_last_rotated"]) == ("false", "N/A")
