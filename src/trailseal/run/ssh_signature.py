"""
Signatures as `ssh-keygen -Y sign` makes and `ssh-keygen -Y verify` checks them: OpenSSH's SSHSIG format.

Keys and algorithms are the cryptography package's; the envelope around them is here.
Source: https://github.com/openssh/openssh-portable/blob/master/PROTOCOL.sshsig
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import textwrap
from typing import assert_never

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_ssh_public_key
from msgspec import Struct

PrivateKey = Ed25519PrivateKey | EllipticCurvePrivateKey | RSAPrivateKey
PublicKey = Ed25519PublicKey | EllipticCurvePublicKey | RSAPublicKey
MAGIC, VERSION = b"SSHSIG", 1
BEGIN, END = b"-----BEGIN SSH SIGNATURE-----", b"-----END SSH SIGNATURE-----"
WIDTH = 70
HASHES = {b"sha256": hashlib.sha256, b"sha512": hashlib.sha512}
RSA = {b"rsa-sha2-256": hashes.SHA256(), b"rsa-sha2-512": hashes.SHA512()}
CURVES: dict[str, hashes.HashAlgorithm] = {
    "nistp256": hashes.SHA256(),
    "nistp384": hashes.SHA384(),
    "nistp521": hashes.SHA512(),
}
NAMES = {"secp256r1": "nistp256", "secp384r1": "nistp384", "secp521r1": "nistp521"}
SHORTEST_RSA = 2048
"""Bits. A shorter modulus is no longer taken for safe."""


class NotASignatureError(Exception):
    """The bytes are no signature in this format, or of a kind that is not known here."""


class SshSignature(Struct, frozen=True, kw_only=True):
    """A signature taken apart. `key` is the public key's blob, as it stands in a public key file."""

    key: bytes
    namespace: bytes
    reserved: bytes
    hash_name: bytes
    algorithm: bytes
    value: bytes


def sign(content: bytes, key: PrivateKey, namespace: str) -> bytes:
    """Return the armored signature of `content`, for `ssh-keygen -Y verify -n NAMESPACE`."""
    signed = _to_sign(content, namespace=namespace.encode(), reserved=b"", hash_name=b"sha512")
    algorithm, value = _signed(key, signed)
    envelope = b"".join(
        (
            MAGIC,
            VERSION.to_bytes(4, "big"),
            *map(_string, (blob_of(key.public_key()), namespace.encode(), b"", b"sha512")),
            _string(_string(algorithm) + _string(value)),
        )
    )
    lines = textwrap.wrap(base64.b64encode(envelope).decode(), WIDTH)
    armored = (BEGIN.decode(), *lines, END.decode(), "")
    return "\n".join(armored).encode()


def read_signature(armored: bytes) -> SshSignature:
    """
    Return the signature in a `.sig` file.

    Raises:
        NotASignatureError: it is none, or has anything before or behind it.
    """
    text = armored.strip()
    held = text[len(BEGIN) : -len(END)]
    if not (text.startswith(BEGIN) and text.endswith(END) and held[:1].isspace()):
        raise NotASignatureError
    try:
        raw = base64.b64decode(b"".join(held.split()), validate=True)
    except binascii.Error:
        raise NotASignatureError from None
    if raw[: len(MAGIC) + 4] != MAGIC + VERSION.to_bytes(4, "big"):
        raise NotASignatureError
    key, namespace, reserved, hash_name, signature = _strings(raw[len(MAGIC) + 4 :], 5)
    algorithm, value = _strings(signature, 2)
    return SshSignature(
        key=key,
        namespace=namespace,
        reserved=reserved,
        hash_name=hash_name,
        algorithm=algorithm,
        value=value,
    )


