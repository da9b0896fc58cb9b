"""
Digest files and log files judged: form, place, signature, hash.

The order of the checks is that of `aws cloudtrail validate-logs`, so that the verdicts agree.
Source: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-log-file-validation-digest-file-structure.html
"""

from __future__ import annotations

import hashlib
from base64 import b64decode
from binascii import unhexlify
from collections.abc import Mapping
from datetime import datetime

import msgspec
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_public_key
from msgspec import Struct

from trailseal.history.rules.verdict import Validity
from trailseal.model.foreign import (
    LONGEST,
    ForeignError,
    TooDeepError,
    TooLargeError,
    Unpacking,
    json_in,
    unpacked,
)
from trailseal.model.foreign_values import time_in

BACKFILL = "_backfill.json.gz"
SIGNATURE = "signature"
ALGORITHM = "signature-algorithm"
BACKFILL_TIME = "backfill-generation-timestamp"


class LoggedFile(Struct, frozen=True, rename="camel"):
    """A log file as a digest file names it."""

    s3_bucket: str
    s3_object: str
    hash_value: str = ""
    newest_event_time: str | None = None
    oldest_event_time: str | None = None


class DigestText(Struct, frozen=True, rename="camel"):
    """The fields of a digest file that validation rests on; `null` in the first of a chain."""

    digest_public_key_fingerprint: str
    digest_s3_bucket: str = msgspec.field(name="digestS3Bucket")
    digest_s3_object: str = msgspec.field(name="digestS3Object")
    digest_start_time: str
    digest_end_time: str
    previous_digest_signature: str | None
    previous_digest_s3_bucket: str | None = msgspec.field(name="previousDigestS3Bucket", default=None)
    previous_digest_s3_object: str | None = msgspec.field(name="previousDigestS3Object", default=None)
    previous_digest_hash_value: str | None = None
    log_files: tuple[LoggedFile, ...] | None = ()


class Digest(Struct, frozen=True, kw_only=True):
    """A digest file that was opened: its text, what was signed, and the signature beside it."""

    bucket: str
    key: str
    text: DigestText
    start: datetime
    end: datetime
    sha256: str
    signature: str
    backfill_time: datetime | None = None

    @property
    def previous(self) -> tuple[str, str] | None:
        """Bucket and key of the digest file before this one, None in the first of a chain."""
        bucket, key = self.text.previous_digest_s3_bucket, self.text.previous_digest_s3_object
        return (bucket, key) if bucket and key else None


def is_backfill(key: str) -> bool:
    """Whether a key is that of a backfill digest file."""
    return key.endswith(BACKFILL)


def open_digest(bucket: str, key: str, body: bytes, metadata: Mapping[str, str]) -> Digest | Validity:
    """Return the digest file, or what is wrong with it before any key is asked."""
    try:
        inflated = unpacked(body)
        text = json_in(inflated, DigestText)
        start, end = time_in(text.digest_start_time), time_in(text.digest_end_time)
    except ValueError as problem:
        return _misformed(problem)
    if SIGNATURE not in metadata or ALGORITHM not in metadata:
        return Validity.BAD_SIGNATURE
    backfill_time = None
    if is_backfill(key):
        try:
            backfill_time = time_in(metadata.get(BACKFILL_TIME, ""))
        except ValueError:
            return Validity.INVALID_FORMAT
    if (text.digest_s3_bucket, text.digest_s3_object) != (bucket, key):
        return Validity.MOVED
    return Digest(
        bucket=bucket,
        key=key,
        text=text,
        start=start,
        end=end,
        sha256=hashlib.sha256(inflated).hexdigest(),
        signature=metadata[SIGNATURE],
        backfill_time=backfill_time,
    )


def string_to_sign(digest: Digest) -> bytes:
    """Return what CloudTrail signed: end time, place, hash, and the signature before, or `null`."""
    text = digest.text
    place = f"{text.digest_s3_bucket}/{text.digest_s3_object}"
    previous = "null" if text.previous_digest_signature is None else text.previous_digest_signature
    return f"{text.digest_end_time}\n{place}\n{digest.sha256}\n{previous}".encode()


def signature_verdict(digest: Digest, public_keys: Mapping[str, bytes]) -> Validity:
    """Return whether the signature is that of CloudTrail's key; keys are PKCS #1 DER by fingerprint."""
    der = public_keys.get(digest.text.digest_public_key_fingerprint)
    if der is None:
        return Validity.NO_PUBLIC_KEY
    try:
        key = load_der_public_key(der)
    except (ValueError, UnsupportedAlgorithm):
        return Validity.BAD_PUBLIC_KEY
    if not isinstance(key, RSAPublicKey):
        return Validity.BAD_PUBLIC_KEY
    try:
        key.verify(unhexlify(digest.signature), string_to_sign(digest), PKCS1v15(), SHA256())
    except (InvalidSignature, ValueError):  # no hexadecimal, or not even ASCII
        return Validity.BAD_SIGNATURE
    return Validity.VALID


def log_file_verdict(entry: LoggedFile, body: bytes) -> Validity:
    """Return whether a log file is what was delivered: the hash is over the uncompressed content."""
    hashed, content = hashlib.sha256(), Unpacking(body, most=LONGEST)
    try:
        for piece in content:
            hashed.update(piece)
    except ForeignError as problem:
        return _misformed(problem)
    if content.has_more:
        return Validity.TRAILING_DATA
    if not entry.hash_value:
        return Validity.INVALID_FORMAT
    return Validity.VALID if hashed.hexdigest() == entry.hash_value else Validity.HASH_MISMATCH


def read_public_key(value: bytes | str) -> bytes:
    """Return DER from what ListPublicKeys gave, which some clients leave in base64; nothing of no base64."""
    try:
        return b64decode(value) if isinstance(value, str) else value
    except ValueError:
        return b""


def _misformed(problem: ValueError) -> Validity:
    if isinstance(problem, TooLargeError):
        return Validity.TOO_LARGE
    return Validity.TOO_DEEP if isinstance(problem, TooDeepError) else Validity.INVALID_FORMAT
