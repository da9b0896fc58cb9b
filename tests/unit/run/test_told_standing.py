"""What is told when a run stops half way: each step that stands, each that may, and no other."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from msgspec import structs

from plan_estate import (
    KEY,
    TRAIL,
    FakeControl,
    FakeDeliveries,
    MemoryJournal,
    Told,
    World,
    bucket,
    delivery,
    key,
    other_trail,
    plan_of,
    ports_for,
    snapshot,
    trail,
)
from trailseal.errors import TrailsealError, WorldMoved
from trailseal.messages import message
from trailseal.model.key import KmsKey, UnreadKey
from trailseal.plan.facts import Facts
from trailseal.plan.plan import Plan, seal
from trailseal.run.apply import Ports, apply
from trailseal.run.outcome import Outcome
from trailseal.run.undo import begin_undo, undo

AWAY = "eu-west-1"
LOST = TrailsealError(message("nobody answers"))
ALL = ("kms:CreateKey", "kms:CreateAlias", "kms:EnableKeyRotation", "cloudtrail:UpdateTrail")


def several() -> tuple[World, Plan]:
    trails = (trail(), other_trail("data"), other_trail("third"))
    world = World()
    world.trails = {each.arn: "" for each in trails}
    world.by_name = {each.arn: {"name": each.name} for each in trails}
    return world, plan_of(snapshot(trails=trails))


def in_two_regions() -> tuple[World, Plan]:
    away = other_trail("away", s3_bucket_name="away")
    seen = snapshot(
        trails=(trail(), away),
        buckets=(bucket(), bucket(name="away", region=AWAY)),
        deliveries=(delivery(),),
    )
    world = World()
    world.trails[away.arn] = ""
    world.by_name = {"away": {"region": AWAY}, away.arn: {"s3_bucket_name": "away", "name": "away"}}
    return world, plan_of(seen, multi_region=True)


def on_a_key() -> tuple[World, Plan]:
    world = World()
    world.add_key(KEY)
    return world, plan_of(snapshot(keys=(key(),)), key=KEY, rotation_days=180, alias="alias/logs")


def stop_at(moment: str, error: BaseException = LOST) -> Any:
    def die(point: str) -> None:
        if point == moment:
            raise error

    return die


def _run(plan: Plan, ports: Ports, *, undoing: bool) -> None:
    if undoing:
        undo(plan, begin_undo(plan, ports, name="p"), ports)
    else:
        apply(plan, ports, name="p", wait=False)


def told_by(plan: Plan, ports: Ports, *, undoing: bool = False) -> list[str]:
    with pytest.raises((TrailsealError, KeyboardInterrupt)):
        _run(plan, ports, undoing=undoing)
    assert isinstance(ports.observe, Told)
    lines = ports.observe.text.splitlines()
    return [line for line in lines if line.startswith(("these steps", "it is not known whether these steps"))]


def test_each_step_that_stands_is_named() -> None:
    ports = ports_for(World(), MemoryJournal(), die=stop_at("before SetKeyRotation"), told=Told())

    assert told_by(plan_of(), ports) == ["these steps are applied: kms:CreateKey, kms:CreateAlias"]


def test_where_nothing_stands_nothing_is_named() -> None:
    ports = ports_for(World(), MemoryJournal(), die=stop_at("before CreateKey"), told=Told())

    assert told_by(plan_of(), ports) == []


def test_of_several_steps_with_one_call_each_has_its_number() -> None:
    world, plan = several()
    world.trails[plan.switches[1].trail_arn] = KEY

    with pytest.raises(WorldMoved):
        apply(plan, ports_for(world, MemoryJournal()), name="p", wait=False)
    world.trails[plan.switches[1].trail_arn] = ""
    ports = ports_for(world, MemoryJournal(), told=Told())
    updates = iter(range(9))
    ports.control.die = lambda point: _second(point, updates)  # type: ignore[attr-defined]

    assert told_by(plan, ports) == [
        f"these steps are applied: {', '.join(ALL[:3])}, 4 cloudtrail:UpdateTrail"
    ]


def _second(point: str, updates: Any) -> None:
    if point == "before UpdateTrail" and next(updates) == 1:
        raise LOST


def test_a_plan_for_two_regions_stops_before_its_first_key_in_words() -> None:
    world, plan = in_two_regions()
    world.by_name["away"]["region"] = "us-east-1"
    ports = ports_for(world, MemoryJournal(), told=Told())

    assert told_by(plan, ports) == []
    assert "0 of 7 steps are applied. " in ports.observe.text  # type: ignore[attr-defined]


def test_where_the_primary_cannot_be_looked_for_nothing_is_known_of_its_replica() -> None:
    class Blind(FakeControl):
        """Somebody who may not list keys."""

        def tagged_keys(self, tag: str, region: str) -> tuple[KmsKey | UnreadKey, ...]:
            raise LOST

    world, plan = in_two_regions()
    ports = ports_for(world, MemoryJournal(), told=Told())
    blind = Ports(
        control=Blind(world, ports.clock),  # type: ignore[arg-type]
        deliveries=ports.deliveries,
        journal=ports.journal,
        clock=ports.clock,
        observe=ports.observe,
    )
    told_by(plan, blind)

    assert "it is not known whether these are: kms:CreateKey, 2 kms:CreateAlias" in ports.observe.text  # type: ignore[attr-defined]
    assert "kms:ReplicateKey, 5 kms:CreateAlias" in ports.observe.text  # type: ignore[attr-defined]


def test_a_key_that_was_made_and_is_not_shown_is_not_said_not_to_stand() -> None:
    world, told = World(), Told()
    ports = ports_for(world, MemoryJournal(), told=told)
    control = ports.control
    assert isinstance(control, FakeControl)

    def hide(point: str) -> None:
        if point == "before CreateAlias":
            control.hidden = set(world.keys)
            raise LOST

    control.die = hide
    told_by(plan_of(), ports)

    assert "it is not known whether these are: kms:CreateKey, kms:CreateAlias" in told.text


@pytest.mark.parametrize("at", range(4), ids=ALL)
def test_with_ctrl_c_the_step_under_way_may_stand(at: int) -> None:
    call = ALL[at].rpartition(":")[2].replace("EnableKeyRotation", "SetKeyRotation")
    die = stop_at(f"after {call}", KeyboardInterrupt())
    ports = ports_for(World(), MemoryJournal(), die=die, told=Told())

    found = told_by(plan_of(), ports)

    done = [f"these steps are applied: {', '.join(ALL[:at])}"] if at else []
    assert found == [*done, f"it is not known whether these steps are applied: {ALL[at]}"]


def test_with_ctrl_c_before_anything_was_looked_at_all_may_stand() -> None:
    class Stopping(FakeControl):
        def trail_facts(self, trail_arn: str, home_region: str) -> Facts:
            raise KeyboardInterrupt

    world, ports = World(), ports_for(World(), MemoryJournal(), told=Told())
    control = Stopping(world, ports.clock)  # type: ignore[arg-type]
    stopping = Ports(
        control=control,
        deliveries=ports.deliveries,
        journal=ports.journal,
        clock=ports.clock,
        observe=ports.observe,
    )

    assert told_by(plan_of(), stopping) == [
        f"it is not known whether these steps are applied: {', '.join(ALL)}"
    ]


@pytest.mark.parametrize("undoing", [False, True], ids=["apply", "undo"])
def test_with_ctrl_c_while_it_is_looked_what_stands_what_is_known_is_told(*, undoing: bool) -> None:
    world, plan = on_a_key()
    if undoing:
        apply(plan, ports_for(world, MemoryJournal()), name="p", wait=False)
    moment = "before DeleteAlias" if undoing else "before SetKeyRotation"
    ports = ports_for(world, MemoryJournal(), told=Told())
    control = ports.control
    assert isinstance(control, FakeControl)

    def stop(*_: object) -> Any:
        raise KeyboardInterrupt

    def die(point: str) -> None:
        if point == moment:
            control.read_key = stop  # type: ignore[method-assign, assignment]
            raise LOST

    control.die = die
    found = told_by(plan, ports, undoing=undoing)

    left = "kms:PutKeyPolicy, kms:CreateAlias"
    if undoing:
        assert found == [f"it is not known whether these steps are applied: {left}"]
    else:
        rest = "it is not known whether these steps are applied: kms:EnableKeyRotation"
        assert found == [f"these steps are applied: {left}", rest]


def under_a_key() -> tuple[World, Plan]:
    """A plan that turns no trail, and whose steps the trail's log files depend on."""
    world = World()
    world.add_key(KEY)
    world.trails[TRAIL] = KEY
    seen = snapshot(trails=(trail(kms_key_id=KEY),), keys=(key(),))
    return world, plan_of(seen, rotation_days=180, alias="alias/logs")


