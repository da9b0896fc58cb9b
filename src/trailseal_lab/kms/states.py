"""
Key states: which operations work in which, and the operations that change them; keys may be named by ARN.

Source: https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html
"""

from __future__ import annotations

import base64
import json
from datetime import timedelta
from http import HTTPStatus
from typing import Any

import moto.kms.responses
from moto.kms.models import Key
from werkzeug.wrappers import Response

from trailseal_lab.answers import Answer, Forward, answers, output_of
from trailseal_lab.call import Call
from trailseal_lab.cloudtrail.recorder import EventLog
from trailseal_lab.errors import ApiError
from trailseal_lab.kms.asks import key_id_of_ciphertext, key_of, key_of_ciphertext
from trailseal_lab.kms.creation import check_tags
from trailseal_lab.kms.dry_run import end_dry_run, is_dry
from trailseal_lab.kms.facts import FactsOfKey, facts_of, note_use
from trailseal_lab.kms.keys import check_usable, kms_of, require_key
from trailseal_lab.kms.materials import current_id, has_materials, id_for, note_ciphertext
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
USAGES = {
    **dict.fromkeys(("Sign", "Verify"), "SIGN_VERIFY"),
    **dict.fromkeys(("GenerateMac", "VerifyMac"), "GENERATE_VERIFY_MAC"),
}
"""What a key must be made for; all other operations encrypt and decrypt."""
NO_SUCH_CIPHERTEXT = (
    "The ciphertext refers to a customer master key that does not exist, does not exist in this region, or "
    "you are not allowed to access."
)
PENDING = {"PendingDeletion", "PendingReplicaDeletion"}
WINDOW = range(7, 31)

# moto refuses DescribeKey on any Deny in a key policy, whoever asks; the gate has decided already.
setattr(moto.kms.responses, "validate_policy", lambda *_: None)  # noqa: B010 - not a typed attribute
# moto knows IDs of keys of several Regions by another form than AWS's; that a key is there was seen before.
setattr(moto.kms.responses.KmsResponse, "_validate_cmk_id", lambda *_: None)  # noqa: B010 - as above


def key_of_call(call: Call) -> Key:
    """
    Return the key that a call names by its ID or ARN: what manages a key takes no alias.

    Source: https://docs.aws.amazon.com/kms/latest/developerguide/find-cmk-id-arn.html

    Raises:
        ApiError: NotFoundException.
    """
    named = str(call.params.get("KeyId", ""))
    if named.startswith("alias/") or ":alias/" in named:
        raise ApiError("NotFoundException", f"Invalid keyId {named}")
    return require_key(named, account=call.caller.account, region=call.region)


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
    """Let moto compute with a key that is in a state to be used, and for this use."""
    key = key_of(call)
    if call.operation == "Decrypt":
        _check_is_key_of_ciphertext(call, key)
    if key is not None:
        check_usable(key)
        _check_usage(call, key)
        call.notes["moto_account"] = key.account_id
    return _compute(world, call, forward, (key,))


def _compute(world: World, call: Call, forward: Forward, keys: tuple[Key | None, ...]) -> Response:
    """Return moto's answer, and note the use of the keys; of a dry run only what it would have been."""
    if not is_dry(call):
        for key in filter(None, keys):
            note_use(world, key, call.operation, call.request_id)
    response = forward()
    if response.status_code == HTTPStatus.OK:
        end_dry_run(call)
        told = {**_algorithms(call), **_materials(world, call, output_of(response), keys)}
        if told:
            response.set_data(json.dumps({**output_of(response), **told}))
    return response


def _algorithms(call: Call) -> dict[str, Any]:
    """Return with which algorithms was worked, where moto leaves that out."""
    default, given = "SYMMETRIC_DEFAULT", call.params
    told: dict[str, dict[str, Any]] = {
        "Encrypt": {"EncryptionAlgorithm": given.get("EncryptionAlgorithm", default)},
        "Decrypt": {"EncryptionAlgorithm": given.get("EncryptionAlgorithm", default)},
        "ReEncrypt": {
            "SourceEncryptionAlgorithm": given.get("SourceEncryptionAlgorithm", default),
            "DestinationEncryptionAlgorithm": given.get("DestinationEncryptionAlgorithm", default),
        },
    }
    return told.get(call.operation, {})


