"""A session that AssumeRoot makes is limited by its task: what root may do, it may do at the most."""

from __future__ import annotations

import pytest

from trailseal.access.evaluate import authorize
from trailseal.access.facts import THERE, TRUE_OR_FALSE, Lack, Value
from trailseal.access.request import Policies, Request

ACCOUNT = "123456789012"
ROOT = f"arn:aws:iam::{ACCOUNT}:root"
ALICE = f"arn:aws:iam::{ACCOUNT}:user/alice"
BUCKET = "arn:aws:s3:::trail-logs"
KEY = f"arn:aws:kms:ap-northeast-1:{ACCOUNT}:key/11111111-2222-3333-4444-555555555555"
ALL, SOME, NONE, DENIED = "allowed", "unknown", "implicitly_denied", "explicitly_denied"
MAY_BE = [("true",), ("True",), TRUE_OR_FALSE, THERE, Lack.UNKNOWN]
IS_NOT = [("false",), (), Lack.ABSENT]


def own(effect: str = "Allow", **more: object) -> dict[str, object]:
    return {
        "Version": "2012-10-17",
        "Statement": [{"Effect": effect, "Action": "*", "Resource": "*", **more}],
    }


def policy(effect: str = "Allow", **more: object) -> dict[str, object]:
    return own(effect, Principal={"AWS": ROOT}, **more)


def asked(told: Value, policies: Policies, action: str, resource: str, principal: str = ROOT) -> str:
    request = Request(
        principal=principal,
        action=action,
        resource=resource,
        resource_account=ACCOUNT,
        context={"aws:AssumedRoot": told},
    )
    return authorize(request, policies).effect


@pytest.mark.parametrize(
    ("action", "resource"),
    [("s3:DeleteBucketPolicy", BUCKET), ("s3:GetObject", f"{BUCKET}/a"), ("kms:Decrypt", KEY)],
)
@pytest.mark.parametrize("told", [*MAY_BE, *IS_NOT])
def test_what_the_root_user_may_do_its_session_may_or_may_not(told, action, resource):
    for policies in (Policies(resource=policy()), Policies(resource=policy(), session=own("Deny"))):
        assert asked(told, policies, action, resource) == (SOME if told in MAY_BE else ALL)


@pytest.mark.parametrize("told", MAY_BE)
def test_what_the_root_user_may_not_do_its_session_may_not(told):
    assert asked(told, Policies(resource=policy("Deny")), "kms:Decrypt", KEY) == DENIED
    assert asked(told, Policies(), "kms:Decrypt", KEY) == NONE
    assert asked(told, Policies(scp=((own("Deny"),),)), "s3:GetObject", f"{BUCKET}/a") == DENIED


@pytest.mark.parametrize("told", [*MAY_BE, *IS_NOT])
def test_a_session_of_root_may_have_the_source_identity_of_its_maker(told):
    named = policy("Deny", Condition={"Null": {"aws:SourceIdentity": "false"}})

    assert asked(told, Policies(resource=named), "kms:Decrypt", KEY) == NONE
    assert asked(told, Policies(resource=named), "s3:GetObject", f"{BUCKET}/a") == (
        SOME if told in MAY_BE else ALL
    )


def test_nobody_else_is_a_session_of_root():
    assert asked(("true",), Policies(identity=(own(),)), "s3:GetObject", f"{BUCKET}/a", ALICE) == ALL
