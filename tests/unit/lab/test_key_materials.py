"""Rotation and imported material: what a set of keys shares, and what stays when material comes again."""

from __future__ import annotations

import os

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding

from refusals import code_of

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


def _state(kms, key):
    return kms.describe_key(KeyId=key)["KeyMetadata"]["KeyState"]


@pytest.fixture
def renewed(here):
    """A key with two imported materials, one rotation between them: the key, the materials and their IDs."""
    kms = here.client("kms")
    key = kms.create_key(Origin="EXTERNAL")["KeyMetadata"]["Arn"]
    materials = [os.urandom(32), os.urandom(32)]
    ids = [_bring(kms, key, materials[0]), _bring(kms, key, materials[1], ImportType="NEW_KEY_MATERIAL")]
    kms.rotate_key_on_demand(KeyId=key)
    return key, materials, ids


@pytest.mark.sweep
@pytest.mark.parametrize("which", [0, 1], ids=["the former", "the current"])
def test_a_key_waits_for_each_of_its_materials_and_is_then_as_before(here, renewed, which):
    kms, (key, materials, ids) = here.client("kms"), renewed
    standing = [(ids[0], "NON_CURRENT"), (ids[1], "CURRENT")]
    sealed = kms.encrypt(KeyId=key, Plaintext=b"sealed")["CiphertextBlob"]

    gone = kms.delete_imported_key_material(KeyId=key, **({"KeyMaterialId": ids[0]} if which == 0 else {}))
    assert (gone["KeyMaterialId"], _state(kms, key)) == (ids[which], "PendingImport")
    states = {each["KeyMaterialId"]: each["ImportState"] for each in _entries(kms, key)}
    assert states == {ids[which]: "PENDING_IMPORT", ids[1 - which]: "IMPORTED"}
    assert _bring(kms, key, materials[1 - which]) == ids[1 - which]
    assert _state(kms, key) == "PendingImport"
    assert _bring(kms, key, materials[which], KeyMaterialId=ids[which]) == ids[which]

    assert (_state(kms, key), _materials(kms, key)) == ("Enabled", standing)
    assert kms.decrypt(CiphertextBlob=sealed)["Plaintext"] == b"sealed"


def _entries(kms, key):
    return kms.list_key_rotations(KeyId=key, IncludeKeyMaterial="ALL_KEY_MATERIAL")["Rotations"]


def test_material_is_what_the_call_says_of_it(here, renewed):
    kms, (key, materials, ids) = here.client("kms"), renewed
    other = os.urandom(32)

    def code(material, **more):
        return code_of(lambda: _bring(kms, key, material, **more))

    assert code(other) == "IncorrectKeyMaterialException"
    assert code(other, ImportType="EXISTING_KEY_MATERIAL") == "IncorrectKeyMaterialException"
    assert code(materials[0], ImportType="NEW_KEY_MATERIAL") == "IncorrectKeyMaterialException"
    assert code(materials[0], KeyMaterialId=ids[1]) == "IncorrectKeyMaterialException"
    assert code(other, ImportType="NEW_KEY_MATERIAL", KeyMaterialId=ids[1]) == "ValidationException"
    assert code(materials[0], KeyMaterialId=ids[0], KeyMaterialDescription="the first") == ""
    assert _entries(kms, key)[0]["KeyMaterialDescription"] == "the first"


def test_material_that_waits_for_a_rotation_may_be_taken_out_again(here, renewed):
    kms, (key, _, ids) = here.client("kms"), renewed
    pending = _bring(kms, key, os.urandom(32), ImportType="NEW_KEY_MATERIAL")
    assert _materials(kms, key)[-1] == (pending, "PENDING_ROTATION")
    assert kms.describe_key(KeyId=key)["KeyMetadata"]["CurrentKeyMaterialId"] == ids[1]

    kms.delete_imported_key_material(KeyId=key, KeyMaterialId=pending)

    assert [each for each, _ in _materials(kms, key)] == ids
    assert _state(kms, key) == "Enabled"
    assert code_of(kms.rotate_key_on_demand, KeyId=key) == "KMSInvalidStateException"
    assert code_of(kms.delete_imported_key_material, KeyId=key, KeyMaterialId=pending) == "NotFoundException"


