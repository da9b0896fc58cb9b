"""What is a caller, and what none: a line that asks, a statement that names, and the engine say the same."""

from __future__ import annotations

import pytest

from trailseal.access.caller import read_caller
from trailseal.access.one_request import problem_of
from trailseal.access.parse.kind import PolicyKind
from trailseal.access.parse.principal import read_principal
from trailseal.access.parse.problem import InvalidPolicyError
from trailseal.access.request import Request

IAM, STS = "arn:aws:iam::123456789012:", "arn:aws:sts::123456789012:"


def may_ask(text):
    return problem_of(Request(principal=text, action="kms:Decrypt", resource="*")) is None


def may_be_named(kind, text):
    try:
        read_principal({"Principal": {kind: text}}, "S", PolicyKind.BUCKET, allows=True)
    except InvalidPolicyError:
        return False
    return True


def is_a_caller(text):
    try:
        read_caller(text)
    except ValueError:
        return False
    return True


SERVICES = {
    "cloudtrail.amazonaws.com": True,
    "logs.eu-west-1.amazonaws.com": True,
    "cloudtrail": False,
    "a_b.amazonaws.com": False,
    ".amazonaws.com": False,
    "a..com": False,
    "é.amazonaws.com": False,
}


@pytest.mark.parametrize(("text", "is_one"), SERVICES.items(), ids=list(SERVICES))
def test_a_service_is_one_everywhere(text, is_one):
    assert (may_ask(text), may_be_named("Service", text), is_a_caller(text)) == (is_one,) * 3


CALLERS = {
    f"{IAM}root": True,
    f"{IAM}user/a:b/c": True,
    f"{IAM}role/a:b/c/d": True,
    f"{STS}assumed-role/r/s@example.com": True,
    f"{STS}federated-user/f": True,
    f"{IAM}user/a:b": False,
    f"{STS}federated-user/a:b": False,
    f"{STS}assumed-role/r:s/t": False,
    f"{IAM.replace('123456789012', '١' * 12)}user/a": False,
}


@pytest.mark.parametrize(("text", "is_one"), CALLERS.items(), ids=list(CALLERS))
def test_an_arn_that_may_ask_may_be_named(text, is_one):
    assert (may_ask(text), may_be_named("AWS", text)) == (is_one, is_one)


@pytest.mark.parametrize("text", [f"{IAM}role/aws:ec2", f"{STS}assumed-role/aws:ec2/i-0"])
def test_a_role_of_aws_asks_and_is_not_named(text):
    assert (may_ask(text), may_be_named("AWS", text)) == (True, False)