def is_of(content: bytes, signature: SshSignature, namespace: str) -> bool:
    """
    Whether this is a signature of `content`, made for `namespace`, by the key that it names.

    Whose key that is, and whether anybody trusts it, is another question.
    """
    hash_name = signature.hash_name
    if hash_name not in HASHES or signature.namespace != namespace.encode():
        return False
    signed = _to_sign(
        content, namespace=signature.namespace, reserved=signature.reserved, hash_name=hash_name
    )
    try:
        key = public_key(signature.key)
        _verify(key, signature, signed)
    except (InvalidSignature, NotASignatureError):
        return False
    return True


def blob_of(key: PublicKey) -> bytes:
    """Return a public key as OpenSSH writes it."""
    return base64.b64decode(key.public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).split()[1])


def public_key(blob: bytes) -> PublicKey:
    """
    Return the key in a blob.

    Raises:
        NotASignatureError: it is of a kind that is not known here, a short RSA key, or no key.
    """
    kind = _strings_before(blob, 1)[0]
    try:
        key = load_ssh_public_key(kind + b" " + base64.b64encode(blob))
    except (ValueError, UnsupportedAlgorithm):
        raise NotASignatureError from None
    if not isinstance(key, PublicKey) or (isinstance(key, RSAPublicKey) and key.key_size < SHORTEST_RSA):
        raise NotASignatureError
    return key


def _to_sign(content: bytes, *, namespace: bytes, reserved: bytes, hash_name: bytes) -> bytes:
    digest = HASHES[hash_name](content).digest()
    return MAGIC + b"".join(map(_string, (namespace, reserved, hash_name, digest)))


def _signed(key: PrivateKey, content: bytes) -> tuple[bytes, bytes]:
    match key:
        case Ed25519PrivateKey():
            return b"ssh-ed25519", key.sign(content)
        case RSAPrivateKey():
            return b"rsa-sha2-512", key.sign(content, padding.PKCS1v15(), hashes.SHA512())
        case EllipticCurvePrivateKey():
            curve = NAMES[key.curve.name]
            r, s = decode_dss_signature(key.sign(content, ec.ECDSA(CURVES[curve])))
            return f"ecdsa-sha2-{curve}".encode(), _string(_mpint(r)) + _string(_mpint(s))
        case _:
            assert_never(key)


def _verify(key: PublicKey, signature: SshSignature, content: bytes) -> None:
    """
    Return when the key made the signature of `content`, by an algorithm of its kind.

    Raises:
        InvalidSignature, NotASignatureError: it did not.
    """
    match key:
        case Ed25519PublicKey() if signature.algorithm == b"ssh-ed25519":
            key.verify(signature.value, content)
        case RSAPublicKey() if signature.algorithm in RSA:
            key.verify(signature.value, content, padding.PKCS1v15(), RSA[signature.algorithm])
        case EllipticCurvePublicKey() if signature.algorithm == b"ecdsa-sha2-" + _curve(key).encode():
            r, s = (int.from_bytes(part, "big", signed=True) for part in _strings(signature.value, 2))
            if r < 1 or s < 1:
                raise InvalidSignature
            key.verify(encode_dss_signature(r, s), content, ec.ECDSA(CURVES[_curve(key)]))
        case _:
            raise InvalidSignature


def _curve(key: EllipticCurvePublicKey) -> str:
    return NAMES.get(key.curve.name, "")


def _string(content: bytes) -> bytes:
    return len(content).to_bytes(4, "big") + content


def _mpint(number: int) -> bytes:
    return number.to_bytes(number.bit_length() // 8 + 1, "big")


def _strings(content: bytes, count: int) -> list[bytes]:
    """Return exactly `count` strings, with nothing behind them."""
    found = _strings_before(content, count)
    if sum(4 + len(each) for each in found) != len(content):
        raise NotASignatureError
    return found


def _strings_before(content: bytes, count: int) -> list[bytes]:
    found: list[bytes] = []
    at = 0
    for _ in range(count):
        length = int.from_bytes(content[at : at + 4], "big")
        if at + 4 + length > len(content):
            raise NotASignatureError
        found.append(content[at + 4 : at + 4 + length])
        at += 4 + length
    return found
