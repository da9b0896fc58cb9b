"""Every call is authorised as its caller, over every layer of policy."""

from __future__ import annotations

import base64
import json

import boto3
import pytest
from botocore.exceptions import ClientError

ACCOUNT = "123456789012"
ROOT = f"arn:aws:iam::{ACCOUNT}:root"
ADMIN = "arn:aws:iam::aws:policy/AdministratorAccess"
TRAIL = f"arn:aws:cloudtrail:ap-northeast-1:{ACCOUNT}:trail/main"
BUCKET = "arn:aws:s3:::logs-bucket"


def policy(*statements):
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allow(action, resource="*", **more):
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def deny(action, resource="*", **more):
    return {"Effect": "Deny", "Action": action, "Resource": resource, **more}


def refusal(call, **arguments):
    with pytest.raises(ClientError) as refused:
        call(**arguments)
    return refused.value.response["Error"]


def code_of(call, **arguments):
    return refusal(call, **arguments)["Code"]


@pytest.fixture
def iam(lab):
    client = lab.client("iam")
    client.create_user(UserName="alice")
    return client


@pytest.fixture
def s3(lab):
    client = lab.client("s3")
    client.create_bucket(
        Bucket="logs-bucket", CreateBucketConfiguration={"LocationConstraint": "ap-northeast-1"}
    )
    client.put_object(Bucket="logs-bucket", Key="a", Body=b"one")
    return client


def grant(iam, *statements, user="alice", name="p"):
    iam.put_user_policy(UserName=user, PolicyName=name, PolicyDocument=policy(*statements))


def test_a_user_without_policies_may_do_nothing_but_ask_who_it_is(lab, iam):
    error = refusal(lab.client("kms", "alice").list_keys)

    assert error["Code"] == "AccessDeniedException"
    assert error["Message"] == (
        f"User: arn:aws:iam::{ACCOUNT}:user/alice is not authorized to perform: kms:ListKeys "
        "because no identity-based policy allows the kms:ListKeys action"
    )
    assert lab.client("sts", "alice").get_caller_identity()["Account"] == ACCOUNT


def test_inline_managed_and_group_policies_add_up(lab, iam):
    grant(iam, allow("kms:ListKeys"))
    iam.create_policy(PolicyName="aliases", PolicyDocument=policy(allow("kms:ListAliases")))
    iam.attach_user_policy(UserName="alice", PolicyArn=f"arn:aws:iam::{ACCOUNT}:policy/aliases")
    iam.create_group(GroupName="team")
    iam.put_group_policy(GroupName="team", PolicyName="p", PolicyDocument=policy(allow("iam:ListUsers")))
    iam.add_user_to_group(GroupName="team", UserName="alice")

    lab.client("kms", "alice").list_keys()
    lab.client("kms", "alice").list_aliases()
    lab.client("iam", "alice").list_users()
    assert code_of(lab.client("iam", "alice").list_roles) == "AccessDenied"


def test_a_boundary_limits_what_policies_allow(lab, iam):
    iam.create_policy(PolicyName="fence", PolicyDocument=policy(allow("iam:*")))
    iam.attach_user_policy(UserName="alice", PolicyArn=ADMIN)
    iam.put_user_permissions_boundary(
        UserName="alice", PermissionsBoundary=f"arn:aws:iam::{ACCOUNT}:policy/fence"
    )

    lab.client("iam", "alice").list_users()
    assert code_of(lab.client("kms", "alice").list_keys) == "AccessDeniedException"


def test_a_session_policy_limits_a_role_session(lab, iam):
    trusts = policy({"Effect": "Allow", "Principal": {"AWS": ROOT}, "Action": "sts:AssumeRole"})
    iam.create_role(RoleName="Ops", AssumeRolePolicyDocument=trusts)
    iam.attach_role_policy(RoleName="Ops", PolicyArn=ADMIN)
    given = lab.client("sts").assume_role(
        RoleArn=f"arn:aws:iam::{ACCOUNT}:role/Ops",
        RoleSessionName="me",
        Policy=policy(allow("iam:ListUsers")),
    )["Credentials"]
    session = boto3.Session(
        given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"], region_name="ap-northeast-1"
    )

    session.client("iam", endpoint_url=lab.address).list_users()
    assert code_of(session.client("kms", endpoint_url=lab.address).list_keys) == "AccessDeniedException"


