"""Case is that of ASCII's letters: no other letter is one of them, and what it is, AWS does not say."""

from __future__ import annotations

import pytest

from trailseal.access.evaluate import authorize
from trailseal.access.facts import OneOf, Value
from trailseal.access.request import Policies, Request

ALICE = "arn:aws:iam::123456789012:user/alice"
OBJECT = "arn:aws:s3:::trail-logs/a"
KEY = "arn:aws:kms:ap-northeast-1:123456789012:key/11111111-2222-3333-4444-555555555555"
LONG_S, KELVIN = "\N{LATIN SMALL LETTER LONG S}", "\N{KELVIN SIGN}"
YES, OPEN, NO, INVALID = "allowed", "unknown", "implicitly_denied", "invalid"


def decided(
    statement: dict[str, object], context: dict[str, Value] | None = None, *, action: str = "s3:GetObject"
) -> str:
    policy = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Resource": "*", **statement}]}
    resource = OBJECT if action.startswith("s3:") else KEY
    request = Request(principal=ALICE, action=action, resource=resource, context=context or {})
    key_policy = {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Principal": {"AWS": "123456789012"}, "Action": "kms:*", "Resource": "*"}
        ],
    }
    return authorize(request, Policies(identity=(policy,), resource=key_policy)).effect


@pytest.mark.parametrize(
    ("letter", "pattern", "action"),
    [
        (LONG_S, "s3:Get*{}ion", "s3:GetObjectVersion"),
        (LONG_S, "s3:GetObjectVer{}ion", "s3:GetObjectVersion"),
        (KELVIN, "kms:Revo{}eGrant", "kms:RevokeGrant"),
        (KELVIN, "kms:Revo{}*", "kms:RevokeGrant"),
    ],
)
def test_an_action_is_written_in_ascii(letter, pattern, action):
    alike = {LONG_S: "S", KELVIN: "K"}[letter]
    for element, effects in (("Action", (NO, YES)), ("NotAction", (YES, NO))):
        assert decided({element: pattern.format(letter)}, action=action) == effects[0]
        assert decided({element: pattern.format(alike)}, action=action) == effects[1]


@pytest.mark.parametrize("pattern", [f"{LONG_S}3:GetObject", f"{KELVIN}MS:*"])
def test_a_service_is_written_in_ascii(pattern):
    assert decided({"Action": pattern}) == INVALID


@pytest.mark.parametrize("action", [f"{LONG_S}3:GetObject", f"{KELVIN}ms:Decrypt", "s3:GetObj\u00e9ct"])
def test_a_request_for_no_action_of_ascii_is_none(action):
    assert decided({"Action": "*"}, action=action) == INVALID


@pytest.mark.parametrize(
    ("wanted", "given", "equal"),
    [
        ("team", "TEAM", YES),
        ("team", "Teams", NO),
        ("kms", f"{KELVIN}ms", OPEN),
        ("s", LONG_S, OPEN),
        ("\u00e9quipe", "\u00e9QUIPE", YES),
        ("\u00e9quipe", "\u00c9quipe", OPEN),
        ("stra\u00dfe", "STRASSE", OPEN),
        ("i", "\u0130", OPEN),
    ],
)
def test_letters_beyond_ascii_may_be_the_same_without_case(wanted, given, equal):
    unlike = {YES: NO, NO: YES, OPEN: OPEN}[equal]
    for value in ((given,), OneOf((given,))):
        for qualifier in ("", "ForAllValues:", "ForAnyValue:"):
            for operator, effect in (
                ("StringEqualsIgnoreCase", equal),
                ("StringNotEqualsIgnoreCase", unlike),
            ):
                condition = {qualifier + operator: {"new:Key": wanted}}

                assert decided({"Action": "*", "Condition": condition}, {"new:Key": value}) == effect


@pytest.mark.parametrize(
    "operator",
    [
        f"String{KELVIN}ike",
        f"StringLi{KELVIN}e",
        f"ForAllValue{LONG_S}:StringLike",
        f"StringLikeIfExi{LONG_S}ts",
    ],
)
def test_an_operator_is_written_in_ascii(operator):
    assert decided({"Action": "*", "Condition": {operator: {"new:Key": "a"}}}) == INVALID