@pytest.mark.parametrize("origin", ["AWS_KMS", "EXTERNAL"])
def test_each_answer_tells_the_material_that_it_was_made_with(here, origin):
    kms = here.client("kms")
    made = kms.create_key(Origin=origin)["KeyMetadata"]
    key = made["Arn"]
    if origin == "EXTERNAL":
        assert "CurrentKeyMaterialId" not in made
        _bring(kms, key, os.urandom(32))
    before = kms.describe_key(KeyId=key)["KeyMetadata"]["CurrentKeyMaterialId"]
    old = [kms.encrypt(KeyId=key, Plaintext=b"x")["CiphertextBlob"], *_data_keys(kms, key, before)]
    if origin == "EXTERNAL":
        _bring(kms, key, os.urandom(32), ImportType="NEW_KEY_MATERIAL")
    kms.rotate_key_on_demand(KeyId=key)
    after = kms.describe_key(KeyId=key)["KeyMetadata"]["CurrentKeyMaterialId"]
    new = [kms.encrypt(KeyId=key, Plaintext=b"x")["CiphertextBlob"], *_data_keys(kms, key, after)]

    assert after != before
    assert {kms.decrypt(CiphertextBlob=each)["KeyMaterialId"] for each in old} == {before}
    assert {kms.decrypt(CiphertextBlob=each)["KeyMaterialId"] for each in new} == {after}
    again = kms.re_encrypt(CiphertextBlob=old[0], DestinationKeyId=key)
    assert (again["SourceKeyMaterialId"], again["DestinationKeyMaterialId"]) == (before, after)
    assert kms.decrypt(CiphertextBlob=again["CiphertextBlob"])["KeyMaterialId"] == after
    rotations = kms.list_key_rotations(KeyId=key)["Rotations"]
    assert [(each["KeyMaterialId"], each["KeyMaterialState"]) for each in rotations] == [(after, "CURRENT")]
    assert _materials(kms, key) == [(before, "NON_CURRENT"), (after, "CURRENT")]
    assert ("ImportState" in _entries(kms, key)[0]) is (origin == "EXTERNAL")


def _data_keys(kms, key, current):
    made = [
        kms.generate_data_key(KeyId=key, KeySpec="AES_256"),
        kms.generate_data_key_without_plaintext(KeyId=key, KeySpec="AES_256"),
    ]
    assert {each["KeyMaterialId"] for each in made} == {current}
    return [each["CiphertextBlob"] for each in made]


@pytest.mark.parametrize(
    "spec", [{"KeySpec": "RSA_2048"}, {"KeySpec": "HMAC_256", "KeyUsage": "GENERATE_VERIFY_MAC"}]
)
def test_a_key_that_does_not_rotate_tells_no_material(here, spec):
    kms = here.client("kms")
    key = kms.create_key(**{"KeyUsage": "ENCRYPT_DECRYPT", **spec})["KeyMetadata"]

    assert "CurrentKeyMaterialId" not in key
    assert kms.list_key_rotations(KeyId=key["Arn"])["Rotations"] == []
    asked = {"KeyId": key["Arn"], "IncludeKeyMaterial": "ALL_KEY_MATERIAL"}
    assert code_of(kms.list_key_rotations, **asked) == "UnsupportedOperationException"