@pytest.mark.parametrize(
    ("operation", "arguments", "action"),
    [
        ("head_object", {"Key": "a"}, "s3:GetObject"),
        ("list_objects_v2", {}, "s3:ListBucket"),
        ("head_bucket", {}, "s3:ListBucket"),
        ("get_bucket_encryption", {}, "s3:GetEncryptionConfiguration"),
        ("get_public_access_block", {}, "s3:GetBucketPublicAccessBlock"),
        ("list_object_versions", {}, "s3:ListBucketVersions"),
        ("get_object", {"Key": "a", "VersionId": "null"}, "s3:GetObjectVersion"),
    ],
)
def test_an_operation_needs_the_action_that_aws_names_for_it(lab, iam, s3, operation, arguments, action):
    call = getattr(lab.client("s3", "alice"), operation)
    with pytest.raises(ClientError):
        call(Bucket="logs-bucket", **arguments)

    grant(iam, allow(action, [BUCKET, f"{BUCKET}/*"]))

    call(Bucket="logs-bucket", **arguments)


def test_a_bucket_policy_alone_lets_a_user_of_the_same_account_read(lab, iam, s3):
    alice = {"AWS": f"arn:aws:iam::{ACCOUNT}:user/alice"}
    s3.put_bucket_policy(
        Bucket="logs-bucket", Policy=policy(allow("s3:GetObject", f"{BUCKET}/*", Principal=alice))
    )

    body = lab.client("s3", "alice").get_object(Bucket="logs-bucket", Key="a")["Body"].read()

    assert body == b"one"


def test_a_deny_in_the_bucket_policy_binds_the_administrator(s3):
    s3.put_bucket_policy(
        Bucket="logs-bucket", Policy=policy(deny("s3:GetObject", f"{BUCKET}/*", Principal="*"))
    )

    assert code_of(s3.get_object, Bucket="logs-bucket", Key="a") == "AccessDenied"


def test_a_policy_that_insists_on_tls_lets_the_lab_s_clients_in(s3):
    insists = deny("s3:*", f"{BUCKET}/*", Principal="*", Condition={"Bool": {"aws:SecureTransport": "false"}})
    s3.put_bucket_policy(Bucket="logs-bucket", Policy=policy(insists))

    s3.get_object(Bucket="logs-bucket", Key="a")


def test_a_missing_object_looks_forbidden_to_who_may_not_list(lab, iam, s3):
    grant(iam, allow("s3:GetObject", f"{BUCKET}/*"))

    assert code_of(lab.client("s3", "alice").get_object, Bucket="logs-bucket", Key="none") == "AccessDenied"
    assert code_of(s3.get_object, Bucket="logs-bucket", Key="none") == "NoSuchKey"


# keys


def own_key(lab, *statements):
    """A key whose policy holds these statements and lets the administrator manage it."""
    manage = allow(
        ["kms:PutKeyPolicy", "kms:DescribeKey", "kms:GenerateDataKey", "kms:CreateGrant"],
        Principal={"AWS": f"arn:aws:iam::{ACCOUNT}:user/admin"},
    )
    return lab.client("kms").create_key(Policy=policy(manage, *statements))["KeyMetadata"]["Arn"]


def seal(s3, key, name, context=None):
    more = (
        {"SSEKMSEncryptionContext": base64.b64encode(json.dumps(context).encode()).decode()}
        if context
        else {}
    )
    s3.put_object(
        Bucket="logs-bucket",
        Key=name,
        Body=b"sealed",
        ServerSideEncryption="aws:kms",
        SSEKMSKeyId=key,
        **more,
    )


