"""What every check says of a Region that takes no credentials, and TS106 of one that may deliver on."""

from __future__ import annotations

import pytest
from msgspec import structs

from plan_estate import ACCOUNT, BUCKET, NOW, TRAIL, log_file, snapshot, trail
from trailseal.controls.catalogue import judge
from trailseal.model.region_off import AS_IF_OFF
from trailseal.model.snapshot import Delivery
from trailseal.model.trail import UnreadTrail
from trailseal.model.unreadable import Unreadable

OFF = "me-south-1"
SAID = f"not known: {OFF} takes no credentials of this account"


def refused(code, where=OFF):
    return Unreadable(call="cloudtrail:GetTrailStatus", code=code, where=where)


def delivered(region, *, prefix=""):
    stored = structs.replace(log_file(NOW), key=prefix + log_file(NOW).key)
    return Delivery(bucket=BUCKET, account=ACCOUNT, region=region, log_file=stored)


@pytest.mark.parametrize("code", sorted(AS_IF_OFF))
def test_each_check_of_an_unread_trail_names_its_region(code):
    arn = TRAIL.replace(TRAIL.split(":")[3], OFF)
    reason = refused(code, arn)
    seen = snapshot(trails=(UnreadTrail(arn=arn, name="t", home_region=OFF, reason=reason),))
    found = list(judge(seen, frozenset({"CloudTrail.2", "TS106", "TS108"})))

    assert len(found) == 3
    assert {str(each.text) for each in found} == {
        f"{SAID} (AWS answered {code} to cloudtrail:GetTrailStatus)"
    }
    assert all(each.missing == (reason,) for each in found)


@pytest.mark.parametrize(
    ("deliveries", "goes_on"),
    [
        ((), ""),
        ((delivered("ap-northeast-1"),), ""),
        ((delivered(OFF, prefix="others/"),), ""),
        ((delivered(OFF),), f", and the newest file is of {NOW:%Y-%m-%dT%H:%M:%SZ}"),
    ],
    ids=["nothing lies there", "of another Region", "of another trail", "delivered on"],
)
def test_a_region_that_is_off_may_deliver_on(deliveries, goes_on):
    watched = trail(home_region=OFF, statuses=(refused("UnrecognizedClientException"),))
    (found,) = judge(snapshot(trails=(watched,), deliveries=deliveries), frozenset({"TS106"}))

    assert (found.verdict.value, found.region) == ("unknown", OFF)
    assert str(found.text) == (
        f"{SAID}, so that its status cannot be asked; CloudTrail goes on delivering from a Region that was "
        f"switched off{goes_on}"
    )
