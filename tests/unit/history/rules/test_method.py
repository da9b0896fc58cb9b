from __future__ import annotations

from base64 import b64decode, b64encode
from datetime import UTC, datetime
from hashlib import md5

import msgspec
import pytest

from trailseal.history.rules.manifest import Row
from trailseal.history.rules.method import SENTENCES, Choice, Method, MethodReason, Target, choose
from trailseal.history.rules.requests import copy_call, update_call

KEY = "arn:aws:kms:us-east-1:123456789012:key/1"
PROVEN = Target(bucket="b", key_arn=KEY, update=True)
COPYING = Target(bucket="b", key_arn=KEY)


@pytest.mark.parametrize(
    ("row", "target", "method", "reason"),
    [
        pytest.param(Row(key="k"), PROVEN, Method.UPDATE, MethodReason.UPDATE, id="sse-s3"),
        pytest.param(
            Row(key="k", latest=False, version_id="1"),
            PROVEN,
            Method.UPDATE,
            MethodReason.UPDATE,
            id="older-version",
        ),
        pytest.param(
            Row(key="k", storage_class="DEEP_ARCHIVE"),
            PROVEN,
            Method.UPDATE,
            MethodReason.UPDATE,
            id="archived",
        ),
        pytest.param(Row(key="k", size=6 << 30), PROVEN, Method.UPDATE, MethodReason.UPDATE, id="large"),
        pytest.param(
            Row(key="k", encryption=""),
            PROVEN,
            Method.COPY,
            MethodReason.WAS_NOT_ENCRYPTED,
            id="not-encrypted",
        ),
        pytest.param(
            Row(key="k", lock_mode="GOVERNANCE"),
            PROVEN,
            Method.COPY,
            MethodReason.LOCKED_FOR_UPDATE,
            id="governance",
        ),
        pytest.param(
            Row(key="k", legal_hold=True),
            PROVEN,
            Method.COPY,
            MethodReason.LOCKED_FOR_UPDATE,
            id="legal-hold",
        ),
        pytest.param(
            Row(key="k", lock_mode="COMPLIANCE"),
            PROVEN,
            Method.SKIP,
            MethodReason.COMPLIANCE,
            id="compliance",
        ),
        pytest.param(
            Row(key="k", lock_mode="COMPLIANCE"),
            COPYING,
            Method.SKIP,
            MethodReason.COMPLIANCE,
            id="copy-compliance",
        ),
        pytest.param(
            Row(key="k", lock_unread=True), COPYING, Method.SKIP, MethodReason.LOCK_UNREAD, id="lock-unread"
        ),
        pytest.param(Row(key="k"), COPYING, Method.COPY, MethodReason.UPDATE_NOT_PROVEN, id="no-probe"),
        pytest.param(
            Row(key="k"),
            msgspec.structs.replace(COPYING, key_in_bucket_account=False),
            Method.COPY,
            MethodReason.KEY_ELSEWHERE,
            id="key-elsewhere",
        ),
        pytest.param(
            Row(key="k"),
            msgspec.structs.replace(PROVEN, context_wanted=True),
            Method.COPY,
            MethodReason.CONTEXT_WANTED,
            id="context-wanted",
        ),
        pytest.param(
            Row(key="k", latest=False, version_id="1"),
            COPYING,
            Method.SKIP,
            MethodReason.OLDER_VERSION,
            id="copy-older-version",
        ),
        pytest.param(
            Row(key="k", latest=False),
            PROVEN,
            Method.SKIP,
            MethodReason.OLDER_VERSION,
            id="older-without-an-id",
        ),
        pytest.param(
            Row(key="k", storage_class="GLACIER"),
            COPYING,
            Method.SKIP,
            MethodReason.ARCHIVED,
            id="copy-archived",
        ),
        pytest.param(
            Row(key="k", archived=True), COPYING, Method.SKIP, MethodReason.ARCHIVED, id="copy-archive-tier"
        ),
        pytest.param(
            Row(key="k", size=6 << 30), COPYING, Method.SKIP, MethodReason.TOO_LARGE, id="copy-large"
        ),
        pytest.param(
            Row(key="k", encryption="aws:kms:dsse"), PROVEN, Method.SKIP, MethodReason.DSSE, id="dsse"
        ),
        pytest.param(Row(key="k", customer_key=True), PROVEN, Method.SKIP, MethodReason.SSE_C, id="sse-c"),
        pytest.param(
            Row(key="k", encryption="aws:new"),
            PROVEN,
            Method.SKIP,
            MethodReason.UNKNOWN_ENCRYPTION,
            id="new-kind",
        ),
        pytest.param(
            Row(key="k", encryption="aws:kms", kms_key_id=KEY),
            PROVEN,
            Method.NOTHING,
            MethodReason.SEALED,
            id="sealed",
        ),
        pytest.param(
            Row(key="k", encryption="aws:kms", kms_key_id="o"),
            PROVEN,
            Method.SKIP,
            MethodReason.OTHER_KEY,
            id="other",
        ),
        pytest.param(
            Row(key="k", encryption="aws:kms", kms_key_id="o"),
            msgspec.structs.replace(PROVEN, from_other_keys=True),
            Method.UPDATE,
            MethodReason.UPDATE,
            id="from-other-key",
        ),
        pytest.param(Row(key=".trailseal-probe/1"), PROVEN, Method.SKIP, MethodReason.PROBE, id="probe"),
    ],
)
def test_the_method_follows_from_the_object(
    row: Row, target: Target, method: Method, reason: MethodReason
) -> None:
    assert choose(row, target) == Choice(method, reason)