def test_reading_under_a_key_takes_both_s3_and_kms(lab, iam, s3):
    alice = {"AWS": f"arn:aws:iam::{ACCOUNT}:user/alice"}
    key = own_key(lab)
    seal(s3, key, "sealed")
    grant(iam, allow("s3:GetObject", f"{BUCKET}/*"), allow("kms:Decrypt"))
    reader = lab.client("s3", "alice")

    error = refusal(reader.get_object, Bucket="logs-bucket", Key="sealed")
    assert error["Code"] == "AccessDenied"
    assert "kms:Decrypt" in error["Message"]

    manage = allow("kms:*", Principal={"AWS": f"arn:aws:iam::{ACCOUNT}:user/admin"})
    lab.client("kms").put_key_policy(KeyId=key, Policy=policy(manage, allow("kms:Decrypt", Principal=alice)))
    assert reader.get_object(Bucket="logs-bucket", Key="sealed")["Body"].read() == b"sealed"


def test_a_root_statement_hands_the_key_to_iam(lab, iam, s3):
    key = own_key(lab, allow("kms:Decrypt", Principal={"AWS": ROOT}))
    seal(s3, key, "sealed")
    grant(iam, allow("s3:GetObject", f"{BUCKET}/*"))
    reader = lab.client("s3", "alice")

    assert code_of(reader.get_object, Bucket="logs-bucket", Key="sealed") == "AccessDenied"
    grant(iam, allow("kms:Decrypt"), name="key")
    reader.get_object(Bucket="logs-bucket", Key="sealed")


def test_a_key_policy_sees_the_object_s_own_encryption_context_and_s3_as_the_way(lab, iam, s3):
    only = {
        "StringEquals": {
            "kms:EncryptionContext:aws:cloudtrail:arn": TRAIL,
            "kms:ViaService": "s3.ap-northeast-1.amazonaws.com",
        }
    }
    key = own_key(lab, allow("kms:Decrypt", Principal={"AWS": "*"}, Condition=only))
    seal(s3, key, "delivered", {"aws:cloudtrail:arn": TRAIL})
    seal(s3, key, "copied")
    grant(iam, allow("s3:GetObject", f"{BUCKET}/*"))
    reader = lab.client("s3", "alice")

    assert reader.get_object(Bucket="logs-bucket", Key="delivered")["Body"].read() == b"sealed"
    assert code_of(reader.get_object, Bucket="logs-bucket", Key="copied") == "AccessDenied"


def test_an_object_sealed_later_no_longer_carries_the_trail_s_context(lab, iam, s3):
    only = {"StringEquals": {"kms:EncryptionContext:aws:cloudtrail:arn": TRAIL}}
    admin = {"AWS": f"arn:aws:iam::{ACCOUNT}:user/admin"}
    key = own_key(
        lab,
        allow(["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*"], Principal=admin),
        allow("kms:Decrypt", Principal={"AWS": "*"}, Condition=only),
    )
    seal(s3, key, "delivered", {"aws:cloudtrail:arn": TRAIL})
    grant(iam, allow("s3:GetObject", f"{BUCKET}/*"))
    reader = lab.client("s3", "alice")
    reader.get_object(Bucket="logs-bucket", Key="delivered")

    wanted = {"SSEKMS": {"KMSKeyArn": key}}
    s3.update_object_encryption(Bucket="logs-bucket", Key="delivered", ObjectEncryption=wanted)

    assert code_of(reader.get_object, Bucket="logs-bucket", Key="delivered") == "AccessDenied"


def test_update_object_encryption_needs_its_own_action_and_the_key(lab, iam, s3):
    key = own_key(lab, allow("kms:*", Principal={"AWS": f"arn:aws:iam::{ACCOUNT}:user/alice"}))
    closed = own_key(lab)
    alice = lab.client("s3", "alice")
    grant(iam, allow("s3:PutObject", f"{BUCKET}/*"))

    def update(arn):
        alice.update_object_encryption(
            Bucket="logs-bucket", Key="a", ObjectEncryption={"SSEKMS": {"KMSKeyArn": arn}}
        )

    assert "s3:UpdateObjectEncryption" in refusal(update, arn=key)["Message"]
    grant(iam, allow("s3:UpdateObjectEncryption", f"{BUCKET}/*"), name="more")
    assert "kms:GenerateDataKey" in refusal(update, arn=closed)["Message"]
    update(key)


