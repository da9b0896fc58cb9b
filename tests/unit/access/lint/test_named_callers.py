"""
Statements whose callers cannot meet them: a key that none of them brings, an action that AWS keeps from them.

Sources: the "Availability" of each key in
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html and
https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-modifying-external-accounts.html
"""

from __future__ import annotations

from typing import Any

import pytest

from key_policies import ACCOUNT, CONTEXT, TRAIL, TRAILS, administration, policy, statement
from trailseal.access.lint.plain import tell
from trailseal.access.lint.rules import lint
from trailseal.access.lint.written import read_written

OTHER = "444455556666"
HERE, THERE = f"arn:aws:iam::{ACCOUNT}", f"arn:aws:iam::{OTHER}"
CLOUDTRAIL = {"Service": "cloudtrail.amazonaws.com"}
USER, ROLE, ROOT = ({"AWS": f"{HERE}:{name}"} for name in ("user/u", "role/r", "root"))
SESSION = {"AWS": f"arn:aws:sts::{ACCOUNT}:assumed-role/r/s"}
FEDERATED = {"AWS": f"arn:aws:sts::{ACCOUNT}:federated-user/f"}
BY_ID = {"AWS": "AROAEXAMPLEEXAMPLE"}
OF_SERVICES = ("aws:SourceArn", "aws:SourceAccount", "aws:PrincipalServiceName")
OF_PEOPLE = ("aws:PrincipalOrgID", "aws:PrincipalArn", "aws:username", "aws:PrincipalTag/team")


def findings(*, owner: str = ACCOUNT, **change: Any) -> list[str]:
    text = policy(administration(), statement("asked", **change))
    return [
        str(f.text)
        for f in lint(read_written(text), owner=owner)
        if (f.rule, f.statement) == ("KP112", "asked")
    ]


def remarks(*, owner: str = ACCOUNT, **change: Any) -> list[str]:
    text = policy(administration(), statement("asked", **change))
    (told,) = [one for one in tell(read_written(text), owner=owner) if one.name == "asked"]
    return list(map(str, told.remarks))


NEVER_BROUGHT = [
    *((who, key) for who in (USER, ROLE, ROOT, SESSION, {"AWS": ACCOUNT}) for key in OF_SERVICES),
    *((CLOUDTRAIL, key) for key in OF_PEOPLE),
    *((who, "aws:username") for who in (ROLE, SESSION, FEDERATED)),
    ({"AWS": [ROLE["AWS"], SESSION["AWS"]], **CLOUDTRAIL}, "aws:username"),
]
MAY_BE_BROUGHT = [
    *((who, "aws:PrincipalOrgID") for who in (USER, ROLE, ROOT, SESSION)),
    *(({"AWS": "*"}, key) for key in (*OF_SERVICES, *OF_PEOPLE)),
    *(({"AWS": [ROLE["AWS"]], **CLOUDTRAIL}, key) for key in ("aws:SourceArn", "aws:PrincipalOrgID")),
    (CLOUDTRAIL, "aws:SourceArn"),
    (ROOT, "aws:username"),
    *((USER, key) for key in ("aws:username", "aws:FederatedProvider", "aws:SourceIdentity")),
    (ROLE, "kms:ViaService"),
    (ROLE, "aws:InventedKey"),
    ({"CanonicalUser": "79a5"}, "aws:SourceArn"),
    ({"AWS": f"arn:aws:iam::{ACCOUNT}:group/g"}, "aws:SourceArn"),
]


def wants(key: str, operator: str = "StringLike") -> dict[str, Any]:
    return {"Condition": {operator: {key: "false" if operator == "Null" else "x*"}}}


@pytest.mark.parametrize(("who", "key"), NEVER_BROUGHT)
@pytest.mark.parametrize("operator", ["StringLike", "Null", "ForAnyValue:StringLike"])
def test_a_key_that_none_of_the_named_brings_makes_a_statement_idle(who, key, operator):
    change = {"Principal": who, **wants(key, operator)}

    assert findings(**change) == [f"`asked` tests {key}, which no request of those whom it names holds"]
    assert remarks(**change) == [f"it does nothing: no request of those whom it names holds {key}"]


@pytest.mark.parametrize(("who", "key"), MAY_BE_BROUGHT)
def test_a_key_that_one_of_them_may_bring_does_not(who, key):
    assert findings(Principal=who, **wants(key)) == []


@pytest.mark.parametrize("absent", ["true", "True", "TRUE", ["False", "True"]])
def test_nor_does_a_test_that_wants_it_absent(absent):
    assert findings(Principal=ROLE, Condition={"Null": {"aws:SourceArn": absent}}) == []


