"""KMS in the lab: states, policies, rotation and imported material have the effects they have on AWS."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.keywrap import aes_key_wrap_with_padding

from refusals import code_of

ROOT = "arn:aws:iam::123456789012:root"


@pytest.fixture
def kms(lab):
    return lab.client("kms")


@pytest.fixture
def key(kms):
    return kms.create_key()["KeyMetadata"]["Arn"]


def statement(**parts):
    return {
        "Sid": "s",
        "Effect": "Allow",
        "Principal": {"AWS": ROOT},
        "Action": "kms:*",
        "Resource": "*",
        **parts,
    }


def policy(*statements):
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def test_a_key_is_switched_off_and_on_by_its_arn(kms, key):
    kms.disable_key(KeyId=key)
    assert code_of(kms.encrypt, KeyId=key, Plaintext=b"x") == "DisabledException"

    kms.enable_key(KeyId=key)
    kms.encrypt(KeyId=key, Plaintext=b"x")


def test_a_key_pending_deletion_works_for_nothing_until_the_deletion_is_cancelled(kms, key):
    sealed = kms.encrypt(KeyId=key, Plaintext=b"x")["CiphertextBlob"]
    answer = kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=7)

    assert answer["KeyState"] == "PendingDeletion"
    assert code_of(kms.decrypt, CiphertextBlob=sealed) == "KMSInvalidStateException"
    assert code_of(kms.enable_key, KeyId=key) == "KMSInvalidStateException"
    kms.cancel_key_deletion(KeyId=key)
    assert kms.describe_key(KeyId=key)["KeyMetadata"]["KeyState"] == "Disabled"
    kms.enable_key(KeyId=key)
    assert kms.decrypt(CiphertextBlob=sealed)["Plaintext"] == b"x"


def test_decrypt_needs_the_context_of_encrypt(kms, key):
    sealed = kms.encrypt(KeyId=key, Plaintext=b"x", EncryptionContext={"a": "b"})["CiphertextBlob"]

    assert code_of(kms.decrypt, CiphertextBlob=sealed) == "InvalidCiphertextException"
    assert kms.decrypt(CiphertextBlob=sealed, EncryptionContext={"a": "b"})["Plaintext"] == b"x"


@pytest.mark.parametrize(
    "bad",
    [
        pytest.param("{not json", id="not JSON"),
        pytest.param(json.dumps({"Version": "2012-10-17"}), id="no statement"),
        pytest.param(policy(statement(Effect="allow")), id="misspelt effect"),
        pytest.param(
            policy(statement(Principal={"AWS": "arn:aws:iam::123456789012:user/ghost"})), id="ghost"
        ),
        pytest.param(policy(statement(), statement(Principal={"AWS": "nobody"})), id="no ARN"),
    ],
)
def test_a_policy_that_kms_would_not_take_is_malformed(kms, key, bad):
    assert code_of(kms.put_key_policy, KeyId=key, Policy=bad) == "MalformedPolicyDocumentException"


def test_a_policy_longer_than_32_kilobytes_is_refused(kms, key):
    long = policy(*(statement(Sid=f"s{number:040}") for number in range(400)))

    assert code_of(kms.put_key_policy, KeyId=key, Policy=long) == "LimitExceededException"


def test_a_policy_for_a_role_session_and_another_account_is_taken(lab, kms, key):
    trust = policy({"Effect": "Allow", "Principal": {"AWS": ROOT}, "Action": "sts:AssumeRole"})
    lab.client("iam").create_role(RoleName="Role1", AssumeRolePolicyDocument=trust)
    session = "arn:aws:sts::123456789012:assumed-role/Role1/User1"
    wanted = policy(statement(Principal={"AWS": [session, ROOT, "arn:aws:iam::999999999999:root"]}))

    kms.put_key_policy(KeyId=key, Policy=wanted)

    assert kms.get_key_policy(KeyId=key)["Policy"] == wanted


def test_rotation_tells_its_period_and_the_next_time(kms, key):
    assert kms.get_key_rotation_status(KeyId=key)["KeyRotationEnabled"] is False

    kms.enable_key_rotation(KeyId=key, RotationPeriodInDays=90)

    status = kms.get_key_rotation_status(KeyId=key)
    left = status["NextRotationDate"] - datetime.now(UTC)
    assert status["RotationPeriodInDays"] == 90
    assert timedelta(days=89) < left < timedelta(days=90)


def test_rotation_on_demand_enters_the_history_and_keeps_old_ciphertext_readable(kms, key):
    sealed = kms.encrypt(KeyId=key, Plaintext=b"x")["CiphertextBlob"]

    kms.rotate_key_on_demand(KeyId=key)

    rotations = kms.list_key_rotations(KeyId=key)["Rotations"]
    assert [r["RotationType"] for r in rotations] == ["ON_DEMAND"]
    assert kms.decrypt(CiphertextBlob=sealed)["Plaintext"] == b"x"


def wrap(parameters, algorithm, material):
    public = serialization.load_der_public_key(parameters["PublicKey"])
    oaep = padding.OAEP(mgf=padding.MGF1(hashes.SHA256()), algorithm=hashes.SHA256(), label=None)
    if algorithm == "RSAES_OAEP_SHA_256":
        return public.encrypt(material, oaep)
    middle = os.urandom(32)
    return public.encrypt(middle, oaep) + aes_key_wrap_with_padding(middle, material)


def bring(kms, key, material, *, algorithm="RSAES_OAEP_SHA_256", spec="RSA_2048", **more):
    parameters = kms.get_parameters_for_import(KeyId=key, WrappingAlgorithm=algorithm, WrappingKeySpec=spec)
    return kms.import_key_material(
        KeyId=key,
        ImportToken=parameters["ImportToken"],
        EncryptedKeyMaterial=wrap(parameters, algorithm, material),
        **more,
    )


@pytest.fixture
def external(kms):
    return kms.create_key(Origin="EXTERNAL")["KeyMetadata"]["Arn"]


@pytest.mark.parametrize("algorithm", ["RSAES_OAEP_SHA_256", "RSA_AES_KEY_WRAP_SHA_256"])
def test_own_key_material_is_unwrapped_and_the_key_then_works(kms, external, algorithm):
    assert kms.describe_key(KeyId=external)["KeyMetadata"]["KeyState"] == "PendingImport"
    assert code_of(kms.encrypt, KeyId=external, Plaintext=b"x") == "KMSInvalidStateException"

    bring(kms, external, os.urandom(32), algorithm=algorithm, ExpirationModel="KEY_MATERIAL_DOES_NOT_EXPIRE")

    sealed = kms.encrypt(KeyId=external, Plaintext=b"x")["CiphertextBlob"]
    assert kms.decrypt(CiphertextBlob=sealed)["Plaintext"] == b"x"
    shown = kms.describe_key(KeyId=external)["KeyMetadata"]
    assert (shown["KeyState"], shown["ExpirationModel"]) == ("Enabled", "KEY_MATERIAL_DOES_NOT_EXPIRE")


def test_material_wrapped_for_another_key_is_refused(kms, external):
    other = kms.create_key(Origin="EXTERNAL")["KeyMetadata"]["Arn"]
    foreign = kms.get_parameters_for_import(
        KeyId=other, WrappingAlgorithm="RSAES_OAEP_SHA_256", WrappingKeySpec="RSA_2048"
    )
    own = kms.get_parameters_for_import(
        KeyId=external, WrappingAlgorithm="RSAES_OAEP_SHA_256", WrappingKeySpec="RSA_2048"
    )
    given = {
        "KeyId": external,
        "EncryptedKeyMaterial": wrap(foreign, "RSAES_OAEP_SHA_256", os.urandom(32)),
        "ExpirationModel": "KEY_MATERIAL_DOES_NOT_EXPIRE",
    }

    wrong_token = code_of(kms.import_key_material, ImportToken=foreign["ImportToken"], **given)
    wrong_wrapping = code_of(kms.import_key_material, ImportToken=own["ImportToken"], **given)

    assert (wrong_token, wrong_wrapping) == ("InvalidImportTokenException", "InvalidCiphertextException")


def test_only_the_same_material_comes_back_after_it_was_deleted(kms, external):
    material = os.urandom(32)
    forever = {"ExpirationModel": "KEY_MATERIAL_DOES_NOT_EXPIRE"}
    bring(kms, external, material, **forever)
    kms.delete_imported_key_material(KeyId=external)

    assert code_of(bring, kms=kms, key=external, material=os.urandom(32), **forever) == (
        "IncorrectKeyMaterialException"
    )
    bring(kms, external, material, **forever)
    assert kms.describe_key(KeyId=external)["KeyMetadata"]["KeyState"] == "Enabled"


def test_material_that_expires_needs_a_date_within_a_year(kms, external):
    late = datetime.now(UTC) + timedelta(days=400)

    assert code_of(bring, kms=kms, key=external, material=os.urandom(32)) == "ValidationException"
    assert code_of(bring, kms=kms, key=external, material=os.urandom(32), ValidTo=late) == (
        "ValidationException"
    )


def test_the_last_use_of_a_key_is_remembered(kms, key):
    before = kms.get_key_last_usage(KeyId=key)
    kms.generate_data_key(KeyId=key, KeySpec="AES_256")

    after = kms.get_key_last_usage(KeyId=key)

    assert not before.get("KeyLastUsage")
    assert after["KeyLastUsage"]["Operation"] == "GenerateDataKey"


def test_only_aliases_that_exist_are_listed(kms, key):
    kms.create_alias(AliasName="alias/trail", TargetKeyId=key)

    listed = kms.list_aliases()["Aliases"]

    assert [a["AliasName"] for a in listed] == ["alias/trail"]
    assert listed[0]["TargetKeyId"] == key.rpartition("/")[2]


def test_a_multi_region_key_can_be_replicated(lab, kms):
    primary = kms.create_key(MultiRegion=True)["KeyMetadata"]
    replica = kms.replicate_key(KeyId=primary["KeyId"], ReplicaRegion="eu-west-1")["ReplicaKeyMetadata"]

    found = lab.client("kms", region="eu-west-1").describe_key(KeyId=primary["KeyId"])["KeyMetadata"]

    assert primary["KeyId"].startswith("mrk-")
    assert found["Arn"] == replica["Arn"]
    assert found["MultiRegionConfiguration"]["PrimaryKey"]["Arn"] == primary["Arn"]


def test_a_key_of_another_region_is_not_found(lab, key):
    assert code_of(lab.client("kms", region="eu-west-1").describe_key, KeyId=key) == "NotFoundException"


def test_a_key_that_is_not_there_is_not_found(kms):
    gone = "arn:aws:kms:ap-northeast-1:123456789012:key/00000000-0000-0000-0000-000000000000"

    assert code_of(kms.describe_key, KeyId=gone) == "NotFoundException"
    assert code_of(kms.describe_key, KeyId="alias/none") == "NotFoundException"
