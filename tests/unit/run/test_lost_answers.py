"""Calls that make something: sent once, looked for after a doubtful end, and one key in the end."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from msgspec import structs

from plan_estate import (
    HOME,
    KEY,
    TAG,
    TRAIL,
    FakeClock,
    FakeControl,
    Killed,
    MemoryJournal,
    Told,
    World,
    bucket,
    delivery,
    other_trail,
    plan_of,
    ports_for,
    snapshot,
    trail,
)
from trailseal.errors import Incomplete, TrailsealError, WorldMoved
from trailseal.messages import message
from trailseal.model.key import KmsKey, UnreadKey
from trailseal.model.unreadable import Unreadable
from trailseal.plan.facts import Facts
from trailseal.plan.plan import Plan
from trailseal.run.apply import Applied, Ports, apply
from trailseal.run.control import Doubtful, NotYet
from trailseal.run.course import SETTLE
from trailseal.run.undo import begin_undo, undo

AWAY = "eu-west-1"
ALIAS = "alias/trailseal-cloudtrail"


@pytest.fixture
def journal() -> MemoryJournal:
    return MemoryJournal()


def run(plan: Plan, ports: Ports) -> Applied:
    return apply(plan, ports, name="plan.json", wait=False)


def control_of(ports: Ports) -> FakeControl:
    assert isinstance(ports.control, FakeControl)
    return ports.control


def losing(world: World, journal: MemoryJournal, lost: dict[str, list[str]], **more: Any) -> Ports:
    ports = ports_for(world, journal, **more)
    control_of(ports).lost = lost
    return ports


def is_in_order(world: World) -> bool:
    """One key, named by the alias and the trail."""
    (only,) = world.keys
    return world.aliases == {ALIAS: only} and world.trails == {TRAIL: only}


@pytest.mark.parametrize("lost", [["before"], ["after"], ["before", "before"], ["before", "after"]], ids=str)
@pytest.mark.parametrize("call", ["CreateKey", "CreateAlias"])
def test_a_lost_answer_is_looked_for_and_makes_one_key(
    call: str, lost: list[str], journal: MemoryJournal
) -> None:
    world, told = World(), Told()
    ports = losing(world, journal, {call: list(lost)}, told=told)

    run(plan_of(), ports)

    assert is_in_order(world)
    assert world.calls.count(call) == 1
    assert f"{call} was cut off: looking whether it was done" in told.text
    waited = ports.clock.now() - datetime.fromisoformat("2026-11-23T12:00:00+00:00")
    assert waited >= lost.count("before") * SETTLE


@pytest.mark.parametrize("call", ["CreateKey", "CreateAlias"])
@pytest.mark.parametrize("same_machine", [True, False], ids=["here", "from another machine"])
def test_a_call_that_is_never_answered_ends_and_the_next_start_goes_on(
    call: str, journal: MemoryJournal, *, same_machine: bool
) -> None:
    world = World()

    with pytest.raises(Doubtful):
        run(plan_of(), losing(world, journal, {call: ["before"] * 9}))
    assert call not in world.calls
    run(plan_of(), ports_for(world, journal if same_machine else MemoryJournal()))

    assert is_in_order(world)


def test_after_a_kill_in_the_call_the_next_start_waits_before_it_calls_again(journal: MemoryJournal) -> None:
    world, told = World(), Told()

    def die(point: str) -> None:
        if point == "before CreateKey":
            raise Killed

    with pytest.raises(Killed):
        run(plan_of(), ports_for(world, journal, die=die))
    ports = ports_for(world, journal, told=told)
    began = ports.clock.now()
    run(plan_of(), ports)

    assert ports.clock.now() - began >= SETTLE
    assert "kms:CreateKey was begun before: looking whether it was done" in told.text


def shown_after(control: FakeControl, clock: FakeClock, seconds: float) -> None:
    """Let KMS show the keys that are made only so long after they were."""

    def look(at: datetime) -> None:
        for arn, held in control.world.keys.items():
            if at - held["created"] >= timedelta(seconds=seconds):
                control.hidden.discard(arn)

    clock.woken.append(look)


def hiding(world: World, journal: MemoryJournal, seconds: float, told: Told) -> Ports:
    """Ports whose first CreateKey is cut off after AWS acted, over a KMS that shows keys late."""
    clock = FakeClock()
    ports = losing(world, journal, {"CreateKey": ["after"]}, clock=clock, told=told)
    control_of(ports).hidden = {f"arn:aws:kms:{HOME}:123456789012:key/made-0"}
    shown_after(control_of(ports), clock, seconds)
    return ports


def test_a_key_that_kms_shows_late_is_found(journal: MemoryJournal) -> None:
    world, told = World(), Told()

    run(plan_of(), hiding(world, journal, SETTLE.total_seconds() - 5, told))

    assert is_in_order(world)


def test_a_key_that_shows_too_late_is_used_for_nothing_and_named(journal: MemoryJournal) -> None:
    world, told = World(), Told()

    first = run(plan_of(), hiding(world, journal, SETTLE.total_seconds() + 1, told))
    again = run(plan_of(), ports_for(world, journal, told=told))

    late, used = world.keys
    assert (world.aliases, world.trails) == ({ALIAS: used}, {TRAIL: used})
    assert (first.unused_keys, again.unused_keys) == ((), (late,))
    assert f"aws kms schedule-key-deletion --key-id {late} --region {HOME}" in told.text


@pytest.mark.parametrize("second_is_here", [True, False], ids=["one home", "two machines"])
@pytest.mark.parametrize(
    "moment",
    [
        f"{when} {call}"
        for call in ("CreateKey", "CreateAlias", "SetKeyRotation")
        for when in ("before", "after")
    ],
)
def test_two_starts_at_the_same_time_end_on_the_alias_key(
    moment: str, journal: MemoryJournal, *, second_is_here: bool
) -> None:
    """The second start runs whole at one moment of the first, and does not see the first's key yet."""
    world, told = World(), Told()
    started: list[Applied] = []

    def meanwhile(point: str) -> None:
        if point == moment and not started:
            other = ports_for(world, journal if second_is_here else MemoryJournal())
            control_of(other).hidden = (
                set() if second_is_here else set(world.keys) - set(world.aliases.values())
            )
            started.append(run(plan_of(), other))

    first = run(plan_of(), ports_for(world, journal, die=meanwhile, told=told))

    used = world.aliases[ALIAS]
    assert world.trails == {TRAIL: used}
    assert first.keys == started[0].keys == {f"new:{HOME}": used}
    stray = set(world.keys) - {used}
    assert set(first.unused_keys) == stray
    for arn in stray:
        assert f"schedule-key-deletion --key-id {arn}" in told.text
    assert all(world.keys[arn]["days"] == 0 for arn in stray)


