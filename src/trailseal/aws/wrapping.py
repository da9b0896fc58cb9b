"""
Wrapping key material on this machine with the public key that KMS gives for it.

Source: https://docs.aws.amazon.com/kms/latest/developerguide/importing-keys-encrypt-key-material.html
"""

from __future__ import annotations

import secrets

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, OAEP
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.keywrap import aes_key_wrap_with_padding
from cryptography.hazmat.primitives.serialization import load_der_public_key

ALGORITHMS = ("RSA_AES_KEY_WRAP_SHA_256", "RSAES_OAEP_SHA_256")
AES_KEY = 32


def wrap(material: bytes, public_key: bytes, algorithm: str) -> bytes:
    """
    Return `material` so that only the holder of KMS's private key can read it.

    RSA_AES_KEY_WRAP wraps it under a fresh AES key (RFC 5649) and that key under RSA;
    RSAES_OAEP puts it under RSA directly.

    Raises:
        ValueError: `public_key` is no RSA key in DER, or the algorithm is none of `ALGORITHMS`.
    """
    try:
        key = load_der_public_key(public_key)
    except UnsupportedAlgorithm as problem:
        raise ValueError(str(problem)) from None
    if not isinstance(key, RSAPublicKey) or algorithm not in ALGORITHMS:
        raise ValueError(algorithm)
    padding = OAEP(mgf=MGF1(SHA256()), algorithm=SHA256(), label=None)
    if algorithm == "RSAES_OAEP_SHA_256":
        return key.encrypt(material, padding)
    wrapping_key = secrets.token_bytes(AES_KEY)
    return key.encrypt(wrapping_key, padding) + aes_key_wrap_with_padding(wrapping_key, material)
