"""The lab's Put calls refuse what AWS refuses, and its gate knows its own sessions."""

from __future__ import annotations

import json

import boto3
import pytest
from botocore.exceptions import ClientError

ALLOW = {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}
TWICE = '{"Statement":{"Effect":"Allow","Action":"sqs:*","Action":"s3:*","Resource":"*"%s}}'
IN_TWO_CASES = {"StringEquals": {"aws:username": "a", "AWS:username": "b"}}


def policy(*statements):
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def refused(call, **arguments):
    with pytest.raises(ClientError) as error:
        call(**arguments)
    found = error.value.response["Error"]
    return found["Code"], found["Message"]


@pytest.mark.parametrize(
    ("text", "place"),
    [
        (TWICE % "", "Statement.Action"),
        (policy(ALLOW | {"Principal": "*"}), "Statement[0].Principal"),
        (policy(ALLOW | {"Condition": IN_TWO_CASES}), "Statement[0].Condition.StringEquals.AWS:username"),
        (policy(ALLOW | {"Condition": {"IpAddress": {"aws:SourceIp": "10.0.0.0/40"}}}), "IpAddress"),
    ],
    ids=["a doubled action", "a principal", "a key in two cases", "a range that is none"],
)
def test_iam_takes_no_malformed_identity_policy(lab, text, place):
    iam = lab.client("iam")
    iam.create_user(UserName="x")
    iam.create_role(RoleName="r", AssumeRolePolicyDocument=trust())

    for call, named in ((iam.put_user_policy, {"UserName": "x"}), (iam.put_role_policy, {"RoleName": "r"})):
        code, told = refused(call, PolicyName="p", PolicyDocument=text, **named)
        assert (code, place in told) == ("MalformedPolicyDocument", True)
    assert refused(iam.create_policy, PolicyName="p", PolicyDocument=text)[0] == "MalformedPolicyDocument"


def trust(**change):
    principal = {"Principal": {"AWS": "*"}, "Action": ["sts:AssumeRole", "sts:TagSession"]}
    return policy({"Effect": "Allow"} | principal | change)


@pytest.mark.parametrize(
    "change",
    [{"Principal": {"AWS": "arn:aws:iam::111122223333:role/*"}}, {"Resource": "*"}],
    ids=["a part of a principal", "a resource"],
)
def test_iam_takes_no_malformed_trust_policy(lab, change):
    iam = lab.client("iam")

    code, _ = refused(iam.create_role, RoleName="r", AssumeRolePolicyDocument=trust(**change))

    assert code == "MalformedPolicyDocument"


def test_s3_and_kms_take_no_doubled_element_and_no_part_of_a_principal(lab):
    s3, kms = lab.client("s3"), lab.client("kms")
    s3.create_bucket(Bucket="docs-b", CreateBucketConfiguration={"LocationConstraint": "ap-northeast-1"})
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    doubled = TWICE % ',"Principal":"*"'
    part = policy(ALLOW | {"Principal": {"AWS": "arn:aws:iam::111122223333:user/d*"}})

    for text in (doubled, part, "\n" + policy(ALLOW | {"Principal": "*"})):
        assert refused(s3.put_bucket_policy, Bucket="docs-b", Policy=text)[0] == "MalformedPolicy"
    for text in (doubled, part):
        code, _ = refused(kms.put_key_policy, KeyId=key, PolicyName="default", Policy=text)
        assert code == "MalformedPolicyDocumentException"
        assert refused(kms.create_key, Policy=text)[0] == "MalformedPolicyDocumentException"


def test_organizations_takes_policies_of_their_own_form(lab):
    client = lab.client("organizations")
    client.create_organization(FeatureSet="ALL")
    client.enable_policy_type(
        RootId=client.list_roots()["Roots"][0]["Id"], PolicyType="SERVICE_CONTROL_POLICY"
    )
    named = {"Name": "p", "Description": ""}
    allow_one = policy(ALLOW | {"Principal": "*"})
    made = client.create_policy(Type="SERVICE_CONTROL_POLICY", Content=policy(ALLOW), **named)

    bad = {"Content": allow_one, "PolicyId": made["Policy"]["PolicySummary"]["Id"]}
    rcp = {"Type": "RESOURCE_CONTROL_POLICY", "Content": policy(ALLOW | {"Principal": "*"})}

    assert refused(client.update_policy, **bad)[0] == "MalformedPolicyDocumentException"
    assert refused(client.create_policy, **rcp, **named)[0] == "MalformedPolicyDocumentException"


