"""What the gate knows of a session beyond its ARN: its role's path, its tags, who calls for whom."""

from __future__ import annotations

import json
from functools import partial

import boto3
import pytest
from botocore.exceptions import ClientError

ACCOUNT = "123456789012"
ROOT = f"arn:aws:iam::{ACCOUNT}:root"
SOC = f"arn:aws:iam::{ACCOUNT}:role/soc/analyst"
BUCKET = {"Bucket": "logs-bucket"}
PLACE = {"LocationConstraint": "ap-northeast-1"}


def policy(*statements):
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allow(action, resource="*", **more):
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def deny(action, resource="*", **more):
    return {**allow(action, resource, **more), "Effect": "Deny"}


def trusting(*actions):
    return policy({"Effect": "Allow", "Principal": {"AWS": ROOT}, "Action": list(actions)})


def refusal(call, **arguments):
    with pytest.raises(ClientError) as refused:
        call(**arguments)
    return refused.value.response


def code_of(call, **arguments):
    return refusal(call, **arguments)["Error"]["Code"]


@pytest.fixture
def iam(lab):
    client = lab.client("iam")
    client.create_user(UserName="alice")
    client.put_user_policy(UserName="alice", PolicyName="p", PolicyDocument=policy(allow("*")))
    client.create_role(
        RoleName="analyst",
        Path="/soc/",
        AssumeRolePolicyDocument=trusting("sts:AssumeRole", "sts:TagSession"),
    )
    return client


@pytest.fixture
def s3(lab):
    client = lab.client("s3")
    client.create_bucket(**BUCKET, CreateBucketConfiguration=PLACE)
    client.put_object(**BUCKET, Key="a", Body=b"one")
    return client


def session(lab, service, **more):
    return session_of(lab.client("sts", "alice"), **more)(service)


def session_of(sts, **more):
    """Return what makes clients of a session that is assumed with these."""
    got = sts.assume_role(RoleArn=SOC, RoleSessionName="s1", **more)["Credentials"]
    return partial(
        boto3.client,
        region_name="ap-northeast-1",
        endpoint_url=sts.meta.endpoint_url,
        aws_access_key_id=got["AccessKeyId"],
        aws_secret_access_key=got["SecretAccessKey"],
        aws_session_token=got["SessionToken"],
    )


def can_read(s3):
    try:
        s3.get_object(**BUCKET, Key="a")
    except ClientError:
        return False
    return True


@pytest.mark.parametrize(("path", "code"), [("soc", ""), ("team", "AccessDenied")])
def test_a_session_is_judged_by_its_roles_path(lab, iam, s3, path, code):
    like = {"ArnLike": {"aws:PrincipalArn": f"arn:aws:iam::{ACCOUNT}:role/{path}/*"}}
    iam.put_role_policy(
        RoleName="analyst", PolicyName="p", PolicyDocument=policy(allow("s3:GetObject", Condition=like))
    )
    reader = session(lab, "s3")

    if code:
        assert code_of(reader.get_object, **BUCKET, Key="a") == code
    else:
        assert reader.get_object(**BUCKET, Key="a")["Body"].read() == b"one"


def test_a_session_carries_its_own_tags_over_its_roles(lab, iam, s3):
    prod = {"StringEquals": {"aws:PrincipalTag/env": "prod"}}
    iam.tag_role(RoleName="analyst", Tags=[{"Key": "env", "Value": "test"}])
    iam.put_role_policy(
        RoleName="analyst", PolicyName="p", PolicyDocument=policy(allow("s3:GetObject", Condition=prod))
    )

    assert code_of(session(lab, "s3").get_object, **BUCKET, Key="a") == "AccessDenied"
    tagged = session(lab, "s3", Tags=[{"Key": "env", "Value": "prod"}])
    assert tagged.get_object(**BUCKET, Key="a")["Body"].read() == b"one"


def test_tags_take_the_right_to_tag_a_session(lab, iam):
    iam.update_assume_role_policy(RoleName="analyst", PolicyDocument=trusting("sts:AssumeRole"))
    iam.put_user_policy(
        UserName="alice", PolicyName="p", PolicyDocument=policy(allow("*"), deny("sts:TagSession"))
    )
    plain = {"RoleArn": SOC, "RoleSessionName": "s1"}

    lab.client("sts", "alice").assume_role(**plain)
    assert (
        code_of(lab.client("sts", "alice").assume_role, **plain, Tags=[{"Key": "env", "Value": "prod"}])
        == "AccessDenied"
    )


