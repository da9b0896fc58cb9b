"""Apply: exactly the steps, once, whatever happens on the way."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

import pytest
from msgspec import structs

from plan_estate import (
    ACCOUNT,
    HOME,
    KEY,
    NOW,
    OTHER,
    ROOT,
    ROOT_ONLY,
    TAG,
    TRAIL,
    FakeClock,
    FakeDeliveries,
    Killed,
    MemoryJournal,
    Told,
    World,
    key,
    log_file,
    not_yet,
    plan_of,
    ports_for,
    snapshot,
)
from trailseal.errors import TrailsealError, UsageProblem, WorldMoved
from trailseal.messages import message
from trailseal.plan.build import build_plan
from trailseal.plan.intent import Intent
from trailseal.plan.plan import Plan, seal
from trailseal.plan.step import PutKeyPolicy, roll_back
from trailseal.run.apply import Applied, Ports, apply
from trailseal.run.control import NotYet, UnknownPrincipal
from trailseal.run.outcome import Outcome
from trailseal.run.policies_now import NotTakenBack
from trailseal.run.undo import begin_undo, find_run, pending, undo

NEW, OWN = "a new key", "an existing key"


def world_for(kind: str) -> World:
    world = World()
    if kind == OWN:
        world.add_key(KEY)
    return world


def plan_for(kind: str) -> Plan:
    if kind == NEW:
        return plan_of()
    return build_plan(
        snapshot(keys=(key(),)),
        Intent(key=KEY, rotation_days=180, alias="alias/logs"),
        made_at=NOW,
        tag=TAG,
    )


@pytest.fixture
def journal() -> MemoryJournal:
    return MemoryJournal()


def run(plan: Plan, ports: Ports, **given: Any) -> Applied:
    return apply(plan, ports, name="plan.json", **{"wait": False, **given})


def test_every_step_is_done_once_and_a_second_apply_does_nothing(journal: MemoryJournal) -> None:
    world = World()

    first = run(plan_of(), ports_for(world, journal))
    second = run(plan_of(), ports_for(world, journal))

    assert world.calls == ["CreateKey", "CreateAlias", "SetKeyRotation", "UpdateTrail"]
    assert [step.was_done for step in first.steps] == [False] * 4
    assert [step.was_done for step in second.steps] == [True] * 4
    assert world.trails[TRAIL] == next(iter(world.keys))
    assert first.keys == second.keys == {f"new:{HOME}": next(iter(world.keys))}


def facts_of(world: World) -> dict[str, dict[str, Any]]:
    """What each key is, but for when it was made."""
    return {arn: {name: f for name, f in key.items() if name != "created"} for arn, key in world.keys.items()}


def boundaries(kind: str) -> list[str]:
    calls = {
        NEW: ["CreateKey", "CreateAlias", "SetKeyRotation", "UpdateTrail"],
        OWN: ["PutKeyPolicy", "CreateAlias", "SetKeyRotation", "UpdateTrail"],
    }
    return [f"{when} {call}" for call in calls[kind] for when in ("before", "after")]


@pytest.mark.parametrize("same_machine", [True, False], ids=["here", "from another machine"])
@pytest.mark.parametrize(
    ("kind", "boundary"),
    [(kind, boundary) for kind in (NEW, OWN) for boundary in boundaries(kind)],
    ids=lambda given: given,
)
def test_killed_before_or_after_any_step_and_started_again_it_ends_the_same(
    kind: str, boundary: str, *, same_machine: bool
) -> None:
    world, untouched = world_for(kind), world_for(kind)
    run(plan_for(kind), ports_for(untouched, MemoryJournal()))
    first = MemoryJournal()

    def die(point: str) -> None:
        if point == boundary:
            raise Killed

    with pytest.raises(Killed):
        run(plan_for(kind), ports_for(world, first, die=die))
    second = first if same_machine else MemoryJournal()
    run(plan_for(kind), ports_for(world, second))

    assert (facts_of(world), world.aliases) == (facts_of(untouched), untouched.aliases)
    assert world.trails == untouched.trails
    assert len(world.keys) == 1
    assert sorted(world.calls) == sorted(untouched.calls)


def test_a_plan_of_another_account_changes_nothing(journal: MemoryJournal) -> None:
    world = World(account=OTHER)

    with pytest.raises(UsageProblem, match="plan for account"):
        run(plan_of(), ports_for(world, journal))

    assert world.calls == []


def test_all_that_moved_is_told_before_anything_is_changed(journal: MemoryJournal) -> None:
    world = world_for(OWN)
    world.keys[KEY]["policy"] = '{"Statement": []}'
    world.aliases["alias/logs"] = KEY + "0"
    world.trails[TRAIL] = KEY + "1"

    told = Told()
    with pytest.raises(WorldMoved, match="3 things are not as the plan was made from"):
        run(plan_for(OWN), ports_for(world, journal, told=told))

    assert [KEY in line or TRAIL in line for line in told.text.splitlines()[:3]] == [True] * 3
    assert world.calls == []


def test_a_change_by_somebody_else_half_way_stops_it(journal: MemoryJournal) -> None:
    world = World()

    def die(point: str) -> None:
        if point == "after SetKeyRotation":
            world.trails[TRAIL] = KEY

    told = Told()
    with pytest.raises(WorldMoved, match="the plan was made when it had SSE-S3"):
        run(plan_of(), ports_for(world, journal, die=die, told=told))

    assert world.trails[TRAIL] == KEY
    assert "3 of 4 steps are applied" in told.text


def test_ctrl_c_says_what_stands_and_how_to_go_on(journal: MemoryJournal) -> None:
    told = Told()

    def die(point: str) -> None:
        if point == "before CreateAlias":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(plan_of(), ports_for(World(), journal, die=die, told=told))

    assert "1 of 4 steps is applied" in told.text
    assert "`trailseal apply plan.json` goes on" in told.text


def test_a_policy_that_has_not_spread_yet_is_waited_for(journal: MemoryJournal) -> None:
    ports = ports_for(World(), journal)
    ports.control.refusals["UpdateTrail"] = [not_yet(), not_yet()]  # type: ignore[attr-defined]

    assert run(plan_of(), ports).outcome is Outcome.APPLIED
    assert ports.clock.now() - NOW >= timedelta(seconds=3)


def test_the_waiting_for_a_policy_is_bounded(journal: MemoryJournal) -> None:
    world = World()
    ports = ports_for(world, journal)
    ports.control.refusals["UpdateTrail"] = [not_yet()] * 99  # type: ignore[attr-defined]

    with pytest.raises(NotYet):
        run(plan_of(), ports)

    assert world.trails[TRAIL] == ""
    assert ports.clock.now() - NOW < timedelta(minutes=3)


@pytest.mark.parametrize("is_new", [True, False], ids=["somebody new", "nobody new"])
def test_somebody_whom_kms_does_not_see_is_waited_for_only_if_new(
    journal: MemoryJournal,
    is_new: bool,  # noqa: FBT001
) -> None:
    world = World()
    world.add_key(KEY)
    plan = plan_of(snapshot(keys=(key(),)), key=KEY)
    (put,) = (step for step in plan.steps if isinstance(step, PutKeyPolicy))
    if is_new:
        named = json.loads(put.after)
        reader = ROOT | {"Sid": "Reader", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:role/Reader"}}
        put = structs.replace(put, after=json.dumps({**named, "Statement": [*named["Statement"], reader]}))
    else:
        put = structs.replace(put, after=json.dumps({"Statement": [ROOT, ROOT | {"Sid": "Again"}]}))
    steps = (put, *(step for step in plan.steps if not isinstance(step, PutKeyPolicy)))
    plan = seal(structs.replace(plan, steps=steps, rollback=roll_back(steps)))
    ports = ports_for(world, journal)
    refused = UnknownPrincipal(message("invalid principals"))
    ports.control.refusals["PutKeyPolicy"] = [refused]  # type: ignore[attr-defined]

    if is_new:
        assert run(plan, ports).outcome is Outcome.APPLIED
    else:
        with pytest.raises(UnknownPrincipal):
            run(plan, ports)
        assert ports.clock.now() == NOW


def test_an_undo_leaves_what_aws_would_refuse_and_stays_open(journal: MemoryJournal) -> None:
    world = World()
    world.add_key(KEY)
    plan = plan_of(snapshot(keys=(key(),)), key=KEY)
    run(plan, ports_for(world, journal))
    ports = ports_for(world, journal)
    opened = begin_undo(plan, ports, name="p")
    (put,) = (step for step in pending(plan, opened) if isinstance(step, PutKeyPolicy))
    barred = (NotTakenBack(step=put, why=(message("no"),)),)

    undone = undo(plan, opened, ports, but_for=barred)

    assert (undone.exit_code, undone.not_taken_back) == (3, barred)
    assert world.trails[TRAIL] == ""
    assert world.keys[KEY]["policy"] != ROOT_ONLY
    assert find_run(journal, "", ACCOUNT).plan == plan
    again = begin_undo(plan, ports, name="p")
    assert undo(plan, again, ports).exit_code == 0
    assert world.keys[KEY]["policy"] == ROOT_ONLY


def test_no_trail_is_pointed_at_a_key_without_its_material(journal: MemoryJournal) -> None:
    world = World()
    plan = plan_of(origin="external")

    with pytest.raises(TrailsealError, match="waits for your key material"):
        run(plan, ports_for(world, journal))
    assert world.trails[TRAIL] == ""
    run(plan, ports_for(world, journal, material=b"x" * 32))

    assert world.calls == ["CreateKey", "CreateAlias", "ImportKeyMaterial", "UpdateTrail"]
    assert world.trails[TRAIL] == next(iter(world.keys))


def test_key_material_is_not_shown_by_what_holds_it(journal: MemoryJournal) -> None:
    assert "secret" not in repr(ports_for(World(), journal, material=b"secret"))


def arriving(world: World, deliveries: FakeDeliveries, *, under: bool, after: float = 60) -> FakeClock:
    clock = FakeClock()
    deliveries.objects.append(log_file(NOW - timedelta(minutes=5)))

    def wake(at: datetime) -> None:
        if at >= NOW + timedelta(seconds=after) and len(deliveries.objects) == 1:
            deliveries.objects.append(log_file(at, kms=world.trails[TRAIL] if under else "", number=2))

    clock.woken.append(wake)
    return clock


def test_the_next_delivery_under_the_key_proves_it(journal: MemoryJournal) -> None:
    world, deliveries, told = World(), FakeDeliveries(), Told()
    clock = arriving(world, deliveries, under=True)

    done = run(plan_of(), ports_for(world, journal, clock=clock, deliveries=deliveries, told=told), wait=True)

    assert (done.outcome, done.exit_code) == (Outcome.PROVEN, 0)
    assert done.seen[0].newest == deliveries.objects[1]
    assert "waiting for the next log file in 1 place: about 5 min, at most 30 min" in told.text


def test_deliveries_under_something_else_are_a_finding(journal: MemoryJournal) -> None:
    world, deliveries = World(), FakeDeliveries()
    clock = arriving(world, deliveries, under=False)

    done = run(plan_of(), ports_for(world, journal, clock=clock, deliveries=deliveries), wait=True)

    assert (done.outcome, done.exit_code) == (Outcome.WRONG, 3)


def test_when_nothing_arrives_in_time_it_is_not_proven(journal: MemoryJournal) -> None:
    done = run(plan_of(), ports_for(World(), journal), wait=True, timeout=timedelta(minutes=1))

    assert (done.outcome, done.exit_code) == (Outcome.UNPROVEN, 4)


def test_what_cannot_be_looked_at_is_not_proven(journal: MemoryJournal) -> None:
    from plan_estate import DENIED

    deliveries = FakeDeliveries()
    deliveries.denied = DENIED

    done = run(plan_of(), ports_for(World(), journal, deliveries=deliveries), wait=True)

    assert done.outcome is Outcome.UNPROVEN


def test_failing_deliveries_put_the_trail_back_and_keep_the_key(journal: MemoryJournal) -> None:
    world, deliveries, told = World(), FakeDeliveries(), Told()
    deliveries.error = "AccessDenied"

    done = run(plan_of(), ports_for(world, journal, deliveries=deliveries, told=told), wait=True)

    assert (done.outcome, done.exit_code) == (Outcome.ROLLED_BACK, 1)
    assert world.trails[TRAIL] == ""
    assert len(world.keys) == 1
    assert f"deliveries of {TRAIL} fail: rolling it back" in told.text


def test_a_key_that_is_disabled_while_waiting_puts_the_trail_back(journal: MemoryJournal) -> None:
    world = World()
    clock = FakeClock()
    clock.woken.append(lambda _: next(iter(world.keys.values())).update(state="Disabled"))

    done = run(plan_of(), ports_for(world, journal, clock=clock), wait=True)

    assert done.outcome is Outcome.ROLLED_BACK
    assert world.trails[TRAIL] == ""


@pytest.mark.parametrize("kind", [NEW, OWN])
def test_undo_puts_back_what_stood_and_leaves_a_made_key(kind: str, journal: MemoryJournal) -> None:
    world, plan = world_for(kind), plan_for(kind)
    run(plan, ports_for(world, journal))
    ports = ports_for(world, journal)

    undone = undo(plan, begin_undo(plan, ports, name="p"), ports)

    assert world.trails[TRAIL] == ""
    assert len(world.keys) == 1
    if kind == OWN:
        assert world.aliases == {}
        assert (world.keys[KEY]["policy"], world.keys[KEY]["days"]) == (ROOT_ONLY, 0)
        assert undone.steps[0].__struct_config__.tag == "cloudtrail:UpdateTrail"
    else:
        assert world.aliases
        assert len(undone.left) == 3


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("call", ["UpdateTrail", "SetKeyRotation", "DeleteAlias", "PutKeyPolicy"])
def test_undo_killed_at_any_step_and_started_again_puts_everything_back(
    call: str, when: str, journal: MemoryJournal
) -> None:
    world, plan = world_for(OWN), plan_for(OWN)
    run(plan, ports_for(world, journal))

    def die(point: str) -> None:
        if point == f"{when} {call}":
            raise Killed

    doomed = ports_for(world, journal, die=die)
    with pytest.raises(Killed):
        undo(plan, begin_undo(plan, doomed, name="p"), doomed)
    ports = ports_for(world, journal)
    undo(plan, begin_undo(plan, ports, name="p"), ports)

    assert (world.trails[TRAIL], world.aliases) == ("", {})
    assert (world.keys[KEY]["policy"], world.keys[KEY]["days"]) == (ROOT_ONLY, 0)


def test_what_was_undone_can_be_applied_again(journal: MemoryJournal) -> None:
    world, plan = World(), plan_of()
    run(plan, ports_for(world, journal))
    ports = ports_for(world, journal)
    undo(plan, begin_undo(plan, ports, name="p"), ports)

    again = run(plan, ports_for(world, journal))

    assert [step.was_done for step in again.steps] == [True, True, True, False]
    assert len(world.keys) == 1


def test_undo_from_another_machine_finds_the_key_by_its_tag() -> None:
    world, plan = World(), plan_of()
    run(plan, ports_for(world, MemoryJournal()))
    ports = ports_for(world, MemoryJournal())

    undo(plan, begin_undo(plan, ports, name="p"), ports)

    assert world.trails[TRAIL] == ""


def test_undo_of_what_never_began_changes_nothing(journal: MemoryJournal) -> None:
    world = World()
    ports = ports_for(world, journal)

    undone = undo(plan_of(), begin_undo(plan_of(), ports, name="p"), ports)

    assert (undone.steps, world.calls) == ((), [])


def test_undo_stops_when_somebody_else_has_turned_the_trail(journal: MemoryJournal) -> None:
    world, plan = World(), plan_of()
    run(plan, ports_for(world, journal))
    world.trails[TRAIL] = KEY
    told = Told()
    ports = ports_for(world, journal, told=told)

    with pytest.raises(WorldMoved):
        undo(plan, begin_undo(plan, ports, name="p"), ports)

    assert world.trails[TRAIL] == KEY
    assert "goes on where it stopped" in told.text


def test_undo_counts_what_only_the_key_opens(journal: MemoryJournal) -> None:
    world, plan, deliveries = World(), plan_of(), FakeDeliveries()
    run(plan, ports_for(world, journal))
    made = world.trails[TRAIL]
    deliveries.objects = [
        log_file(NOW + timedelta(minutes=1), kms=made, number=1),
        log_file(NOW + timedelta(minutes=2), kms=made, number=2),
        log_file(NOW - timedelta(minutes=2), number=3),
    ]
    clock = FakeClock(NOW + timedelta(minutes=5))
    ports = ports_for(world, journal, deliveries=deliveries, clock=clock)

    undone = undo(plan, begin_undo(plan, ports, name="p"), ports)

    (under,) = undone.only_under
    assert (under.count, under.key) == (2, made)
    assert under.newest == deliveries.objects[1].key


def test_steps_that_were_taken_back_are_not_said_to_stand(journal: MemoryJournal) -> None:
    world, plan, told = World(), plan_of(), Told()
    ports = ports_for(world, journal, told=told)
    run(plan, ports)
    undo(plan, begin_undo(plan, ports, name="p"), ports)
    world.trails[TRAIL] = KEY

    with pytest.raises(WorldMoved):
        run(plan, ports)

    assert "3 of 4 steps are applied" in told.text


def test_a_run_that_was_taken_back_and_begun_again_can_be_taken_back_again(journal: MemoryJournal) -> None:
    world, plan = World(), plan_of()
    ports = ports_for(world, journal)
    run(plan, ports)
    undo(plan, begin_undo(plan, ports, name="p"), ports)
    with pytest.raises(UsageProblem):
        find_run(journal, "", ACCOUNT)

    def die(moment: str) -> None:
        if moment == "after UpdateTrail":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(plan, ports_for(world, journal, die=die))

    assert find_run(journal, "", ACCOUNT).plan == plan


def test_ctrl_c_while_waiting_says_that_nobody_watches_any_more(journal: MemoryJournal) -> None:
    world, clock, told = World(), FakeClock(), Told()

    def interrupt(at: datetime) -> None:
        raise KeyboardInterrupt

    clock.woken.append(interrupt)
    with pytest.raises(KeyboardInterrupt):
        run(plan_of(), ports_for(world, journal, clock=clock, told=told), wait=True)

    assert world.trails[TRAIL] == next(iter(world.keys))
    assert "nothing proves them yet" in told.text
    assert "`trailseal apply plan.json` waits on, `trailseal undo " in told.text
