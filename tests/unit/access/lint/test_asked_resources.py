"""Whatever way a statement names its resources, it is asked about one that it names."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest

from key_policies import ACCOUNT, administration, policy, statement
from rows import each_row
from trailseal.access.decision import Effect
from trailseal.access.evaluate import authorize
from trailseal.access.lint.rules import lint
from trailseal.access.lint.written import read_written
from trailseal.access.request import Policies, Request

PARTS = ("arn", "aws", "kms", "eu-central-1", ACCOUNT, "key/1234abcd-12ab-34cd-56ef-1234567890ab")
KEY, ALIAS, BUCKET = ":".join(PARTS), ":".join((*PARTS[:5], "alias/logs")), "arn:aws:s3:::trail-logs"
NAMES = ("*", "key/*", "key/1234*", "key*", "k*", "????*", "*/1234abcd-*", "*890ab", "k*ab", PARTS[5])
REGIONS, ACCOUNTS = ("*", "eu-*", PARTS[3]), ("*", "1234*", ACCOUNT)
WHOLE = [
    ":".join((*PARTS[:3], region, account, name))
    for region, account, name in product(REGIONS, ACCOUNTS, NAMES)
]
SHORT = [":".join((*PARTS[:n], "*")) for n in range(1, 5)]
OTHERS = ("alias/*", "key", "alias/*key/*", "?key/1")
NO_KEY = (ALIAS, BUCKET, f"{BUCKET}/key/1", *(":".join((*PARTS[:5], name)) for name in OTHERS))
ENDLESS = ":".join((*PARTS[:5], "*a" + 30 * "?"))
VARIABLES = (
    "${aws:username}/*",
    "${aws:PrincipalAccount}/x",
    "a/${aws:userid, 'x'}",
    "a${*}b",
    "a/${aws:x}*",
)
EVERYBODY: dict[str, Any] = {"Principal": {"AWS": "*"}}


def found(*rules: str, **change: Any) -> set[str]:
    text = policy(administration(), statement("asked", **{**EVERYBODY, **change}))
    return {f.rule for f in lint(read_written(text)) if f.statement == "asked"} & set(rules)


def lets_in(**change: Any) -> bool:
    """Whether the engine lets a stranger use a real key, or may."""
    asked = Request(principal="arn:aws:iam::444455556666:user/x", action="kms:Decrypt", resource=KEY)
    everything = policy({"Effect": "Allow", "Action": "*", "Resource": "*"})
    given = Policies(resource=policy(statement(**{**EVERYBODY, **change})), identity=(everything,))
    return authorize(asked, given, stored=True).effect in {Effect.ALLOWED, Effect.UNKNOWN}


@pytest.mark.sweep
@each_row("resource", ["*", "**", "?*", "*:key/*", *SHORT, *WHOLE])
def test_a_statement_for_everybody_is_open_however_it_names_keys(resource):
    assert lets_in(Resource=resource)
    for named in (resource, [ALIAS, resource], [BUCKET, resource], [resource, ALIAS]):
        assert found("KP104", "KP112", Resource=named) == {"KP104"}, named


@pytest.mark.parametrize("resource", NO_KEY)
def test_what_is_no_key_does_nothing_in_a_key_policy(resource):
    assert not lets_in(Resource=resource)
    assert found("KP104", "KP112", Resource=resource) == {"KP112"}


@pytest.mark.parametrize("resource", [ALIAS, BUCKET, KEY, ":".join((*PARTS[:3], "us-east-1", "*", "*"))])
def test_every_key_but_some_leaves_others(resource):
    assert found("KP104", Resource=None, NotResource=resource) == {"KP104"}


@pytest.mark.parametrize("resource", ["*", "arn:aws:kms:*:*:key/*"])
def test_every_key_but_all_leaves_none(resource):
    assert found("KP104", Resource=None, NotResource=resource) == set()


@pytest.mark.parametrize("name", VARIABLES)
@pytest.mark.parametrize("others", [(), (BUCKET,)])
def test_objects_by_a_variable_are_somebodys(name, others):
    change = {"Action": "s3:GetObject", "Resource": [f"{BUCKET}/{name}", *others]}

    assert found("KP104", **change) == {"KP104"}


def test_a_variable_where_none_can_stand_is_not_taken_for_anything():
    change = {"Action": "s3:GetObject", "Resource": "arn:aws:s3:${aws:username}"}

    assert found("KP104", **change) == {"KP104"}
    assert found("KP104", Resource=None, NotResource="arn:aws:kms:*:*:${aws:username}") == {"KP104"}


@pytest.mark.parametrize("resource", [KEY, [ALIAS, KEY], *WHOLE[:8]])
def test_an_administrator_of_one_key_keeps_it(resource):
    admin = statement("asked", Principal={"AWS": f"arn:aws:iam::{ACCOUNT}:role/a"}, Action="kms:*")

    rules = [f.rule for f in lint(read_written(policy({**admin, "Resource": resource})))]

    assert "KP107" not in rules


def test_a_deny_that_names_something_else_first_stops_cloudtrail_all_the_same():
    deny = statement("no", Effect="Deny", **EVERYBODY, Resource=[ALIAS, "*"])
    allow = statement(
        "trail", Principal={"Service": "cloudtrail.amazonaws.com"}, Action="kms:GenerateDataKey*"
    )
    text = policy(administration(), allow, {**deny, "Action": "kms:GenerateDataKey*"})

    assert ("KP119", "no") in {(f.rule, f.statement) for f in lint(read_written(text))}


def test_a_pattern_that_cannot_be_told_is_not_called_dead():
    assert found("KP112", Resource=ENDLESS) == set()


@pytest.mark.parametrize("action", ["*", "*:*", "s3:*", "s3:GetObject", "?*"])
@pytest.mark.parametrize("resource", [f"{BUCKET}/*", [BUCKET, f"{BUCKET}/*"], "arn:aws:s3:::*"])
def test_a_bucket_open_by_every_action_is_open_and_is_no_key(action, resource):
    text = policy(statement("asked", **EVERYBODY, Action=action, Resource=resource))

    rules = {f.rule for f in lint(read_written(text))}

    assert "KP104" in rules
    assert "KP107" not in rules


@pytest.mark.parametrize("action", ["sts:AssumeRole", ["sts:AssumeRole", "sts:TagSession"], "sts:*"])
def test_a_role_that_everybody_may_assume_is_open(action):
    text = policy(statement("asked", **EVERYBODY, Action=action, Resource=None))

    assert {f.rule for f in lint(read_written(text))} & {"KP104", "KP112"} == {"KP104"}


@pytest.mark.parametrize("resource", [None, ALIAS])
def test_a_key_whose_only_statement_does_nothing_is_lost(resource):
    text = policy(statement("asked", Action="kms:*", Resource=resource))

    assert {f.rule for f in lint(read_written(text))} & {"KP107", "KP112"} == {"KP107", "KP112"}


PARTITIONS = {
    "aws": "us-east-1",
    "aws-cn": "cn-north-1",
    "aws-us-gov": "us-gov-west-1",
    "aws-eusc": "eusc-de-east-1",
}


def is_open(*others: dict[str, Any], **change: Any) -> bool:
    text = policy(*others, statement("asked", **{**EVERYBODY, **change}))
    return any(f.rule == "KP104" for f in lint(read_written(text)) if f.statement == "asked")


@pytest.mark.parametrize(("partition", "region"), PARTITIONS.items())
def test_strangers_are_of_the_partition_that_some_arn_of_the_policy_tells(partition, region):
    key, user = f"arn:{partition}:kms:{region}:{ACCOUNT}:key/*", f"arn:{partition}:iam::{ACCOUNT}:user/x"
    bucket = f"arn:{partition}:s3:::trail-logs"
    near = {"ArnLike": {"aws:PrincipalArn": f"arn:{partition}:iam::*:user/*"}}

    assert is_open(Resource=key)
    assert is_open(Resource=["*", key], Condition=near)
    assert is_open(Condition=near)
    assert is_open(Action="s3:PutBucketAcl", Resource=bucket)
    assert is_open(Action="s3:PutBucketAcl", Resource=["arn:*:s3:::x", bucket])
    assert is_open(statement(Principal={"AWS": user}))
    assert not is_open(Action="kms:TagResource", Resource=key)
