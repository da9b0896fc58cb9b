"""What SSE-KMS would cost is told of every account, whatever of it could be read."""

from __future__ import annotations

import io
from typing import Any

import pytest

from plan_estate import DENIED, KEY, snapshot, trail
from trailseal.run.explain import explain_account
from trailseal.view.explain import print_explanation
from trailseal.view.terminal import Terminal

ACCOUNTS: dict[str, dict[str, Any]] = {
    "trails that were not read": {"trails": (), "unreadable": (DENIED,), "buckets": (), "deliveries": ()},
    "no trail": {"trails": (), "buckets": (), "deliveries": ()},
    "a trail on SSE-S3": {},
    "a bucket that was not read": {"buckets": ()},
    "a trail on SSE-KMS": {"trails": (trail(kms_key_id=KEY),)},
}


@pytest.mark.parametrize("account", ACCOUNTS, ids=ACCOUNTS)
def test_a_key_costs_its_month_whatever_is_known(account: str) -> None:
    told = explain_account(snapshot(**ACCOUNTS[account]))
    out = io.StringIO()
    print_explanation(told, Terminal(file=out, width=10_000))

    assert told.cost.per_month.low >= 1
    assert told.cost.new_keys == (account != "a trail on SSE-KMS")
    assert any("could not be read" in str(each) for each in told.here) == (
        account == "trails that were not read"
    )
    assert out.getvalue().splitlines()[-1] == "Next: trailseal cost"
