"""IAM and STS in the lab: temporary credentials that work, trust that is asked, details that are whole."""

from __future__ import annotations

import json

import boto3
import pytest

from refusals import code_of

ROOT = "arn:aws:iam::123456789012:root"
ADMIN = "arn:aws:iam::aws:policy/AdministratorAccess"


def policy(*statements):
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def trust(*principals):
    return policy({"Effect": "Allow", "Principal": {"AWS": list(principals)}, "Action": "sts:AssumeRole"})


def allow(action, resource="*", **more):
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def client_of(lab, service, credentials):
    return boto3.client(
        service,
        region_name="ap-northeast-1",
        endpoint_url=lab.address,
        aws_access_key_id=credentials["AccessKeyId"],
        aws_secret_access_key=credentials["SecretAccessKey"],
        aws_session_token=credentials.get("SessionToken"),
    )


@pytest.fixture
def iam(lab):
    return lab.client("iam")


@pytest.mark.parametrize(
    ("principal", "arn"),
    [
        ("alice", "arn:aws:iam::123456789012:user/alice"),
        ("arn:aws:iam::123456789012:user/alice", "arn:aws:iam::123456789012:user/alice"),
        ("Role1", "arn:aws:sts::123456789012:assumed-role/Role1/lab"),
        (
            "arn:aws:sts::123456789012:assumed-role/Role1/User1",
            "arn:aws:sts::123456789012:assumed-role/Role1/User1",
        ),
        ("root", ROOT),
    ],
)
def test_lab_env_speaks_as_any_principal(lab, iam, principal, arn):
    iam.create_user(UserName="alice")
    iam.create_role(RoleName="Role1", AssumeRolePolicyDocument=trust(ROOT))

    assert lab.client("sts", principal).get_caller_identity()["Arn"] == arn


def test_a_user_s_own_access_key_works_until_it_is_switched_off(lab, iam):
    iam.create_user(UserName="alice")
    key = iam.create_access_key(UserName="alice")["AccessKey"]
    sts = client_of(lab, "sts", key)

    assert sts.get_caller_identity()["Arn"].endswith(":user/alice")
    iam.update_access_key(UserName="alice", AccessKeyId=key["AccessKeyId"], Status="Inactive")
    assert code_of(sts.get_caller_identity) == "InvalidClientTokenId"


def test_an_assumed_role_has_credentials_that_work_with_their_token_only(lab, iam):
    role = iam.create_role(RoleName="Reader", AssumeRolePolicyDocument=trust(ROOT))["Role"]
    answer = lab.client("sts").assume_role(RoleArn=role["Arn"], RoleSessionName="me")
    credentials = answer["Credentials"]

    who = client_of(lab, "sts", credentials).get_caller_identity()
    without = client_of(lab, "sts", {**credentials, "SessionToken": None})

    assert who["Arn"] == "arn:aws:sts::123456789012:assumed-role/Reader/me"
    assert who["UserId"] == f"{role['RoleId']}:me"
    assert code_of(without.get_caller_identity) == "InvalidClientTokenId"


def test_a_role_in_another_account_acts_there(lab, iam):
    arn = "arn:aws:iam::210987654321:role/Audit"
    other = lab.client("iam", "arn:aws:iam::210987654321:root")
    other.create_role(RoleName="Audit", AssumeRolePolicyDocument=trust(ROOT))
    other.attach_role_policy(RoleName="Audit", PolicyArn=ADMIN)

    credentials = lab.client("sts").assume_role(RoleArn=arn, RoleSessionName="me")["Credentials"]

    assert client_of(lab, "sts", credentials).get_caller_identity()["Account"] == "210987654321"
    assert client_of(lab, "iam", credentials).list_users()["Users"] == []


def test_a_session_token_is_of_the_caller_itself(lab):
    credentials = lab.client("sts").get_session_token()["Credentials"]

    assert client_of(lab, "sts", credentials).get_caller_identity()["Arn"].endswith(":user/admin")


def test_account_authorization_details_hold_every_principal_with_its_policies(iam):
    iam.create_group(GroupName="readers")
    iam.put_group_policy(GroupName="readers", PolicyName="read", PolicyDocument=policy(allow("s3:Get*")))
    iam.create_policy(PolicyName="fence", PolicyDocument=policy(allow("s3:*")))
    fence = "arn:aws:iam::123456789012:policy/fence"
    iam.create_user(UserName="alice", PermissionsBoundary=fence, Tags=[{"Key": "team", "Value": "a"}])
    iam.add_user_to_group(UserName="alice", GroupName="readers")
    iam.create_role(RoleName="Role1", AssumeRolePolicyDocument=trust(ROOT), PermissionsBoundary=fence)

    details = iam.get_account_authorization_details()

    alice = next(u for u in details["UserDetailList"] if u["UserName"] == "alice")
    admin = next(u for u in details["UserDetailList"] if u["UserName"] == "admin")
    assert alice["GroupList"] == ["readers"]
    assert alice["PermissionsBoundary"]["PermissionsBoundaryArn"] == fence
    assert alice["Tags"] == [{"Key": "team", "Value": "a"}]
    assert admin["AttachedManagedPolicies"] == [{"PolicyName": "AdministratorAccess", "PolicyArn": ADMIN}]
    role = details["RoleDetailList"][0]
    assert role["AssumeRolePolicyDocument"]["Statement"][0]["Principal"] == {"AWS": [ROOT]}
    assert role["PermissionsBoundary"]["PermissionsBoundaryArn"] == fence
    group = details["GroupDetailList"][0]["GroupPolicyList"][0]
    assert group["PolicyDocument"]["Statement"][0]["Action"] == "s3:Get*"
    documents = {p["Arn"]: p["PolicyVersionList"][0]["Document"] for p in details["Policies"]}
    assert documents[ADMIN]["Statement"][0]["Action"] == "*"