def test_two_keys_without_a_name_the_trail_decides(journal: MemoryJournal) -> None:
    world, plan = World(), plan_of()
    run(plan, ports_for(world, journal))
    used = world.trails[TRAIL]
    older = {**world.keys[used], "created": datetime.fromisoformat("2026-11-23T11:00:00+00:00")}
    world.keys[used + "-older"] = older
    world.aliases.clear()

    run(plan, ports_for(world, MemoryJournal()))

    assert world.trails[TRAIL] == world.aliases[ALIAS] == used


@pytest.mark.parametrize("lost", ["before", "after"])
def test_a_replica_whose_answer_was_lost_is_found(lost: str, journal: MemoryJournal) -> None:
    world = World()
    world.trails[other_trail("away").arn] = ""
    away = other_trail("away", s3_bucket_name="away")
    seen = snapshot(
        trails=(trail(), away),
        buckets=(bucket(), bucket(name="away", region=AWAY)),
        deliveries=(delivery(),),
    )
    plan = plan_of(seen, multi_region=True)
    world.by_name = {"away": {"region": AWAY}, away.arn: {"s3_bucket_name": "away", "name": "away"}}

    run(plan, losing(world, journal, {"ReplicateKey": [lost]}))
    again = run(plan, ports_for(world, MemoryJournal()))

    primary, replica = world.keys
    assert replica == primary.replace(AWAY, HOME)
    assert world.trails == {TRAIL: replica, away.arn: primary}
    assert world.calls.count("ReplicateKey") == 1
    assert all(step.was_done for step in again.steps)


@pytest.mark.parametrize("lost", ["CreateKey", "CreateAlias"])
@pytest.mark.parametrize("when", ["before", "after"])
def test_undo_takes_back_from_another_machine_after_lost_answers(
    lost: str, when: str, journal: MemoryJournal
) -> None:
    world, plan = World(), plan_of()
    run(plan, losing(world, journal, {lost: [when]}))
    ports = ports_for(world, MemoryJournal())

    undone = undo(plan, begin_undo(plan, ports, name="p"), ports)

    assert world.trails == {TRAIL: ""}
    assert len(undone.steps) == 1
    assert len(world.keys) == 1


