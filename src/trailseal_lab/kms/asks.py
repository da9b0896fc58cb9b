"""
The permissions that KMS calls need.

Source: https://docs.aws.amazon.com/service-authorization/latest/reference/list_awskeymanagementservice.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from moto.kms.models import Key, kms_backends
from moto.kms.utils import _deserialize_ciphertext_blob

from trailseal.access.request import Document
from trailseal_lab.call import Call
from trailseal_lab.errors import ApiError
from trailseal_lab.gate import Context, NeededPermission
from trailseal_lab.kms.keys import AWS_ALIAS, find_key, grants_of, kms_of, require_key

MULTI_REGION = "mrk.kms.amazonaws.com"
LINKED_ROLE = f"role/aws-service-role/{MULTI_REGION}/AWSServiceRoleForKeyManagementServiceMultiRegionKeys"
NO_KEY = frozenset(("ListKeys", "ListAliases", "GenerateRandom", "ListRetirableGrants"))


def kms_asks(call: Call) -> list[NeededPermission]:
    """
    Return the permissions that a KMS call needs.

    Raises:
        ApiError: NotFoundException for a key that is not there.
    """
    account = call.caller.account
    if (own := OWN_ASKS.get(call.operation)) is not None:
        return own(call)
    match call.operation:
        case "":
            return [NeededPermission(action="kms:Unknown", resource="*", account=account)]
        case operation if operation in NO_KEY:
            return [NeededPermission(action=f"kms:{operation}", resource="*", account=account)]
        case operation:
            key = key_of(call) if operation != "RetireGrant" else _key_of_retired_grant(call)
            context = {**key_context(key, call), **_members(call)} if key is not None else {}
            return [key_ask(f"kms:{operation}", key, context)] if key is not None else []


def _new_key_asks(call: Call) -> list[NeededPermission]:
    return _creation_asks(call, _creation(call))


def _creation_asks(call: Call, context: Context) -> list[NeededPermission]:
    """
    Return what making a key takes: tags need an allow for all keys, and several Regions a linked role.

    Sources: https://docs.aws.amazon.com/kms/latest/developerguide/manage-tags-api.html and
    https://docs.aws.amazon.com/kms/latest/developerguide/multi-region-auth-slr.html
    """
    account, region = call.caller.account, str(call.params.get("ReplicaRegion") or call.region)
    asks = [NeededPermission(action="kms:CreateKey", resource="*", account=account, context=context)]
    if call.params.get("Tags"):
        asks.append(
            NeededPermission(
                action="kms:TagResource",
                resource=f"arn:aws:kms:{region}:{account}:key/*",
                account=account,
                context=context,
                policy=_by_iam_alone(account),
            )
        )
    if call.params.get("MultiRegion"):
        service: Context = {"iam:AWSServiceName": (MULTI_REGION,)}
        role = f"arn:aws:iam::{account}:{LINKED_ROLE}"
        asks.append(
            NeededPermission(
                action="iam:CreateServiceLinkedRole", resource=role, account=account, context=service
            )
        )
    return asks


def _by_iam_alone(account: str) -> Document:
    """Return the policy that stands in for that of a key which is not there yet: IAM alone decides."""
    owner = {"AWS": f"arn:aws:iam::{account}:root"}
    statement = {"Effect": "Allow", "Principal": owner, "Action": "kms:TagResource", "Resource": "*"}
    return {"Version": "2012-10-17", "Statement": [statement]}


def _replication_asks(call: Call) -> list[NeededPermission]:
    """
    Return what a replica takes: the primary's own permission, and those of a new key in its Region.

    Source: https://docs.aws.amazon.com/kms/latest/APIReference/API_ReplicateKey.html
    """
    key = require_key(str(call.params.get("KeyId")), account=call.caller.account, region=call.region)
    there: Context = {"aws:RequestedRegion": (str(call.params.get("ReplicaRegion")),)}
    return [
        key_ask("kms:ReplicateKey", key, {**key_context(key, call), **_members(call)}),
        *_creation_asks(call, there),
    ]


def _new_primary_asks(call: Call) -> list[NeededPermission]:
    """
    Return what a change of the primary takes: the permission on it, and on the replica in its own Region.

    Source: https://docs.aws.amazon.com/kms/latest/APIReference/API_UpdatePrimaryRegion.html
    """
    account, region = call.caller.account, str(call.params.get("PrimaryRegion"))
    key = require_key(str(call.params.get("KeyId")), account=account, region=call.region)
    asks = [key_ask(f"kms:{call.operation}", key, {**key_context(key, call), **_members(call)})]
    replica = find_key(key.id, account=key.account_id, region=region)
    if replica is not None and replica is not key:
        there: Context = {"aws:RequestedRegion": (region,)}
        asks.append(
            key_ask(f"kms:{call.operation}", replica, {**key_context(replica), **_members(call), **there})
        )
    return asks


def key_of(call: Call) -> Key | None:
    """
    Return the key that a call is about; for Decrypt without KeyId, the one in the ciphertext.

    Raises:
        ApiError: NotFoundException.
    """
    given = call.params.get("KeyId")
    if isinstance(given, str) and given:
        return require_key(given, account=call.caller.account, region=call.region)
    return key_of_ciphertext(call, call.params.get("CiphertextBlob"))


def _key_of_retired_grant(call: Call) -> Key | None:
    """
    Return the key to ask about; None for the grant's retiring principal, who needs no permission.

    Source: https://docs.aws.amazon.com/kms/latest/developerguide/grant-delete.html
    """
    token, grant_id = call.params.get("GrantToken"), call.params.get("GrantId")
    own = {call.caller.arn, call.caller.issuer_arn}
    for account in list(kms_backends):
        for key in kms_of(account, call.region).keys.values():
            for grant in key.grants.values():
                if token == grant.token or grant_id == grant.id:
                    return None if grant.retiring_principal in own else key
    return None


def key_of_ciphertext(call: Call, blob: Any) -> Key | None:
    """Return the key that a ciphertext names, None when it is not one of ours."""
    key_id = key_id_of_ciphertext(blob)
    own = kms_of(call.caller.account, call.region).keys.get(key_id)
    if own is not None:
        return own
    others = (kms_of(account, call.region).keys.get(key_id) for account in list(kms_backends))
    return next((key for key in others if key is not None), None)


def key_id_of_ciphertext(blob: Any) -> str:
    """Return the ID that stands in a ciphertext, "" for bytes that are none."""
    if not isinstance(blob, bytes):
        return ""
    try:
        return str(_deserialize_ciphertext_blob(blob).key_id.strip("\x00"))
    except Exception:  # noqa: BLE001 - moto's struct and unicode errors: any bytes may come here
        return ""


def key_ask(action: str, key: Key, context: Context) -> NeededPermission:
    """Return the ask for an action on a key, with the key's policy and grants."""
    return NeededPermission(
        action=action,
        resource=key.arn,
        account=key.account_id,
        context=context,
        policy=key.policy,
        grants=grants_of(key),
    )