def test_a_boundary_can_be_set_and_taken_away(iam):
    iam.create_user(UserName="alice")
    iam.put_user_permissions_boundary(UserName="alice", PermissionsBoundary=ADMIN)
    shown = iam.get_user(UserName="alice")["User"]

    iam.delete_user_permissions_boundary(UserName="alice")

    assert shown["PermissionsBoundary"]["PermissionsBoundaryArn"] == ADMIN
    assert "PermissionsBoundary" not in iam.get_user(UserName="alice")["User"]


def test_a_key_s_account_is_told(lab):
    known = lab.variables()["AWS_ACCESS_KEY_ID"]

    assert lab.client("sts").get_access_key_info(AccessKeyId=known)["Account"] == "123456789012"


@pytest.mark.parametrize(
    ("wanted", "code"),
    [
        ({"RoleSessionName": "a b"}, "ValidationError"),
        ({"RoleSessionName": "me", "DurationSeconds": 7200}, "ValidationError"),
    ],
    ids=["name with a space", "longer than the role allows"],
)
def test_a_session_has_a_sound_name_and_length(lab, iam, wanted, code):
    arn = iam.create_role(RoleName="Reader", AssumeRolePolicyDocument=trust(ROOT))["Role"]["Arn"]

    assert code_of(lab.client("sts").assume_role, RoleArn=arn, **wanted) == code


def test_the_root_user_assumes_no_role(lab, iam):
    arn = iam.create_role(RoleName="Reader", AssumeRolePolicyDocument=trust(ROOT))["Role"]["Arn"]

    assert code_of(lab.client("sts", "root").assume_role, RoleArn=arn, RoleSessionName="me") == "AccessDenied"


def test_managed_session_policies_limit_too(lab, iam):
    arn = iam.create_role(RoleName="Ops", AssumeRolePolicyDocument=trust(ROOT))["Role"]["Arn"]
    iam.attach_role_policy(RoleName="Ops", PolicyArn=ADMIN)
    iam.create_policy(PolicyName="users", PolicyDocument=policy(allow("iam:ListUsers")))
    credentials = lab.client("sts").assume_role(
        RoleArn=arn,
        RoleSessionName="me",
        Policy=policy(allow("iam:ListRoles")),
        PolicyArns=[{"arn": "arn:aws:iam::123456789012:policy/users"}],
    )["Credentials"]
    session = client_of(lab, "iam", credentials)

    session.list_users()
    session.list_roles()
    assert code_of(session.list_groups) == "AccessDenied"


def test_what_does_not_exist_is_not_simulated(iam):
    ghost = "arn:aws:iam::123456789012:user/ghost"

    assert code_of(iam.simulate_principal_policy, PolicySourceArn=ghost, ActionNames=["s3:GetObject"]) == (
        "NoSuchEntity"
    )
    assert code_of(iam.simulate_principal_policy, PolicySourceArn="a" * 20, ActionNames=["s3:GetObject"]) == (
        "InvalidInput"
    )


def test_a_group_and_a_role_are_simulated_with_their_policies(iam):
    iam.create_group(GroupName="team")
    iam.put_group_policy(GroupName="team", PolicyName="p", PolicyDocument=policy(allow("s3:GetObject")))
    iam.create_role(RoleName="Role1", AssumeRolePolicyDocument=trust(ROOT))
    fence = [policy(allow("iam:*"))]

    def decide(kind, **more):
        answer = iam.simulate_principal_policy(
            PolicySourceArn=f"arn:aws:iam::123456789012:{kind}", ActionNames=["s3:GetObject"], **more
        )
        return answer["EvaluationResults"][0]["EvalDecision"]

    assert decide("group/team") == "allowed"
    assert decide("role/Role1") == "implicitDeny"
    assert decide("role/Role1", PolicyInputList=[policy(allow("s3:*"))]) == "allowed"
    assert decide("group/team", PermissionsBoundaryPolicyInputList=fence) == "implicitDeny"


def test_a_policy_that_is_none_cannot_be_simulated(iam):
    code = code_of(iam.simulate_custom_policy, PolicyInputList=["{}"], ActionNames=["s3:GetObject"])

    assert code == "InvalidInput"
