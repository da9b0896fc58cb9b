"""Calls of STS that a kind of credentials cannot make: the reason is true of the call that is asked about."""

from __future__ import annotations

import pytest

from trailseal.access.actions import ACTIONS
from trailseal.access.evaluate import authorize
from trailseal.access.request import Policies, Request

A = "123456789012"
ALL = '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}'
USER, ROLE = f"arn:aws:iam::{A}:user/u", f"arn:aws:sts::{A}:assumed-role/r/s"
FEDERATED = f"arn:aws:sts::{A}:federated-user/f"
LONG_TERM = {"GetSessionToken", "GetFederationToken"}


def reason(principal: str, name: str, **context: tuple[str, ...]) -> str:
    """Return why the caller cannot make the call, "" where that hangs on policies."""
    given = {key.replace("_", ":"): value for key, value in context.items()}
    asked = Request(principal=principal, action=f"sts:{name}", resource="*", context=given)
    decision = authorize(asked, Policies(identity=(ALL,), session=ALL))
    found = [str(r.detail) for r in decision.reasons if (r.layer, r.outcome) == ("request", "missing")]
    return "".join(found)


@pytest.mark.parametrize("name", sorted(ACTIONS["sts"]))
def test_a_federated_user_is_told_that_it_calls_nothing_of_sts(name):
    expected = "" if name == "GetCallerIdentity" else "a federated user can call nothing of STS but"

    assert reason(FEDERATED, name).startswith(expected)
    assert bool(reason(FEDERATED, name)) is bool(expected)


@pytest.mark.parametrize("name", sorted(ACTIONS["sts"]))
def test_sessions_are_told_what_takes_long_term_keys(name):
    told = reason(ROLE, name), reason(USER, name, aws_TokenIssueTime=("2026-11-28T00:00:00Z",))

    assert all(text.endswith("with their long-term keys") is (name in LONG_TERM) for text in told)