@pytest.fixture
def soc(lab):
    """A role under a path and with a tag."""
    iam = lab.client("iam")
    tags = [{"Key": "env", "Value": "test"}]
    iam.create_user(UserName="reader")
    allowed = {"Effect": "Allow", "Action": ["sts:AssumeRole", "sts:TagSession"], "Resource": "*"}
    iam.put_user_policy(UserName="reader", PolicyName="p", PolicyDocument=policy(allowed))
    return iam.create_role(RoleName="soc", Path="/team/", AssumeRolePolicyDocument=trust(), Tags=tags)[
        "Role"
    ]["Arn"]


def may_list_keys(lab, role, condition, **more):
    """Whether a session of the role may list keys under a condition."""
    document = policy({"Effect": "Allow", "Action": "kms:ListKeys", "Resource": "*", "Condition": condition})
    lab.client("iam").put_role_policy(RoleName="soc", PolicyName="p", PolicyDocument=document)
    sts = lab.client("sts", "reader")
    keys = sts.assume_role(RoleArn=role, RoleSessionName="s1", **more)["Credentials"]
    client = boto3.client(
        "kms",
        region_name="ap-northeast-1",
        endpoint_url=lab.address,
        aws_access_key_id=keys["AccessKeyId"],
        aws_secret_access_key=keys["SecretAccessKey"],
        aws_session_token=keys["SessionToken"],
    )
    try:
        client.list_keys()
    except client.exceptions.ClientError as error:
        return error.response["Error"]["Code"] != "AccessDeniedException"
    return True


def test_a_session_is_judged_by_its_role_with_the_path(lab, soc):
    """Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html"""
    assert may_list_keys(lab, soc, {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/team/*"}})
    assert not may_list_keys(lab, soc, {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/soc"}})
    assert may_list_keys(lab, soc, {"StringLike": {"aws:userid": "AROA*:s1"}})
    assert may_list_keys(lab, soc, {"Bool": {"aws:ViaAWSService": "false"}})


def test_tags_of_a_session_override_the_roles(lab, soc):
    """Source: https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html"""
    is_prod = {"StringEquals": {"aws:PrincipalTag/env": "prod"}}
    prod = [{"Key": "Env", "Value": "prod"}]

    assert not may_list_keys(lab, soc, is_prod)
    assert may_list_keys(lab, soc, is_prod, Tags=prod)


def test_tags_of_a_session_take_sts_tag_session(lab, soc):
    lab.client("iam").update_assume_role_policy(RoleName="soc", PolicyDocument=trust(Action="sts:AssumeRole"))

    code, told = refused(
        lab.client("sts", "reader").assume_role,
        RoleArn=soc,
        RoleSessionName="s1",
        Tags=[{"Key": "env", "Value": "prod"}],
    )

    assert (code, "sts:TagSession" in told) == ("AccessDenied", True)


def test_what_the_gate_cannot_decide_fails_loudly(lab, soc):
    """NotPrincipal that lists a session and not its role: AWS says that it might deny the session."""
    iam, kms = lab.client("iam"), lab.client("kms")
    account = soc.split(":")[4]
    everything = policy({"Effect": "Allow", "Action": "kms:*", "Resource": "*"})
    iam.put_role_policy(RoleName="soc", PolicyName="p", PolicyDocument=everything)
    spared = {"AWS": [f"arn:aws:sts::{account}:assumed-role/soc/s1", f"arn:aws:iam::{account}:root"]}
    here = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{account}:root"}, "Action": "kms:*"}
    deny = {"Effect": "Deny", "NotPrincipal": spared, "Action": "kms:DescribeKey"}
    text = policy(here | {"Resource": "*"}, deny | {"Resource": "*"})
    key = kms.create_key(Policy=text)["KeyMetadata"]["KeyId"]
    lab_session = f"arn:aws:sts::{account}:assumed-role/soc/s1"

    code, told = refused(lab.client("kms", lab_session).describe_key, KeyId=key)

    assert code == "UndecidedByTheLab"
    assert "The lab cannot tell whether" in told
