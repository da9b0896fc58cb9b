"""Policies name principals that are there: one that is not is refused, in the service's own words."""

from __future__ import annotations

import json

import pytest

from refusals import code_of
from rows import each_row

ACCOUNT = "123456789012"
MISSING = (
    f"arn:aws:iam::{ACCOUNT}:role/nobody",
    f"arn:aws:iam::{ACCOUNT}:user/nobody",
    f"arn:aws:iam::{ACCOUNT}:role/path/alice-role",
    f"arn:aws:sts::{ACCOUNT}:assumed-role/nobody/session",
    "arn:aws:s3:::a-bucket",
    "AIDANOBODYNOBODYNOBOD",
    "nobody",
)
PRESENT = (
    "*",
    ACCOUNT,
    f"arn:aws:iam::{ACCOUNT}:root",
    f"arn:aws:iam::{ACCOUNT}:role/alice-role",
    f"arn:aws:sts::{ACCOUNT}:assumed-role/alice-role/session",
    f"arn:aws:sts::{ACCOUNT}:federated-user/anyone",
    "arn:aws:iam::999988887777:role/who-knows",
)


def _policy(principal, *, action, resource="*"):
    own = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "Action": action}
    named = {"Effect": "Allow", "Principal": {"AWS": [principal]}, "Action": action}
    where = {} if resource is None else {"Resource": resource}
    return json.dumps({"Version": "2012-10-17", "Statement": [own | where, named | where]})


@pytest.fixture
def calls(here):
    """The calls that bring a policy with principals, by name, each with the code of its refusal."""
    iam, kms, s3 = here.client("iam"), here.client("kms"), here.client("s3")
    iam.create_role(RoleName="alice-role", AssumeRolePolicyDocument=_trust("*"))
    s3.create_bucket(Bucket="named-logs", CreateBucketConfiguration={"LocationConstraint": here.world.region})
    s3.delete_public_access_block(Bucket="named-logs")
    key = kms.create_key(MultiRegion=True)["KeyMetadata"]["Arn"]
    of_kms, of_s3 = (
        "MalformedPolicyDocumentException",
        {"action": "s3:GetObject", "resource": "arn:aws:s3:::named-logs/*"},
    )
    return [
        (of_kms, lambda who: kms.create_key(Policy=_policy(who, action="kms:*"))),
        (of_kms, lambda who: kms.put_key_policy(KeyId=key, Policy=_policy(who, action="kms:*"))),
        ("MalformedPolicy", lambda who: s3.put_bucket_policy(
            Bucket="named-logs", Policy=_policy(who, **of_s3))),
        ("MalformedPolicyDocument", lambda who: iam.update_assume_role_policy(
            RoleName="alice-role", PolicyDocument=_trust(who))),
    ]  # fmt: skip


def _trust(who):
    return _policy(who, action="sts:AssumeRole", resource=None)


@each_row("who", MISSING)
def test_a_principal_that_is_not_there_is_refused_wherever_it_is_named(calls, who):
    assert [code_of(call, who=who) for _, call in calls] == [code for code, _ in calls]


@each_row("who", PRESENT)
def test_one_that_is_there_is_taken(calls, who):
    for _, call in calls:
        call(who)


def test_a_principal_that_was_deleted_is_shown_by_its_id_and_made_again_is_another(here):
    iam, kms, s3 = here.client("iam"), here.client("kms"), here.client("s3")
    where = {"LocationConstraint": here.world.region}
    s3.create_bucket(Bucket="named-logs", CreateBucketConfiguration=where)
    role = iam.create_role(RoleName="reader", AssumeRolePolicyDocument=_trust("*"))["Role"]
    user = iam.create_user(UserName="carol")["User"]
    key = kms.create_key(Policy=_policy(role["Arn"], action="kms:*"))["KeyMetadata"]["KeyId"]
    of_s3 = _policy(user["Arn"], action="s3:GetObject", resource="arn:aws:s3:::named-logs/*")
    s3.put_bucket_policy(Bucket="named-logs", Policy=of_s3)

    iam.delete_role(RoleName="reader")
    iam.delete_user(UserName="carol")
    iam.create_role(RoleName="reader", AssumeRolePolicyDocument=_trust("*"))
    iam.create_user(UserName="carol")

    shown = (kms.get_key_policy(KeyId=key)["Policy"], s3.get_bucket_policy(Bucket="named-logs")["Policy"])
    named = [json.loads(text)["Statement"][1]["Principal"]["AWS"] for text in shown]
    assert named == [[role["RoleId"]], [user["UserId"]]]
    assert code_of(kms.put_key_policy, KeyId=key, Policy=shown[0]) == "MalformedPolicyDocumentException"