def key_context(key: Key, call: Call | None = None) -> Context:
    """Return the context keys that follow from the key itself and from how it was named."""
    found: Context = {
        "kms:KeySpec": (str(key.key_spec),),
        "kms:KeyUsage": (str(key.key_usage or "ENCRYPT_DECRYPT"),),
        "kms:KeyOrigin": (str(key.origin),),
        "kms:MultiRegion": (str(key.multi_region).lower(),),
    }
    if key.aliases:
        found["kms:ResourceAliases"] = tuple(sorted(key.aliases))
    tags = kms_of(key.account_id, key.region).tagger.get_tag_dict_for_resource(key.id)
    found |= {f"aws:ResourceTag/{name}": (str(value),) for name, value in tags.items()}
    named = call.params.get("KeyId") if call else None
    if isinstance(named, str) and (alias := _alias_name(named)):
        found["kms:RequestAlias"] = (alias,)
    return found


def encryption_context(pairs: Mapping[str, str] | None) -> Context:
    """Return kms:EncryptionContext:… and kms:EncryptionContextKeys for these pairs."""
    if not pairs:
        return {}
    found: Context = {f"kms:EncryptionContext:{name}": (value,) for name, value in pairs.items()}
    return {**found, "kms:EncryptionContextKeys": tuple(pairs)}


def _alias_name(named: str) -> str:
    if named.startswith("alias/"):
        return named
    return named.partition(":alias/")[2] and "alias/" + named.partition(":alias/")[2]


