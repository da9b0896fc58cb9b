from __future__ import annotations

from typing import Any

import pytest

from key_policies import ACCOUNT, policy, statement
from trailseal.access.lint.rules import lint
from trailseal.access.lint.written import read_written

OTHER = "444455556666"
ROOT = {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}
ROLE = {"AWS": f"arn:aws:iam::{ACCOUNT}:role/Admin"}
READER = statement("reader")


def keeping(**change: Any) -> dict[str, Any]:
    return statement("keeper", **{"Principal": ROOT, "Action": "kms:*", **change})


def denying(**change: Any) -> dict[str, Any]:
    return statement("deny", **{"Effect": "Deny", "Principal": "*", "Action": "kms:PutKeyPolicy", **change})


def severities(*statements: dict[str, Any], owner: str = "") -> list[str]:
    text = policy(READER, *statements)
    return [f.severity.value for f in lint(read_written(text), owner=owner) if f.rule == "KP107"]


LOCKED = {
    "nobody is named": [],
    "denied to everybody": [keeping(), denying()],
    "a deleted user is left": [keeping(Principal={"AWS": "AIDAEXAMPLEEXAMPLE123"})],
    "a service is left": [keeping(Principal={"Service": "cloudtrail.amazonaws.com"})],
    "persons cannot meet it": [keeping(Condition={"StringEquals": {"aws:SourceAccount": ACCOUNT}})],
    "nothing can meet it": [
        keeping(Condition={"StringEquals": {"aws:username": "a"}, "StringNotEquals": {"aws:username": "a"}})
    ],
    "the request never holds it": [keeping(Condition={"StringEquals": {"kms:EncryptionContext:a": "b"}})],
    "the time is past": [keeping(Condition={"DateLessThan": {"aws:CurrentTime": "2020-01-01T00:00:00Z"}})],
    "the time is past in seconds": [
        keeping(Condition={"NumericLessThanEquals": {"aws:EpochTime": "1600000000"}})
    ],
    "the day is past": [keeping(Condition={"DateEquals": {"aws:CurrentTime": ["2020-01-01", "2021-01-01"]}})],
    "denied ever since": [
        keeping(),
        denying(Condition={"DateGreaterThan": {"aws:CurrentTime": "2020-01-01T00:00:00Z"}}),
    ],
    "denied but on a day that is past": [
        keeping(),
        denying(Condition={"DateNotEquals": {"aws:CurrentTime": "2020-01-01T00:00:00Z"}}),
    ],
    "denied before a moment and after it": [
        keeping(),
        denying(Condition={"DateLessThan": {"aws:CurrentTime": "2040-01-01T00:00:00Z"}}),
        denying(Condition={"NumericGreaterThanEquals": {"aws:EpochTime": "2208988800"}}),
    ],
    "all but a deleted user are denied": [
        keeping(),
        denying(Principal=None, NotPrincipal={"AWS": "AIDAEXAMPLEEXAMPLE123"}),
    ],
    "denied by what the statement leaves out": [
        keeping(),
        denying(Action=None, NotAction=["s3:*", "kms:Decrypt"]),
    ],
    "a time after its end": [
        keeping(
            Condition={
                "DateGreaterThan": {"aws:CurrentTime": "2041-01-01T00:00:00Z"},
                "DateLessThan": {"aws:CurrentTime": "2040-01-01T00:00:00Z"},
            }
        )
    ],
    "a second factor and none": [
        keeping(
            Condition={
                "Bool": {"aws:MultiFactorAuthPresent": "true"},
                "Null": {"aws:MultiFactorAuthPresent": "true"},
            }
        )
    ],
    "a range and all but it": [
        keeping(
            Condition={
                "IpAddress": {"aws:SourceIp": "203.0.113.0/25"},
                "NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"},
            }
        )
    ],
    "one name and another, if there is one": [
        keeping(
            Condition={
                "StringEquals": {"aws:username": "a"},
                "StringEqualsIfExists": {"aws:username": "b"},
            }
        )
    ],
    "tags that begin in two ways": [
        keeping(
            Condition={
                "StringLike": {"aws:PrincipalTag/t": "a*"},
                "StringEqualsIgnoreCase": {"aws:PrincipalTag/t": "b"},
            }
        )
    ],
    "all but a role, which is not let in": [
        keeping(Principal={"AWS": f"arn:aws:iam::{ACCOUNT}:user/alice"}),
        denying(Condition={"ArnNotLike": {"aws:PrincipalArn": f"arn:aws:iam::{ACCOUNT}:role/*"}}),
    ],
}
USER = {"AWS": f"arn:aws:iam::{ACCOUNT}:user/alice"}
UNMET_BY_WHO_IT_IS = {
    "aws:PrincipalIsAWSService": (ROOT, "true"),
    "aws:PrincipalAccount": (ROOT, OTHER),
    "kms:CallerAccount": (ROOT, OTHER),
    "aws:ResourceAccount": (ROOT, OTHER),
    "aws:PrincipalServiceName": (ROOT, "cloudtrail.amazonaws.com"),
    "aws:PrincipalType": (USER, "AssumedRole"),
    "aws:PrincipalArn": (USER, f"arn:aws:iam::{ACCOUNT}:user/bob"),
    "aws:username": (USER, "bob"),
    "aws:userid": (USER, "AROAEXAMPLEEXAMPLE123:bob"),
}
"""Keys that nobody chooses, each with a keeper and a value that none of his requests can hold."""
KEPT = {
    "the account": [keeping()],
    "a role": [keeping(Principal=ROLE)],
    "everybody": [keeping(Principal="*")],
    "everybody but": [keeping(Principal=None, NotPrincipal=ROLE)],
    "two users": [
        keeping(Principal={"AWS": [f"arn:aws:iam::{ACCOUNT}:user/a", f"arn:aws:iam::{ACCOUNT}:user/b"]})
    ],
    "with a second factor": [keeping(Condition={"Bool": {"aws:MultiFactorAuthPresent": "true"}})],
    "until a time to come": [
        keeping(Condition={"DateLessThan": {"aws:CurrentTime": "2100-01-01T00:00:00Z"}})
    ],
    "until no time": [keeping(Condition={"DateLessThan": {"aws:CurrentTime": "${aws:TokenIssueTime}"}})],
    "since a time that is past": [
        keeping(Condition={"DateGreaterThan": {"aws:CurrentTime": "2020-01-01T00:00:00Z"}})
    ],
    "between two times": [
        keeping(
            Condition={
                "DateGreaterThan": {"aws:CurrentTime": "2040-01-01T00:00:00Z"},
                "DateLessThan": {"aws:CurrentTime": "2041-01-01T00:00:00Z"},
            }
        )
    ],
    "a sign-in of long ago": [
        keeping(Condition={"DateLessThan": {"aws:TokenIssueTime": "2020-01-01T00:00:00Z"}})
    ],
    "a range and all but a part of it": [
        keeping(
            Condition={
                "IpAddress": {"aws:SourceIp": "203.0.113.0/24"},
                "NotIpAddress": {"aws:SourceIp": "203.0.113.0/25"},
            }
        )
    ],
    "tags of the caller and others": [
        keeping(
            Condition={
                "StringLike": {"aws:PrincipalTag/t": "${aws:username}*"},
                "StringNotLike": {"aws:PrincipalTag/t": "a*"},
            }
        )
    ],
    "from a network": [keeping(Condition={"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}})],
    "denied to all but a role that is listed": [
        keeping(),
        denying(Principal=None, NotPrincipal=ROLE),
    ],
    "denied to all but a user and the account": [
        keeping(),
        denying(Principal=None, NotPrincipal={"AWS": [f"arn:aws:iam::{ACCOUNT}:user/a", ACCOUNT]}),
    ],
    "denied to all but a role": [
        keeping(),
        denying(Condition={"ArnNotLike": {"aws:PrincipalArn": f"arn:aws:iam::{ACCOUNT}:role/Admin"}}),
    ],
}


@pytest.mark.parametrize("statements", LOCKED.values(), ids=LOCKED)
def test_a_policy_that_nobody_can_change_is_an_error(statements):
    assert severities(*statements) == ["error"]


@pytest.mark.parametrize("statements", KEPT.values(), ids=KEPT)
def test_a_policy_that_somebody_can_change_is_none(statements):
    assert severities(*statements) == []


def test_one_user_alone_is_a_warning_even_twice_named():
    alone = {"AWS": f"arn:aws:iam::{ACCOUNT}:user/alice"}

    assert severities(keeping(Principal=alone), statement("again", Action="kms:PutKeyPolicy")) == ["warning"]


def test_another_account_cannot_change_a_key_policy():
    assert severities(keeping(Principal={"AWS": OTHER}), owner=ACCOUNT) == ["error"]


@pytest.mark.parametrize("key", UNMET_BY_WHO_IT_IS)
@pytest.mark.parametrize("denied", [False, True], ids=["an Allow", "a Deny"])
def test_what_follows_from_the_caller_nobody_chooses(key: str, *, denied: bool):
    """Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html."""
    keeper, value = UNMET_BY_WHO_IT_IS[key]
    if denied:
        unmet = [
            keeping(Principal=keeper),
            denying(Condition={"StringNotEquals": {key: value}}),
        ]
    else:
        unmet = [keeping(Principal=keeper, Condition={"StringEquals": {key: value}})]

    assert severities(*unmet) == ["error"]


@pytest.mark.parametrize("key", ["aws:username", "aws:userid"])
def test_an_account_has_somebody_of_any_name(key: str):
    assert severities(keeping(Condition={"StringLike": {key: "*alice"}})) == []
