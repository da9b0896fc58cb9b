"""Who loses the history in its new form: each kind of pin, asked for each form that objects can get."""

from __future__ import annotations

import itertools
import json
from typing import Any

import pytest

from rows import each_row
from trailseal.history.rules.forms import copied_form, updated_form
from trailseal.history.rules.method import Target
from trailseal.history.rules.readers import LosingStatements, losing, together

TRAIL = "arn:aws:cloudtrail:us-east-1:123456789012:trail/t"
TRAIL_KEY = "kms:EncryptionContext:aws:cloudtrail:arn"
ARN_KEY = "kms:EncryptionContext:aws:s3:arn"
TRAILS = {"StringLike": {TRAIL_KEY: "arn:aws:cloudtrail:*:123456789012:trail/*"}}
BUCKET, OBJECTS = "arn:aws:s3:::b", "arn:aws:s3:::b/*"
READER: dict[str, Any] = {
    "Sid": "Readers",
    "Effect": "Allow",
    "Principal": {"AWS": "*"},
    "Action": ["kms:Decrypt", "kms:ReEncryptFrom"],
    "Resource": "*",
}
TARGET = Target(bucket="b", key_arn="arn:aws:kms:us-east-1:123456789012:key/1")
WITH_KEY = Target(bucket="b", key_arn=TARGET.key_arn, bucket_key=True)
CONTEXT = json.dumps({"aws:cloudtrail:arn": TRAIL})
COPIES = Target(bucket="b", key_arn=TARGET.key_arn, context=CONTEXT)
COPIES_WITH_KEY = Target(bucket="b", key_arn=TARGET.key_arn, context=CONTEXT, bucket_key=True)
FORMS = {
    "updated": (updated_form(TARGET), TARGET),
    "updated, bucket key": (updated_form(WITH_KEY), WITH_KEY),
    "copied": (copied_form(COPIES), COPIES),
    "copied, bucket key": (copied_form(COPIES_WITH_KEY), COPIES_WITH_KEY),
    "copied bare": (copied_form(TARGET), TARGET),
    "copied bare, bucket key": (copied_form(WITH_KEY), WITH_KEY),
}
BARE = ("updated", "updated, bucket key", "copied bare", "copied bare, bucket key")
KEYED = ("updated, bucket key", "copied, bucket key", "copied bare, bucket key")
NOT_KEYED = ("updated", "copied", "copied bare")
CONDITIONS: dict[str, tuple[dict[str, Any] | None, tuple[str, ...]]] = {
    "none": (None, ()),
    "any of the account": ({"StringEquals": {"kms:CallerAccount": "210987654321"}}, ()),
    "through S3": ({"StringEquals": {"kms:ViaService": "s3.us-east-1.amazonaws.com"}}, ()),
    "not through S3": ({"StringEquals": {"kms:ViaService": "ec2.us-east-1.amazonaws.com"}}, ()),
    "this trail": ({"StringEquals": {TRAIL_KEY: TRAIL}}, BARE),
    "trails": (TRAILS, BARE),
    "trails, by ARN": ({"ArnLike": {TRAIL_KEY.lower(): "arn:aws:cloudtrail:*:*:trail/*"}}, BARE),
    "has a trail": ({"Null": {TRAIL_KEY: "false"}}, BARE),
    "names the pair": (
        {"ForAnyValue:StringEquals": {"kms:EncryptionContextKeys": "aws:cloudtrail:arn"}},
        BARE,
    ),
    "no trail": ({"Null": {TRAIL_KEY: "true"}}, ()),
    "trail if there is one": ({"StringLikeIfExists": {TRAIL_KEY: "arn:aws:cloudtrail:*"}}, ()),
    "any but a trail": ({"StringNotEquals": {TRAIL_KEY: TRAIL}}, ()),
    "objects": ({"StringLike": {ARN_KEY: OBJECTS}}, KEYED),
    "some objects": ({"ArnLike": {ARN_KEY: ["arn:aws:s3:::b/AWSLogs/1*", "arn:aws:s3:::b/x"]}}, KEYED),
    "other buckets' objects": ({"StringLike": {ARN_KEY: "arn:aws:s3:::c/*"}}, ()),
    "the bucket": ({"StringEquals": {ARN_KEY: BUCKET}}, NOT_KEYED),
    "bucket and objects": ({"StringLike": {ARN_KEY: [BUCKET, OBJECTS]}}, ()),
    "a trail's objects": ({**TRAILS, "ArnLike": {ARN_KEY: OBJECTS}}, (*BARE, "copied, bucket key")),
}


