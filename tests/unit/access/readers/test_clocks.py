"""A date that is past: by this machine's clock and by AWS's, which may be behind it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from msgspec import structs

from story_account import ADMIN, account, document, people, person
from trailseal.access.readers.copies import copies_of
from trailseal.model.copies import Copies
from trailseal.run.who import Supposing, situation

OPEN, POSSIBLE, SHUT = True, False, None
NOW = account().taken_at


def looked_up(condition: dict[str, Any]) -> bool | None:
    """Return whether who may look up events on a condition is a sure reader of the Event history."""
    statement = {"Effect": "Allow", "Action": "cloudtrail:LookupEvents", "Resource": "*"}
    ana = person("ana", document({**statement, "Condition": condition}))
    snapshot = structs.replace(account(principals=(*people(), ana)), copies=Copies())
    found = copies_of(snapshot, snapshot.trails[0], *situation(snapshot, snapshot.trails[0], Supposing()))
    assert found is not None
    readers = {r.principal: r.is_sure for r in found.copies[0].readers}
    assert readers[ADMIN]
    return readers.get(ana.arn)


@pytest.mark.parametrize(
    ("minutes", "until", "since"),
    [
        (-16, SHUT, OPEN),
        (-14, POSSIBLE, POSSIBLE),
        (0, POSSIBLE, POSSIBLE),
        (1, POSSIBLE, POSSIBLE),
    ],
)
def test_a_date_is_past_where_it_is_so_by_either_clock(
    minutes: int, *, until: bool | None, since: bool | None
) -> None:
    date = (NOW + timedelta(minutes=minutes)).strftime("%Y-%m-%dT%H:%M:%SZ")

    assert looked_up({"DateLessThan": {"aws:CurrentTime": date}}) is until
    assert looked_up({"DateGreaterThan": {"aws:CurrentTime": date}}) is since
