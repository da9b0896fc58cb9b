from __future__ import annotations

from typing import Any

import pytest

from trailseal.history.rules.readers import context_denials, context_readers, reader_statements

CONTEXT = "kms:EncryptionContext:aws:cloudtrail:arn"
TRAILS = "arn:aws:cloudtrail:*"
READER = {
    "Sid": "Readers",
    "Effect": "Allow",
    "Principal": {"AWS": "*"},
    "Action": ["kms:Decrypt", "kms:ReEncryptFrom"],
    "Resource": "*",
    "Condition": {
        "StringEquals": {"kms:CallerAccount": "123456789012"},
        "StringLike": {CONTEXT: TRAILS},
    },
}


def lacking(*statements: dict[str, Any]) -> tuple[dict[str, Any], ...]:
    return reader_statements({"Statement": list(statements)}, bucket="b", partition="aws")


def test_the_same_readers_get_a_statement_for_the_objects_of_the_bucket() -> None:
    assert lacking(READER) == (
        {
            "Sid": "TrailsealReadersOfTheHistory",
            "Effect": "Allow",
            "Principal": {"AWS": "*"},
            "Action": "kms:Decrypt",
            "Resource": "*",
            "Condition": {
                "StringEquals": {"kms:CallerAccount": "123456789012"},
                "StringLike": {
                    "kms:EncryptionContext:aws:s3:arn": ["arn:aws:s3:::b", "arn:aws:s3:::b/*"],
                    "kms:ViaService": "s3.*.amazonaws.com",
                },
            },
        },
    )


def test_readers_of_different_statements_are_never_put_together() -> None:
    """Everybody of one account beside one user of another must not become everybody."""
    other = READER | {
        "Principal": {"AWS": ["arn:u2", "arn:u1"], "Service": "x.amazonaws.com"},
        "Condition": {"StringLike": {CONTEXT: TRAILS, "aws:PrincipalTag/team": "audit*"}},
    }

    everybody, named = lacking(READER, other)

    assert everybody["Condition"]["StringEquals"] == {"kms:CallerAccount": "123456789012"}
    assert named["Principal"] == {"AWS": ["arn:u2", "arn:u1"]}
    assert named["Condition"]["StringLike"]["aws:PrincipalTag/team"] == "audit*"
    assert set(named["Condition"]) == {"StringLike"}


def test_a_statement_that_is_there_already_is_not_offered_again() -> None:
    (there,) = lacking(READER | {"Principal": "*"}, READER | {"Principal": "*", "Sid": "Again"})
    turned = there | {"Sid": "Mine", "Action": ["kms:Decrypt"]}

    assert lacking(READER | {"Principal": "*"}, turned) == ()


@pytest.mark.parametrize(
    "statement",
    [
        pytest.param(READER | {"Effect": "Deny"}, id="deny"),
        pytest.param(READER | {"Action": "kms:Encrypt"}, id="not-decrypt"),
        pytest.param(READER | {"Principal": {"Service": "x"}}, id="a-service"),
        pytest.param({k: v for k, v in READER.items() if k != "Condition"}, id="no-condition"),
        pytest.param(READER | {"Condition": {"StringNotLike": {CONTEXT: TRAILS}}}, id="all-but-a-trail"),
        pytest.param(READER | {"Condition": {"StringLikeIfExists": {CONTEXT: TRAILS}}}, id="if-exists"),
        pytest.param(READER | {"Condition": {"Null": {CONTEXT: ["true"]}}}, id="without-one"),
    ],
)
def test_other_statements_need_no_context(statement: dict[str, Any]) -> None:
    assert context_readers({"Statement": [statement]}) == ()


@pytest.mark.parametrize(
    ("action", "condition"),
    [
        pytest.param("kms:De*", {"StringEquals": {CONTEXT.lower(): TRAILS}}, id="pattern"),
        pytest.param("*", {"Null": {CONTEXT: "false"}}, id="any-trail"),
    ],
)
def test_who_needs_the_context_is_named(action: str, condition: dict[str, Any]) -> None:
    assert context_readers({"Statement": READER | {"Action": action, "Condition": condition}}) == ("Readers",)


def test_a_deny_without_the_context_is_named() -> None:
    deny = READER | {"Effect": "Deny", "Condition": {"StringNotEquals": {CONTEXT: TRAILS}}}
    harmless = READER | {"Effect": "Deny", "Condition": {"StringEquals": {CONTEXT: TRAILS}}}

    assert context_denials({"Statement": [deny, harmless, READER]}) == ("Readers",)


def test_no_policy_has_no_readers() -> None:
    assert context_readers(None) == ()
