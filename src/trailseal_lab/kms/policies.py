"""
Key policies: what PutKeyPolicy and CreateKey accept, with the lockout safety check.

Source: https://docs.aws.amazon.com/kms/latest/APIReference/API_PutKeyPolicy.html
"""

from __future__ import annotations

from typing import Any

from moto.kms.models import Key, KmsBackend

from trailseal.access.parse.kind import PolicyKind
from trailseal_lab import gate
from trailseal_lab.answers import Answer, Forward, answers, output_of
from trailseal_lab.asks import call_context
from trailseal_lab.call import Call
from trailseal_lab.documents import check_document
from trailseal_lab.errors import ApiError
from trailseal_lab.kms.asks import key_ask, key_context
from trailseal_lab.kms.creation import check_new_key, check_tags
from trailseal_lab.kms.facts import Material, facts_of
from trailseal_lab.kms.keys import check_usable, has_region, kms_of
from trailseal_lab.kms.materials import materials_of, metadata_of
from trailseal_lab.kms.replicas import is_replica, tell_set
from trailseal_lab.kms.states import key_of_call
from trailseal_lab.principals import first_missing
from trailseal_lab.world import World

MAX_BYTES = 32_768


@answers("kms", "PutKeyPolicy")
def put_key_policy(world: World, call: Call, forward: Forward) -> dict[str, Any]:
    """Replace a key's policy by one that is sound and does not lock its author out."""
    del forward
    key = key_of_call(call)
    if call.params.get("PolicyName", "default") != "default":
        raise ApiError("InvalidArnException", "Only the policy named default can be put.")
    text = str(call.params.get("Policy", ""))
    check_policy(text)
    _check_lockout(world, call, key)
    key.policy = text
    return {}


@answers("kms", "CreateKey")
def create_key(world: World, call: Call, forward: Forward) -> Answer:
    """Make a key; one whose material is to be imported waits for it."""
    check_new_key(call)
    text = call.params.get("Policy")
    if text:
        check_policy(str(text))
    response = forward()
    made = output_of(response).get("KeyMetadata") or {}
    if "KeyId" not in made:
        return response
    keys = kms_of(call.caller.account, call.region).keys
    key = keys[made["KeyId"]]
    key.key_usage = key.key_usage or "ENCRYPT_DECRYPT"
    key.multi_region = bool(key.multi_region)
    try:
        _check_lockout(world, call, key)
    except ApiError:
        del keys[key.id]
        raise
    if key.origin == "EXTERNAL":
        key.key_state, key.enabled = "PendingImport", False
    return {"KeyMetadata": metadata_of(world, key)}


@answers("kms", "ReplicateKey")
def replicate_key(world: World, call: Call, forward: Forward) -> dict[str, Any]:
    """
    Make a replica of a multi-Region key, with a policy of its own: the given one, else the default.

    One whose material is imported waits for the same material.

    Source: https://docs.aws.amazon.com/kms/latest/APIReference/API_ReplicateKey.html
    """
    del forward
    key = key_of_call(call)
    check_usable(key)
    if not key.multi_region or is_replica(key):
        raise ApiError("UnsupportedOperationException", f"{key.arn} is not a multi-Region primary key.")
    text = call.params.get("Policy")
    if text:
        check_policy(str(text))
    check_tags(call)
    region = str(call.params["ReplicaRegion"])
    if not has_region(key.account_id, region):
        raise ApiError("ValidationException", f"{region} is not a Region.")
    there = kms_of(key.account_id, region)
    if key.id in there.keys:
        raise ApiError("AlreadyExistsException", f"{key.id} exists already in {there.region_name}.")
    replica = _replicate(world, call, key, there)
    tell_set(key, key)
    replica.aliases, replica.grants = {}, {}
    if key.origin == "EXTERNAL":
        replica.key_state, replica.enabled = "PendingImport", False
        facts_of(world, replica).materials = [
            Material(id=m.id, imported=False) for m in materials_of(world, key)
        ]
    replica.description = str(call.params.get("Description") or "")
    there.tagger.tag_resource(replica.id, call.params.get("Tags") or [])
    return {"ReplicaKeyMetadata": metadata_of(world, replica), "ReplicaPolicy": replica.policy}


def _replicate(world: World, call: Call, key: Key, there: KmsBackend) -> Key:
    """Let moto replicate a key, with the policy that is asked for; none is left that would lock out."""
    replica = kms_of(key.account_id, key.region).replicate_key(key.id, there.region_name)
    replica.policy = str(call.params.get("Policy") or replica.generate_default_policy())
    try:
        _check_lockout(world, call, replica)
    except ApiError:
        del there.keys[key.id]
        tell_set(key, key)
        raise
    return replica


def check_policy(text: str) -> None:
    """
    Return when KMS would take this document.

    A statement without Action or Resource is taken, and has no effect.

    Raises:
        ApiError: MalformedPolicyDocumentException or LimitExceededException.
    """
    if len(text.encode()) > MAX_BYTES:
        raise ApiError("LimitExceededException", f"The key policy is longer than {MAX_BYTES} bytes.")
    check_document(text, PolicyKind.KEY, code="MalformedPolicyDocumentException")
    if first_missing(text):
        raise _malformed("Policy contains a statement with one or more invalid principals.")


def _malformed(text: str) -> ApiError:
    return ApiError("MalformedPolicyDocumentException", text)


def _check_lockout(world: World, call: Call, key: Key) -> None:
    """
    Return when the caller could replace the policy that is given, gives none, or wants no such check.

    Raises:
        ApiError: MalformedPolicyDocumentException.
    """
    given = call.params.get("Policy")
    if not given or world.building or call.params.get("BypassPolicyLockoutSafetyCheck"):
        return
    before = key.policy
    key.policy = str(given)
    try:
        # What is asked is a later request, and that sees the key as it is then, with its tags.
        ask = key_ask("kms:PutKeyPolicy", key, key_context(key))
        allowed = gate.decide(call.caller, ask, call_context(call)).is_allowed
    finally:
        key.policy = before
    if not allowed:
        raise _malformed("The new key policy will not allow you to update the key policy in the future.")


@answers("kms", "GetKeyPolicy")
def get_key_policy(world: World, call: Call, forward: Forward) -> dict[str, Any]:
    """Answer the policy as it was put; `default` unless a name is given."""
    del world, forward
    key = key_of_call(call)
    if call.params.get("PolicyName", "default") != "default":
        raise ApiError("NotFoundException", "No such policy exists")
    return {"Policy": str(key.policy), "PolicyName": "default"}
