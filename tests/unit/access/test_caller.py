"""What an ARN tells of who calls, and what is no caller at all."""

from __future__ import annotations

import pytest
from msgspec import structs

from trailseal.access.caller import CallerKind, read_caller
from trailseal.access.decision import Effect
from trailseal.access.evaluate import authorize
from trailseal.access.request import Policies, Request
from trailseal.model.arn import Arn

SESSION = "arn:aws:sts::123456789012:assumed-role/Role1/User1"
ROLE = "arn:aws:iam::123456789012:role/team/Role1"


@pytest.mark.parametrize(
    "text",
    [
        "nobody",
        "arn:aws:iam::123456789012:group/g",
        "arn:aws:iam::123456789012:user/",
        "arn:aws:sts::123456789012:assumed-role/Role1",
        "arn:aws:sts::123456789012:assumed-role/Role1/",
        "arn:aws:iam:::user/u",
    ],
)
def test_what_is_no_caller_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        read_caller(text)

    asked = Request(principal=text, action="s3:GetObject", resource="arn:aws:s3:::b/k")
    assert authorize(asked, Policies()).effect is Effect.INVALID


def test_the_role_of_a_session_is_one_of_a_set_until_it_is_told() -> None:
    caller = read_caller(SESSION)

    assert caller.roles == (
        "arn:aws:iam::123456789012:role/Role1",
        "arn:aws:iam::123456789012:role/*/Role1",
    )
    assert structs.replace(caller, role=ROLE).roles == (ROLE,)
    assert read_caller(ROLE).roles == ()
    assert read_caller(ROLE).kind is CallerKind.ROLE


def test_a_resource_without_a_type_has_none() -> None:
    assert Arn.parse("arn:aws:s3:::trail-logs").resource_type == ""
    assert Arn.parse(ROLE).resource_type == "role"