def test_a_replica_of_imported_material_waits_for_the_same(here):
    kms, there = here.client("kms"), here.client("kms", region=ELSEWHERE)
    primary = kms.create_key(Origin="EXTERNAL", MultiRegion=True)["KeyMetadata"]["Arn"]
    materials = [os.urandom(32), os.urandom(32)]
    first = _bring(kms, primary, materials[0])
    replica = kms.replicate_key(KeyId=primary, ReplicaRegion=ELSEWHERE)["ReplicaKeyMetadata"]

    assert replica["KeyState"] == "PendingImport"
    assert code_of(lambda: _bring(there, replica["Arn"], materials[1])) == "IncorrectKeyMaterialException"
    assert _bring(there, replica["Arn"], materials[0]) == first
    sealed = kms.encrypt(KeyId=primary, Plaintext=b"x")["CiphertextBlob"]
    assert there.decrypt(CiphertextBlob=sealed)["KeyMaterialId"] == first
    second = _bring(kms, primary, materials[1], ImportType="NEW_KEY_MATERIAL")
    assert _materials(kms, primary)[-1] == (second, "PENDING_MULTI_REGION_IMPORT_AND_ROTATION")
    assert _bring(there, replica["Arn"], materials[1]) == second
    kms.delete_imported_key_material(KeyId=primary, KeyMaterialId=second)
    assert [each for each, _ in _materials(there, replica["Arn"])] == [first]


def test_the_primary_is_changed_and_every_key_of_the_set_tells_it(here):
    regions = (here.world.region, ELSEWHERE, "eu-west-1")
    clients = [here.client("kms", region=region) for region in regions]
    key = clients[0].create_key(MultiRegion=True)["KeyMetadata"]["KeyId"]
    for region in regions[1:]:
        clients[0].replicate_key(KeyId=key, ReplicaRegion=region)
    clients[0].enable_key_rotation(KeyId=key, RotationPeriodInDays=180)
    clients[0].rotate_key_on_demand(KeyId=key)
    before = [_set(client, key) for client in clients]

    clients[0].update_primary_region(KeyId=key, PrimaryRegion=ELSEWHERE)

    told = [_set(client, key) for client in clients]
    assert {each["primary"] for each in before} == {regions[0]}
    assert [each.pop("kind") for each in told] == ["REPLICA", "PRIMARY", "REPLICA"]
    assert told[0] == told[1] == told[2]
    assert told[0]["primary"] == ELSEWHERE
    assert set(told[0]["replicas"]) == {regions[0], regions[2]}
    assert told[0]["material"] == before[0]["material"]
    assert {client.get_key_rotation_status(KeyId=key)["RotationPeriodInDays"] for client in clients} == {180}
    clients[1].rotate_key_on_demand(KeyId=key)
    assert code_of(clients[0].rotate_key_on_demand, KeyId=key) == "UnsupportedOperationException"


def _set(client, key):
    told = client.describe_key(KeyId=key)["KeyMetadata"]
    found = told["MultiRegionConfiguration"]
    return {
        "kind": found["MultiRegionKeyType"],
        "primary": found["PrimaryKey"]["Region"],
        "replicas": [each["Region"] for each in found["ReplicaKeys"]],
        "material": told["CurrentKeyMaterialId"],
    }


def test_a_change_of_the_primary_is_refused_where_it_cannot_be(here):
    kms, there = here.client("kms"), here.client("kms", region=ELSEWHERE)
    key = kms.create_key(MultiRegion=True)["KeyMetadata"]["KeyId"]
    kms.replicate_key(KeyId=key, ReplicaRegion=ELSEWHERE)
    single = kms.create_key()["KeyMetadata"]["KeyId"]

    def code(client, region, key=key):
        return code_of(client.update_primary_region, KeyId=key, PrimaryRegion=region)

    assert code(kms, ELSEWHERE, single) == "UnsupportedOperationException"
    assert code(there, "eu-west-1") == "UnsupportedOperationException"
    assert code(kms, here.world.region) == "UnsupportedOperationException"
    assert code(kms, "eu-west-1") == "NotFoundException"
    there.disable_key(KeyId=key)
    assert code(kms, ELSEWHERE) == "DisabledException"


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