@pytest.mark.parametrize("operator", ["StringLikeIfExists", "StringNotLike", "ForAllValues:StringLike"])
def test_nor_does_a_test_that_holds_without_its_key(operator):
    assert findings(Principal=ROLE, **wants("aws:SourceArn", operator)) == []


def test_whom_a_notprincipal_names_is_spared_and_not_meant():
    change = {"Effect": "Deny", "Principal": None, "NotPrincipal": ROLE, **wants("aws:SourceArn")}

    assert findings(**change) == []


def test_the_unique_id_of_a_role_is_of_its_sessions():
    assert findings(Principal=BY_ID, **wants("aws:username")) != []


KEPT = (
    "kms:DisableKey",
    "kms:PutKeyPolicy",
    "kms:Disable*",
    "kms:ScheduleKeyDeletion",
    ["kms:Tag*", "kms:Enable*"],
)
SHARED = ("kms:Decrypt", "kms:*", "*", "kms:De*", ["kms:DisableKey", "kms:DescribeKey"], "kms:Invented*")
STRANGERS = ({"AWS": OTHER}, {"AWS": f"{THERE}:root"}, {"AWS": [f"{THERE}:role/r", OTHER]})


@pytest.mark.parametrize("action", KEPT, ids=str)
@pytest.mark.parametrize("who", STRANGERS, ids=str)
def test_what_aws_takes_from_the_own_account_alone_is_given_to_nobody_else(who, action):
    change = {"Principal": who, "Action": action}

    assert findings(**change) == [
        "`asked` lets other accounts do only what AWS takes from the owning account"
    ]
    assert remarks(**change) == ["it grants nothing: AWS takes this from callers of the owning account only"]


def test_of_a_bucket_the_same_words_are_said():
    only = {"Principal": {"AWS": OTHER}, "Action": "s3:PutBucketPolicy", "Resource": "arn:aws:s3:::logs"}
    found = lint(read_written(policy(statement("asked", **only))), owner=ACCOUNT)

    assert [str(f.text) for f in found if f.rule == "KP112"] == [
        "`asked` lets other accounts do only what AWS takes from the owning account"
    ]


@pytest.mark.parametrize(
    "change",
    [
        *({"Principal": {"AWS": OTHER}, "Action": action} for action in SHARED),
        {"Principal": {"AWS": [OTHER, ACCOUNT]}, "Action": "kms:DisableKey"},
        {"Principal": {"AWS": "*"}, "Action": "kms:DisableKey"},
        {"Principal": {"AWS": OTHER, **CLOUDTRAIL}, "Action": "kms:DisableKey"},
        {"Principal": {"AWS": OTHER}, "Action": None, "NotAction": "kms:Decrypt"},
        {"Principal": {"AWS": OTHER}, "Action": "kms:DisableKey", "Effect": "Deny"},
        {"Principal": {"AWS": OTHER}, "Action": "kms:DisableKey", "owner": OTHER},
    ],
    ids=str,
)
def test_what_somebody_can_use_is_left_alone(change):
    assert findings(**change) == []


def test_whose_key_it_is_has_to_be_known():
    text = policy(statement("asked", Principal={"AWS": OTHER}, Action="kms:DisableKey"))

    assert "KP112" not in {f.rule for f in lint(read_written(text))}


BY_CONTEXT = (
    "`asked` says by the encryption context alone which trails CloudTrail is let in for: AWS advises "
    "aws:SourceArn beside it"
)
FOREIGN = "`asked` lets CloudTrail in without aws:SourceArn, so a trail that is not yours could use it"


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ({"StringEquals": {CONTEXT: TRAIL}}, [BY_CONTEXT]),
        ({"StringLike": {CONTEXT: TRAILS}}, [BY_CONTEXT]),
        ({"StringLike": {CONTEXT: [TRAILS, TRAILS.replace(ACCOUNT, OTHER)]}}, [BY_CONTEXT]),
        ({"StringLike": {CONTEXT: TRAILS.replace(ACCOUNT, "*")}}, [FOREIGN]),
        ({"StringLike": {CONTEXT: [TRAILS, "arn:aws:cloudtrail:*:*:trail/x"]}}, [FOREIGN]),
        ({"StringNotLike": {CONTEXT: TRAILS}}, [FOREIGN]),
        ({"Null": {CONTEXT: "false"}}, [FOREIGN]),
        ({"StringLike": {CONTEXT: TRAILS}, "StringEquals": {"aws:SourceArn": TRAIL}}, []),
    ],
)
def test_the_encryption_context_may_tell_whose_trails_they_are(condition, expected):
    """AWS: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-kms-key-policy-for-cloudtrail.html."""
    change = {"Principal": CLOUDTRAIL, "Action": "kms:GenerateDataKey*", "Condition": condition}
    text = policy(administration(), statement("asked", **change))

    assert [str(f.text) for f in lint(read_written(text)) if f.rule == "KP106"] == expected
