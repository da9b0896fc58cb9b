"""What is told of a run, and how an apply without steps, or without a trail to turn, ends."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec import structs

from plan_estate import (
    ACCOUNT,
    DENIED,
    KEY,
    NOW,
    TRAIL,
    MemoryJournal,
    World,
    key,
    other_trail,
    plan_of,
    ports_for,
    snapshot,
    trail,
)
from trailseal.model.key import KeyPolicies, KeyState
from trailseal.plan.intent import WantedReaders
from trailseal.plan.key_policy import KeyUse, least_policy
from trailseal.plan.plan import Plan
from trailseal.run.apply import apply
from trailseal.run.outcome import Outcome, look_afterwards
from trailseal.run.runs import list_runs

ALICE = f"arn:aws:iam::{ACCOUNT}:user/alice"
SERVING = least_policy(KeyUse(account=ACCOUNT, partition="aws", trail_arns=(TRAIL,)))
REFUSED = snapshot(trails=(trail(arn=TRAIL.replace(ACCOUNT, "9" * 12)),))


@pytest.mark.parametrize(
    ("plan", "outcome", "code"),
    [
        (plan_of(snapshot(trails=())), Outcome.NOTHING, 0),
        (plan_of(REFUSED), Outcome.BLOCKED, 3),
        (plan_of(snapshot(buckets=())), Outcome.NOT_READ, 4),
        (plan_of(structs.replace(REFUSED, unreadable=(DENIED,))), None, None),
    ],
    ids=["nothing", "blocked", "not read", "both"],
)
def test_a_plan_without_steps_makes_no_run(plan: Plan, outcome: Outcome | None, code: int | None) -> None:
    world, journal = World(), MemoryJournal()

    done = apply(plan, ports_for(world, journal), name="p")

    assert (done.steps, world.calls, journal.records) == ((), [], {})
    assert done.exit_code == plan.exit_code
    assert outcome is None or (done.outcome, done.exit_code) == (outcome, code)


def test_the_runs_are_listed_with_what_an_undo_would_put_back() -> None:
    journal = MemoryJournal()
    apply(plan_of(), ports_for(World(), journal), name="p", wait=False)

    (shown,) = list_runs(journal.runs(ACCOUNT)).runs

    assert (shown.run, shown.trails, shown.outcome) == (plan_of().id, (TRAIL,), "applied")
    assert (shown.to_undo, shown.account, shown.endpoint, shown.begun_at) == (1, ACCOUNT, "", NOW)
    assert shown.changed_at is not None


def test_what_a_plan_of_readers_came_to_is_looked_at_by_who() -> None:
    one = plan_of(snapshot(trails=(trail(kms_key_id=KEY),), keys=(key(),)))
    intent = structs.replace(one.intent, readers=WantedReaders(principals=(ALICE, f"{ALICE}2")))
    about = structs.replace(one, looked_at=(TRAIL,), intent=intent)
    several = structs.replace(about, looked_at=(TRAIL, other_trail("b").arn))

    assert look_afterwards(about) == f"trailseal who --trail {TRAIL} --prove --only {ALICE} --only {ALICE}2"
    assert look_afterwards(several) == f"trailseal who --prove --only {ALICE} --only {ALICE}2"
    assert look_afterwards(one) == f"trailseal who --trail {TRAIL}"


@pytest.mark.parametrize(
    ("changed", "wanted"),
    [
        ({}, {"rotation_days": 180}),
        ({}, {"alias": "alias/logs"}),
        ({"state": KeyState.DISABLED}, {}),
    ],
    ids=["a period", "a name", "a key that is brought back"],
)
def test_what_changes_nothing_for_readers_is_looked_at_by_check(
    changed: dict[str, Any], wanted: dict[str, Any]
) -> None:
    held = key(policies=KeyPolicies(default=SERVING), **changed)
    plan = plan_of(snapshot(trails=(trail(kms_key_id=KEY),), keys=(held,)), **wanted)

    assert plan.can_apply
    assert look_afterwards(plan) == "trailseal check"
