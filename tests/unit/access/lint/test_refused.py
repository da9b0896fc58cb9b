from __future__ import annotations

import json
from typing import Any

import pytest

from key_policies import ACCOUNT, administration, console, policy, statement
from trailseal.access.lint.kind import kind_of
from trailseal.access.lint.rules import lint
from trailseal.access.lint.written import LONGEST, read_written
from trailseal.access.parse.kind import PolicyKind

ALICE = {"AWS": f"arn:aws:iam::{ACCOUNT}:user/alice"}
OBJECTS = "arn:aws:s3:::logs/*"


def findings(document: str | dict[str, Any], rule: str) -> list[tuple[str, str, str]]:
    return [(f.statement, str(f.text), str(f.remedy)) for f in lint(read_written(document)) if f.rule == rule]


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        ('"Action": "kms:Decrypt"', '"Action": "sqs:*", "Action": "kms:Decrypt"', "Statement[1].Action"),
        ('"Effect": "Allow", "P', '"Effect": "Deny", "Effect": "Allow", "P', "Statement[0].Effect"),
        ('"Version"', '"Version": "2008-10-17", "Version"', "Version"),
        ('{"AWS": "arn', '{"AWS": "*", "AWS": "arn', "Statement[0].Principal.AWS"),
    ],
    ids=["action", "effect", "version", "principal"],
)
def test_a_name_that_stands_twice_is_refused_with_its_place(old, new, place):
    text = policy(administration(), statement()).replace(old, new, 1)

    told = findings(text, "KP110")

    name = place.rpartition(".")[2]
    assert ("", f"`{name}` appears twice", f"correct `{place}`: AWS refuses a document with it") in told


@pytest.mark.parametrize("name", ["Version", "Statement"])
def test_a_document_that_says_two_things_is_told_once(name):
    text = policy(administration()).replace(f'"{name}"', f'"{name}": "2012-10-17", "{name}"', 1)

    assert [t[:2] for t in findings(text, "KP110")] == [("", f"`{name}` appears twice")]


def test_every_name_that_stands_twice_is_told():
    text = policy(statement(), statement("b")).replace('"Action":', '"Action": "kms:Sign", "Action":')

    assert [t for t in findings(text, "KP110") if "appears twice" in t[1] and not t[0]] == [
        (
            "",
            "`Action` appears twice",
            f"correct `Statement[{n}].Action`: AWS refuses a document with it",
        )
        for n in (0, 1)
    ]


REFUSED = {
    "NotPrincipal with Allow": statement(Principal=None, NotPrincipal=ALICE),
    "an empty list": statement(Principal={"AWS": []}),
    "no such type": statement(Principal={"Amazon": "*"}),
    "an action of no service": statement(Action=["kms:Decrypt", "Decrypt"]),
    "no number": statement(Condition={"NumericEquals": {"aws:MultiFactorAuthAge": "1,2"}}),
    "no date": statement(Condition={"DateLessThan": {"aws:CurrentTime": "2027-13-01"}}),
    "no range": statement(Condition={"IpAddress": {"aws:SourceIp": "10.0.0.0/40"}}),
    "both elements": statement(NotAction="kms:Encrypt"),
    "no principal": statement(Principal=None),
}


@pytest.mark.parametrize("odd", REFUSED.values(), ids=REFUSED)
def test_what_the_strict_reader_refuses_is_told_once(odd):
    told = findings(policy(administration(), odd), "KP110")

    assert [statement for statement, _, _ in told] == ["S"]


@pytest.mark.parametrize(
    "odd",
    [
        statement(Effect="allow"),
        statement(Efect="Allow"),
        statement(Condition={"StringEqual": {"aws:username": "x"}}),
        statement(Principal={"AWS": f"arn:aws:iam::{ACCOUNT}:role/*"}),
    ],
    ids=["effect", "element", "operator", "wildcard"],
)
def test_what_another_rule_tells_of_a_statement_is_not_told_again(odd):
    assert len(findings(policy(administration(), odd), "KP110")) == 1


