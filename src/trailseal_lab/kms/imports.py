"""
Imported key material (BYOK): the wrapped material is really unwrapped, and really expires.

Source: https://docs.aws.amazon.com/kms/latest/developerguide/importing-keys.html
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Any

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.keywrap import InvalidUnwrap, aes_key_unwrap_with_padding
from moto.kms.models import Key, kms_backends

from trailseal_lab.answers import Answer, Forward, answers
from trailseal_lab.call import Call
from trailseal_lab.clock import each_cycle
from trailseal_lab.errors import ApiError
from trailseal_lab.failures import alone
from trailseal_lab.kms.facts import FactsOfKey, ImportToken, facts_of
from trailseal_lab.kms.keys import require_key
from trailseal_lab.kms.replicas import check_is_no_replica, is_replica, primary_of
from trailseal_lab.kms.states import check_not_pending_deletion, key_of_call
from trailseal_lab.world import World

SIZES = {"RSA_2048": 2048, "RSA_3072": 3072, "RSA_4096": 4096}
DIGESTS: dict[str, type[hashes.HashAlgorithm]] = {
    "RSAES_OAEP_SHA_1": hashes.SHA1,
    "RSAES_OAEP_SHA_256": hashes.SHA256,
    "RSA_AES_KEY_WRAP_SHA_1": hashes.SHA1,
    "RSA_AES_KEY_WRAP_SHA_256": hashes.SHA256,
}
MATERIAL_BYTES = 32
TOKEN_LIFE = timedelta(hours=24)
LONGEST = timedelta(days=365)


@answers("kms", "GetParametersForImport")
def get_parameters_for_import(world: World, call: Call, forward: Forward) -> dict[str, Any]:
    """Hand out a public key to wrap material with, and the token that goes with it."""
    del forward
    key = _external(call)
    algorithm, spec = str(call.params.get("WrappingAlgorithm")), str(call.params.get("WrappingKeySpec"))
    if algorithm not in DIGESTS or spec not in SIZES:
        raise ApiError("UnsupportedOperationException", f"{algorithm} with {spec} is not supported.")
    private_key = rsa.generate_private_key(public_exponent=65537, key_size=SIZES[spec])
    token, until = secrets.token_bytes(64), world.now() + TOKEN_LIFE
    facts_of(world, key).tokens[token] = ImportToken(
        private_key=private_key, algorithm=algorithm, valid_to=until
    )
    public = private_key.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return {"KeyId": key.arn, "ImportToken": token, "PublicKey": public, "ParametersValidTo": until}


@answers("kms", "ImportKeyMaterial")
def import_key_material(world: World, call: Call, forward: Forward) -> dict[str, Any]:
    """Unwrap the material and put it into the key, which can be used from then on."""
    del forward
    key = _external(call)
    facts = facts_of(world, key)
    token = _token(world, facts, call.params.get("ImportToken"))
    material = _unwrap(token, bytes(call.params.get("EncryptedKeyMaterial") or b""))
    model, valid_to = _expiration(world, call)
    digest = hashlib.sha256(material).hexdigest()
    if call.params.get("ImportType") == "NEW_KEY_MATERIAL":
        check_is_no_replica(key)
    if facts.material_digest and digest != facts.material_digest and digest not in facts.former_digests:
        of_the_primary = is_replica(key) and digest == facts_of(world, primary_of(key)).pending_digest
        if call.params.get("ImportType") != "NEW_KEY_MATERIAL" and not of_the_primary:
            raise ApiError(
                "IncorrectKeyMaterialException", "The key material is not the one that was imported."
            )
        facts.pending_digest = digest
        return {"KeyId": key.arn, "KeyMaterialId": digest}
    if not facts.material_digest:
        # moto knows one material a key, so the first one stands for all: what it encrypted stays readable
        facts.material_digest, key.key_material = digest, material
    facts.expiration_model, facts.valid_to = model, valid_to
    key.key_state, key.enabled = "Enabled", True
    return {"KeyId": key.arn, "KeyMaterialId": digest}


@answers("kms", "DeleteImportedKeyMaterial")
def delete_imported_key_material(world: World, call: Call, forward: Forward) -> dict[str, Any]:
    """Take the material out; the key waits for it to be imported again."""
    del world, forward
    key = _external(call)
    key.key_state, key.enabled = "PendingImport", False
    return {"KeyId": key.arn}


@answers("kms", "DescribeKey")
def describe_key(world: World, call: Call, forward: Forward) -> Answer:
    """Describe the key, with the expiry of imported material beside."""
    del forward
    key = require_key(str(call.params["KeyId"]), account=call.caller.account, region=call.region)
    _expire(world, key)
    document = key.to_dict()
    metadata = document["KeyMetadata"]
    facts = facts_of(world, key)
    if key.key_state != "PendingImport" and facts.expiration_model:
        metadata["ExpirationModel"] = facts.expiration_model
        metadata["CurrentKeyMaterialId"] = facts.material_digest
        if facts.valid_to is not None:
            metadata["ValidTo"] = facts.valid_to
    return document


@each_cycle(order=5)
def expire_material(world: World) -> None:
    """Let imported material whose time has come expire: its key waits for import again."""
    for account in list(kms_backends):
        for backend in list(kms_backends[account].values()):
            for key in backend.keys.values():
                with alone(world, "kms.imports", key.arn):
                    _expire(world, key)


def _expire(world: World, key: Key) -> None:
    valid_to = facts_of(world, key).valid_to if key.origin == "EXTERNAL" else None
    if valid_to is not None and valid_to <= world.now() and key.key_state in {"Enabled", "Disabled"}:
        key.key_state, key.enabled = "PendingImport", False


def _external(call: Call) -> Key:
    key = key_of_call(call)
    if key.origin != "EXTERNAL":
        raise ApiError(
            "UnsupportedOperationException", f"{key.arn} origin is {key.origin} which is not valid."
        )
    check_not_pending_deletion(key)
    return key


def _token(world: World, facts: FactsOfKey, given: Any) -> ImportToken:
    token = facts.tokens.get(bytes(given or b""))
    if token is None:
        raise ApiError("InvalidImportTokenException", "The import token is not valid for this key.")
    if token.valid_to <= world.now():
        raise ApiError("ExpiredImportTokenException", "The import token has expired.")
    return token


def _unwrap(token: ImportToken, wrapped: bytes) -> bytes:
    digest = DIGESTS[token.algorithm]
    oaep = padding.OAEP(mgf=padding.MGF1(digest()), algorithm=digest(), label=None)
    size = token.private_key.key_size // 8
    try:
        if token.algorithm.startswith("RSA_AES_KEY_WRAP"):
            key = token.private_key.decrypt(wrapped[:size], oaep)
            material = aes_key_unwrap_with_padding(key, wrapped[size:])
        else:
            material = token.private_key.decrypt(wrapped, oaep)
    except (ValueError, InvalidUnwrap) as problem:
        raise ApiError("InvalidCiphertextException", "The key material could not be unwrapped.") from problem
    if len(material) != MATERIAL_BYTES:
        raise ApiError("IncorrectKeyMaterialException", "The key material is not 256 bits long.")
    return material


def _expiration(world: World, call: Call) -> tuple[str, datetime | None]:
    model = str(call.params.get("ExpirationModel") or "KEY_MATERIAL_EXPIRES")
    valid_to = call.params.get("ValidTo")
    if model == "KEY_MATERIAL_DOES_NOT_EXPIRE":
        return model, None
    if not isinstance(valid_to, datetime):
        raise ApiError("ValidationException", "A validTo date must be set if the key material is to expire.")
    until = valid_to if valid_to.tzinfo else valid_to.replace(tzinfo=world.now().tzinfo)
    if not world.now() < until <= world.now() + LONGEST:
        raise ApiError("ValidationException", "ValidTo must be in the future and within 365 days.")
    return model, until
