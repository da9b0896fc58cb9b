"""
Access keys of users, the lab's own among them, and users and roles that are deleted.

Sources: https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListAccessKeys.html
and https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteUser.html
"""

from __future__ import annotations

from typing import Any

from moto.iam.models import User

from trailseal_lab.answers import Answer, Forward, answers
from trailseal_lab.call import Call
from trailseal_lab.credentials import iam_of
from trailseal_lab.errors import ApiError
from trailseal_lab.principals import show_as_deleted
from trailseal_lab.world import World

MOST = 100


@answers("iam", "ListAccessKeys")
def list_access_keys(world: World, call: Call, forward: Forward) -> dict[str, Any]:
    """
    List a user's access keys, the caller's where no user is named: those that `lab env` has issued too.

    Raises:
        ApiError: NoSuchEntity; ValidationError where temporary credentials name nobody.
    """
    del forward
    name, who = str(call.params.get("UserName") or ""), call.caller
    if not name and (who.session_token or who.kind not in {"user", "root"}):
        raise ApiError("ValidationError", "Must specify userName when calling with non-User credentials")
    user = _user(call, name or who.user_name) if name or who.kind == "user" else None
    kept = [(str(k.access_key_id), str(k.status), k.create_date) for k in (user.access_keys if user else ())]
    kept += [(key, "Active", world.started) for key in _issued(world, user.arn if user else who.arn)]
    of_user = {"UserName": user.name} if user else {}
    rows = [
        {**of_user, "AccessKeyId": key, "Status": status, "CreateDate": created}
        for key, status, created in kept
    ]
    start, size = _start(call), int(call.params.get("MaxItems") or MOST)
    more = {"Marker": str(start + size)} if len(rows) > start + size else {}
    return {"AccessKeyMetadata": rows[start : start + size], "IsTruncated": bool(more), **more}


@answers("iam", "DeleteUser")
def delete_user(world: World, call: Call, forward: Forward) -> Answer:
    """
    Let moto delete a user that has no access keys; the lab's own keys of it end with it.

    Raises:
        ApiError: DeleteConflict, NoSuchEntity.
    """
    user = _user(call, str(call.params["UserName"]))
    if user.access_keys:
        raise ApiError("DeleteConflict", "Cannot delete entity, must delete access keys first.", status=409)
    response = forward()
    if user.name not in iam_of(call.caller.account).users:
        for key in [key for key, who in world.issued.items() if who.arn == user.arn]:
            del world.issued[key]
        show_as_deleted(str(user.arn), str(user.id))
    return response


@answers("iam", "DeleteRole")
def delete_role(world: World, call: Call, forward: Forward) -> Answer:
    """Let moto delete a role, whose unique ID stands in the policies that name it from then on."""
    del world
    roles = iam_of(call.caller.account).roles
    role = next((each for each in roles.values() if each.name == call.params["RoleName"]), None)
    response = forward()
    if role is not None and role.id not in roles:
        show_as_deleted(str(role.arn), str(role.id))
    return response


def _issued(world: World, arn: str) -> list[str]:
    """Return the lab's own keys of a user that are not of temporary credentials."""
    return [key for key, who in world.issued.items() if who.arn == arn and not who.session_token]


def _user(call: Call, name: str) -> User:
    user = iam_of(call.caller.account).users.get(name)
    if user is None:
        raise ApiError("NoSuchEntity", f"The user with name {name} cannot be found.", status=404)
    return user


def _start(call: Call) -> int:
    given = str(call.params.get("Marker") or "0")
    if not (given.isascii() and given.isdecimal()):
        raise ApiError("ValidationError", "Invalid Marker.")
    return int(given)