def test_every_reason_has_a_sentence() -> None:
    assert set(SENTENCES) == set(MethodReason)


def test_a_copy_carries_everything_over() -> None:
    row = Row(
        key="a b",
        version_id="v",
        etag="e",
        storage_class="STANDARD_IA",
        lock_mode="GOVERNANCE",
        lock_until="2027-01-01T00:00:00Z",
        legal_hold=True,
        tags=1,
        grants={"x-amz-grant-read": 'id="1"'},
        redirect="/r",
    )
    target = msgspec.structs.replace(COPYING, bucket_key=True, context='{"aws:cloudtrail:arn":"t"}')

    assert copy_call(row, target).headers == {
        "x-amz-copy-source": "b/a%20b",
        "x-amz-metadata-directive": "COPY",
        "x-amz-tagging-directive": "COPY",
        "x-amz-server-side-encryption": "aws:kms",
        "x-amz-server-side-encryption-aws-kms-key-id": KEY,
        "x-amz-server-side-encryption-bucket-key-enabled": "true",
        "x-amz-server-side-encryption-context": b64encode(b'{"aws:cloudtrail:arn":"t"}').decode(),
        "x-amz-copy-source-if-match": '"e"',
        "If-Match": '"e"',
        "x-amz-grant-read": 'id="1"',
        "x-amz-storage-class": "STANDARD_IA",
        "x-amz-object-lock-mode": "GOVERNANCE",
        "x-amz-object-lock-retain-until-date": "2027-01-01T00:00:00Z",
        "x-amz-object-lock-legal-hold": "ON",
        "Content-MD5": "1B2M2Y8AsgTpgAmY7PhCfg==",
        "x-amz-website-redirect-location": "/r",
    }


def test_a_plain_copy_says_no_more_than_it_must() -> None:
    assert sorted(copy_call(Row(key="k"), COPYING).headers) == [
        "x-amz-copy-source",
        "x-amz-metadata-directive",
        "x-amz-server-side-encryption",
        "x-amz-server-side-encryption-aws-kms-key-id",
        "x-amz-server-side-encryption-bucket-key-enabled",
    ]


@pytest.mark.parametrize(("version", "query"), [("", "encryption="), ("v", "encryption=&versionId=v")])
def test_an_update_names_the_key_and_checks_its_body(version: str, query: str) -> None:
    call = update_call("b", "k", version, msgspec.structs.replace(PROVEN, bucket_key=True))

    assert call.query == query
    assert call.body == (
        b'<ObjectEncryption xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><SSE-KMS>'
        b"<KMSKeyArn>arn:aws:kms:us-east-1:123456789012:key/1</KMSKeyArn>"
        b"<BucketKeyEnabled>true</BucketKeyEnabled></SSE-KMS></ObjectEncryption>"
    )
    assert b64decode(call.headers["Content-MD5"]) == md5(call.body, usedforsecurity=False).digest()
    assert b"false" in update_call("b", "k", version, PROVEN).body


NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("until", "mode", "method", "reason"),
    [
        ("2026-11-25T13:00:00Z", "GOVERNANCE", Method.COPY, MethodReason.LOCKED_FOR_UPDATE),
        ("2026-11-25T13:00:00Z", "COMPLIANCE", Method.SKIP, MethodReason.COMPLIANCE),
        ("2026-11-25T11:00:00Z", "GOVERNANCE", Method.COPY, MethodReason.LOCK_ENDED),
        ("2026-11-25T11:00:00.000Z", "COMPLIANCE", Method.COPY, MethodReason.LOCK_ENDED),
        ("2026-11-25T11:00:00", "COMPLIANCE", Method.COPY, MethodReason.LOCK_ENDED),
        ("", "COMPLIANCE", Method.SKIP, MethodReason.COMPLIANCE),
        ("soon", "GOVERNANCE", Method.COPY, MethodReason.LOCKED_FOR_UPDATE),
    ],
)
def test_a_retention_that_has_ended_is_none(
    until: str, mode: str, method: Method, reason: MethodReason
) -> None:
    target = msgspec.structs.replace(PROVEN, now=NOW)
    row = Row(key="k", lock_mode=mode, lock_until=until)
    carried = "x-amz-object-lock-mode" in copy_call(row, target).headers

    assert choose(row, target) == Choice(method, reason)
    assert carried == (reason is not MethodReason.LOCK_ENDED)


def test_a_retention_that_nobody_can_date_is_in_force() -> None:
    row = Row(key="k", lock_mode="COMPLIANCE", lock_until="2001-01-01T00:00:00Z")

    assert choose(row, PROVEN).reason is MethodReason.COMPLIANCE


def test_an_event_hold_is_carried_and_never_updated() -> None:
    name = "x-amz-object-lock-event-hold"
    row = Row(key="k", event_hold={name: "ON", f"{name}-duration-days": "3"})
    headers = copy_call(row, PROVEN).headers

    assert choose(row, PROVEN) == Choice(Method.COPY, MethodReason.LOCKED_FOR_UPDATE)
    assert (headers[name], headers[f"{name}-duration-days"]) == ("ON", "3")
    assert "Content-MD5" in headers