def _creation(call: Call) -> Context:
    given = call.params
    return {
        "kms:KeySpec": (
            str(given.get("KeySpec") or given.get("CustomerMasterKeySpec") or "SYMMETRIC_DEFAULT"),
        ),
        "kms:KeyUsage": (str(given.get("KeyUsage") or "ENCRYPT_DECRYPT"),),
        "kms:KeyOrigin": (str(given.get("Origin") or "AWS_KMS"),),
        "kms:MultiRegion": (str(bool(given.get("MultiRegion"))).lower(),),
        "kms:BypassPolicyLockoutSafetyCheck": (
            str(bool(given.get("BypassPolicyLockoutSafetyCheck"))).lower(),
        ),
    }


MEMBER_KEYS = {
    "RotationPeriodInDays": "kms:RotationPeriodInDays",
    "PendingWindowInDays": "kms:ScheduleKeyDeletionPendingWindowInDays",
    "WrappingAlgorithm": "kms:WrappingAlgorithm",
    "WrappingKeySpec": "kms:WrappingKeySpec",
    "ExpirationModel": "kms:ExpirationModel",
    "GranteePrincipal": "kms:GranteePrincipal",
    "RetiringPrincipal": "kms:RetiringPrincipal",
    "EncryptionAlgorithm": "kms:EncryptionAlgorithm",
    "SigningAlgorithm": "kms:SigningAlgorithm",
    "MessageType": "kms:MessageType",
    "MacAlgorithm": "kms:MacAlgorithm",
    "ReplicaRegion": "kms:ReplicaRegion",
    "PrimaryRegion": "kms:PrimaryRegion",
    "PolicyName": "kms:PolicyName",
}


def _members(call: Call) -> Context:
    """Return the condition keys that are members of the request."""
    found: Context = {
        key: (str(call.params[member]),)
        for member, key in MEMBER_KEYS.items()
        if call.params.get(member) is not None
    }
    if call.operation == "PutKeyPolicy":
        bypass = bool(call.params.get("BypassPolicyLockoutSafetyCheck"))
        found["kms:BypassPolicyLockoutSafetyCheck"] = (str(bypass).lower(),)
    if call.operation == "CreateGrant":
        found["kms:GrantOperations"] = tuple(call.params.get("Operations") or ())
        found["kms:GrantIsForAWSResource"] = ("false",)
        if constraints := call.params.get("Constraints"):
            found["kms:GrantConstraintType"] = tuple(constraints)
    return {**found, **encryption_context(call.params.get("EncryptionContext"))}


def _alias_asks(call: Call) -> list[NeededPermission]:
    account, region = call.caller.account, call.region
    name = str(call.params.get("AliasName", ""))
    if not name.startswith("alias/"):
        raise ApiError("ValidationException", 'Alias must start with the prefix "alias/".')
    action = f"kms:{call.operation}"
    asks = [
        NeededPermission(action=action, resource=f"arn:aws:kms:{region}:{account}:{name}", account=account)
    ]
    if name.startswith(AWS_ALIAS):
        return asks
    keys: list[Key | None] = []
    if call.operation != "CreateAlias":
        keys.append(find_key(name, account=account, region=region))
    if isinstance(target := call.params.get("TargetKeyId"), str):
        keys.append(require_key(target, account=account, region=region))
    return asks + [key_ask(action, key, key_context(key)) for key in keys if key is not None]


def _re_encrypt(call: Call) -> list[NeededPermission]:
    account, region = call.caller.account, call.region
    named = call.params.get("SourceKeyId")
    source = (
        require_key(named, account=account, region=region)
        if isinstance(named, str) and named
        else key_of_ciphertext(call, call.params.get("CiphertextBlob"))
    )
    target = require_key(str(call.params.get("DestinationKeyId", "")), account=account, region=region)
    before = encryption_context(call.params.get("SourceEncryptionContext"))
    after = encryption_context(call.params.get("DestinationEncryptionContext"))
    same: Context = {"kms:ReEncryptOnSameKey": (str(source is target).lower(),)}
    asks = [key_ask("kms:ReEncryptTo", target, {**key_context(target), **after, **same})]
    if source is not None:
        asks.insert(0, key_ask("kms:ReEncryptFrom", source, {**key_context(source), **before, **same}))
    return asks


OWN_ASKS = {
    "CreateKey": _new_key_asks,
    "ReplicateKey": _replication_asks,
    "UpdatePrimaryRegion": _new_primary_asks,
    "CreateAlias": _alias_asks,
    "UpdateAlias": _alias_asks,
    "DeleteAlias": _alias_asks,
    "ReEncrypt": _re_encrypt,
}
"""Calls that are about no key that is there, or about more than one thing."""
