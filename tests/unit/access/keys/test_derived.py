"""What the engine derives is what the table tells."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from trailseal.access.caller import read_caller
from trailseal.access.facts import facts_of
from trailseal.access.keys.key import SetBy, Travels
from trailseal.access.keys.presence import Presence, presence
from trailseal.access.keys.table import all_keys, find
from trailseal.access.readers.log_object import NOT_HANDED_ON

CALLERS = (
    "arn:aws:iam::111122223333:user/alice",
    "arn:aws:iam::111122223333:role/scan",
    "arn:aws:sts::111122223333:assumed-role/scan/s1",
    "arn:aws:sts::111122223333:federated-user/bob",
    "arn:aws:iam::111122223333:root",
    "cloudtrail.amazonaws.com",
    "anonymous",
)
GIVEN = {
    "aws:SourceArn": ("arn:aws:cloudtrail:eu-west-1:111122223333:trail/prod",),
    "aws:CalledVia": ("athena.amazonaws.com", "s3.amazonaws.com"),
    "kms:EncryptionContext:aws:s3:arn": ("arn:aws:s3:::logs",),
}
ASKED = (
    ("s3:GetObject", "arn:aws:s3:::logs/a"),
    ("kms:Decrypt", "arn:aws:kms:eu-west-1:111122223333:key/k"),
)

GIVEN_TO_KMS = {"kms:viaservice", "kms:encryptionalgorithm"}
"""What only S3's call for a reader of a log file is known to hold."""


def derived(
    caller: str, action: str, resource: str, *, given: Mapping[str, tuple[str, ...]] = GIVEN
) -> set[str]:
    """Return the names of the keys that nobody gave and the engine knows."""
    facts = facts_of(
        read_caller(caller),
        action=action,
        resource=resource,
        resource_account="111122223333",
        given=given,
        derive=True,
        closed=False,
    )
    return set(facts.known) - {name.lower() for name in given}


UNSIGNED = pytest.param(
    "anonymous",
    marks=pytest.mark.xfail(reason="AWS leaves aws:PrincipalIsAWSService out of unsigned requests"),
)


@pytest.mark.parametrize("caller", [*CALLERS[:-1], UNSIGNED])
def test_nothing_is_derived_that_the_requests_of_the_caller_cannot_hold(caller: str) -> None:
    kind = read_caller(caller).kind
    rows = [find(name) for name in derived(caller, *ASKED[1], given={})]

    assert [row.name for row in rows if row and presence(row, kind, on_the_way=True) is Presence.NEVER] == []


@pytest.mark.parametrize("caller", CALLERS)
@pytest.mark.parametrize(("action", "resource"), ASKED, ids=[action for action, _ in ASKED])
def test_whatever_is_derived_the_table_tells(caller: str, action: str, resource: str) -> None:
    rows = {name: find(name) for name in derived(caller, action, resource)}

    assert [name for name, row in rows.items() if row is None or not row.derives] == []


def test_what_the_table_calls_derived_is_derived_for_somebody() -> None:
    told = {key.name.lower() for key in all_keys() if key.derives}
    found = set().union(*(derived(caller, *asked) for caller in CALLERS for asked in ASKED))

    assert told - found == {*GIVEN_TO_KMS, "aws:calledvia", "kms:encryptioncontext:"}


def test_the_keys_of_the_network_that_kms_does_not_see_are_those_of_the_table() -> None:
    network = [key for key in all_keys() if key.service == "aws" and key.set_by is SetBy.NETWORK]

    assert set(NOT_HANDED_ON) == {key.name for key in network if key.travels is Travels.NO}