def test_undo_from_another_machine_takes_back_the_key_that_the_trail_names() -> None:
    world, plan = World(), plan_of()
    run(plan, ports_for(world, MemoryJournal()))
    used = world.trails[TRAIL]
    world.keys = {f"arn:aws:kms:{HOME}:123456789012:key/0": dict(world.keys[used]), **world.keys}
    ports = ports_for(world, MemoryJournal())

    undo(plan, begin_undo(plan, ports, name="p"), ports)

    assert world.trails == {TRAIL: ""}


def test_undo_stops_when_the_trail_has_a_key_that_nothing_connects_with_the_plan() -> None:
    world, plan = World(), plan_of()
    run(plan, ports_for(world, MemoryJournal()))
    for held in world.keys.values():
        held["tag"] = ""
    world.aliases.clear()
    ports = ports_for(world, MemoryJournal())

    with pytest.raises(WorldMoved):
        undo(plan, begin_undo(plan, ports, name="p"), ports)


def test_undo_stops_where_nobody_says_which_key_the_trail_has() -> None:
    class Silent(FakeControl):
        """A CloudTrail that does not describe the trail."""

        def trail_facts(self, trail_arn: str, home_region: str) -> Facts:
            return {"Arn": Unreadable(call="cloudtrail:GetTrail", code="AccessDenied")}

    world, plan = World(), plan_of()
    run(plan, ports_for(world, MemoryJournal()))
    ports = ports_for(world, MemoryJournal())
    silent = structs.replace(ports, control=Silent(world, ports.clock))  # type: ignore[arg-type]

    with pytest.raises(Incomplete, match="does not allow cloudtrail:GetTrail"):
        begin_undo(plan, silent, name="p")


def test_undo_says_that_a_trail_was_deleted() -> None:
    world, plan = World(), plan_of()
    run(plan, ports_for(world, MemoryJournal()))
    world.trails.clear()
    ports = ports_for(world, MemoryJournal())

    with pytest.raises(WorldMoved, match=f"{TRAIL} does not exist"):
        undo(plan, begin_undo(plan, ports, name="p"), ports)


def opened(world: World) -> str:
    """Add a key with the plan's tag and a policy that is not the plan's."""
    arn = KEY.replace("1111", "9999")
    world.add_key(arn, tag=TAG, created=datetime.fromisoformat("2026-11-22T00:00:00+00:00"))
    return arn


def test_another_key_with_the_tag_stops_what_has_made_none(journal: MemoryJournal) -> None:
    world, told = World(), Told()
    arn = opened(world)

    with pytest.raises(WorldMoved):
        run(plan_of(), ports_for(world, journal, told=told))

    assert (world.calls, set(world.keys)) == ([], {arn})
    assert f"the policy of {f'new:{HOME}'}" in told.text or "Policy" in told.text


@pytest.mark.parametrize("moment", ["after CreateKey", "before CreateAlias", "after CreateAlias"])
@pytest.mark.parametrize("same_machine", [True, False], ids=["here", "from another machine"])
def test_another_key_with_the_tag_is_left_alone_beside_the_plans_own(
    moment: str, journal: MemoryJournal, *, same_machine: bool
) -> None:
    world, told = World(), Told()

    def die(point: str) -> None:
        if point == moment:
            raise Killed

    with pytest.raises(Killed):
        run(plan_of(), ports_for(world, journal, die=die))
    (own,) = world.keys
    foreign = opened(world)
    before = dict(world.keys[foreign])
    done = run(plan_of(), ports_for(world, journal if same_machine else MemoryJournal(), told=told))

    assert (world.trails, world.aliases) == ({TRAIL: own}, {ALIAS: own})
    assert world.keys[foreign] == before
    assert done.unused_keys == ()


CHANGES: dict[str, Any] = {
    "policy": '{"Statement": []}',
    "state": "Disabled",
    "description": "mine",
    "origin": "EXTERNAL",
    "key_usage": "SIGN_VERIFY",
    "key_spec": "RSA_2048",
    "multi_region_key_type": "PRIMARY",
}


