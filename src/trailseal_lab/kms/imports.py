"""
Imported key material (BYOK): the wrapped material is really unwrapped, and really expires.

Source: https://docs.aws.amazon.com/kms/latest/developerguide/importing-keys.html
"""

from __future__ import annotations

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
from trailseal_lab.kms.facts import FactsOfKey, ImportToken, Material, facts_of
from trailseal_lab.kms.keys import require_key
from trailseal_lab.kms.materials import material_id, metadata_of, settle
from trailseal_lab.kms.replicas import check_is_no_replica, is_replica, primary_of, replicas_of
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
NOT_AS_EXPECTED = (
    "The key material is not what is expected here: new where it is to be new, and else the same."
)


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
    """Unwrap the material and put it into the key, which can be used once all of its material is there."""
    del forward
    key = _external(call)
    facts = facts_of(world, key)
    token = _token(world, facts, call.params.get("ImportToken"))
    material = _unwrap(token, bytes(call.params.get("EncryptedKeyMaterial") or b""))
    model, valid_to = _expiration(world, call)
    found = _place(world, call, key, material_id(key, material))
    if found is facts.materials[0] and not found.imported:
        key.key_material = material
    found.imported, found.expiration_model, found.valid_to = True, model, valid_to
    found.description = str(call.params.get("KeyMaterialDescription") or found.description)
    settle(world, key)
    return {"KeyId": key.arn, "KeyMaterialId": found.id}


def _place(world: World, call: Call, key: Key, given: str) -> Material:
    """
    Return the material of a key that comes with a call: a new one is the first, or waits for a rotation.

    Raises:
        ApiError: IncorrectKeyMaterialException, UnsupportedOperationException, ValidationException.
    """
    facts, wanted = facts_of(world, key), str(call.params.get("KeyMaterialId") or "")
    default = "EXISTING_KEY_MATERIAL" if facts.materials else "NEW_KEY_MATERIAL"
    is_new = str(call.params.get("ImportType") or default) == "NEW_KEY_MATERIAL"
    if is_new and wanted:
        text = "KeyMaterialId cannot be specified when ImportType is set to NEW_KEY_MATERIAL."
        raise ApiError("ValidationException", text)
    if is_new:
        check_is_no_replica(key)
    known = [*facts.materials, *([facts.pending] if facts.pending else ()), *_from_the_primary(world, key)]
    found = next((each for each in known if each.id == given), None)
    if (found is None) is not is_new or wanted not in {"", given}:
        raise ApiError("IncorrectKeyMaterialException", NOT_AS_EXPECTED)
    if found is None:
        found = Material(id=given, imported=False)
        if facts.materials:
            facts.pending = found
        else:
            facts.materials.append(found)
    elif found not in facts.materials:
        facts.pending = found
    return found


def _from_the_primary(world: World, key: Key) -> list[Material]:
    """Return what a replica is to be given: the new material that its primary has already."""
    pending = facts_of(world, primary_of(key)).pending if is_replica(key) else None
    return [Material(id=pending.id, imported=False)] if pending else []


@answers("kms", "DeleteImportedKeyMaterial")
def delete_imported_key_material(world: World, call: Call, forward: Forward) -> dict[str, Any]:
    """
    Take a material out, the current one unless another is named; the key waits for it to be imported again.

    One that waits for a rotation is the key's no longer, nor its replicas', and changes no state.

    Raises:
        ApiError: NotFoundException for a material that the key does not have; AWS does not tell the code.
    """
    del forward
    key = _external(call)
    facts = facts_of(world, key)
    wanted = str(call.params.get("KeyMaterialId") or (facts.materials[-1].id if facts.materials else ""))
    if facts.pending is not None and facts.pending.id == wanted:
        for each in (key, *replicas_of(key)):
            facts_of(world, each).pending = None
        return {"KeyId": key.arn, "KeyMaterialId": wanted}
    found = next((each for each in facts.materials if each.id == wanted), None)
    if found is None and wanted:
        raise ApiError("NotFoundException", f"{key.arn} has no key material {wanted}.")
    if found is not None:
        found.imported = False
    settle(world, key)
    return {"KeyId": key.arn, **({"KeyMaterialId": wanted} if wanted else {})}


@answers("kms", "DescribeKey")
def describe_key(world: World, call: Call, forward: Forward) -> Answer:
    """Describe the key, with its current material and the expiry of what was imported."""
    del forward
    key = require_key(str(call.params["KeyId"]), account=call.caller.account, region=call.region)
    _expire(world, key)
    return {"KeyMetadata": metadata_of(world, key)}


@each_cycle(order=5)
def expire_material(world: World) -> None:
    """Let imported material whose time has come expire: its key waits for import again."""
    for account in list(kms_backends):
        for backend in list(kms_backends[account].values()):
            for key in backend.keys.values():
                with alone(world, "kms.imports", key.arn):
                    _expire(world, key)


def _expire(world: World, key: Key) -> None:
    if key.origin != "EXTERNAL":
        return
    over = [m for m in facts_of(world, key).materials if m.valid_to and m.valid_to <= world.now()]
    for each in over:
        each.imported = False
    if over:
        settle(world, key)


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