@pytest.mark.parametrize("undoing", [False, True], ids=["apply", "undo"])
@pytest.mark.parametrize(
    ("error", "said"),
    [
        ("", "CloudTrail says that it logs, and reports no delivery error."),
        ("AccessDenied", f"It is not known whether log files of {TRAIL} are arriving (AccessDenied)."),
    ],
)
def test_where_no_trail_is_turned_log_files_are_told_of_all_the_same(
    *, error: str, said: str, undoing: bool
) -> None:
    world, plan = under_a_key()
    assert not plan.switches
    if undoing:
        apply(plan, ports_for(world, MemoryJournal()), name="p", wait=False)
    deliveries, told = FakeDeliveries(), Told()
    deliveries.error = error
    die = stop_at("before DeleteAlias" if undoing else "before SetKeyRotation")

    told_by(
        plan, ports_for(world, MemoryJournal(), deliveries=deliveries, die=die, told=told), undoing=undoing
    )

    assert said in told.text.splitlines()


def test_a_plan_that_names_no_trail_says_nothing_of_log_files() -> None:
    world, plan = under_a_key()
    told = Told()
    readers = seal(structs.replace(plan, looked_at=(), watched=()))

    told_by(readers, ports_for(world, MemoryJournal(), die=stop_at("before SetKeyRotation"), told=told))

    assert "log files" not in told.text


