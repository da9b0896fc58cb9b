"""
What the gate tells the engine of a caller: whatever the lab itself knows, and AWS always sends.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError
from msgspec.structs import replace

from trailseal_lab import credentials, gate
from trailseal_lab.caller import service_caller
from trailseal_lab.errors import ApiError

OF_SESSIONS = {"aws:TokenIssueTime", "aws:MultiFactorAuthPresent"}
EVERYTHING = {"Effect": "Allow", "Action": "*", "Resource": "*"}


def policy(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def trusting(account: str, *actions: str) -> str:
    principal = {"AWS": f"arn:aws:iam::{account}:root"}
    return policy({"Effect": "Allow", "Principal": principal, "Action": list(actions)})


@pytest.fixture
def people(here):
    """A user and two roles who may do everything, and may become one another."""
    iam, account = here.client("iam"), here.world.account
    iam.create_user(UserName="dev")
    iam.put_user_policy(UserName="dev", PolicyName="p", PolicyDocument=policy(EVERYTHING))
    for role in ("ops", "audit"):
        trust = trusting(account, "sts:AssumeRole", "sts:SetSourceIdentity")
        iam.create_role(RoleName=role, AssumeRolePolicyDocument=trust)
        iam.put_role_policy(RoleName=role, PolicyName="p", PolicyDocument=policy(EVERYTHING))
    return here


def assumed(here, role: str, by: str, **more: Any) -> dict[str, Any]:
    arn = f"arn:aws:iam::{here.world.account}:role/{role}"
    sts = here.client("sts", principal=by)
    return sts.assume_role(RoleArn=arn, RoleSessionName="s1", **more)["Credentials"]


def told(here, key_id: str) -> dict[str, tuple[str, ...]]:
    caller = credentials.find_caller(here.world, key_id)
    assert caller is not None
    return gate.caller_context(caller, {gate.NOW: ("2026-11-23T00:00:00Z",)})


def key_of(here, kind: str) -> str:
    """The access key of a caller of each kind that signs."""
    match kind:
        case "session":
            return str(assumed(here, "ops", "dev")["AccessKeyId"])
        case "user's session":
            sts = here.client("sts", principal="dev")
            return str(sts.get_session_token()["Credentials"]["AccessKeyId"])
        case _:
            return credentials.issue(here.world, {"user": "dev", "role": "ops"}.get(kind, kind)).access_key_id


@pytest.mark.parametrize("kind", ["session", "user's session", "role"])
def test_temporary_credentials_tell_when_they_were_issued(people, kind):
    found = told(people, key_of(people, kind))

    (issued,) = found["aws:TokenIssueTime"]
    assert found.keys() >= OF_SESSIONS
    assert datetime.fromisoformat(issued) >= people.world.started.replace(microsecond=0)


@pytest.mark.parametrize("kind", ["user", "root"])
def test_long_term_keys_bring_nothing_of_a_session(people, kind):
    assert not OF_SESSIONS & told(people, key_of(people, kind)).keys()


def test_a_role_that_a_service_takes_it_takes_for_the_call(people):
    caller = credentials.role_caller(people.world.account, "ops", "job")

    assert caller is not None
    found = gate.caller_context(caller, {gate.NOW: ("2026-11-23T00:00:00Z",)})
    assert found["aws:TokenIssueTime"] == ("2026-11-23T00:00:00Z",)
    assert "aws:TokenIssueTime" not in gate.caller_context(caller, {})


@pytest.mark.parametrize(
    ("until", "refused"), [("2020-01-01T00:00:00Z", False), ("2999-01-01T00:00:00Z", True)]
)
def test_sessions_are_revoked_by_when_they_were_issued(people, until, refused):
    """Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_revoke-sessions.html."""
    older = {"DateLessThan": {"aws:TokenIssueTime": until}}
    revoked = policy({**EVERYTHING, "Effect": "Deny", "Condition": older})
    people.client("iam").put_role_policy(RoleName="ops", PolicyName="revoke", PolicyDocument=revoked)
    s3 = people.client("s3", principal="ops")

    if refused:
        with pytest.raises(ClientError, match="AccessDenied"):
            s3.list_buckets()
    else:
        s3.list_buckets()


def test_a_source_identity_stays_when_another_role_is_assumed(people):
    """Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp_control-access_monitor.html."""
    first = str(assumed(people, "ops", "dev", SourceIdentity="jo")["AccessKeyId"])
    session = credentials.find_caller(people.world, first)
    sts = people.client("sts", principal="ops")
    (mine,) = (key for key, who in people.world.issued.items() if who.session_name == "lab")
    assert session is not None
    people.world.issued[mine] = replace(session, session_token="")
    arn = f"arn:aws:iam::{people.world.account}:role/audit"
    second = sts.assume_role(RoleArn=arn, RoleSessionName="s2")["Credentials"]["AccessKeyId"]

    assert told(people, first)["aws:SourceIdentity"] == ("jo",)
    assert told(people, second)["aws:SourceIdentity"] == ("jo",)
    assert "aws:SourceIdentity" not in told(people, key_of(people, "session"))


def test_a_source_identity_takes_the_right_to_set_one(people):
    trust = trusting(people.world.account, "sts:AssumeRole")
    people.client("iam").update_assume_role_policy(RoleName="ops", PolicyDocument=trust)

    denied = policy(EVERYTHING, {**EVERYTHING, "Effect": "Deny", "Action": "sts:SetSourceIdentity"})
    people.client("iam").put_user_policy(UserName="dev", PolicyName="p", PolicyDocument=denied)

    assumed(people, "ops", "dev")
    with pytest.raises(ClientError, match="AccessDenied"):
        assumed(people, "ops", "dev", SourceIdentity="jo")


def test_an_organizations_members_tell_the_path_to_them(people):
    """Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_last-accessed-view-data-orgs.html."""
    organizations = people.client("organizations", region="us-east-1")
    organization = organizations.create_organization(FeatureSet="ALL")["Organization"]["Id"]
    root = organizations.list_roots()["Roots"][0]["Id"]
    unit = organizations.create_organizational_unit(ParentId=root, Name="logs")["OrganizationalUnit"]["Id"]
    account = people.world.account
    at_root = f"{organization}/{root}/"

    found = told(people, key_of(people, "user"))
    assert found["aws:PrincipalOrgPaths"] == (at_root,)
    assert gate.resource_context(account)["aws:ResourceOrgPaths"] == (at_root,)

    organizations.move_account(AccountId=account, SourceParentId=root, DestinationParentId=unit)
    assert gate.resource_context(account)["aws:ResourceOrgPaths"] == (f"{at_root}{unit}/",)


def test_an_account_of_no_organization_has_no_path(people):
    keys = {*told(people, key_of(people, "user")), *gate.resource_context(people.world.account)}

    assert not [key for key in keys if "Org" in key]


def delivering(here, condition: dict[str, Any], source: dict[str, tuple[str, ...]]) -> bool:
    account, objects = here.world.account, "arn:aws:s3:::logs/*"
    allowed = {"Effect": "Allow", "Action": "s3:PutObject", "Resource": objects, "Condition": condition}
    ask = gate.NeededPermission(
        action="s3:PutObject",
        resource="arn:aws:s3:::logs/a",
        account=account,
        policy=policy({**allowed, "Principal": {"Service": "cloudtrail.amazonaws.com"}}),
    )
    return gate.is_allowed(service_caller("cloudtrail.amazonaws.com"), ask, source)


@pytest.mark.parametrize(
    "key",
    ["aws:SourceOrgID", "aws:SourceOrgPaths", "aws:PrincipalAccount", "aws:PrincipalType", "aws:userid"],
)
@pytest.mark.parametrize("operator", ["StringLike", "StringNotLike"])
def test_what_no_page_says_of_a_services_call_is_not_decided(here, key, operator):
    """Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html."""
    with pytest.raises(ApiError) as caught:
        delivering(here, {operator: {key: "o-x*"}}, {})

    assert caught.value.code == "UndecidedByTheLab"
    assert key in str(caught.value)


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ({"StringEquals": {"aws:SourceAccount": "123456789012"}}, True),
        ({"StringEquals": {"aws:SourceAccount": "444455556666"}}, False),
        ({"Bool": {"aws:PrincipalIsAWSService": "true"}}, True),
        ({"StringEquals": {"aws:PrincipalServiceName": "cloudtrail.amazonaws.com"}}, True),
        ({"StringEquals": {"aws:PrincipalOrgID": "o-x"}}, False),
        ({"Null": {"aws:PrincipalArn": "true"}}, True),
        ({"StringEquals": {"kms:CallerAccount": "123456789012"}}, False),
    ],
)
def test_what_is_known_of_a_services_call_is_decided(here, condition, expected):
    source = {"aws:SourceAccount": ("123456789012",)}

    assert delivering(here, condition, source) is expected