def test_transitive_tags_are_handed_on_through_a_chain_of_roles_and_no_others(lab, iam, s3):
    keys = {"Key": "env", "Value": "prod"}, {"Key": "team", "Value": "soc"}
    transitive = session_of(lab.client("sts", "alice"), Tags=keys, TransitiveTagKeys=["env"])
    iam.put_role_policy(RoleName="analyst", PolicyName="p", PolicyDocument=policy(allow("sts:*")))
    second = session_of(transitive("sts"))
    third = session_of(second("sts"), Tags=[{"Key": "team", "Value": "blue"}])
    seen = {}
    for name, given in (("env", "prod"), ("team", "soc"), ("team", "blue")):
        tagged = {"StringEquals": {f"aws:PrincipalTag/{name}": given}}
        reads = policy(allow("s3:GetObject", Condition=tagged), allow("sts:*"))
        iam.put_role_policy(RoleName="analyst", PolicyName="p", PolicyDocument=reads)
        seen[name, given] = [can_read(each("s3")) for each in (transitive, second, third)]

    assert seen == {
        ("env", "prod"): [True, True, True],
        ("team", "soc"): [True, False, False],
        ("team", "blue"): [False, False, True],
    }
    for tags in ([{"Key": "env", "Value": "test"}], [{"Key": "ENV", "Value": "prod"}]):
        again = {"RoleArn": SOC, "RoleSessionName": "s1", "Tags": tags}
        assert code_of(third("sts").assume_role, **again) == "InvalidParameterValue"


def test_tag_keys_are_the_same_in_any_case(lab, iam, s3):
    sts, prod = lab.client("sts", "alice"), {"Key": "Env", "Value": "prod"}
    tagged = {"StringEquals": {"aws:PrincipalTag/Env": "prod"}}
    iam.tag_role(RoleName="analyst", Tags=[{"Key": "env", "Value": "test"}])
    iam.put_role_policy(
        RoleName="analyst",
        PolicyName="p",
        PolicyDocument=policy(allow("s3:GetObject", Condition=tagged), allow("sts:*")),
    )
    first = session_of(sts, Tags=[prod], TransitiveTagKeys=["ENV"])

    assert [can_read(each("s3")) for each in (first, session_of(first("sts")))] == [True, True]
    plain = {"RoleArn": SOC, "RoleSessionName": "s1"}
    for refused in (
        {"Tags": [prod, {"Key": "env", "Value": "test"}]},
        {"Tags": [prod], "TransitiveTagKeys": ["team"]},
        {"TransitiveTagKeys": ["Env"]},
    ):
        assert code_of(sts.assume_role, **plain, **refused) == "InvalidParameterValue"


def test_a_trust_policy_says_which_tags_may_be_transitive(lab, iam):
    only = {"ForAllValues:StringEquals": {"sts:TransitiveTagKeys": ["env"]}}
    trusts = {"Effect": "Allow", "Principal": {"AWS": ROOT}}
    iam.update_assume_role_policy(
        RoleName="analyst",
        PolicyDocument=policy(
            {**trusts, "Action": "sts:AssumeRole"}, {**trusts, "Action": "sts:TagSession", "Condition": only}
        ),
    )
    tags = [{"Key": "env", "Value": "prod"}, {"Key": "team", "Value": "soc"}]
    asked = {"RoleArn": SOC, "RoleSessionName": "s1", "Tags": tags}
    sts = lab.client("sts", "alice")

    sts.assume_role(**asked, TransitiveTagKeys=["env"])
    assert code_of(sts.assume_role, **asked, TransitiveTagKeys=["env", "team"]) == "AccessDenied"


@pytest.mark.parametrize(("shut", "code"), [("false", ""), ("true", "AccessDenied")])
def test_s3_calls_kms_for_its_reader(lab, iam, s3, shut, code):
    manage = allow("kms:*", Principal={"AWS": ROOT})
    denied = deny("kms:Decrypt", Principal="*", Condition={"Bool": {"aws:ViaAWSService": shut}})
    key = lab.client("kms").create_key(Policy=policy(manage))["KeyMetadata"]["Arn"]
    s3.put_object(**BUCKET, Key="b", Body=b"two", ServerSideEncryption="aws:kms", SSEKMSKeyId=key)
    lab.client("kms").put_key_policy(KeyId=key, PolicyName="default", Policy=policy(manage, denied))
    alice = lab.client("s3", "alice")

    if code:
        assert code_of(alice.get_object, **BUCKET, Key="b") == code
    else:
        assert alice.get_object(**BUCKET, Key="b")["Body"].read() == b"two"


def test_what_the_engine_cannot_decide_is_an_error_of_the_labs(lab, iam, s3):
    owner = {"CanonicalUser": "79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be"}
    s3.put_bucket_policy(
        **BUCKET, Policy=policy(deny("s3:GetObject", "arn:aws:s3:::logs-bucket/*", Principal=owner))
    )

    answer = refusal(lab.client("s3", "alice").get_object, **BUCKET, Key="a")

    assert answer["Error"]["Code"] == "UndecidedByTheLab"
    assert "CanonicalUser" in answer["Error"]["Message"]
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 501


def test_the_owners_root_user_keeps_hold_of_a_bucket_policy_that_denies_everything(lab, s3):
    everything = ["arn:aws:s3:::logs-bucket", "arn:aws:s3:::logs-bucket/*"]
    s3.put_bucket_policy(**BUCKET, Policy=policy(deny("s3:*", everything, Principal="*")))

    assert code_of(s3.delete_bucket_policy, **BUCKET) == "AccessDenied"
    assert code_of(lab.client("s3", "root").get_object, **BUCKET, Key="a") == "AccessDenied"
    lab.client("s3", "root").delete_bucket_policy(**BUCKET)
    assert s3.get_object(**BUCKET, Key="a")["Body"].read() == b"one"
