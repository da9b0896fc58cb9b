"""
GetAccountAuthorizationDetails and users' permissions boundaries, which moto does not keep.

Source: https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountAuthorizationDetails.html
"""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from moto.iam.models import IAMBackend, User

from trailseal_lab.answers import Answer, Forward, answers
from trailseal_lab.call import Call
from trailseal_lab.credentials import iam_of
from trailseal_lab.errors import ApiError
from trailseal_lab.iam.managed import create_user_in_moto, provide_named_policies
from trailseal_lab.layers import boundary_of
from trailseal_lab.world import World

MARKER, MOST = re.compile(r"[0-9]{1,9}"), 1000
KINDS = ("User", "Group", "Role", "LocalManagedPolicy", "AWSManagedPolicy")


@answers("iam", "CreateUser")
def create_user(world: World, call: Call, forward: Forward) -> Answer:
    """Let moto create the user, with an id of AWS's form and the boundary that was asked for."""
    del world
    response = create_user_in_moto(call, forward)
    boundary = call.params.get("PermissionsBoundary")
    if response.status_code == HTTPStatus.OK and boundary:
        _set_boundary(_user(call), str(boundary))
    return response


@answers("iam", "PutUserPermissionsBoundary", "DeleteUserPermissionsBoundary")
def change_user_boundary(world: World, call: Call, forward: Forward) -> dict[str, Any]:
    """Set or take away the boundary of a user."""
    del world, forward
    provide_named_policies(call)
    arn = call.params.get("PermissionsBoundary")
    if arn and str(arn) not in iam_of(call.caller.account).managed_policies:
        raise ApiError("NoSuchEntity", f"Policy {arn} does not exist or is not attachable.", status=404)
    _set_boundary(_user(call), str(arn) if arn else None)
    return {}


@answers("iam", "GetUser")
def get_user(world: World, call: Call, forward: Forward) -> Answer:
    """Show a user, the caller without a name, with its boundary."""
    del world
    if call.caller.kind != "user" and not call.params.get("UserName"):
        return forward()
    user, backend = _user(call), iam_of(call.caller.account)
    return {"User": {**_named("User", user), **_boundary(user), "Tags": _tags(backend, user)}}


@answers("iam", "GetAccountAuthorizationDetails")
def get_account_authorization_details(world: World, call: Call, forward: Forward) -> dict[str, Any]:
    """
    Show a page of the principals of the account with their policies, and of policies.

    AWS shows 100 where no number is asked for; here it is the most that can be, for speed.

    Raises:
        ApiError: ValidationError for a marker that was not given out.
    """
    del world, forward
    backend = iam_of(call.caller.account)
    wanted: set[str] = set(call.params.get("Filter") or KINDS)
    rows: list[tuple[str, Any]] = []
    if "User" in wanted:
        rows += [("UserDetailList", user) for user in backend.users.values()]
    if "Group" in wanted:
        rows += [("GroupDetailList", group) for group in backend.groups.values()]
    if "Role" in wanted:
        rows += [("RoleDetailList", role) for role in backend.roles.values()]
    rows += [("Policies", each) for each in backend.managed_policies.values() if _is_wanted(each, wanted)]
    shown: dict[str, list[Any]] = {name: [] for name in DETAILS}
    marker = str(call.params.get("Marker") or "0")
    if not MARKER.fullmatch(marker):
        raise ApiError("ValidationError", "Invalid Marker.")
    end = int(marker) + int(call.params.get("MaxItems") or MOST)
    for name, each in rows[int(marker) : end]:
        shown[name].append(DETAILS[name](backend, each))
    more = {"Marker": str(end)} if len(rows) > end else {}
    return {**shown, "IsTruncated": bool(more), **more}


def _is_wanted(policy: Any, wanted: set[str]) -> bool:
    by_aws = policy.arn.startswith("arn:aws:iam::aws:")
    return ("AWSManagedPolicy" if by_aws else "LocalManagedPolicy") in wanted


def _user(call: Call) -> User:
    name = str(call.params.get("UserName") or call.caller.user_name)
    user = iam_of(call.caller.account).users.get(name)
    if user is None:
        raise ApiError("NoSuchEntity", f"The user with name {name} cannot be found.", status=404)
    return user


def _set_boundary(user: User, arn: str | None) -> None:
    vars(user)["permissions_boundary_arn"] = arn


def _boundary(holder: Any) -> dict[str, Any]:
    arn = boundary_of(holder)
    if not arn:
        return {}
    return {"PermissionsBoundary": {"PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": arn}}


def _named(kind: str, holder: Any) -> dict[str, Any]:
    return {
        "Path": holder.path,
        f"{kind}Name": holder.name,
        f"{kind}Id": holder.id,
        "Arn": holder.arn,
        "CreateDate": holder.create_date,
    }


def _inline(holder: Any) -> list[dict[str, str]]:
    return [{"PolicyName": n, "PolicyDocument": quote(str(d))} for n, d in holder.policies.items()]


def _tags(backend: IAMBackend, user: User) -> list[dict[str, str]]:
    found: dict[str, str] = backend.tagger.get_tag_dict_for_resource(user.arn)
    return [{"Key": key, "Value": value} for key, value in found.items()]


def _user_detail(backend: IAMBackend, user: User) -> dict[str, Any]:
    return {
        **_named("User", user),
        **_boundary(user),
        "UserPolicyList": _inline(user),
        "GroupList": [group.name for group in backend.groups.values() if user in group.users],
        "AttachedManagedPolicies": user.attached_managed_policies,
        "Tags": _tags(backend, user),
    }


def _group_detail(group: Any) -> dict[str, Any]:
    return {
        **_named("Group", group),
        "GroupPolicyList": _inline(group),
        "AttachedManagedPolicies": group.attached_managed_policies,
    }


def _role_detail(role: Any) -> dict[str, Any]:
    held: Any = role.tags or []
    return {
        **_named("Role", role),
        **_boundary(role),
        "AssumeRolePolicyDocument": quote(str(role.assume_role_policy_document)),
        "RolePolicyList": _inline(role),
        "AttachedManagedPolicies": role.attached_managed_policies,
        "InstanceProfileList": [],
        "Tags": list(held.values()) if isinstance(held, dict) else list(held),
    }


def _policy_detail(policy: Any) -> dict[str, Any]:
    versions = [
        {
            "Document": quote(str(version.document)),
            "VersionId": version.version_id,
            "IsDefaultVersion": version.version_id == policy.default_version_id,
            "CreateDate": version.create_date,
        }
        for version in policy.versions
    ]
    return {
        "PolicyName": policy.name,
        "PolicyId": policy.id,
        "Arn": policy.arn,
        "Path": policy.path,
        "DefaultVersionId": policy.default_version_id,
        "AttachmentCount": policy.attachment_count,
        "IsAttachable": True,
        "CreateDate": policy.create_date,
        "UpdateDate": policy.update_date,
        "PolicyVersionList": versions,
    }


DETAILS: dict[str, Any] = {
    "UserDetailList": _user_detail,
    "GroupDetailList": lambda _, group: _group_detail(group),
    "RoleDetailList": lambda _, role: _role_detail(role),
    "Policies": lambda _, policy: _policy_detail(policy),
}
