"""
Key states: which operations work in which, and the operations that change them; keys may be named by ARN.

Source: https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import moto.kms.responses
from moto.kms.models import Key

from trailseal_lab.answers import Answer, Forward, answers
from trailseal_lab.call import Call
from trailseal_lab.errors import ApiError
from trailseal_lab.kms.asks import key_of
from trailseal_lab.kms.facts import facts_of, note_use
from trailseal_lab.kms.keys import check_usable, kms_of, require_key
from trailseal_lab.world import World

CRYPTOGRAPHIC = (
    "Encrypt",
    "Decrypt",
    "GenerateDataKey",
    "GenerateDataKeyWithoutPlaintext",
    "GenerateDataKeyPair",
    "GenerateDataKeyPairWithoutPlaintext",
    "GenerateMac",
    "VerifyMac",
    "Sign",
    "Verify",
)
PENDING = {"PendingDeletion", "PendingReplicaDeletion"}
WINDOW = range(7, 31)

# moto refuses DescribeKey on any Deny in a key policy, whoever asks; the gate has decided already.
setattr(moto.kms.responses, "validate_policy", lambda *_: None)  # noqa: B010 - not a typed attribute


def key_of_call(call: Call) -> Key:
    """
    Return the key that a call names.

    Raises:
        ApiError: NotFoundException.
    """
    return require_key(str(call.params.get("KeyId", "")), account=call.caller.account, region=call.region)


def forward_by_id(call: Call, key: Key) -> None:
    """Let moto, which knows some operations only by key id, find the key in its own account."""
    call.notes["moto_account"] = key.account_id
    call.replace_json(KeyId=key.id)


def check_not_pending_deletion(key: Key) -> None:
    """
    Return unless the key is pending deletion.

    Raises:
        ApiError: KMSInvalidStateException.
    """
    if key.key_state in PENDING:
        raise ApiError("KMSInvalidStateException", f"{key.arn} is pending deletion.")


@answers("kms", *CRYPTOGRAPHIC)
def use(world: World, call: Call, forward: Forward) -> Answer:
    """Let moto compute with a key that is in a state to be used."""
    key = key_of(call)
    if key is not None:
        check_usable(key)
        call.notes["moto_account"] = key.account_id
        note_use(world, key, call.operation, call.request_id)
    return forward()


@answers("kms", "ReEncrypt")
def re_encrypt(world: World, call: Call, forward: Forward) -> Answer:
    """Let moto re-encrypt between two usable keys."""
    target = require_key(
        str(call.params.get("DestinationKeyId", "")), account=call.caller.account, region=call.region
    )
    source = key_of(call)
    for key in (source, target):
        if key is not None:
            check_usable(key)
            note_use(world, key, call.operation, call.request_id)
    return forward()


@answers("kms", "EnableKey", "DisableKey")
def switch_key(world: World, call: Call, forward: Forward) -> dict[str, Any]:
    """Enable or disable a key."""
    del world, forward
    key = key_of_call(call)
    check_not_pending_deletion(key)
    if key.key_state == "PendingImport":
        raise ApiError("KMSInvalidStateException", f"{key.arn} is pending import.")
    backend = kms_of(key.account_id, key.region)
    (backend.enable_key if call.operation == "EnableKey" else backend.disable_key)(key.id)
    return {}


@answers("kms", "ScheduleKeyDeletion")
def schedule_key_deletion(world: World, call: Call, forward: Forward) -> dict[str, Any]:
    """Set a key to be deleted: it is unusable at once; a primary waits for its replicas."""
    del forward
    key = key_of_call(call)
    check_not_pending_deletion(key)
    days = int(call.params.get("PendingWindowInDays") or 30)
    if days not in WINDOW:
        raise ApiError("ValidationException", "PendingWindowInDays must be between 7 and 30 (inclusive)")
    replicas = key.multi_region and key.multi_region_configuration.get("ReplicaKeys")
    primary = key.multi_region and key.multi_region_configuration["PrimaryKey"]["Arn"] == key.arn
    key.enabled = False
    key.key_state = "PendingReplicaDeletion" if primary and replicas else "PendingDeletion"
    when = world.now() + timedelta(days=days)
    key.deletion_date = when.replace(tzinfo=None)  # moto subtracts it from a naive date
    shown = {"KeyId": key.arn, "KeyState": key.key_state, "PendingWindowInDays": days}
    return shown if primary and replicas else {**shown, "DeletionDate": when}


@answers("kms", "CancelKeyDeletion")
def cancel_key_deletion(world: World, call: Call, forward: Forward) -> dict[str, Any]:
    """Keep a key after all; it comes back disabled."""
    del world, forward
    key = key_of_call(call)
    if key.key_state not in PENDING:
        raise ApiError("KMSInvalidStateException", f"{key.arn} is not pending deletion.")
    kms_of(key.account_id, key.region).cancel_key_deletion(key.id)
    return {"KeyId": key.arn}


@answers("kms", "UpdateKeyDescription", "TagResource", "UntagResource")
def describe_otherwise(world: World, call: Call, forward: Forward) -> Answer:
    """Change what is said of a key that is to stay."""
    del world
    key = key_of_call(call)
    check_not_pending_deletion(key)
    forward_by_id(call, key)
    return forward()


@answers("kms", "CreateAlias", "UpdateAlias")
def name_key(world: World, call: Call, forward: Forward) -> Answer:
    """Let moto set an alias for a key that is to stay."""
    del world
    target = str(call.params.get("TargetKeyId", ""))
    check_not_pending_deletion(require_key(target, account=call.caller.account, region=call.region))
    return forward()


@answers("kms", "GetKeyLastUsage")
def get_key_last_usage(world: World, call: Call, forward: Forward) -> dict[str, Any]:
    """Tell the key's last successful use; empty, with tracking from the start, when there was none."""
    del forward
    key = key_of_call(call)
    facts = facts_of(world, key)
    usage: dict[str, Any] = {}
    if facts.last_used is not None:
        usage = {
            "Operation": facts.last_operation,
            "Timestamp": facts.last_used,
            "KmsRequestId": facts.last_request_id,
        }
    return {
        "KeyId": key.arn,
        "KeyLastUsage": usage,
        "TrackingStartDate": key.creation_date,
        "KeyCreationDate": key.creation_date,
    }
