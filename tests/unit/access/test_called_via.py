"""What is told of the services that a call went through tells that it went through one."""

from __future__ import annotations

import pytest

from trailseal.access.caller import read_caller
from trailseal.access.derived_facts import facts_of
from trailseal.access.facts import THERE, TRUE_OR_FALSE, Lack, OneOf, Value

ATHENA, S3 = "athena.amazonaws.com", "s3.amazonaws.com"
CHAIN, FIRST, LAST = "aws:CalledVia", "aws:CalledViaFirst", "aws:CalledViaLast"
DIRECT, BY_ONE = ("false",), ("true",)


@pytest.mark.parametrize("closed", [False, True])
@pytest.mark.parametrize(
    ("given", "via", "chain", "first", "last"),
    [
        ({}, DIRECT, None, None, None),
        ({CHAIN: (ATHENA, S3)}, BY_ONE, (ATHENA, S3), (ATHENA,), (S3,)),
        ({FIRST: (ATHENA,)}, BY_ONE, OneOf(("*",), among=(ATHENA,)), (ATHENA,), THERE),
        ({LAST: (S3,)}, BY_ONE, OneOf(("*",), among=(S3,)), THERE, (S3,)),
        ({FIRST: (ATHENA,), LAST: (S3,)}, BY_ONE, OneOf(("*",), among=(ATHENA, S3)), (ATHENA,), (S3,)),
        ({FIRST: (S3,), LAST: (S3,)}, BY_ONE, OneOf(("*",), among=(S3,)), (S3,), (S3,)),
        ({FIRST: Lack.UNKNOWN}, TRUE_OR_FALSE, None, Lack.UNKNOWN, None),
        ({LAST: Lack.UNKNOWN, FIRST: (S3,)}, BY_ONE, OneOf(("*",), among=(S3,)), (S3,), Lack.UNKNOWN),
        ({FIRST: (), LAST: Lack.ABSENT}, DIRECT, None, (), Lack.ABSENT),
        ({FIRST: (S3,), "aws:ViaAWSService": DIRECT}, DIRECT, None, (S3,), None),
    ],
)
def test_the_ends_of_the_chain_tell_of_it(
    given: dict[str, Value], via: Value, chain: Value, first: Value, last: Value, *, closed: bool
) -> None:
    found = facts_of(
        read_caller("arn:aws:iam::123456789012:user/a"),
        action="s3:GetObject",
        resource="arn:aws:s3:::b/a",
        resource_account="123456789012",
        given=given,
        derive=True,
        closed=closed,
    ).known

    assert found["aws:viaawsservice"] == via
    assert [found.get(key.lower()) for key in (CHAIN, FIRST, LAST)] == [chain, first, last]