@pytest.mark.parametrize("name", CHANGES)
@pytest.mark.parametrize("moment", ["after CreateKey", "after CreateAlias", "after SetKeyRotation"])
@pytest.mark.parametrize("same_machine", [True, False], ids=["here", "from another machine"])
def test_a_key_that_was_changed_since_it_was_made_is_not_gone_on_with(
    name: str, moment: str, journal: MemoryJournal, *, same_machine: bool
) -> None:
    world, told = World(), Told()

    def die(point: str) -> None:
        if point == moment:
            raise Killed

    with pytest.raises(Killed):
        run(plan_of(), ports_for(world, journal, die=die))
    (own,) = world.keys
    world.keys[own][name] = CHANGES[name]
    made = list(world.calls)

    with pytest.raises(WorldMoved):
        run(plan_of(), ports_for(world, journal if same_machine else MemoryJournal(), told=told))

    assert world.calls == made
    assert world.trails == {TRAIL: ""}


def test_a_key_that_is_gone_is_not_made_again_behind_the_journals_back(journal: MemoryJournal) -> None:
    world = World()
    run(plan_of(), ports_for(world, journal))
    world.keys.clear()
    world.aliases.clear()

    with pytest.raises(NotYet, match="KMS does not show"):
        run(plan_of(), ports_for(world, journal))

    assert world.calls.count("CreateKey") == 1


def test_keys_pending_deletion_are_of_no_account(journal: MemoryJournal) -> None:
    world, told = World(), Told()
    arn = opened(world)
    world.keys[arn]["state"] = "PendingDeletion"

    run(plan_of(), ports_for(world, journal, told=told))

    assert world.trails[TRAIL] != arn
    assert arn not in told.text


class Slow(FakeControl):
    """A KMS that shows of a key's tags nothing yet the first time."""

    looked = 0

    def read_key(self, reference: str, region: str) -> KmsKey | UnreadKey:
        found = super().read_key(reference, region)
        self.looked += 1
        if self.looked > 1 or isinstance(found, UnreadKey):
            return found
        not_yet = Unreadable(call="kms:ListResourceTags", code="NotFoundException")
        return structs.replace(found, tags=not_yet)


def test_parts_of_a_key_that_do_not_show_yet_are_waited_for(journal: MemoryJournal) -> None:
    world, told = World(), Told()
    ports = ports_for(world, journal, told=told)

    run(plan_of(), structs.replace(ports, control=Slow(world, ports.clock)))  # type: ignore[arg-type]

    assert is_in_order(world)
    assert "not yet: not read: kms:ListResourceTags NotFoundException" in told.text


def test_a_change_that_never_shows_is_an_error(journal: MemoryJournal) -> None:
    class Stale(FakeControl):
        """A CloudTrail that never shows a trail's new key."""

        def trail_facts(self, trail_arn: str, home_region: str) -> Facts:
            return {**super().trail_facts(trail_arn, home_region), "KmsKeyId": ""}

    world = World()
    ports = ports_for(world, journal)

    with pytest.raises(NotYet, match="does not show it yet"):
        run(plan_of(), structs.replace(ports, control=Stale(world, ports.clock)))  # type: ignore[arg-type]

    assert world.calls.count("UpdateTrail") == 1


def test_a_key_that_is_made_slowly_is_waited_for(journal: MemoryJournal) -> None:
    world = World()
    ports = ports_for(world, journal)

    def die(point: str) -> None:
        if point == "after CreateKey":
            next(iter(world.keys.values()))["state"] = "Creating"

    control_of(ports).die = die
    ports.clock.woken.append(lambda _: [k.update(state="Enabled") for k in world.keys.values()])  # type: ignore[attr-defined]

    run(plan_of(), ports)

    assert is_in_order(world)


def test_other_keys_that_cannot_be_looked_for_do_not_undo_what_is_done(journal: MemoryJournal) -> None:
    class Blind(FakeControl):
        """Somebody who may not list keys any more once the trail is turned."""

        def tagged_keys(self, tag: str, region: str) -> tuple[KmsKey | UnreadKey, ...]:
            if self.world.trails[TRAIL]:
                raise TrailsealError(message("AWS does not allow kms:ListKeys"))
            return super().tagged_keys(tag, region)

    world, told = World(), Told()
    ports = ports_for(world, journal, told=told)

    done = run(plan_of(), structs.replace(ports, control=Blind(world, ports.clock)))  # type: ignore[arg-type]

    assert (is_in_order(world), done.exit_code) == (True, 0)
    assert "made a key is not known: AWS does not allow kms:ListKeys" in told.text
