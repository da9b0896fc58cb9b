"""
The key materials of a key: which is current, which are only for decryption, which waits for a rotation.

moto computes with one material a key, the first one, for all of them, so that what any of them encrypted
stays readable; which one it stands for is noted with each ciphertext. A set of multi-Region keys has the same
materials, with the same IDs; of imported ones each key has its own copy, which may be deleted or expire by
itself. Of how AWS computes an ID only what it depends on is documented: the key's ID and the material.
Sources: https://docs.aws.amazon.com/kms/latest/APIReference/API_RotationsListEntry.html,
https://docs.aws.amazon.com/kms/latest/APIReference/API_ImportKeyMaterial.html
and https://docs.aws.amazon.com/kms/latest/developerguide/rotate-keys.html
"""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Any

from moto.kms.models import Key

from trailseal_lab.kms.facts import Material, facts_of
from trailseal_lab.kms.replicas import primary_of, replicas_of
from trailseal_lab.world import World

SYMMETRIC = "SYMMETRIC_DEFAULT"
ROTATES = frozenset({"AWS_KMS", "EXTERNAL"})
"""Origins of keys that may have more than one material."""


def has_materials(key: Key) -> bool:
    """Whether a key is of those that may have several materials, whose IDs are told."""
    return key.key_spec == SYMMETRIC and key.origin in ROTATES


def materials_of(world: World, key: Key) -> list[Material]:
    """Return the materials that are a key's for good, the current one last; none before the first import."""
    if key.origin == "EXTERNAL":
        return facts_of(world, key).materials
    found = facts_of(world, primary_of(key)).materials
    if not found:
        found.append(Material(id=own_id(key, 0)))
    return found


def own_id(key: Key, number: int) -> str:
    """Return the ID of the material that KMS made for a key's rotation of this number."""
    return material_id(key, f"made by KMS: {number}".encode())


def material_id(key: Key, material: bytes) -> str:
    """Return the ID of a material in a key; another key's, of the same material, is another."""
    return hashlib.sha256(f"{key.id}\n".encode() + material).hexdigest()


def current_id(world: World, key: Key) -> str:
    """Return the ID of the material that a key encrypts with, "" for a key that tells none."""
    found = materials_of(world, key) if has_materials(key) else []
    return found[-1].id if found else ""


def note_ciphertext(world: World, key: Key, blob: bytes) -> None:
    """Note what a ciphertext was made with; the first material's are not noted."""
    found = materials_of(world, key)
    if len(found) > 1:
        facts_of(world, primary_of(key)).made_with[_mark(blob)] = found[-1].id


def id_for(world: World, key: Key, blob: bytes) -> str:
    """Return the ID of the material that a ciphertext was made with, "" for a key that tells none."""
    found = materials_of(world, key) if has_materials(key) else []
    noted = facts_of(world, primary_of(key)).made_with.get(_mark(blob))
    return noted or (found[0].id if found else "")


def _mark(blob: bytes) -> bytes:
    return hashlib.sha256(blob).digest()


def metadata_of(world: World, key: Key) -> dict[str, Any]:
    """Return what DescribeKey, CreateKey and ReplicateKey tell of a key."""
    told: dict[str, Any] = dict(key.to_dict()["KeyMetadata"])
    if current := current_id(world, key):
        told["CurrentKeyMaterialId"] = current
    if key.origin == "EXTERNAL" and key.key_state != "PendingImport" and (found := materials_of(world, key)):
        told |= _expiry(found[-1])
    return told


def entries_of(world: World, key: Key) -> list[dict[str, Any]]:
    """Return every material of a key as ListKeyRotations shows it, the oldest first, a pending one last."""
    found = materials_of(world, key)
    shown = [
        _entry(key, each, "CURRENT" if each is found[-1] else "NON_CURRENT", rotated=number > 0)
        for number, each in enumerate(found)
    ]
    pending = facts_of(world, key).pending
    return [*shown, *([_entry(key, pending, pending_state(world, key), rotated=False)] if pending else ())]


def _entry(key: Key, material: Material, state: str, *, rotated: bool) -> dict[str, Any]:
    shown: dict[str, Any] = {"KeyId": key.id, "KeyMaterialId": material.id, "KeyMaterialState": state}
    if rotated:
        shown |= {"RotationDate": material.rotated, "RotationType": "ON_DEMAND"}
    if key.origin == "EXTERNAL":
        shown["ImportState"] = "IMPORTED" if material.imported else "PENDING_IMPORT"
        shown |= {"KeyMaterialDescription": material.description} if material.description else {}
        shown |= _expiry(material) if material.imported else {}
    return shown


def _expiry(material: Material) -> dict[str, Any]:
    until = {"ValidTo": material.valid_to} if material.valid_to is not None else {}
    return {"ExpirationModel": material.expiration_model, **until} if material.expiration_model else {}


def pending_state(world: World, key: Key) -> str:
    """Return how new material of a key stands, "" where there is none; a primary waits for its replicas."""
    wanted = facts_of(world, key).pending
    if wanted is None:
        return ""
    others = [facts_of(world, each).pending for each in replicas_of(key)]
    lacking = [each for each in others if each is None or each.id != wanted.id]
    return "PENDING_MULTI_REGION_IMPORT_AND_ROTATION" if lacking else "PENDING_ROTATION"


def rotate(world: World, key: Key, when: datetime) -> None:
    """Make new material a key's current one: what was imported for it, else what KMS makes."""
    if key.origin != "EXTERNAL":
        found = materials_of(world, key)
        found.append(Material(id=own_id(key, len(found)), rotated=when))
        return
    for each in (key, *replicas_of(key)):
        facts = facts_of(world, each)
        if facts.pending is not None:
            facts.pending.rotated = when
            facts.materials.append(facts.pending)
            facts.pending = None


def settle(world: World, key: Key) -> None:
    """Let a key of imported material be usable when all of it is there, and wait for it otherwise."""
    found = facts_of(world, key).materials
    whole = bool(found) and all(each.imported for each in found)
    if whole and key.key_state == "PendingImport":
        key.key_state, key.enabled = "Enabled", True
    elif not whole and key.key_state in {"Enabled", "Disabled"}:
        key.key_state, key.enabled = "PendingImport", False
