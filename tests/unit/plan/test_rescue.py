"""Keys that are disabled or pending deletion: brought back first, whatever else stands in the way."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec import structs

from plan_estate import (
    ACCOUNT,
    DENIED,
    HOME,
    KEY,
    NOW,
    OTHER,
    TRAIL,
    FakeControl,
    MemoryJournal,
    Told,
    World,
    bucket,
    codes,
    key,
    other_trail,
    plan_of,
    ports_for,
    snapshot,
    trail,
)
from trailseal.errors import UsageProblem, WorldMoved
from trailseal.messages import message
from trailseal.model.key import KeyPolicies, KeyState, Tags
from trailseal.model.trail import ManagedBy
from trailseal.plan.codec import read_plan, write_plan
from trailseal.plan.key_policy import KeyUse, least_policy
from trailseal.plan.plan import Plan, seal
from trailseal.plan.scope import TAG
from trailseal.plan.step import CancelKeyDeletion, EnableKey, Leave, call_of, roll_back
from trailseal.run.apply import apply
from trailseal.run.control import NotYet
from trailseal.run.undo import begin_undo, pending, undo

GOOD = KeyPolicies(default=least_policy(KeyUse(account=ACCOUNT, partition="aws", trail_arns=(TRAIL,))))
SPARE = f"{KEY[:-1]}6"
BACK = {
    KeyState.DISABLED: ["kms:EnableKey"],
    KeyState.PENDING_DELETION: ["kms:CancelKeyDeletion", "kms:EnableKey"],
    KeyState.PENDING_REPLICA_DELETION: ["kms:CancelKeyDeletion", "kms:EnableKey"],
}
STATES = pytest.mark.parametrize("state", BACK)
SEALED = trail(kms_key_id=KEY)


def closed(state: KeyState = KeyState.PENDING_DELETION, **changed: Any) -> Any:
    date = NOW if state is KeyState.PENDING_DELETION else None
    return key(**{"state": state, "policies": GOOD, "deletion_date": date, **changed})


def calls(plan: Plan) -> list[str]:
    return [call_of(step) for step in plan.steps]


@STATES
@pytest.mark.parametrize(
    ("wanted", "more"),
    [
        ({}, []),
        ({"trails": ("management-events",)}, []),
        ({"key": KEY}, []),
        ({"rotation_days": 180}, ["kms:EnableKeyRotation"]),
        ({"alias": "alias/logs"}, ["kms:CreateAlias"]),
    ],
    ids=str,
)
def test_a_trails_key_is_brought_back_before_anything_else(
    state: KeyState, wanted: dict[str, Any], more: list[str]
) -> None:
    plan = plan_of(snapshot(trails=(SEALED,), keys=(closed(state),)), **wanted)

    assert calls(plan) == [*BACK[state], *more]
    assert "key-rescued" in codes(plan)
    assert "key-unusable" not in codes(plan)
    assert plan.exit_code == 3


@STATES
def test_a_policy_is_mended_once_the_key_is_back(state: KeyState) -> None:
    plan = plan_of(snapshot(trails=(SEALED,), keys=(key(state=state),)))

    assert calls(plan) == [*BACK[state], "kms:PutKeyPolicy"]


@STATES
def test_a_named_key_is_brought_back_for_a_trail_that_shall_have_it(state: KeyState) -> None:
    plan = plan_of(snapshot(keys=(closed(state),)), key=KEY)

    assert calls(plan) == [*BACK[state], "cloudtrail:UpdateTrail"]


@STATES
@pytest.mark.parametrize(
    "against",
    [
        {"trails": (trail(kms_key_id=KEY, managed_by=ManagedBy(kind="CloudFormation", name="logs")),)},
        {"buckets": (bucket(policy=""),)},
        {"buckets": (bucket(policy=DENIED),)},
        {"buckets": (bucket(region=DENIED),)},
        {"buckets": (bucket(region="eu-west-1"),)},
        {"buckets": ()},
    ],
    ids=["CloudFormation", "no policy", "policy not read", "Region not read", "another Region", "not read"],
)
def test_what_stands_against_a_trail_stands_not_against_its_key(
    state: KeyState, against: dict[str, Any]
) -> None:
    plan = plan_of(snapshot(**{"trails": (SEALED,), "keys": (closed(state),), **against}))

    assert calls(plan) == BACK[state]


@STATES
@pytest.mark.parametrize(
    "held",
    [{"key_manager": "AWS"}, {"arn": KEY.replace(ACCOUNT, OTHER)}],
    ids=["managed by AWS", "another account's"],
)
def test_what_is_not_this_accounts_to_bring_back_is_refused(state: KeyState, held: dict[str, Any]) -> None:
    given = closed(state, **held)

    plan = plan_of(snapshot(trails=(trail(kms_key_id=given.arn),), keys=(given,)))

    assert not plan.can_apply
    assert "key-unusable" in codes(plan)
    assert plan.exit_code == 3


@STATES
def test_a_key_that_is_only_named_is_let_be_where_no_trail_gets_it(state: KeyState) -> None:
    managed = trail(managed_by=ManagedBy(kind="CloudFormation", name="logs"))

    assert not plan_of(snapshot(trails=(managed,), keys=(closed(state),)), key=KEY).can_apply


def test_one_key_of_many_trails_is_brought_back_once() -> None:
    trails = (SEALED, other_trail("second", kms_key_id=KEY), other_trail("third", kms_key_id=SPARE))
    seen = snapshot(trails=trails, keys=(key(state=KeyState.DISABLED), closed(arn=SPARE)))

    assert [call for call in calls(plan_of(seen)) if call != "kms:PutKeyPolicy"] == [
        "kms:EnableKey",
        *BACK[KeyState.PENDING_DELETION],
    ]


@STATES
@pytest.mark.parametrize("wanted", ["create", SPARE])
def test_another_key_is_given_only_when_asked_for_and_what_is_left_is_told(
    state: KeyState, wanted: str
) -> None:
    seen = snapshot(trails=(SEALED,), keys=(closed(state), key(arn=SPARE, policies=GOOD)))

    plan = plan_of(seen, key=wanted)

    assert "cloudtrail:UpdateTrail" in calls(plan)
    assert not {"kms:EnableKey", "kms:CancelKeyDeletion"} & set(calls(plan))
    (left,) = [each for each in plan.concerns if each.code == "key-left-behind"]
    assert (left.facts.key, left.facts.state, left.facts.trail) == (KEY, state, TRAIL)
    assert (left.facts.expires is None) is (state is not KeyState.PENDING_DELETION)


@STATES
def test_a_name_that_a_key_out_of_use_has_is_not_given_twice(state: KeyState) -> None:
    held = closed(state, aliases=("alias/trailseal-cloudtrail",), tags=Tags(values={TAG: "abc"}))
    seen = snapshot(trails=(SEALED,), keys=(held,))

    with pytest.raises(UsageProblem, match="is already the name of key"):
        plan_of(seen, key="create")
    assert calls(plan_of(seen, key="create", alias="alias/new"))[0] == "kms:CreateKey"


def account_with(state: KeyState) -> World:
    world = World(trails={TRAIL: KEY})
    world.add_key(KEY, policy=GOOD.default, state=state.value)
    return world


def rescue_of(world: World, **wanted: Any) -> Plan:
    seen = snapshot(trails=(SEALED,), keys=(world.key(KEY),))
    return read_plan(write_plan(plan_of(seen, **wanted or {"rotation_days": 180})), name="p")


@STATES
def test_a_run_of_which_an_undo_takes_nothing_back_is_not_called_undone(state: KeyState) -> None:
    world, journal = account_with(state), MemoryJournal()
    plan = rescue_of(world, trails=("management-events",))
    assert plan.way_back == ()
    apply(plan, ports_for(world, journal), name="p")

    ports = ports_for(world, journal)
    undone = undo(plan, begin_undo(plan, ports, name="p"), ports)

    assert (undone.steps, world.keys[KEY]["state"]) == ((), "Enabled")
    assert journal.records[plan.id].outcome == "applied"


@STATES
def test_apply_brings_it_back_once_and_undo_leaves_it(state: KeyState) -> None:
    world, journal, told = account_with(state), MemoryJournal(), Told()
    plan = rescue_of(world)

    done = apply(plan, ports_for(world, journal, told=told), name="p")
    again = apply(plan, ports_for(world, journal), name="p")

    assert world.keys[KEY]["state"] == "Enabled"
    assert [each.was_done for each in done.steps] == [False] * len(plan.steps)
    assert all(each.was_done for each in again.steps)
    ports = ports_for(world, journal)
    run = begin_undo(plan, ports, name="p")
    assert [call_of(step) for step in pending(plan, run)] == ["kms:EnableKeyRotation"]
    undone = undo(plan, run, ports)
    assert [call_of(step) for step in undone.left] == BACK[state][::-1]
    assert (world.keys[KEY]["state"], world.keys[KEY]["days"]) == ("Enabled", 0)


@STATES
@pytest.mark.parametrize("call", ["CancelKeyDeletion", "EnableKey"])
def test_a_refusal_while_the_change_spreads_is_waited_out(state: KeyState, call: str) -> None:
    world = account_with(state)
    ports = ports_for(world, MemoryJournal())
    assert isinstance(ports.control, FakeControl)
    ports.control.refusals[call] = [NotYet(message("KMSInvalidStateException"))]

    apply(rescue_of(world), ports, name="p")

    assert world.keys[KEY]["state"] == "Enabled"


@pytest.mark.parametrize(
    ("planned", "now"),
    [
        (KeyState.DISABLED, KeyState.PENDING_DELETION),
        (KeyState.DISABLED, KeyState.PENDING_IMPORT),
        (KeyState.PENDING_DELETION, KeyState.UNAVAILABLE),
    ],
)
def test_a_state_that_moved_since_stops_everything(planned: KeyState, now: KeyState) -> None:
    world = account_with(planned)
    plan = rescue_of(world)
    world.keys[KEY]["state"] = now.value
    told = Told()

    with pytest.raises(WorldMoved, match=now.value):
        apply(plan, ports_for(world, MemoryJournal(), told=told), name="p")

    assert world.calls == []


def test_a_primary_whose_last_replica_is_gone_is_still_brought_back() -> None:
    world = account_with(KeyState.PENDING_REPLICA_DELETION)
    plan = rescue_of(world)
    world.keys[KEY]["state"] = "PendingDeletion"

    apply(plan, ports_for(world, MemoryJournal()), name="p")

    assert world.keys[KEY]["state"] == "Enabled"


@pytest.mark.parametrize(
    "steps",
    [
        (EnableKey(key=KEY, before="PendingDeletion"),),
        (CancelKeyDeletion(key=KEY, before="PendingDeletion"), EnableKey(key=KEY, before="Disabled")),
        (EnableKey(key=KEY.replace(ACCOUNT, OTHER), before="Disabled"),),
        (CancelKeyDeletion(key=f"new:{HOME}", before="PendingDeletion"),),
    ],
    ids=["not cancelled", "cancelled and not said", "another account's key", "a key of the plan's own"],
)
def test_steps_that_no_plan_holds_are_refused(steps: tuple[Any, ...]) -> None:
    plan = rescue_of(account_with(KeyState.DISABLED))
    forged = seal(structs.replace(plan, steps=steps, rollback=roll_back(steps), rests_on=()))

    with pytest.raises(UsageProblem):
        read_plan(write_plan(forged), name="p")


def test_what_brings_a_key_back_is_left_standing() -> None:
    plan = rescue_of(account_with(KeyState.PENDING_DELETION))

    assert [type(step) for step in plan.rollback[-2:]] == [Leave, Leave]