def test_a_grant_opens_a_key(lab, iam, s3):
    key = own_key(lab)
    seal(s3, key, "sealed")
    grant(iam, allow("s3:GetObject", f"{BUCKET}/*"))
    reader = lab.client("s3", "alice")
    assert code_of(reader.get_object, Bucket="logs-bucket", Key="sealed") == "AccessDenied"

    lab.client("kms").create_grant(
        KeyId=key, GranteePrincipal=f"arn:aws:iam::{ACCOUNT}:user/alice", Operations=["Decrypt"]
    )

    reader.get_object(Bucket="logs-bucket", Key="sealed")


def test_writing_under_a_key_asks_for_a_data_key(lab, iam, s3):
    key = own_key(lab)
    grant(iam, allow("s3:PutObject", f"{BUCKET}/*"))

    error = refusal(seal, s3=lab.client("s3", "alice"), key=key, name="mine")

    assert error["Code"] == "AccessDenied"
    assert "kms:GenerateDataKey" in error["Message"]


def test_an_open_bucket_key_outlives_a_tightened_policy_for_a_while(lab, iam, s3):
    alice = {"AWS": f"arn:aws:iam::{ACCOUNT}:user/alice"}
    manage = allow("kms:*", Principal={"AWS": f"arn:aws:iam::{ACCOUNT}:user/admin"})
    key = lab.client("kms").create_key(Policy=policy(manage, allow("kms:Decrypt", Principal=alice)))[
        "KeyMetadata"
    ]["Arn"]
    s3.put_object(
        Bucket="logs-bucket",
        Key="b",
        Body=b"sealed",
        ServerSideEncryption="aws:kms",
        SSEKMSKeyId=key,
        BucketKeyEnabled=True,
    )
    grant(iam, allow("s3:GetObject", f"{BUCKET}/*"))
    reader = lab.client("s3", "alice")
    reader.get_object(Bucket="logs-bucket", Key="b")

    lab.client("kms").put_key_policy(KeyId=key, Policy=policy(manage))

    reader.get_object(Bucket="logs-bucket", Key="b")
    lab.tick(12)
    assert code_of(reader.get_object, Bucket="logs-bucket", Key="b") == "AccessDenied"


def test_put_key_policy_does_not_let_its_author_lock_himself_out(lab, iam):
    kms = lab.client("kms")
    key = kms.create_key()["KeyMetadata"]["Arn"]
    alice_only = policy(allow("kms:*", Principal={"AWS": f"arn:aws:iam::{ACCOUNT}:user/alice"}))

    error = refusal(kms.put_key_policy, KeyId=key, Policy=alice_only)

    assert error["Code"] == "MalformedPolicyDocumentException"
    assert error["Message"] == "The new key policy will not allow you to update the key policy in the future."
    kms.put_key_policy(KeyId=key, Policy=alice_only, BypassPolicyLockoutSafetyCheck=True)
    assert code_of(kms.put_key_policy, KeyId=key, Policy=alice_only) == "AccessDeniedException"


def test_a_key_of_another_account_needs_both_sides(lab, iam):
    stranger = "arn:aws:iam::210987654321:root"
    other = lab.client("iam", stranger)
    other.create_user(UserName="bob")
    bob = "arn:aws:iam::210987654321:user/bob"
    key = own_key(lab, allow("kms:GenerateDataKey", Principal={"AWS": stranger}))
    kms = lab.client("kms", bob)

    assert code_of(kms.generate_data_key, KeyId=key, KeySpec="AES_256") == "AccessDeniedException"
    other.put_user_policy(
        UserName="bob", PolicyName="p", PolicyDocument=policy(allow("kms:GenerateDataKey", key))
    )
    assert kms.generate_data_key(KeyId=key, KeySpec="AES_256")["KeyId"] == key


# trust


def test_a_role_is_assumed_only_by_whom_it_trusts(lab, iam):
    trusts_alice = policy(
        {
            "Effect": "Allow",
            "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:user/alice"},
            "Action": "sts:AssumeRole",
            "Condition": {"StringEquals": {"sts:ExternalId": "secret"}},
        }
    )
    arn = iam.create_role(RoleName="Ops", AssumeRolePolicyDocument=trusts_alice)["Role"]["Arn"]
    wanted = {"RoleArn": arn, "RoleSessionName": "me"}

    assert code_of(lab.client("sts").assume_role, **wanted, ExternalId="secret") == "AccessDenied"
    assert code_of(lab.client("sts", "alice").assume_role, **wanted) == "AccessDenied"
    lab.client("sts", "alice").assume_role(**wanted, ExternalId="secret")


