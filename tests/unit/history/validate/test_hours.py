"""Every hour of generated estates, against what was done to them."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from functools import cache

import pytest

from history_estate import HOUR, START
from hour_estates import FROM, State, Truth, made
from trailseal.errors import ExitCode
from trailseal.history.rules.hours import RANK, HourCounts, HourState, Span, Why, counted_hours
from trailseal.history.rules.validation import Validation
from trailseal.history.validate.validator import Validator

GOOD = {HourState.PROVEN, HourState.NOTHING_LOGGED}
NOTHING = {HourState.NOT_KNOWN, HourState.NOTHING_LOGGED, HourState.NOT_DUE}
"""Where neither a file nor a word of CloudTrail is there, no chain is told of."""
SEEDS = range(FROM, FROM + 240)
AT_ONCE = 40


def states(spans: tuple[Span, ...]) -> dict[datetime, State]:
    """Return the state of each hour that spans on the hour tell."""
    found: dict[datetime, State] = {}
    for span in spans:
        hour = span.start
        while hour < span.end:
            found[hour] = (span.state, span.why)
            hour += HOUR
    return found


@cache
def judged(seed: int) -> tuple[Validation, dict[datetime, State]]:
    estate = made(seed)
    validation = Validator(objects=estate.objects, service=estate.service).run(estate.place, estate.window)
    return validation, Truth(estate).hours()


@pytest.mark.sweep
@pytest.mark.parametrize("first", SEEDS[::AT_ONCE])
def test_every_hour_ends_as_what_was_done_to_it_says(first: int) -> None:
    for seed in range(first, first + AT_ONCE):
        validation, true = judged(seed)
        if not validation.chains:
            assert {state for state, _ in true.values()} <= NOTHING, seed
            continue
        found = states(validation.chains[0].spans)

        different = {hour: (found.get(hour), true[hour]) for hour in true if found.get(hour) != true[hour]}
        assert (different, set(found)) == ({}, set(true)), seed


@pytest.mark.parametrize("first", SEEDS[::AT_ONCE])
def test_valid_is_said_only_where_every_hour_is_proven_or_empty(first: int) -> None:
    for seed in range(first, first + AT_ONCE):
        validation, true = judged(seed)
        worst = min((state for state, _ in true.values()), key=RANK.__getitem__)
        unread = any(why is Why.UNREADABLE for _, why in true.values())

        if worst in {HourState.NOT_PROVEN, HourState.NOT_KNOWN}:
            assert validation.exit_code is not ExitCode.CLEAN, seed
        if validation.chains and (unread or any(state is HourState.NOT_KNOWN for state, _ in true.values())):
            assert validation.exit_code is ExitCode.INCOMPLETE, seed
        if validation.exit_code is ExitCode.CLEAN:
            assert {state for state, _ in true.values()} <= {*GOOD, HourState.NOT_DUE}, seed


def test_hours_are_counted_by_the_clock_and_the_worse_state_stands() -> None:
    for seed in SEEDS[:AT_ONCE]:
        validation, true = judged(seed)
        counted = Counter(state for state, _ in true.values())
        hours = validation.hours

        assert not validation.chains or counted == Counter(
            {
                HourState.PROVEN: hours.proven,
                HourState.NOT_PROVEN: hours.not_proven,
                HourState.NOTHING_LOGGED: hours.nothing_logged,
                HourState.NOT_KNOWN: hours.not_known,
                HourState.NOT_DUE: hours.not_due,
            }
        ), seed


def test_an_hour_that_two_spans_share_ends_as_the_worse_one() -> None:
    spans = (
        Span(start=START, end=START + 3 * HOUR / 2, state=HourState.PROVEN),
        Span(start=START + 3 * HOUR / 2, end=START + 9 * HOUR / 2, state=HourState.NOT_PROVEN),
        Span(start=START + 9 * HOUR / 2, end=START + 5 * HOUR, state=HourState.NOTHING_LOGGED),
    )

    assert counted_hours(spans) == HourCounts(proven=1, not_proven=4)
