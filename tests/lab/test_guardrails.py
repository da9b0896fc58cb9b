"""An organization's control policies bind its member accounts, not the management account."""

from __future__ import annotations

import json

import pytest
from botocore.exceptions import ClientError


def policy(*statements):
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


@pytest.fixture
def organizations(lab):
    client = lab.client("organizations")
    client.create_organization(FeatureSet="ALL")
    root = client.list_roots()["Roots"][0]["Id"]
    for kind in ("SERVICE_CONTROL_POLICY", "RESOURCE_CONTROL_POLICY"):
        client.enable_policy_type(RootId=root, PolicyType=kind)
    return client


@pytest.fixture
def member(lab, organizations):
    """An account of the organization, with an administrator."""
    account = organizations.create_account(AccountName="logs", Email="logs@example.com")
    number = account["CreateAccountStatus"]["AccountId"]
    iam = lab.client("iam", f"arn:aws:iam::{number}:root")
    iam.create_user(UserName="boss")
    iam.attach_user_policy(UserName="boss", PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess")
    return number


def attach(organizations, kind, target, *statements):
    made = organizations.create_policy(
        Name=f"{kind}-{target}", Description="", Type=kind, Content=policy(*statements)
    )
    organizations.attach_policy(PolicyId=made["Policy"]["PolicySummary"]["Id"], TargetId=target)


def test_a_member_works_under_the_default_guardrails(lab, member):
    lab.client("kms", f"arn:aws:iam::{member}:user/boss").list_keys()


def test_an_scp_binds_the_member_s_administrator_and_root_but_not_the_management_account(
    lab, organizations, member
):
    root = organizations.list_roots()["Roots"][0]["Id"]
    no_kms = {"Effect": "Deny", "Action": "kms:*", "Resource": "*"}
    attach(organizations, "SERVICE_CONTROL_POLICY", root, no_kms)

    for principal in (f"arn:aws:iam::{member}:user/boss", f"arn:aws:iam::{member}:root"):
        with pytest.raises(ClientError) as refused:
            lab.client("kms", principal).list_keys()
        assert "explicit deny in a service control policy" in refused.value.response["Error"]["Message"]
    lab.client("kms").list_keys()


def test_an_rcp_binds_who_reaches_into_the_member_s_buckets(lab, organizations, member):
    boss = lab.client("s3", f"arn:aws:iam::{member}:user/boss")
    boss.create_bucket(
        Bucket="member-logs", CreateBucketConfiguration={"LocationConstraint": "ap-northeast-1"}
    )
    boss.put_object(Bucket="member-logs", Key="a", Body=b"one")
    closed = {"Effect": "Deny", "Principal": "*", "Action": "s3:GetObject", "Resource": "*"}
    attach(organizations, "RESOURCE_CONTROL_POLICY", member, closed)

    with pytest.raises(ClientError) as refused:
        boss.get_object(Bucket="member-logs", Key="a")

    assert "explicit deny in a resource control policy" in refused.value.response["Error"]["Message"]


def test_a_condition_on_the_organization_s_id_knows_its_members(lab, organizations, member):
    here = organizations.describe_organization()["Organization"]["Id"]
    lab.client("s3").create_bucket(
        Bucket="central-logs", CreateBucketConfiguration={"LocationConstraint": "ap-northeast-1"}
    )
    lab.client("s3").put_object(Bucket="central-logs", Key="a", Body=b"one")
    members = {
        "Effect": "Allow",
        "Principal": "*",
        "Action": "s3:GetObject",
        "Resource": "arn:aws:s3:::central-logs/*",
        "Condition": {"StringEquals": {"aws:PrincipalOrgID": here}},
    }
    lab.client("s3").put_bucket_policy(Bucket="central-logs", Policy=policy(members))
    stranger = lab.client("iam", "arn:aws:iam::555555555555:root")
    stranger.create_user(UserName="boss")
    stranger.attach_user_policy(UserName="boss", PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess")

    answer = lab.client("s3", f"arn:aws:iam::{member}:user/boss").get_object(Bucket="central-logs", Key="a")

    assert answer["Body"].read() == b"one"
    with pytest.raises(ClientError):
        lab.client("s3", "arn:aws:iam::555555555555:user/boss").get_object(Bucket="central-logs", Key="a")