def found_in(form: str, *statements: dict[str, Any]) -> LosingStatements:
    as_form, target = FORMS[form]
    policy = {"Statement": list(statements)}
    return together([losing(policy, as_form, target)], policy)


def reader(condition: dict[str, Any] | None, **more: Any) -> dict[str, Any]:
    return READER | ({"Condition": condition} if condition else {}) | more


@each_row("pin", CONDITIONS)
@each_row("form", FORMS)
def test_who_opens_what_is_delivered_and_not_the_form_loses_it(pin: str, form: str) -> None:
    condition, loses = CONDITIONS[pin]
    found = found_in(form, reader(condition))

    assert bool(found.by_trail or found.by_arn) is found.any is (form in loses)
    if form in loses:
        by_arn = pin in {"objects", "some objects", "the bucket"} or (
            pin == "a trail's objects" and form in KEYED
        )
        assert (found.by_trail, found.by_arn) == (((), ("Readers",)) if by_arn else (("Readers",), ()))


@each_row("pin", [name for name, (_, loses) in CONDITIONS.items() if loses])
@each_row("form", FORMS)
@each_row("more", [{}, {"StringEquals": {"aws:PrincipalTag/team": "audit"}}])
def test_with_their_statement_nobody_loses_and_nobody_is_let_in(
    pin: str, form: str, more: dict[str, Any]
) -> None:
    condition = {**(CONDITIONS[pin][0] or {})}
    for operator, block in more.items():
        condition[operator] = {**condition.get(operator, {}), **block}
    old = reader(condition, Principal={"AWS": ["arn:aws:iam::1:role/a", "arn:aws:iam::1:role/b"]})
    lacking = found_in(form, old).lacking

    assert bool(lacking) is (form in CONDITIONS[pin][1])
    assert found_in(form, old, *lacking) == LosingStatements()
    for new in lacking:
        assert (new["Principal"], new["Action"]) == (old["Principal"], "kms:Decrypt")
        said = list(itertools.chain.from_iterable(block.items() for block in new["Condition"].values()))
        assert all(pair in said for block in more.values() for pair in block.items())


def test_pins_to_objects_stay_where_they_fit() -> None:
    some = "arn:aws:s3:::b/AWSLogs/1/*"
    pinned = reader({**TRAILS, "ArnLike": {ARN_KEY: some}})
    (updated,) = found_in("updated", pinned).lacking
    (with_key,) = found_in("updated, bucket key", pinned).lacking
    (trail,) = found_in("updated", reader(TRAILS)).lacking

    assert updated["Condition"] == {
        "ArnLike": {ARN_KEY: some}, "StringLike": {"kms:ViaService": "s3.*.amazonaws.com"}
    }  # fmt: skip
    assert with_key["Condition"]["StringLike"][ARN_KEY] == [BUCKET]
    assert trail["Condition"]["StringLike"][ARN_KEY] == [BUCKET, OBJECTS]


def test_in_china_s3_has_another_name() -> None:
    target = Target(bucket="b", key_arn="arn:aws-cn:kms:cn-north-1:123456789012:key/1")
    (new,) = losing({"Statement": reader(TRAILS)}, updated_form(target), target).lacking

    assert new["Condition"]["StringLike"] == {
        ARN_KEY: ["arn:aws-cn:s3:::b", "arn:aws-cn:s3:::b/*"], "kms:ViaService": "s3.*.amazonaws.com.cn"
    }  # fmt: skip


