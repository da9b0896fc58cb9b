"""Grants, rotation limits, re-encryption and the other KMS calls that trail keys meet."""

from __future__ import annotations

import json
import os
import time
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding

from refusals import code_of

ALICE = "arn:aws:iam::123456789012:user/alice"


@pytest.fixture
def kms(lab):
    lab.client("iam").create_user(UserName="alice")
    return lab.client("kms")


@pytest.fixture
def key(kms):
    return kms.create_key()["KeyMetadata"]["Arn"]


def test_grants_are_listed_by_grantee_and_gone_when_revoked(kms, key):
    made = kms.create_grant(
        KeyId=key,
        GranteePrincipal=ALICE,
        Operations=["Decrypt"],
        Constraints={"EncryptionContextSubset": {"aws:cloudtrail:arn": "x"}},
    )

    listed = kms.list_grants(KeyId=key, GranteePrincipal=ALICE)["Grants"]
    kms.revoke_grant(KeyId=key, GrantId=made["GrantId"])

    assert [g["GrantId"] for g in listed] == [made["GrantId"]]
    assert listed[0]["Constraints"] == {"EncryptionContextSubset": {"aws:cloudtrail:arn": "x"}}
    assert "RetiringPrincipal" not in listed[0]
    assert kms.list_grants(KeyId=key)["Grants"] == []


def test_a_grant_for_nobody_is_refused(kms, key):
    ghost = "arn:aws:iam::123456789012:user/ghost"

    assert code_of(kms.create_grant, KeyId=key, GranteePrincipal=ghost, Operations=["Decrypt"]) == (
        "InvalidArnException"
    )


def test_a_grant_is_retired_by_its_token(kms, key):
    made = kms.create_grant(
        KeyId=key, GranteePrincipal=ALICE, RetiringPrincipal=ALICE, Operations=["Decrypt"]
    )

    kms.retire_grant(GrantToken=made["GrantToken"])

    assert kms.list_grants(KeyId=key)["Grants"] == []


def test_rotation_can_be_switched_off_again(kms, key):
    kms.enable_key_rotation(KeyId=key)
    assert kms.get_key_rotation_status(KeyId=key)["RotationPeriodInDays"] == 365

    kms.disable_key_rotation(KeyId=key)

    assert kms.get_key_rotation_status(KeyId=key)["KeyRotationEnabled"] is False


def test_imported_and_asymmetric_keys_do_not_rotate_by_themselves(kms):
    external = kms.create_key(Origin="EXTERNAL")["KeyMetadata"]["Arn"]
    signing = kms.create_key(KeyUsage="SIGN_VERIFY", KeySpec="ECC_NIST_P256")["KeyMetadata"]["Arn"]

    assert code_of(kms.enable_key_rotation, KeyId=external) == "UnsupportedOperationException"
    assert code_of(kms.enable_key_rotation, KeyId=signing) == "UnsupportedOperationException"
    assert code_of(kms.rotate_key_on_demand, KeyId=signing) == "UnsupportedOperationException"


def test_a_key_can_be_rotated_on_demand_25_times(kms, key):
    for _ in range(25):
        kms.rotate_key_on_demand(KeyId=key)

    assert code_of(kms.rotate_key_on_demand, KeyId=key) == "LimitExceededException"


def test_re_encryption_moves_a_ciphertext_to_another_key(kms, key):
    other = kms.create_key()["KeyMetadata"]["Arn"]
    sealed = kms.encrypt(KeyId=key, Plaintext=b"x", EncryptionContext={"a": "b"})["CiphertextBlob"]

    moved = kms.re_encrypt(CiphertextBlob=sealed, SourceEncryptionContext={"a": "b"}, DestinationKeyId=other)

    assert moved["KeyId"] == other
    assert kms.decrypt(CiphertextBlob=moved["CiphertextBlob"])["Plaintext"] == b"x"


def test_bytes_that_no_key_has_sealed_are_no_ciphertext(kms):
    assert code_of(kms.decrypt, CiphertextBlob=b"short") == "InvalidCiphertextException"


def test_a_key_is_described_and_tagged_until_it_is_to_go(kms, key):
    kms.update_key_description(KeyId=key, Description="for the trail")
    kms.tag_resource(KeyId=key, Tags=[{"TagKey": "plan", "TagValue": "p-1"}])

    assert kms.describe_key(KeyId=key)["KeyMetadata"]["Description"] == "for the trail"
    assert kms.list_resource_tags(KeyId=key)["Tags"] == [{"TagKey": "plan", "TagValue": "p-1"}]
    kms.schedule_key_deletion(KeyId=key)
    assert code_of(kms.tag_resource, KeyId=key, Tags=[{"TagKey": "a", "TagValue": "b"}]) == (
        "KMSInvalidStateException"
    )
    assert code_of(kms.create_alias, AliasName="alias/late", TargetKeyId=key) == "KMSInvalidStateException"


