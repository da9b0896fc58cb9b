"""Lists of KMS come page by page, and what is told of a key's algorithms."""

from __future__ import annotations

import pytest

from refusals import code_of

ADMIN = "arn:aws:iam::123456789012:user/admin"


@pytest.fixture
def kms(here):
    return here.client("kms")


@pytest.fixture
def key(kms):
    made = kms.create_key(Tags=[{"TagKey": str(n), "TagValue": ""} for n in range(5)])["KeyMetadata"]["KeyId"]
    for number in range(5):
        given = {"GranteePrincipal": ADMIN, "RetiringPrincipal": ADMIN, "Operations": ["Decrypt"]}
        kms.create_grant(KeyId=made, **given)
        kms.create_alias(AliasName=f"alias/{number}", TargetKeyId=made)
        kms.rotate_key_on_demand(KeyId=made)
    for _ in range(4):
        kms.create_key()
    return made


LISTS = {
    "list_grants": ("Grants", 5, 100),
    "list_aliases": ("Aliases", 5, 100),
    "list_key_rotations": ("Rotations", 5, 1000),
    "list_resource_tags": ("Tags", 5, 50),
    "list_retirable_grants": ("Grants", 5, 100),
    "list_keys": ("Keys", 5, 1000),
    "list_key_policies": ("PolicyNames", 1, 1000),
}


@pytest.mark.parametrize("name", LISTS)
def test_a_list_is_cut_where_it_is_asked_and_goes_on_at_its_marker(kms, key, name):
    member, count, most = LISTS[name]
    given = {"RetiringPrincipal": ADMIN} if name == "list_retirable_grants" else {"KeyId": key}
    given = {} if name == "list_keys" else given
    call, rows = getattr(kms, name), []
    marker: dict[str, str] = {}
    for _ in range(10):
        answer = call(**given, **marker, Limit=2)
        assert len(answer[member]) <= 2
        assert answer["Truncated"] is ("NextMarker" in answer)
        rows += answer[member]
        if not answer["Truncated"]:
            break
        marker = {"Marker": answer["NextMarker"]}

    assert rows == call(**given)[member]
    assert len(rows) == count
    assert code_of(call, **given, Marker="zzz") == "InvalidMarkerException"
    assert code_of(call, **given, Limit=most + 1) == "ValidationException"


def test_lists_of_a_key_take_no_alias(kms, key):
    for name in ("list_grants", "list_key_policies", "list_resource_tags", "list_key_rotations"):
        assert code_of(getattr(kms, name), KeyId="alias/1") == "NotFoundException", name


def test_what_encrypts_tells_with_which_algorithm(kms, key):
    sealed = kms.encrypt(KeyId=key, Plaintext=b"x")
    blob = {"CiphertextBlob": sealed["CiphertextBlob"]}
    again = kms.re_encrypt(**blob, DestinationKeyId=key)

    assert sealed["EncryptionAlgorithm"] == kms.decrypt(**blob)["EncryptionAlgorithm"] == "SYMMETRIC_DEFAULT"
    assert (
        again["SourceEncryptionAlgorithm"] == again["DestinationEncryptionAlgorithm"] == "SYMMETRIC_DEFAULT"
    )


def test_only_a_pair_has_a_public_key(kms, key):
    pair = kms.create_key(KeyUsage="SIGN_VERIFY", KeySpec="RSA_2048")["KeyMetadata"]["KeyId"]

    assert code_of(kms.get_public_key, KeyId=key) == "UnsupportedOperationException"
    assert kms.get_public_key(KeyId=pair)["PublicKey"]
    kms.disable_key(KeyId=pair)
    assert code_of(kms.get_public_key, KeyId=pair) == "DisabledException"