@pytest.mark.parametrize("text", ["{}", {"Comment": "x"}], ids=["as text", "as a value"])
def test_a_document_element_is_told_once(text):
    document = {"Version": "2012-10-17", "Comment": "x", "Statement": [administration()]}

    told = findings(json.dumps(document) if isinstance(text, str) else document, "KP110")

    assert [t[1] for t in told] == ["`Comment` is not an element of a policy"]


def test_a_version_that_is_none_is_refused():
    told = findings({"Version": "2020-01-01", "Statement": [administration()]}, "KP110")

    assert told == [
        ("", "Version is 2012-10-17 or 2008-10-17", "correct `Version`: AWS refuses a document with it")
    ]


def test_a_bucket_policy_begins_with_its_brace():
    text = "\n" + policy(statement(Action="s3:GetObject", Resource=OBJECTS))

    assert [t[2] for t in findings(text, "KP110")] == [
        "correct the beginning: AWS refuses a document with it"
    ]


@pytest.mark.parametrize(
    ("change", "severity"),
    [
        ({}, ["warning"]),
        ({"Action": "s3:GetObject", "Resource": OBJECTS}, ["note"]),
        ({"Action": "sqs:SendMessage"}, ["note"]),
    ],
    ids=["key", "bucket", "queue"],
)
def test_equal_sids_are_told_as_the_kind_of_policy_takes_them(change, severity):
    text = policy(statement("X", **change), statement("X", **{**change, "Principal": "*"}))

    found = [f for f in lint(read_written(text)) if f.rule == "KP115"]

    assert [f.severity.value for f in found] == severity
    assert [str(f.text) for f in found] == ["the statements #1, #2 all have the Sid `X`"]


def test_iam_refuses_equal_sids():
    bare = statement("X", Principal=None, Action="s3:GetObject", Resource=OBJECTS)

    assert findings(policy(bare, bare), "KP115") == []
    assert [t[1] for t in findings(policy(bare, bare), "KP110")] == ["another statement has this Sid too"]


@pytest.mark.parametrize(
    ("change", "most"),
    [({}, 32_768), ({"Action": "s3:GetObject", "Resource": OBJECTS}, 20_480)],
    ids=["key", "bucket"],
)
def test_a_policy_longer_than_its_kind_may_be_is_told_first(change, most):
    text = policy(*[statement(f"s{n}", **{**change, "Principal": "*"}) for n in range(400)])

    first = lint(read_written(text))[0]

    assert (first.rule, first.severity.value) == ("KP114", "error")
    assert str(most) in str(first.text)


def test_blanks_that_need_not_be_sent_do_not_count():
    text = json.dumps(json.loads(console()), indent=400)

    assert len(text) > 32_768
    assert findings(text, "KP114") == []


def test_of_a_policy_much_longer_than_aws_takes_nothing_else_is_told():
    text = policy(*[statement(f"s{n}", Action=f"kms:X{n}") for n in range(LONGEST // 50)])

    assert [f.rule for f in lint(read_written(text))] == ["KP114", "KP121"]


@pytest.mark.parametrize(
    ("document", "kind"),
    [
        (statement(), PolicyKind.KEY),
        (statement(Action="s3:GetObject", Resource=OBJECTS), PolicyKind.BUCKET),
        (statement(Action="sts:AssumeRole", Resource=None), PolicyKind.TRUST),
        (statement(Action="sqs:SendMessage"), PolicyKind.RESOURCE),
        (statement(Principal=None), PolicyKind.IDENTITY),
        (statement(Effect="Deny", Principal=None, NotPrincipal=ALICE), PolicyKind.KEY),
    ],
)
def test_the_kind_of_a_policy_shows_in_its_actions(document, kind):
    assert kind_of(read_written(policy(document))) is kind