def test_with_ctrl_c_before_the_first_look_no_trail_is_named_as_unknown() -> None:
    class Blinking(FakeDeliveries):
        def setting(self, trail_arn: str, home_region: str) -> Any:
            raise KeyboardInterrupt

    told = Told()
    with pytest.raises(KeyboardInterrupt):
        apply(plan_of(), ports_for(World(), MemoryJournal(), deliveries=Blinking(), told=told), name="p")

    assert "It is not known whether log files are arriving." in told.text.splitlines()


def test_an_undo_that_stops_names_what_still_stands() -> None:
    world, plan = on_a_key()
    apply(plan, ports_for(world, MemoryJournal()), name="p", wait=False)
    ports = ports_for(world, MemoryJournal(), die=stop_at("before DeleteAlias"), told=Told())

    assert told_by(plan, ports, undoing=True) == [
        "these steps are applied: kms:PutKeyPolicy, kms:CreateAlias"
    ]
    assert "CloudTrail says that it logs" in ports.observe.text  # type: ignore[attr-defined]


def test_an_undo_that_is_interrupted_says_what_it_has_not_taken_back() -> None:
    world, plan = on_a_key()
    apply(plan, ports_for(world, MemoryJournal()), name="p", wait=False)
    die = stop_at("after DeleteAlias", KeyboardInterrupt())
    ports = ports_for(world, MemoryJournal(), die=die, told=Told())

    left = "kms:PutKeyPolicy, kms:CreateAlias"
    assert told_by(plan, ports, undoing=True) == [f"it is not known whether these steps are applied: {left}"]


@pytest.mark.parametrize("looks", [0, 1], ids=["seen at once", "seen at the next look"])
def test_a_roll_back_whose_answer_was_lost_is_nobody_elses_doing(looks: int) -> None:
    world, told, deliveries = World(), Told(), FakeDeliveries()
    deliveries.error = "AccessDenied"
    ports = ports_for(world, MemoryJournal(), deliveries=deliveries, told=told)
    control = ports.control
    assert isinstance(control, FakeControl)
    facts, blind = control.trail_facts, [0]

    def losing(point: str) -> None:
        if point == "after UpdateTrail" and not world.trails[TRAIL]:
            blind[0] = looks
            raise LOST

    def look(arn: str, region: str) -> Facts:
        if blind[0]:
            blind[0] -= 1
            raise LOST
        return facts(arn, region)

    control.die = losing
    control.trail_facts = look  # type: ignore[method-assign, assignment]
    done = apply(plan_of(), ports, name="p", timeout=timedelta(minutes=2))

    assert (done.outcome, done.not_put_back) == (Outcome.ROLLED_BACK, ())
    assert world.trails == {TRAIL: ""}
    assert "somebody else" not in told.text


@pytest.mark.parametrize("fails", [False, True], ids=["after the steps", "after an error"])
def test_with_ctrl_c_after_a_roll_back_the_trail_is_not_said_to_stand(*, fails: bool) -> None:
    world, plan = several()
    told, deliveries = Told(), FakeDeliveries()
    ports = ports_for(world, MemoryJournal(), deliveries=deliveries, told=told)
    updates = iter(range(9))
    ports.control.die = lambda point: _third(point, updates, fails=fails)  # type: ignore[attr-defined]
    deliveries.error = "AccessDenied"

    def interrupt(_: object) -> None:
        if "rolling it back" in told.text:
            raise KeyboardInterrupt

    ports.clock.woken.append(interrupt)  # type: ignore[attr-defined]
    with pytest.raises(KeyboardInterrupt):
        apply(plan, ports, name="p")

    last = [line for line in told.text.splitlines() if line.startswith("these steps are applied")][-1]
    assert "UpdateTrail" not in last
    assert "nothing proves them yet" not in told.text


def _third(point: str, updates: Any, *, fails: bool) -> None:
    if fails and point == "before UpdateTrail" and next(updates) == 2:
        raise LOST


def test_after_an_error_and_a_roll_back_what_stands_is_told_anew() -> None:
    world, plan = several()
    told, deliveries = Told(), FakeDeliveries()
    ports = ports_for(world, MemoryJournal(), deliveries=deliveries, told=told)
    updates = iter(range(9))
    ports.control.die = lambda point: _third(point, updates, fails=True)  # type: ignore[attr-defined]
    deliveries.error = "AccessDenied"
    with pytest.raises(TrailsealError, match="nobody answers"):
        apply(plan, ports, name="p", timeout=timedelta(minutes=2))

    named = [line for line in told.text.splitlines() if line.startswith("these steps are applied")]
    made = "these steps are applied: kms:CreateKey, kms:CreateAlias, kms:EnableKeyRotation"
    assert named[0].startswith(f"{made}, 4 cloudtrail:UpdateTrail")
    assert named[-1] == made
