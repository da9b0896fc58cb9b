from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from trailseal.history.manifest import Header, Row
from trailseal.history.method import Method, Target
from trailseal.history.outlook import Outlook, context_readers, outlook, reader_statement
from trailseal.model.bucket import Bucket, Replication, ReplicationRule
from trailseal.model.unreadable import Unreadable

KEY = "arn:aws:kms:us-east-1:123456789012:key/1"
HEADER = Header(bucket="b", made_at=datetime(2026, 11, 23, tzinfo=UTC))
PLAIN = Bucket(name="b", region="us-east-1")
READER = {
    "Sid": "Readers",
    "Effect": "Allow",
    "Principal": {"AWS": "*"},
    "Action": ["kms:Decrypt", "kms:ReEncryptFrom"],
    "Resource": "*",
    "Condition": {
        "StringEquals": {"kms:CallerAccount": "123456789012"},
        "StringLike": {"kms:EncryptionContext:aws:cloudtrail:arn": "arn:aws:cloudtrail:*"},
    },
}
ROWS = [Row(key=f"AWSLogs/1/CloudTrail/r{n % 2}/2026/11/20/f{n}", size=10) for n in range(4)]


def look(
    *, update: bool = False, bucket: Bucket = PLAIN, policy: dict[str, Any] | None = None, **target: Any
) -> Outlook:
    wanted = Target(bucket="b", key_arn=KEY, update=update, **target)
    return outlook(ROWS, wanted, HEADER, bucket, {} if policy is None else policy)


def said(found: Outlook) -> str:
    return "\n".join(str(text) for text in found.consequences)


def test_numbers_and_time_are_told_before_the_start() -> None:
    found = look()

    assert (found.work, found.requests, found.prefixes, found.of(Method.COPY)) == (4, 4, 2, 4)
    assert found.size_of(Method.COPY) == 40
    assert found.seconds_at_least == pytest.approx(4 / 7000)


def test_updates_fire_no_event_and_copies_do() -> None:
    bucket = msgspec.structs.replace(PLAIN, notifications=("arn:q",), lifecycle_rules=1, versioning="Enabled")

    assert "fire no event" in said(look(update=True, bucket=bucket))
    copies = said(look(bucket=bucket, context="{}"))
    assert "ObjectCreated:Copy to arn:q" in copies
    assert "its clock starts again" in copies
    assert "keeps versions" in copies
    assert "carry the encryption context {}" in copies


def test_a_plain_bucket_causes_little() -> None:
    copies = said(look())

    assert "ObjectCreated" not in copies
    assert "versions" not in copies
    assert "no encryption context of the trail" in copies


def test_replication_lock_and_bucket_key_are_told() -> None:
    rules = (
        ReplicationRule(rule_id="r1", enabled=True),
        ReplicationRule(rule_id="r2", enabled=True, replicates_sse_kms=True),
    )
    bucket = msgspec.structs.replace(PLAIN, replication=Replication(role="x", rules=rules), object_lock=True)
    found = said(look(bucket=bucket, bucket_key=True))

    assert "rules r1 do not replicate" in found
    assert "Object Lock" in found
    assert "pin kms:EncryptionContext:aws:s3:arn" in found.replace("\n", " ")


def test_replication_that_takes_sse_kms_hides_nothing() -> None:
    rule = ReplicationRule(rule_id="r", enabled=True, replicates_sse_kms=True)
    bucket = msgspec.structs.replace(PLAIN, replication=Replication(role="x", rules=(rule,)))

    assert "do not replicate" not in said(look(bucket=bucket))


def test_nothing_to_do_means_nothing() -> None:
    target = Target(bucket="b", key_arn=KEY)
    found = outlook([Row(key="k", encryption="aws:kms", kms_key_id=KEY)], target, HEADER, PLAIN, {})

    assert (found.work, found.consequences) == (0, ())


def test_an_inventory_says_that_facts_are_missing() -> None:
    header = msgspec.structs.replace(HEADER, complete=False)
    found = outlook(ROWS, Target(bucket="b", key_arn=KEY), header, PLAIN, {})

    assert "no metadata facts" in said(found)


def test_what_could_not_be_read_is_named() -> None:
    bucket = msgspec.structs.replace(
        PLAIN, notifications=Unreadable(call="s3:GetBucketNotification", code="x")
    )
    found = outlook(ROWS, Target(bucket="b", key_arn=KEY), HEADER, bucket, None)

    assert found.unknown == ("s3:GetBucketNotification", "kms:GetKeyPolicy")


def test_readers_who_need_the_context_get_a_statement_for_updated_objects() -> None:
    found = look(update=True, policy={"Statement": READER})

    assert found.reader_statement == {
        "Sid": "TrailsealReadersOfTheHistory",
        "Effect": "Allow",
        "Principal": {"AWS": "*"},
        "Action": "kms:Decrypt",
        "Resource": "*",
        "Condition": {
            "StringLike": {
                "kms:EncryptionContext:aws:s3:arn": ["arn:aws:s3:::b", "arn:aws:s3:::b/*"],
                "kms:ViaService": "s3.*.amazonaws.com",
            },
            "StringEquals": {"kms:CallerAccount": "123456789012"},
        },
    }
    assert "lose the updated objects" in said(found)


def test_copies_keep_the_context_so_readers_need_nothing() -> None:
    assert look(policy={"Statement": [READER]}).reader_statement is None


def test_the_statement_lets_nobody_new_in() -> None:
    other = READER | {
        "Principal": {"AWS": ["arn:u2", "arn:u1"]},
        "Condition": {"Null": READER["Condition"]["StringLike"]},
    }  # type: ignore[index]
    target = Target(bucket="b", key_arn=KEY)
    found = reader_statement({"Statement": [other, READER | {"Principal": "*"}]}, target, updated=1)

    assert found is not None
    assert found["Principal"] == {"AWS": ["*", "arn:u1", "arn:u2"]}
    assert set(found["Condition"]) == {"StringLike"}


@pytest.mark.parametrize(
    "statement",
    [
        pytest.param(READER | {"Effect": "Deny"}, id="deny"),
        pytest.param(READER | {"Action": "kms:Encrypt"}, id="not-decrypt"),
        pytest.param(READER | {"Principal": {"Service": "x"}}, id="a-service"),
        pytest.param({k: v for k, v in READER.items() if k != "Condition"}, id="no-condition"),
    ],
)
def test_other_statements_need_no_context(statement: dict[str, Any]) -> None:
    assert context_readers({"Statement": [statement]}) == ()


def test_no_policy_has_no_readers() -> None:
    assert context_readers(None) == ()
