"""
Grants: made, ended and listed.

Sources: https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateGrant.html
https://docs.aws.amazon.com/kms/latest/APIReference/API_RevokeGrant.html
https://docs.aws.amazon.com/kms/latest/APIReference/API_ListGrants.html
https://docs.aws.amazon.com/kms/latest/developerguide/grants.html (operations)
"""

from __future__ import annotations

from typing import Any

from moto.kms.models import Grant, Key, kms_backends

from trailseal_lab.answers import Answer, Forward, answers, output_of
from trailseal_lab.call import Call
from trailseal_lab.errors import ApiError
from trailseal_lab.kms.dry_run import end_dry_run
from trailseal_lab.kms.keys import check_usable, grants_of, kms_of
from trailseal_lab.kms.pages import page
from trailseal_lab.kms.states import forward_by_id, key_of_call
from trailseal_lab.principals import exists
from trailseal_lab.world import World

OF_EVERY_KEY = frozenset({"CreateGrant", "DescribeKey", "RetireGrant"})
OF_ASYMMETRIC = frozenset({"GetPublicKey"})
ENCRYPTING = frozenset({"Decrypt", "Encrypt", "ReEncryptFrom", "ReEncryptTo"})
BY_USAGE = {
    "ENCRYPT_DECRYPT": ENCRYPTING | OF_ASYMMETRIC,
    "GENERATE_VERIFY_MAC": frozenset({"GenerateMac", "VerifyMac"}),
    "KEY_AGREEMENT": OF_ASYMMETRIC | {"DeriveSharedSecret"},
    "SIGN_VERIFY": OF_ASYMMETRIC | {"Sign", "Verify"},
}
"""What a grant may hold beside that, by what its key is for."""
OF_SYMMETRIC = ENCRYPTING | {
    "GenerateDataKey",
    "GenerateDataKeyPair",
    "GenerateDataKeyPairWithoutPlaintext",
    "GenerateDataKeyWithoutPlaintext",
}


@answers("kms", "CreateGrant")
def create_grant(world: World, call: Call, forward: Forward) -> Answer:
    """Make a grant on a usable key for a principal that exists; one of the same name and content is there."""
    key = key_of_call(call)
    check_usable(key)
    for member in ("GranteePrincipal", "RetiringPrincipal"):
        named = call.params.get(member)
        if isinstance(named, str) and not exists(named):
            raise ApiError("InvalidArnException", f"ARN does not refer to a valid principal: {named}")
    _check_operations(call, key)
    end_dry_run(call)
    if (same := _same_as(call, key)) is not None:
        return {"GrantId": same.id, "GrantToken": same.token}
    forward_by_id(call, key)
    response = forward()
    made = key.grants.get(output_of(response).get("GrantId", ""))
    if made is not None:
        vars(made)["lab_created"] = world.now()
    return response


@answers("kms", "RevokeGrant", "RetireGrant")
def end_grant(world: World, call: Call, forward: Forward) -> Answer:
    """
    Let moto end a grant.

    Raises:
        ApiError: NotFoundException for a grant that is not there.
    """
    del world
    keys = [key_of_call(call)] if call.params.get("KeyId") else _keys_of(call.region)
    if not any(_is_named(call, grant) for key in keys for grant in key.grants.values()):
        raise ApiError("NotFoundException", "The grant is not found.")
    end_dry_run(call)
    if call.params.get("KeyId"):
        forward_by_id(call, keys[0])
    return forward()


@answers("kms", "ListGrants")
def list_grants(world: World, call: Call, forward: Forward) -> dict[str, Any]:
    """Return a page of a key's grants, filtered by id or grantee."""
    del forward
    key = key_of_call(call)
    found = list(grants_of(key))
    for member in ("GrantId", "GranteePrincipal"):
        if wanted := call.params.get(member):
            found = [grant for grant in found if grant[member] == wanted]
    for grant in found:
        grant["CreationDate"] = vars(key.grants[grant["GrantId"]]).get("lab_created", world.started)
        if not grant["RetiringPrincipal"]:
            del grant["RetiringPrincipal"]
    return page(call, "Grants", found)


def _check_operations(call: Call, key: Key) -> None:
    usage = str(key.key_usage or "ENCRYPT_DECRYPT")
    of_kind = OF_SYMMETRIC if key.key_spec == "SYMMETRIC_DEFAULT" else BY_USAGE[usage]
    unfit = set(call.params.get("Operations") or ()) - OF_EVERY_KEY - of_kind
    if unfit:
        text = f"{', '.join(sorted(unfit))}: not supported on {key.arn}, a key for {usage}."
        raise ApiError("ValidationError", text)


def _same_as(call: Call, key: Key) -> Grant | None:
    """Return the grant that was made with this name and the same members; without a name each is new."""
    given = call.params
    if not given.get("Name"):
        return None
    wanted = (
        given.get("Name"),
        given.get("GranteePrincipal"),
        given.get("RetiringPrincipal"),
        set(given.get("Operations") or ()),
        given.get("Constraints") or {},
    )
    return next((each for each in key.grants.values() if _members(each) == wanted), None)


def _members(grant: Grant) -> tuple[Any, ...]:
    return (
        grant.name,
        grant.grantee_principal,
        grant.retiring_principal or None,
        set(grant.operations or ()),
        grant.constraints or {},
    )


def _is_named(call: Call, grant: Grant) -> bool:
    token, grant_id = call.params.get("GrantToken"), call.params.get("GrantId")
    return grant.token == token if token else grant.id == grant_id


def _keys_of(region: str) -> list[Key]:
    return [key for account in list(kms_backends) for key in kms_of(account, region).keys.values()]