@pytest.mark.parametrize("days", [6, 31])
def test_a_deletion_window_is_7_to_30_days(kms, key, days):
    assert code_of(kms.schedule_key_deletion, KeyId=key, PendingWindowInDays=days) == "ValidationException"


def test_a_primary_key_waits_for_its_replicas(kms):
    primary = kms.create_key(MultiRegion=True)["KeyMetadata"]["Arn"]
    kms.replicate_key(KeyId=primary, ReplicaRegion="eu-west-1")

    answer = kms.schedule_key_deletion(KeyId=primary)

    assert answer["KeyState"] == "PendingReplicaDeletion"
    assert "DeletionDate" not in answer


def test_what_is_not_pending_deletion_cannot_be_kept_from_it(kms, key):
    assert code_of(kms.cancel_key_deletion, KeyId=key) == "KMSInvalidStateException"


def test_only_the_default_policy_can_be_put_and_read(kms, key):
    text = kms.get_key_policy(KeyId=key, PolicyName="default")["Policy"]

    assert code_of(kms.get_key_policy, KeyId=key, PolicyName="AWS_RAM") == "NotFoundException"
    assert code_of(kms.put_key_policy, KeyId=key, PolicyName="AWS_RAM", Policy=text) == "InvalidArnException"


def test_a_new_key_whose_policy_would_lock_its_maker_out_is_not_made(kms):
    only_alice = {"Effect": "Allow", "Principal": {"AWS": ALICE}, "Action": "kms:*", "Resource": "*"}
    text = json.dumps({"Version": "2012-10-17", "Statement": [only_alice]})

    assert code_of(kms.create_key, Policy=text) == "MalformedPolicyDocumentException"
    assert kms.list_keys()["Keys"] == []


def test_the_aws_managed_key_is_found_by_its_alias_and_cannot_be_changed(lab, kms):
    found = kms.describe_key(KeyId="alias/aws/s3")["KeyMetadata"]

    assert found["KeyManager"] == "AWS"
    assert code_of(kms.disable_key, KeyId=found["Arn"]) == "AccessDeniedException"


@pytest.fixture
def external(kms):
    return kms.create_key(Origin="EXTERNAL")["KeyMetadata"]["Arn"]


def bring(kms, key, material, **more):
    parameters = kms.get_parameters_for_import(
        KeyId=key, WrappingAlgorithm="RSAES_OAEP_SHA_256", WrappingKeySpec="RSA_2048"
    )
    oaep = padding.OAEP(mgf=padding.MGF1(hashes.SHA256()), algorithm=hashes.SHA256(), label=None)
    public = serialization.load_der_public_key(parameters["PublicKey"])
    return kms.import_key_material(
        KeyId=key,
        ImportToken=parameters["ImportToken"],
        EncryptedKeyMaterial=public.encrypt(material, oaep),
        **more,
    )


def test_new_material_waits_for_a_rotation_on_demand(kms, external):
    forever = {"ExpirationModel": "KEY_MATERIAL_DOES_NOT_EXPIRE"}
    bring(kms, external, os.urandom(32), **forever)
    assert code_of(kms.rotate_key_on_demand, KeyId=external) == "KMSInvalidStateException"

    bring(kms, external, os.urandom(32), ImportType="NEW_KEY_MATERIAL", **forever)
    kms.rotate_key_on_demand(KeyId=external)

    assert len(kms.list_key_rotations(KeyId=external)["Rotations"]) == 1


def test_material_that_has_expired_leaves_the_key_waiting_for_import(lab, kms, external):
    soon = datetime.now(UTC) + timedelta(seconds=4)
    bring(kms, external, os.urandom(32), ValidTo=soon)
    shown = kms.describe_key(KeyId=external)["KeyMetadata"]
    time.sleep(max(0.0, (soon - datetime.now(UTC)).total_seconds()) + 0.1)

    lab.tick()

    assert (shown["KeyState"], shown["ExpirationModel"]) == ("Enabled", "KEY_MATERIAL_EXPIRES")
    assert abs(shown["ValidTo"] - soon) < timedelta(seconds=1)
    assert code_of(kms.encrypt, KeyId=external, Plaintext=b"x") == "KMSInvalidStateException"


def test_material_of_the_wrong_length_is_refused(kms, external):
    code = code_of(
        bring, kms=kms, key=external, material=b"short", ExpirationModel="KEY_MATERIAL_DOES_NOT_EXPIRE"
    )

    assert code == "IncorrectKeyMaterialException"


def test_material_is_imported_into_keys_that_are_made_for_it(kms, key):
    wanted = {"WrappingAlgorithm": "RSAES_OAEP_SHA_256", "WrappingKeySpec": "RSA_2048"}

    assert code_of(kms.get_parameters_for_import, KeyId=key, **wanted) == "UnsupportedOperationException"
