"""Whose the organization's trails are to change, and where that is not told."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from trailseal.aws.organization import ADMINISTRATORS, read_organization
from trailseal.model.organization import Organization
from trailseal.model.unreadable import Unreadable

NOBODYS = "You don't have permissions to access this resource."
LACKING = f"User: arn:aws:iam::111122223333:user/a is not authorized to perform: {ADMINISTRATORS} on: *"


class Organizations:
    """An organization whose administrators are told, or refused with a code and words."""

    def __init__(self, code: str = "", said: str = "") -> None:
        self._error: Any = {"Code": code, "Message": said}

    def describe_organization(self) -> dict[str, Any]:
        return {"Organization": {"Id": "o-abc1234567", "MasterAccountId": "111122223333"}}

    def get_paginator(self, name: str) -> Organizations:
        assert name == "list_delegated_administrators"
        return self

    def paginate(self, **_: str) -> list[dict[str, Any]]:
        if self._error["Code"]:
            raise ClientError({"Error": self._error}, "ListDelegatedAdministrators")
        return [{"DelegatedAdministrators": [{"Id": "444455556666"}]}]


@pytest.mark.parametrize(
    ("code", "said", "told"),
    [
        ("", "", ("444455556666",)),
        ("AccessDeniedException", NOBODYS, ()),
        ("AccessDeniedException", LACKING, None),
        ("TooManyRequestsException", "", None),
    ],
)
def test_a_refusal_names_no_administrators_only_where_it_is_not_for_want_of_a_permission(
    code: str, said: str, told: tuple[str, ...] | None
) -> None:
    found = read_organization(Organizations(code, said))

    assert isinstance(found, Organization)
    if told is None:
        assert isinstance(found.cloudtrail_administrators, Unreadable)
        assert found.cloudtrail_administrators.call == ADMINISTRATORS
        assert found.administrators == ("111122223333",)
    else:
        assert found.cloudtrail_administrators == told
        assert found.administrators == ("111122223333", *told)


def test_administrators_that_nobody_asks_for_are_not_listed() -> None:
    found = read_organization(Organizations("AccessDeniedException", LACKING), administrators=False)

    assert isinstance(found, Organization)
    assert found.cloudtrail_administrators == ()
