"""Rotation and imported material: what a set of keys shares, and what stays when material comes again."""

from __future__ import annotations

import os

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding

ELSEWHERE = "us-east-1"


def _bring(kms, key, material, **more):
    """Import material into a key."""
    parameters = kms.get_parameters_for_import(
        KeyId=key, WrappingAlgorithm="RSAES_OAEP_SHA_256", WrappingKeySpec="RSA_2048"
    )
    oaep = padding.OAEP(mgf=padding.MGF1(hashes.SHA256()), algorithm=hashes.SHA256(), label=None)
    public = serialization.load_der_public_key(parameters["PublicKey"])
    return kms.import_key_material(
        KeyId=key,
        ImportToken=parameters["ImportToken"],
        EncryptedKeyMaterial=public.encrypt(material, oaep),
        ExpirationModel="KEY_MATERIAL_DOES_NOT_EXPIRE",
        **more,
    )["KeyMaterialId"]


def _materials(kms, key):
    listed = kms.list_key_rotations(KeyId=key, IncludeKeyMaterial="ALL_KEY_MATERIAL")["Rotations"]
    return [(each["KeyMaterialId"], each["KeyMaterialState"]) for each in listed]


@pytest.mark.sweep
@pytest.mark.parametrize("again", [0, 1], ids=["the former", "the current"])
def test_material_that_comes_again_changes_nothing_but_the_state(here, again):
    kms = here.client("kms")
    key = kms.create_key(Origin="EXTERNAL")["KeyMetadata"]["Arn"]
    materials = [os.urandom(32), os.urandom(32)]
    ids = [_bring(kms, key, materials[0])]
    first = kms.encrypt(KeyId=key, Plaintext=b"first")["CiphertextBlob"]
    ids.append(_bring(kms, key, materials[1], ImportType="NEW_KEY_MATERIAL"))
    kms.rotate_key_on_demand(KeyId=key)
    second = kms.encrypt(KeyId=key, Plaintext=b"second")["CiphertextBlob"]
    standing = [(ids[0], "NON_CURRENT"), (ids[1], "CURRENT")]
    assert _materials(kms, key) == standing

    kms.delete_imported_key_material(KeyId=key)
    assert _bring(kms, key, materials[again]) == ids[again]

    assert _materials(kms, key) == standing
    assert kms.describe_key(KeyId=key)["KeyMetadata"]["CurrentKeyMaterialId"] == ids[1]
    assert [kms.decrypt(CiphertextBlob=each)["Plaintext"] for each in (first, second)] == [
        b"first",
        b"second",
    ]


def test_a_replica_tells_the_rotations_of_its_primary(here):
    kms, there = here.client("kms"), here.client("kms", region=ELSEWHERE)
    primary = kms.create_key(MultiRegion=True)["KeyMetadata"]["Arn"]
    replica = kms.replicate_key(KeyId=primary, ReplicaRegion=ELSEWHERE)["ReplicaKeyMetadata"]["Arn"]

    def told(client, key):
        status = client.get_key_rotation_status(KeyId=key)
        rotations = client.list_key_rotations(KeyId=key)["Rotations"]
        return {name: status[name] for name in status if name not in {"KeyId", "ResponseMetadata"}}, rotations

    for change in (
        lambda: kms.enable_key_rotation(KeyId=primary, RotationPeriodInDays=180),
        lambda: kms.rotate_key_on_demand(KeyId=primary),
        lambda: kms.rotate_key_on_demand(KeyId=primary),
        lambda: kms.disable_key_rotation(KeyId=primary),
    ):
        change()
        assert told(there, replica) == told(kms, primary)


def test_security_hub_sees_that_a_replica_rotates(here):
    from trailseal_lab.hub.rules import evaluate

    kms = here.client("kms")
    primary = kms.create_key(MultiRegion=True)["KeyMetadata"]["Arn"]
    replica = kms.replicate_key(KeyId=primary, ReplicaRegion=ELSEWHERE)["ReplicaKeyMetadata"]["Arn"]

    def passes():
        found = evaluate(here.world, here.world.account, ELSEWHERE)
        return {each.passed for each in found if (each.control, each.resource) == ("KMS.4", replica)}

    assert passes() == {False}
    kms.enable_key_rotation(KeyId=primary)
    assert passes() == {True}