def test_a_role_that_is_not_there_is_refused_like_one_that_does_not_trust(lab):
    arn = f"arn:aws:iam::{ACCOUNT}:role/none"

    assert code_of(lab.client("sts").assume_role, RoleArn=arn, RoleSessionName="me") == "AccessDenied"


# the simulator


def test_the_simulator_answers_as_the_gate_does(lab, iam):
    grant(iam, allow("s3:GetObject", f"{BUCKET}/*"), deny("s3:GetObject", f"{BUCKET}/secret/*"))

    answer = iam.simulate_principal_policy(
        PolicySourceArn=f"arn:aws:iam::{ACCOUNT}:user/alice",
        ActionNames=["s3:GetObject"],
        ResourceArns=[f"{BUCKET}/a", f"{BUCKET}/secret/a", "arn:aws:s3:::elsewhere/a"],
    )

    decisions = [result["EvalDecision"] for result in answer["EvaluationResults"]]
    assert decisions == ["allowed", "explicitDeny", "implicitDeny"]


@pytest.mark.parametrize(("prefix", "expected"), [("AWSLogs/", "allowed"), ("other/", "implicitDeny")])
def test_the_simulator_takes_policies_and_context_that_are_not_stored(iam, prefix, expected):
    only = {"StringEquals": {"s3:prefix": "AWSLogs/"}}

    answer = iam.simulate_custom_policy(
        PolicyInputList=[policy(allow("s3:ListBucket", Condition=only))],
        ActionNames=["s3:ListBucket"],
        ResourceArns=[BUCKET],
        ContextEntries=[
            {"ContextKeyName": "s3:prefix", "ContextKeyValues": [prefix], "ContextKeyType": "string"}
        ],
    )

    assert answer["EvaluationResults"][0]["EvalDecision"] == expected


def test_the_simulator_looks_at_no_key_s_own_policy(lab, iam):
    key = own_key(lab)
    grant(iam, allow("kms:Decrypt", key))

    answer = iam.simulate_principal_policy(
        PolicySourceArn=f"arn:aws:iam::{ACCOUNT}:user/alice",
        ActionNames=["kms:Decrypt", "kms:Encrypt"],
        ResourceArns=[key],
    )

    assert [r["EvalDecision"] for r in answer["EvaluationResults"]] == ["allowed", "implicitDeny"]


def test_a_bucket_of_another_than_the_expected_owner_is_refused(s3):
    there = {"Bucket": "logs-bucket", "Key": "a"}

    s3.get_object(**there, ExpectedBucketOwner=ACCOUNT)
    assert code_of(s3.get_object, **there, ExpectedBucketOwner="999999999999") == "AccessDenied"


def test_a_grant_is_retired_by_its_retiring_principal_or_whoever_may(lab, iam):
    key = own_key(lab)
    iam.create_user(UserName="bob")
    alice = f"arn:aws:iam::{ACCOUNT}:user/alice"
    made = lab.client("kms").create_grant(
        KeyId=key, GranteePrincipal=alice, RetiringPrincipal=alice, Operations=["Decrypt"]
    )
    wanted = {"KeyId": key, "GrantId": made["GrantId"]}

    assert code_of(lab.client("kms", "bob").retire_grant, **wanted) == "AccessDeniedException"
    lab.client("kms", "alice").retire_grant(**wanted)


def test_handing_a_role_to_cloudtrail_takes_the_right_to_pass_it(lab, iam):
    grant(iam, allow("cloudtrail:*"))
    role = f"arn:aws:iam::{ACCOUNT}:role/logs"

    error = refusal(
        lab.client("cloudtrail", "alice").create_trail,
        Name="t-1",
        S3BucketName="logs-bucket",
        CloudWatchLogsRoleArn=role,
        CloudWatchLogsLogGroupArn=f"arn:aws:logs:ap-northeast-1:{ACCOUNT}:log-group:x:*",
    )

    assert "iam:PassRole on resource: " + role in error["Message"]
