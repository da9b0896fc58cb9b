from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from trailseal.history.rules.manifest import Header, Row
from trailseal.history.rules.method import Method, Target
from trailseal.history.rules.outlook import Outlook, outlook
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
CONTEXT = '{"aws:cloudtrail:arn":"arn:aws:cloudtrail:us-east-1:123456789012:trail/t"}'
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


@pytest.mark.parametrize(
    ("shown", "said_of_it"), [(True, "whose lock could not be read"), (False, "lacks the lock")]
)
def test_what_the_census_could_not_see_of_locks_is_told(*, shown: bool, said_of_it: str) -> None:
    bucket = msgspec.structs.replace(PLAIN, object_lock=True)
    header = msgspec.structs.replace(HEADER, locks=shown)
    found = outlook(ROWS, Target(bucket="b", key_arn=KEY), header, bucket, {})

    assert said_of_it in said(found)


def test_replication_that_takes_sse_kms_hides_nothing() -> None:
    rule = ReplicationRule(rule_id="r", enabled=True, replicates_sse_kms=True)
    bucket = msgspec.structs.replace(PLAIN, replication=Replication(role="x", rules=(rule,)))

    assert "do not replicate" not in said(look(bucket=bucket))


def test_nothing_to_do_means_nothing() -> None:
    target = Target(bucket="b", key_arn=KEY)
    found = outlook([Row(key="k", encryption="aws:kms", kms_key_id=KEY)], target, HEADER, PLAIN, {})

    assert (found.work, found.consequences) == (0, ())


def test_an_inventory_says_that_each_object_is_asked_first() -> None:
    header = msgspec.structs.replace(HEADER, complete=False)
    found = outlook(ROWS, Target(bucket="b", key_arn=KEY), header, PLAIN, {})

    assert "each object is asked first, with HeadObject" in said(found)


def test_only_rows_that_leave_something_open_are_asked_about() -> None:
    rows = [
        *ROWS,
        Row(key="a", bare=True),
        Row(key="b", bare=True, encryption="aws:kms"),
        Row(key="c", bare=True, customer_key=True),
    ]
    found = outlook(rows, Target(bucket="b", key_arn=KEY), HEADER, PLAIN, {})

    assert found.asked_first == 2


def test_what_could_not_be_read_is_named() -> None:
    bucket = msgspec.structs.replace(
        PLAIN, notifications=Unreadable(call="s3:GetBucketNotification", code="x")
    )
    found = outlook(ROWS, Target(bucket="b", key_arn=KEY), HEADER, bucket, None)

    assert found.unknown == ("s3:GetBucketNotification", "kms:GetKeyPolicy")


@pytest.mark.parametrize(
    ("target", "told"),
    [
        pytest.param({"update": True, "context": CONTEXT}, True, id="updated"),
        pytest.param({"context": CONTEXT}, False, id="copied-with-the-context"),
        pytest.param({}, True, id="copied-without-it"),
    ],
)
def test_readers_lose_what_will_not_have_the_context(target: dict[str, Any], *, told: bool) -> None:
    found = look(policy={"Statement": READER}, **target)

    assert bool(found.reader_statements) is told
    assert ("whom Readers of the key policy allows only with" in said(found)) is told


def test_a_deny_that_no_statement_overcomes_is_told() -> None:
    deny = {
        "Sid": "OnlyTrail",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "kms:Decrypt",
        "Resource": "*",
        "Condition": {"StringNotLike": READER["Condition"]["StringLike"]},  # type: ignore[index]
    }

    found = look(update=True, policy={"Statement": [deny]})

    assert "OnlyTrail of the key policy denies decrypting in the form" in said(found)
    assert found.reader_statements == ()


@pytest.mark.parametrize(
    ("context", "unknown"), [("{}", False), ("", True)], ids=["with-the-context", "without-it"]
)
def test_readers_are_unknown_where_the_policy_is_and_the_context_is_lost(
    context: str, *, unknown: bool
) -> None:
    found = outlook(ROWS, Target(bucket="b", key_arn=KEY, context=context), HEADER, PLAIN, None)

    assert found.readers_unknown is unknown
    assert not outlook(ROWS, Target(bucket="b", key_arn=KEY), HEADER, PLAIN, {}).readers_unknown


@pytest.mark.parametrize(("bucket_key", "unknown"), [(False, False), (True, True)])
def test_a_bucket_key_may_shut_readers_out_too(*, bucket_key: bool, unknown: bool) -> None:
    target = Target(bucket="b", key_arn=KEY, context=CONTEXT, bucket_key=bucket_key)

    assert outlook(ROWS, target, HEADER, PLAIN, None).readers_unknown is unknown


def test_objects_that_readers_lose_are_counted_by_their_form() -> None:
    locked = [Row(key=f"k{n}", encryption="AES256", legal_hold=True) for n in range(3)]
    target = Target(bucket="b", key_arn=KEY, update=True, context=CONTEXT)
    pinned = {**READER, "Condition": {"StringLike": {"kms:EncryptionContext:aws:s3:arn": "arn:aws:s3:::b/*"}}}
    with_key = msgspec.structs.replace(target, bucket_key=True)

    assert outlook([*ROWS, *locked], target, HEADER, PLAIN, {"Statement": READER}).lost == 4
    assert outlook([*ROWS, *locked], target, HEADER, PLAIN, {"Statement": pinned}).lost == 0
    found = outlook([*ROWS, *locked], with_key, HEADER, PLAIN, {"Statement": [READER, pinned]})
    assert (found.lost, len(found.reader_statements)) == (7, 2)
    assert "will name arn:aws:s3:::b:" in said(found)