def _materials(
    world: World, call: Call, output: dict[str, Any], keys: tuple[Key | None, ...]
) -> dict[str, str]:
    """Return with which key materials was worked, where AWS tells it, and note what made a ciphertext."""
    blob = call.params.get("CiphertextBlob") or b""
    made = output.get("CiphertextBlob") or output.get("PrivateKeyCiphertextBlob")
    target = keys[-1]
    if made and target is not None and has_materials(target):
        note_ciphertext(world, target, base64.b64decode(made))
    told = {name: "" for name in call.operation_model.output_shape.members if name.endswith("KeyMaterialId")}
    for name in told:
        reads = name.startswith("Source") or call.operation == "Decrypt"
        key = keys[0] if reads else target
        if key is not None:
            told[name] = id_for(world, key, blob) if reads else current_id(world, key)
    return {name: found for name, found in told.items() if found}


def _check_is_key_of_ciphertext(call: Call, key: Key | None) -> None:
    """
    Return when a ciphertext is the key's that is named, or of one that is here.

    Raises:
        ApiError: IncorrectKeyException, or AccessDeniedException.
    """
    blob = call.params.get("CiphertextBlob")
    source = key_of_ciphertext(call, blob)
    if source is None and key is None and key_id_of_ciphertext(blob):
        raise ApiError("AccessDeniedException", NO_SUCH_CIPHERTEXT)
    if source is not None and key is not source:
        text = "The key ID in the request does not identify a CMK that can perform this operation."
        raise ApiError("IncorrectKeyException", text)


def _check_usage(call: Call, key: Key) -> None:
    wanted = USAGES.get(call.operation, "ENCRYPT_DECRYPT")
    usage = str(key.key_usage or "ENCRYPT_DECRYPT")
    if usage != wanted:
        text = f"{key.arn} key usage is {usage} which is not valid for {call.operation}."
        raise ApiError("InvalidKeyUsageException", text)


@answers("kms", "GenerateRandom")
def generate_random(world: World, call: Call, forward: Forward) -> Answer:
    """
    Return random bytes, as many as are asked for.

    Source: https://docs.aws.amazon.com/kms/latest/APIReference/API_GenerateRandom.html

    Raises:
        ApiError: ValidationException where no number is given: there is no default.
    """
    del world
    if call.params.get("NumberOfBytes") is None:
        raise ApiError("ValidationException", "NumberOfBytes is required.")
    return forward()


@answers("kms", "GetPublicKey")
def get_public_key(world: World, call: Call, forward: Forward) -> Answer:
    """
    Return the public half of a usable key that has one.

    Source: https://docs.aws.amazon.com/kms/latest/APIReference/API_GetPublicKey.html

    Raises:
        ApiError: UnsupportedOperationException for a key without.
    """
    del world
    key = key_of(call)
    if key is not None:
        if key.key_spec == "SYMMETRIC_DEFAULT" or key.key_spec.startswith("HMAC"):
            raise ApiError("UnsupportedOperationException", f"{key.arn} has no public key.")
        check_usable(key)
        forward_by_id(call, key)
    return forward()


@answers("kms", "ReEncrypt")
def re_encrypt(world: World, call: Call, forward: Forward) -> Answer:
    """Let moto re-encrypt between two usable keys, from the one that is named where one is."""
    target = require_key(
        str(call.params.get("DestinationKeyId", "")), account=call.caller.account, region=call.region
    )
    source = key_of_ciphertext(call, call.params.get("CiphertextBlob"))
    if named := call.params.get("SourceKeyId"):
        _check_is_key_of_ciphertext(
            call, require_key(str(named), account=call.caller.account, region=call.region)
        )
    for key in filter(None, (source, target)):
        check_usable(key)
        _check_usage(call, key)
    return _compute(world, call, forward, (source, target))


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
    check_tags(call)
    forward_by_id(call, key)
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
        if event_id := _event_id(world, facts):
            usage["CloudTrailEventId"] = event_id
    return {
        "KeyId": key.arn,
        "KeyLastUsage": usage,
        "TrackingStartDate": key.creation_date,
        "KeyCreationDate": key.creation_date,
    }


def _event_id(world: World, facts: FactsOfKey) -> str:
    """Return the ID of the event that CloudTrail has of the last use, "" where it has none."""
    for recorded in reversed(world.part(EventLog).events):
        event = recorded.record
        if event["requestID"] == facts.last_request_id and event["eventName"] == facts.last_operation:
            return str(event["eventID"])
    return ""