def test_readers_of_different_statements_are_never_put_together() -> None:
    """Everybody of one account beside one user of another must not become everybody."""
    everybody = reader({"StringEquals": {"kms:CallerAccount": "123456789012"}, **TRAILS}, Principal="*")
    named = reader(TRAILS, Principal={"AWS": ["arn:u2", "arn:u1"], "Service": "x.amazonaws.com"})
    one, two = found_in("updated", everybody, named).lacking

    assert (one["Principal"], two["Principal"]) == ("*", {"AWS": ["arn:u2", "arn:u1"]})
    assert one["Condition"]["StringEquals"] == {"kms:CallerAccount": "123456789012"}
    assert [each["Sid"] for each in (one, two)] == [
        "TrailsealReadersOfTheHistory", "TrailsealReadersOfTheHistory2"
    ]  # fmt: skip


def test_a_sid_that_is_taken_is_left_alone() -> None:
    taken = reader(None, Sid="TrailsealReadersOfTheHistory", Action="kms:List*")

    assert found_in("updated", taken, reader(TRAILS)).lacking[0]["Sid"] == "TrailsealReadersOfTheHistory2"


@pytest.mark.parametrize(
    ("other", "kept"),
    [
        pytest.param(reader(None, Principal="*"), True, id="everybody"),
        pytest.param(reader(None, Action="kms:*"), True, id="all-actions"),
        pytest.param(reader(None, Principal={"AWS": "arn:aws:iam::1:role/x"}), False, id="somebody-else"),
        pytest.param(reader(None, Action="kms:Encrypt"), False, id="another-action"),
        pytest.param(reader({"StringEquals": {"aws:PrincipalTag/a": "b"}}), False, id="on-a-condition"),
        pytest.param(reader(TRAILS, Sid="Again"), False, id="the-same-pin"),
        pytest.param(reader(None, Effect="Deny", Action="kms:Encrypt"), False, id="a-deny"),
    ],
)
def test_readers_whom_another_statement_lets_in_lose_nothing(other: dict[str, Any], *, kept: bool) -> None:
    found = found_in("updated", reader(TRAILS), other)

    assert bool(found.by_trail) is not kept
    assert len(found.lacking) == (not kept)


@pytest.mark.parametrize(
    "statement",
    [
        pytest.param(reader(TRAILS, Action="kms:Encrypt"), id="not-decrypt"),
        pytest.param(reader(TRAILS, Principal={"Service": "x.amazonaws.com"}), id="a-service"),
        pytest.param({k: v for k, v in reader(TRAILS).items() if k != "Principal"}, id="nobody"),
    ],
)
def test_others_are_no_readers(statement: dict[str, Any]) -> None:
    assert found_in("updated", statement) == LosingStatements()


@pytest.mark.parametrize(
    ("condition", "form", "named"),
    [
        ({"StringNotLike": {TRAIL_KEY: "arn:aws:cloudtrail:*"}}, "updated", True),
        ({"Null": {TRAIL_KEY: "true"}}, "updated", True),
        ({"Null": {TRAIL_KEY: "true"}}, "copied", False),
        ({"Null": {TRAIL_KEY: "true"}, "StringNotEquals": {"aws:PrincipalArn": "x"}}, "updated", True),
        ({"StringNotLike": {ARN_KEY: OBJECTS}}, "copied, bucket key", True),
        ({"StringEquals": {TRAIL_KEY: TRAIL}}, "updated", False),
        ({"Bool": {"aws:SecureTransport": "false"}}, "updated", False),
        (None, "updated", False),
    ],
)
def test_a_deny_that_shuts_the_form_alone_is_named(
    condition: dict[str, Any] | None, form: str, *, named: bool
) -> None:
    """Of two forms that are delivered, one may be shut as well."""
    found = found_in(form, reader(condition, Effect="Deny", Principal="*", Sid=""))

    assert found.denying == (("#1",) if named else ())
    assert found.any is named


def test_no_policy_has_no_readers() -> None:
    assert losing(None, *FORMS["updated"]) == LosingStatements()
