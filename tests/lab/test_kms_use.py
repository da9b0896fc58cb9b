"""Keys that are used: the right key, the right use, the right Region, and calls that are not meant."""

from __future__ import annotations

import re

import pytest

from refusals import code_of

CONTEXT = {"aws:cloudtrail:arn": "trail"}
ADMIN = "arn:aws:iam::123456789012:user/admin"


@pytest.fixture
def kms(lab):
    return lab.client("kms")


def new_key(kms, **more):
    return kms.create_key(**more)["KeyMetadata"]["KeyId"]


def test_what_a_primary_encrypts_its_replica_decrypts(lab, kms):
    key = new_key(kms, MultiRegion=True)
    kms.replicate_key(KeyId=key, ReplicaRegion="us-east-1")
    blob = kms.encrypt(KeyId=key, Plaintext=b"log", EncryptionContext=CONTEXT)["CiphertextBlob"]
    there, nowhere = (lab.client("kms", region=region) for region in ("us-east-1", "eu-west-1"))

    opened = there.decrypt(CiphertextBlob=blob, EncryptionContext=CONTEXT)
    again = there.re_encrypt(CiphertextBlob=blob, SourceEncryptionContext=CONTEXT, DestinationKeyId=key)

    assert re.fullmatch("mrk-[0-9a-f]{32}", key)
    assert (opened["Plaintext"], opened["KeyId"].split(":")[3]) == (b"log", "us-east-1")
    assert kms.decrypt(CiphertextBlob=again["CiphertextBlob"])["Plaintext"] == b"log"
    assert code_of(nowhere.decrypt, CiphertextBlob=blob) == "AccessDeniedException"


def test_a_ciphertext_is_opened_by_its_own_key_and_context(kms):
    key, other = new_key(kms), new_key(kms)
    blob = kms.encrypt(KeyId=key, Plaintext=b"log", EncryptionContext=CONTEXT)["CiphertextBlob"]
    given = {"CiphertextBlob": blob, "EncryptionContext": CONTEXT}

    assert code_of(kms.decrypt, **given, KeyId=key) == ""
    assert code_of(kms.decrypt, **given, KeyId=other) == "IncorrectKeyException"
    assert code_of(kms.decrypt, CiphertextBlob=blob) == "InvalidCiphertextException"
    moved = {"CiphertextBlob": blob, "SourceEncryptionContext": CONTEXT, "DestinationKeyId": other}
    assert code_of(kms.re_encrypt, **moved, SourceKeyId=key) == ""
    assert code_of(kms.re_encrypt, **moved, SourceKeyId=other) == "IncorrectKeyException"


@pytest.mark.parametrize(
    ("made", "operation", "more"),
    [
        ({"KeyUsage": "SIGN_VERIFY", "KeySpec": "RSA_2048"}, "encrypt", {"Plaintext": b"x"}),
        (
            {"KeyUsage": "GENERATE_VERIFY_MAC", "KeySpec": "HMAC_256"},
            "generate_data_key",
            {"NumberOfBytes": 32},
        ),
        ({}, "sign", {"Message": b"x", "SigningAlgorithm": "RSASSA_PSS_SHA_256"}),
        ({}, "generate_mac", {"Message": b"x", "MacAlgorithm": "HMAC_SHA_256"}),
    ],
)
def test_a_key_is_for_one_use(kms, made, operation, more):
    key = new_key(kms, **made)

    assert code_of(getattr(kms, operation), KeyId=key, **more) == "InvalidKeyUsageException"


@pytest.mark.parametrize(
    ("operation", "given"),
    [
        ("encrypt", {"Plaintext": b"x"}),
        ("generate_data_key", {"KeySpec": "AES_256"}),
        ("generate_data_key_without_plaintext", {"KeySpec": "AES_256"}),
        ("create_grant", {"GranteePrincipal": ADMIN, "Operations": ["Decrypt"]}),
    ],
)
def test_a_dry_run_says_what_would_be_and_does_nothing(kms, operation, given):
    key, call = new_key(kms), getattr(kms, operation)

    assert code_of(call, KeyId=key, DryRun=True, **given) == "DryRunOperationException"
    assert kms.list_grants(KeyId=key)["Grants"] == []
    assert kms.get_key_last_usage(KeyId=key)["KeyLastUsage"] == {}
    kms.disable_key(KeyId=key)
    assert code_of(call, KeyId=key, DryRun=True, **given) == "DisabledException"


