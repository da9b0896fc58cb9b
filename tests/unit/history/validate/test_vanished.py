"""A Region of which an intruder deleted everything, log files and digest files and folders."""

from __future__ import annotations

from datetime import datetime

import pytest
from msgspec import structs

from history_estate import ACCOUNT, BUCKET, HOUR, PLACE, START, MemoryObjects, MemoryTrailService, estate
from trailseal.errors import ExitCode
from trailseal.history.rules.hours import HourState, Why
from trailseal.history.rules.validation import Validation, Window
from trailseal.history.validate.validator import Validator
from trailseal.model.trail_place import TrailPlace
from trailseal.model.unreadable import Unreadable

HOURS = 5
END = START + HOURS * HOUR
EVERYWHERE = structs.replace(PLACE, multi_region=True)
GONE = "eu-west-1"
WHOLE = Window(start=START, end=END, until=END, due=END)
OFF = Unreadable(call="cloudtrail:GetTrailStatus", code="UnrecognizedClientException", where=GONE)


def validate(
    *,
    delivered: datetime | Unreadable = END,
    place: TrailPlace = EVERYWHERE,
    window: Window = WHOLE,
    harmed: bool = False,
) -> Validation:
    bucket = estate(hours=HOURS)
    if harmed:
        del bucket[next(key for key in bucket if "/CloudTrail/" in key)]
    service = MemoryTrailService(END, elsewhere={GONE: delivered})
    return Validator(objects=MemoryObjects(**{BUCKET: bucket}), service=service).run(place, window)


@pytest.mark.parametrize("accounts", [(), (ACCOUNT,)])
def test_a_region_of_which_nothing_is_left_is_missing_where_cloudtrail_delivered(
    accounts: tuple[str, ...],
) -> None:
    found = validate(window=structs.replace(WHOLE, accounts=accounts))

    (span, *more) = next(chain.spans for chain in found.chains if chain.chain.region == GONE)
    assert found.exit_code is not ExitCode.CLEAN
    assert HourState.NOT_PROVEN in {each.state for each in (span, *more)}
    assert {each.why for each in (span, *more)} <= {Why.MISSING, Why.NONE_HERE}
    assert found.hours.proven == HOURS


@pytest.mark.parametrize(
    ("delivered", "changed"),
    [
        pytest.param(OFF, {}, id="the Region is off"),
        pytest.param(
            structs.replace(OFF, code="EndpointConnectionError"), {}, id="CloudTrail is not in the Region"
        ),
        pytest.param(None, {}, id="it never delivered there"),
        pytest.param(START - HOUR, {}, id="it delivered there before the window alone"),
        pytest.param(END, {"place": PLACE}, id="the trail is of one Region"),
        pytest.param(END, {"place": structs.replace(EVERYWHERE, told=False)}, id="the trail is gone"),
        pytest.param(
            END, {"window": structs.replace(WHOLE, regions=(PLACE.home_region,))}, id="other Regions"
        ),
        pytest.param(END, {"window": structs.replace(WHOLE, accounts=("2" * 12,))}, id="other accounts"),
        pytest.param(END, {"harmed": True}, id="something else is wrong already"),
    ],
)
def test_nothing_is_expected_elsewhere(delivered: object, changed: dict[str, object]) -> None:
    found = validate(delivered=delivered, **changed)  # type: ignore[arg-type]

    assert GONE not in {chain.chain.region for chain in found.chains}
    assert found.not_asked == []


def test_a_region_that_refuses_to_say_is_no_region_that_never_delivered() -> None:
    denied = structs.replace(OFF, code="AccessDeniedException")
    found = validate(delivered=denied)

    assert any("GetTrailStatus eu-west-1" in each for each in found.not_asked)
    assert found.exit_code is ExitCode.INCOMPLETE
