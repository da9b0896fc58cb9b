"""Key material wrapped here opens with KMS's private key, and with nothing else."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, OAEP
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.keywrap import aes_key_unwrap_with_padding
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from trailseal.aws.key_material import import_material
from trailseal.aws.wrapping import wrap
from trailseal.errors import TrailsealError

MATERIAL = bytes(range(32))
PRIVATE = generate_private_key(public_exponent=65537, key_size=2048)
DER = PRIVATE.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
OAEP_256 = OAEP(mgf=MGF1(SHA256()), algorithm=SHA256(), label=None)


def test_oaep_opens_with_the_private_key() -> None:
    wrapped = wrap(MATERIAL, DER, "RSAES_OAEP_SHA_256")

    assert PRIVATE.decrypt(wrapped, OAEP_256) == MATERIAL


def test_aes_key_wrap_opens_in_two_steps() -> None:
    wrapped = wrap(MATERIAL, DER, "RSA_AES_KEY_WRAP_SHA_256")

    size = PRIVATE.key_size // 8
    assert aes_key_unwrap_with_padding(PRIVATE.decrypt(wrapped[:size], OAEP_256), wrapped[size:]) == MATERIAL


def test_no_two_wrappings_are_alike() -> None:
    algorithm = "RSA_AES_KEY_WRAP_SHA_256"

    assert wrap(MATERIAL, DER, algorithm) != wrap(MATERIAL, DER, algorithm)


def test_another_algorithm_or_another_kind_of_key_is_refused() -> None:
    curve = ec.generate_private_key(ec.SECP256R1()).public_key()
    other = curve.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)

    with pytest.raises(ValueError, match="RSAES_OAEP_SHA_1"):
        wrap(MATERIAL, DER, "RSAES_OAEP_SHA_1")
    with pytest.raises(ValueError, match="RSAES_OAEP_SHA_256"):
        wrap(MATERIAL, other, "RSAES_OAEP_SHA_256")


ED25519 = Ed25519PrivateKey.generate().public_key()
PSS_OF_SHA_1 = DER.replace(bytes.fromhex("2a864886f70d010101"), bytes.fromhex("2a864886f70d010134"))
NO_RSA_KEYS = {
    "nothing": b"",
    "text": b"no key",
    "cut": DER[:40],
    "ed25519": ED25519.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo),
    "an algorithm that nobody knows": PSS_OF_SHA_1,
}


@pytest.mark.parametrize("given", NO_RSA_KEYS.values(), ids=NO_RSA_KEYS)
def test_what_is_no_rsa_key_is_one_error(given: bytes) -> None:
    with pytest.raises(ValueError, match=r"(?s).*"):
        wrap(MATERIAL, given, "RSAES_OAEP_SHA_256")

    kms = SimpleNamespace(
        get_parameters_for_import=lambda **_: {"ImportToken": b"t", "PublicKey": given},
        import_key_material=None,
    )
    with pytest.raises(TrailsealError, match="cannot wrap"):
        import_material(kms, "k", MATERIAL, valid_to=None, algorithm="RSAES_OAEP_SHA_256")
