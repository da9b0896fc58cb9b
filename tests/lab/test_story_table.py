"""
Who can download a log file under the console's key policy, its published restriction, and the corrected ones.

Real downloads, each as the principal itself. What is expected follows from AWS's rules of evaluation:
https://docs.aws.amazon.com/kms/latest/developerguide/policy-evaluation.html
"""

from __future__ import annotations

import base64
import json

import pytest
from botocore.exceptions import ClientError

from key_policies import ACCOUNT, TRAIL, console

ROOT = f"arn:aws:iam::{ACCOUNT}:root"
USER1 = f"arn:aws:iam::{ACCOUNT}:user/user1"
SESSION = f"arn:aws:sts::{ACCOUNT}:assumed-role/Role1/User1"
OUTSIDER = "arn:aws:iam::210987654321:user/boss"
ADMIN = "arn:aws:iam::aws:policy/AdministratorAccess"
OWN, OTHERS, NONE = "own", "others", "none"

READERS = {
    "alice": (f"arn:aws:iam::{ACCOUNT}:user/alice", OWN),
    "user1": (USER1, OWN),
    "administrator": (f"arn:aws:sts::{ACCOUNT}:assumed-role/Administrator/lab", OWN),
    "Role1 as User1": (SESSION, OWN),
    "Role1 as Other": (f"arn:aws:sts::{ACCOUNT}:assumed-role/Role1/Other", OWN),
    "outside administrator": (OUTSIDER, OWN),
    "alice, another account's trail": (f"arn:aws:iam::{ACCOUNT}:user/alice", OTHERS),
    "alice, no context": (f"arn:aws:iam::{ACCOUNT}:user/alice", NONE),
}


def without_delegation() -> str:
    """The corrected policy with IAM's say over decryption taken away: root administers, and no more."""
    document = json.loads(console(reader=USER1, cross=USER1))
    first = document["Statement"][0]
    first["Principal"] = {"AWS": SESSION}
    manage = ["kms:Put*", "kms:Describe*", "kms:Get*", "kms:List*"]
    document["Statement"].append(
        {"Sid": "Manage", "Effect": "Allow", "Principal": {"AWS": ROOT}, "Action": manage, "Resource": "*"}
    )
    return json.dumps(document)


POLICIES = {
    "console": (
        console(),
        {"alice", "user1", "administrator", "Role1 as User1", "Role1 as Other"},
    ),
    "published restriction": (
        console(reader=USER1),
        {"alice", "user1", "administrator", "Role1 as User1", "Role1 as Other"},
    ),
    "cross-account statement narrowed too": (
        console(reader=USER1, cross=USER1),
        {"user1", "administrator", "Role1 as User1"},
    ),
    "delegation narrowed too": (without_delegation(), {"user1", "Role1 as User1"}),
}


def policy(*statements):
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


@pytest.fixture
def account(lab):
    """The principals: everyone may fetch from S3, only the administrators hold KMS permissions."""
    fetch = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}
    trusts = policy({"Effect": "Allow", "Principal": {"AWS": ROOT}, "Action": "sts:AssumeRole"})
    iam = lab.client("iam")
    for name in ("alice", "user1"):
        iam.create_user(UserName=name)
        iam.put_user_policy(UserName=name, PolicyName="fetch", PolicyDocument=policy(fetch))
    for name in ("Administrator", "Role1"):
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=trusts)
    iam.attach_role_policy(RoleName="Administrator", PolicyArn=ADMIN)
    iam.put_role_policy(RoleName="Role1", PolicyName="fetch", PolicyDocument=policy(fetch))
    outside = lab.client("iam", "arn:aws:iam::210987654321:root")
    outside.create_user(UserName="boss")
    outside.attach_user_policy(UserName="boss", PolicyArn=ADMIN)
    return lab


@pytest.fixture
def deliver(account):
    """Put a log file under a key with each of the three contexts, and only then the policy in question."""
    s3, kms = account.client("s3"), account.client("kms")
    s3.create_bucket(Bucket="logs-bucket", CreateBucketConfiguration={"LocationConstraint": "ap-northeast-1"})
    s3.put_bucket_policy(
        Bucket="logs-bucket",
        Policy=policy(
            {
                "Effect": "Allow",
                "Principal": {"AWS": "arn:aws:iam::210987654321:root"},
                "Action": "s3:GetObject",
                "Resource": "arn:aws:s3:::logs-bucket/*",
            }
        ),
    )
    key = kms.create_key()["KeyMetadata"]["Arn"]
    contexts = {OWN: {"aws:cloudtrail:arn": TRAIL}, NONE: None}
    contexts[OTHERS] = {"aws:cloudtrail:arn": TRAIL.replace(ACCOUNT, "210987654321")}

    def put(key_policy):
        for name, context in contexts.items():
            text = base64.b64encode(json.dumps(context).encode()).decode()
            s3.put_object(
                Bucket="logs-bucket",
                Key=name,
                Body=b"{}",
                ServerSideEncryption="aws:kms",
                SSEKMSKeyId=key,
                **({"SSEKMSEncryptionContext": text} if context else {}),
            )
        kms.put_key_policy(KeyId=key, Policy=key_policy)

    return put


def can_download(lab, principal, name):
    try:
        answer = lab.client("s3", principal).get_object(Bucket="logs-bucket", Key=name)
    except ClientError as refused:
        return refused.response["Error"]["Code"] != "AccessDenied"
    return answer["Body"].read() == b"{}"


@pytest.mark.parametrize(("key_policy", "expected"), POLICIES.values(), ids=POLICIES)
def test_only_these_can_download(account, deliver, key_policy, expected):
    deliver(key_policy)

    readers = {who for who, (arn, name) in READERS.items() if can_download(account, arn, name)}

    assert readers == expected
