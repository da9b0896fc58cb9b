"""Whose requests hold which condition key."""

from __future__ import annotations

import pytest

from trailseal.access.caller import CallerKind
from trailseal.access.keys.key import There
from trailseal.access.keys.presence import CERTAIN, POSSIBLE, Presence, presence
from trailseal.access.keys.table import find


def told(name: str, kind: CallerKind, *, on_the_way: bool = False) -> Presence:
    """Return the presence of a listed key."""
    key = find(name)
    assert key is not None
    return presence(key, kind, on_the_way=on_the_way)


@pytest.mark.parametrize(
    ("name", "certain", "possible"),
    [
        ("aws:ViaAWSService", "user role session federated root service anonymous", ""),
        ("aws:PrincipalIsAWSService", "user role session federated root service", ""),
        ("aws:PrincipalArn", "user role session federated root", ""),
        ("aws:PrincipalOrgID", "", "user role session federated root"),
        ("aws:PrincipalTag/team", "", "user role session federated root"),
        ("aws:username", "user", ""),
        ("aws:TokenIssueTime", "role session federated", "user root"),
        ("aws:MultiFactorAuthPresent", "", "user role session federated root"),
        ("lambda:SourceFunctionArn", "", "role session federated"),
        ("aws:PrincipalServiceName", "service", ""),
        ("aws:SourceArn", "", "service"),
        ("aws:CalledVia", "", ""),
        ("aws:SourceIp", "", "user role session federated root service anonymous"),
        ("s3:prefix", "", "user role session federated root service anonymous"),
        ("aws:RequestTag/team", "", "user role session federated root service anonymous"),
    ],
)
def test_a_key_is_in_the_requests_that_aws_names(name: str, certain: str, possible: str) -> None:
    found = {kind: told(name, kind) for kind in CallerKind}

    assert {kind for kind in found if found[kind] is Presence.CERTAIN} == set(certain.split())
    assert {kind for kind in found if found[kind] is Presence.POSSIBLE} == set(possible.split())


@pytest.mark.parametrize("name", ["aws:CalledVia", "kms:ViaService"])
def test_a_service_on_the_way_may_bring_its_keys_for_whoever_signs(name: str) -> None:
    assert told(name, CallerKind.SESSION, on_the_way=True) is Presence.POSSIBLE
    assert told(name, CallerKind.SERVICE, on_the_way=True) is Presence.POSSIBLE
    assert told(name, CallerKind.ANONYMOUS, on_the_way=True) is Presence.NEVER


def test_a_service_on_the_way_changes_nothing_for_the_callers_own_keys() -> None:
    assert told("aws:username", CallerKind.USER, on_the_way=True) is Presence.CERTAIN


def test_what_a_token_holds_is_certain_on_the_way_only_where_it_is_handed_on() -> None:
    assert told("aws:TokenIssueTime", CallerKind.SESSION) is Presence.CERTAIN
    assert told("aws:TokenIssueTime", CallerKind.SESSION, on_the_way=True) is Presence.POSSIBLE


def test_every_way_of_being_there_is_told() -> None:
    assert set(CERTAIN) | set(POSSIBLE) == set(There)
    assert all(not kinds & POSSIBLE.get(there, frozenset()) for there, kinds in CERTAIN.items())
