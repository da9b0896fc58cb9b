"""kms:CallerAccount is derived for the operations whose requests hold it, by the table of keys alone."""

from __future__ import annotations

import pytest

from trailseal.access.caller import read_caller
from trailseal.access.derived_facts import facts_of
from trailseal.access.facts import Lack

ACCOUNT = "123456789012"
ALICE = f"arn:aws:iam::{ACCOUNT}:user/alice"
HOLD = "CreateAlias CreateKey Decrypt DescribeCustomKeyStores GenerateDataKey GetKeyPolicy ReEncryptFrom"
DO_NOT = "GenerateRandom ListAliases ListKeys ListRetirableGrants"


def told(action: str, *, closed: bool) -> object:
    found = facts_of(
        read_caller(ALICE),
        action=action,
        resource="*",
        resource_account=ACCOUNT,
        given={},
        derive=True,
        closed=closed,
    )
    return found.get("kms:calleraccount")


@pytest.mark.parametrize("closed", [True, False])
@pytest.mark.parametrize("name", HOLD.split())
def test_a_request_on_a_key_or_a_store_holds_the_callers_account(name, closed):
    assert told(f"kms:{name}", closed=closed) == (ACCOUNT,)
    assert told(f"KMS:{name.lower()}", closed=closed) == (ACCOUNT,)


@pytest.mark.parametrize("closed", [True, False])
@pytest.mark.parametrize("action", [*(f"kms:{name}" for name in DO_NOT.split()), "s3:GetObject"])
def test_no_other_request_does(action, closed):
    assert told(action, closed=closed) is Lack.ABSENT