def test_a_dry_run_ends_no_grant_and_opens_nothing(kms):
    key = new_key(kms)
    grant = kms.create_grant(KeyId=key, GranteePrincipal=ADMIN, Operations=["Decrypt"])["GrantId"]
    blob = kms.encrypt(KeyId=key, Plaintext=b"x")["CiphertextBlob"]

    named = {"KeyId": key, "GrantId": grant}
    assert code_of(kms.revoke_grant, **named, DryRun=True) == "DryRunOperationException"
    assert code_of(kms.revoke_grant, KeyId=key, GrantId="none", DryRun=True) == "NotFoundException"
    assert code_of(kms.decrypt, CiphertextBlob=blob, DryRun=True) == "DryRunOperationException"
    assert code_of(kms.decrypt, CiphertextBlob=blob, EncryptionContext=CONTEXT, DryRun=True) == (
        "InvalidCiphertextException"
    )
    again = {"CiphertextBlob": blob, "DestinationKeyId": key}
    assert code_of(kms.re_encrypt, **again, DryRun=True) == "DryRunOperationException"
    assert [each["GrantId"] for each in kms.list_grants(KeyId=key)["Grants"]] == [grant]


def test_a_grant_of_the_same_name_and_content_is_made_once(kms):
    key = new_key(kms)

    def grant(**more):
        given = {"GranteePrincipal": ADMIN, "Operations": ["Decrypt"], **more}
        return kms.create_grant(KeyId=key, **given)["GrantId"]

    assert grant(Name="n") == grant(Name="n")
    assert len({grant(), grant(), grant(Name="n"), grant(Name="n", Operations=["Encrypt"])}) == 4
    assert all("CreationDate" in each for each in kms.list_grants(KeyId=key)["Grants"])


@pytest.mark.parametrize(
    ("made", "fits", "unfit"),
    [
        ({}, "GenerateDataKey", "Sign"),
        ({}, "RetireGrant", "GetPublicKey"),
        ({"KeyUsage": "SIGN_VERIFY", "KeySpec": "RSA_2048"}, "GetPublicKey", "Decrypt"),
        ({"KeyUsage": "ENCRYPT_DECRYPT", "KeySpec": "RSA_2048"}, "Encrypt", "GenerateDataKey"),
        ({"KeyUsage": "GENERATE_VERIFY_MAC", "KeySpec": "HMAC_256"}, "VerifyMac", "GetPublicKey"),
    ],
)
def test_a_grant_is_of_what_its_key_can_do(kms, made, fits, unfit):
    given = {"KeyId": new_key(kms, **made), "GranteePrincipal": ADMIN}

    assert code_of(kms.create_grant, **given, Operations=[fits]) == ""
    assert code_of(kms.create_grant, **given, Operations=[fits, unfit]) == "ValidationError"
    assert code_of(kms.create_grant, **given, Operations=[unfit], DryRun=True) == "ValidationError"


def test_a_key_pending_deletion_does_not_rotate_and_says_so(kms):
    key = new_key(kms)
    kms.enable_key_rotation(KeyId=key)
    kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=7)
    assert kms.get_key_rotation_status(KeyId=key)["KeyRotationEnabled"] is False

    kms.cancel_key_deletion(KeyId=key)
    assert kms.get_key_rotation_status(KeyId=key)["KeyRotationEnabled"] is True


def test_a_key_of_one_region_says_that_it_is(kms):
    assert kms.create_key()["KeyMetadata"]["MultiRegion"] is False


@pytest.mark.parametrize("name", ["alias/aws/s3", "alias/aws/mine"])
def test_the_names_of_aws_managed_keys_are_not_given_and_not_taken(kms, name):
    key = new_key(kms)
    kms.describe_key(KeyId="alias/aws/s3")
    before = kms.list_aliases()["Aliases"]

    for call in (kms.create_alias, kms.update_alias):
        assert code_of(call, AliasName=name, TargetKeyId=key) == "NotAuthorizedException"
    assert code_of(kms.delete_alias, AliasName=name) == "NotAuthorizedException"
    assert kms.list_aliases()["Aliases"] == before
