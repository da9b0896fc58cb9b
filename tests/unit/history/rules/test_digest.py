from __future__ import annotations

import gzip
import json
from base64 import b64encode
from hashlib import sha256

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from history_estate import BUCKET, Thing, estate, fingerprint, public_key
from trailseal.history.rules.digest import (
    Digest,
    LoggedFile,
    log_file_verdict,
    open_digest,
    read_public_key,
    signature_verdict,
)
from trailseal.history.rules.verdict import Validity
from trailseal.model.foreign import LARGEST, LONGEST

KEYS = {fingerprint(): public_key()}
META = "x-amz-meta-"


def one(*, backfill: bool = False) -> tuple[str, Thing]:
    bucket = estate(hours=1, files=1, backfill=backfill)
    return next((key, thing) for key, thing in bucket.items() if "Digest" in key)


def opened(thing: Thing, key: str, **metadata: str | None) -> Digest | Validity:
    found = {name.removeprefix(META): value for name, value in thing.headers.items()}
    found |= {name.replace("_", "-"): value for name, value in metadata.items() if value is not None}
    for name in [n for n, v in metadata.items() if v is None]:
        del found[name.replace("_", "-")]
    return open_digest(BUCKET, key, thing.body, found)


def digest() -> Digest:
    key, thing = one()
    found = opened(thing, key)
    assert isinstance(found, Digest)
    return found


def test_what_cloudtrail_signed_is_valid() -> None:
    assert signature_verdict(digest(), KEYS) is Validity.VALID


def test_a_first_digest_has_none_before_it() -> None:
    assert digest().previous is None


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"no gzip", id="no-gzip"),
        pytest.param(gzip.compress(b"{"), id="no-json"),
        pytest.param(gzip.compress(b"{}"), id="fields-missing"),
        pytest.param(gzip.compress(b"[]"), id="no-object"),
    ],
)
def test_a_digest_that_is_not_one_has_an_invalid_format(body: bytes) -> None:
    key, thing = one()

    assert opened(Thing(body=body, headers=thing.headers), key) is Validity.INVALID_FORMAT


@pytest.mark.parametrize(
    ("content", "verdict"),
    [
        pytest.param(bytes(LARGEST + 1), Validity.TOO_LARGE, id="bomb"),
        pytest.param(b"[" * 100_000, Validity.INVALID_FORMAT, id="brackets"),
        pytest.param(b'{"x":' * 100_000, Validity.TOO_DEEP, id="objects"),
        pytest.param(b'{"logFiles":[' + b"{}," * (1 << 20) + b"{}]}", Validity.TOO_LARGE, id="entries"),
    ],
)
def test_a_digest_without_bounds_is_told_by_its_fault(content: bytes, verdict: Validity) -> None:
    key, thing = one()
    found = opened(Thing(body=gzip.compress(content, 1), headers=thing.headers), key)

    assert found is verdict
    assert verdict.is_invalid


@pytest.mark.sweep
def test_a_log_file_is_hashed_in_pieces_as_far_as_any_goes() -> None:
    within, beyond = bytes(LARGEST * 2), bytes(LONGEST + 1)
    named = LoggedFile(s3_bucket=BUCKET, s3_object="k", hash_value=sha256(within).hexdigest())

    assert log_file_verdict(named, gzip.compress(within, 1)) is Validity.VALID
    assert log_file_verdict(named, gzip.compress(beyond, 1)) is Validity.TOO_LARGE


def test_lost_metadata_is_a_bad_signature() -> None:
    key, thing = one()

    assert opened(thing, key, signature=None) is Validity.BAD_SIGNATURE
    assert opened(thing, key, signature_algorithm=None) is Validity.BAD_SIGNATURE


def test_a_moved_digest_is_told() -> None:
    key, thing = one()

    assert opened(thing, key + "x") is Validity.MOVED


def test_a_backfill_digest_needs_its_time() -> None:
    key, thing = one(backfill=True)

    assert isinstance(opened(thing, key), Digest)
    assert opened(thing, key, backfill_generation_timestamp=None) is Validity.INVALID_FORMAT


@pytest.mark.parametrize("time", ["soon", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"])
def test_a_digest_of_a_time_that_no_hour_can_be_taken_from_has_an_invalid_format(time: str) -> None:
    key, thing = one(backfill=True)
    content = {**json.loads(gzip.decompress(thing.body)), "digestStartTime": time}

    assert opened(thing, key, backfill_generation_timestamp=time) is Validity.INVALID_FORMAT
    assert opened(Thing(body=gzip.compress(json.dumps(content).encode()), headers=thing.headers), key) is (
        Validity.INVALID_FORMAT
    )


@pytest.mark.parametrize("signature", ["00" * 256, "no hex", "\u00e9"])
def test_another_signature_is_refused(signature: str) -> None:
    key, thing = one()
    found = opened(thing, key, signature=signature)

    assert isinstance(found, Digest)
    assert signature_verdict(found, KEYS) is Validity.BAD_SIGNATURE


def test_a_key_that_is_not_listed_is_not_found() -> None:
    assert signature_verdict(digest(), {}) is Validity.NO_PUBLIC_KEY


def test_a_key_that_is_no_rsa_key_cannot_be_used() -> None:
    curve = generate_private_key(SECP256R1()).public_key()
    der = curve.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)

    assert signature_verdict(digest(), {fingerprint(): b"garbage"}) is Validity.BAD_PUBLIC_KEY
    assert signature_verdict(digest(), {fingerprint(): der}) is Validity.BAD_PUBLIC_KEY


@pytest.mark.parametrize(
    ("body", "verdict"),
    [
        pytest.param(lambda body: body, Validity.VALID, id="untouched"),
        pytest.param(lambda _: gzip.compress(b"{}"), Validity.HASH_MISMATCH, id="changed"),
        pytest.param(lambda _: b"text", Validity.INVALID_FORMAT, id="no-gzip"),
        pytest.param(lambda body: body + b"more", Validity.TRAILING_DATA, id="more-after-the-end"),
        pytest.param(lambda body: body[:-40], Validity.HASH_MISMATCH, id="cut-short"),
    ],
)
def test_a_log_file_is_judged_by_its_content(body: object, verdict: Validity) -> None:
    bucket = estate(hours=1, files=1)
    digest_key = next(key for key in bucket if "Digest" in key)
    entry = json.loads(gzip.decompress(bucket[digest_key].body))["logFiles"][0]
    named = LoggedFile(s3_bucket=BUCKET, s3_object=entry["s3Object"], hash_value=entry["hashValue"])

    assert log_file_verdict(named, body(bucket[entry["s3Object"]].body)) is verdict  # type: ignore[operator]


def test_a_log_file_without_a_hash_proves_nothing() -> None:
    named = LoggedFile(s3_bucket=BUCKET, s3_object="k")

    assert log_file_verdict(named, gzip.compress(b"")) is Validity.INVALID_FORMAT


def test_a_public_key_may_come_in_base64() -> None:
    assert read_public_key(b64encode(b"der").decode()) == read_public_key(b"der") == b"der"


@pytest.mark.parametrize("value", ["a", "\u202e", "="])
def test_a_public_key_in_no_base64_is_none(value: str) -> None:
    found = {fingerprint(): read_public_key(value)}

    assert signature_verdict(digest(), found) is Validity.BAD_PUBLIC_KEY
