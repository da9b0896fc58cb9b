"""What a plan rests on: each fact of it that has changed stops apply before the first step."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
from msgspec import structs

from plan_estate import (
    BUCKET,
    DENIED,
    KEY,
    NOW,
    OTHER,
    ROOT_ONLY,
    TAG,
    TRAIL,
    FakeControl,
    MemoryJournal,
    Told,
    World,
    bucket,
    key,
    plan_of,
    ports_for,
    snapshot,
    trail,
)
from trailseal.errors import Incomplete, TrailsealError, UsageProblem, WorldMoved
from trailseal.messages import message
from trailseal.model.bucket import BucketEncryption
from trailseal.model.key import Grant, KmsKey, UnreadKey
from trailseal.model.snapshot import Snapshot
from trailseal.model.trail import EventSelection
from trailseal.plan.build import build_plan
from trailseal.plan.facts import Facts
from trailseal.plan.intent import Intent
from trailseal.plan.plan import Plan, seal
from trailseal.run.apply import apply
from trailseal.run.ports import SnapshotScope
from trailseal.run.undo import begin_undo, undo

EVENTS = EventSelection(read_management=True, write_management=True)
GRANT = Grant(grant_id="1", grantee_principal="arn:aws:iam::1:role/x", operations=("Decrypt",))


def plan_on_key() -> Plan:
    """A plan that changes an existing key, and then points the trail at it."""
    seen = snapshot(keys=(key(),), trails=(trail(events=EVENTS, statuses=trail().statuses),))
    return build_plan(seen, Intent(key=KEY, rotation_days=180), made_at=NOW, tag=TAG)


def world_on_key() -> World:
    world = World(by_name={TRAIL: {"events": EVENTS}})
    world.add_key(KEY)
    return world


TRAIL_CHANGES: dict[str, Any] = {
    "HomeRegion": {"home_region": "eu-west-1"},
    "S3BucketName": {"s3_bucket_name": "elsewhere"},
    "S3KeyPrefix": {"s3_key_prefix": "more"},
    "IsMultiRegionTrail": {"is_multi_region_trail": True},
    "IsOrganizationTrail": {"is_organization_trail": True},
    "IncludeGlobalServiceEvents": {"include_global_service_events": True},
    "LogFileValidationEnabled": {"log_file_validation_enabled": True},
    "CloudWatchLogsLogGroupArn": {"cloud_watch_logs_log_group_arn": "arn:x"},
    "CloudWatchLogsRoleArn": {"cloud_watch_logs_role_arn": "arn:x"},
    "SnsTopicARN": {"sns_topic_arn": "arn:x"},
    "EventSelectors": {"events": EventSelection(read_management=False, write_management=True)},
    "IsLogging": {"is_logging": False},
}
BUCKET_CHANGES: dict[str, Any] = {
    "AccountId": {"account": OTHER},
    "Region": {"region": "eu-west-1"},
    "Policy": {"policy": ROOT_ONLY},
    "SSEAlgorithm": {"encryption": BucketEncryption(sse_algorithm="aws:kms")},
    "KMSMasterKeyID": {"encryption": BucketEncryption(kms_master_key_id=KEY)},
    "BucketKeyEnabled": {"encryption": BucketEncryption(bucket_key_enabled=True)},
}
KEY_CHANGES: dict[str, Any] = {
    "KeyManager": {"key_manager": "AWS"},
    "KeyState": {"state": "Disabled"},
    "KeySpec": {"key_spec": "RSA_2048"},
    "KeyUsage": {"key_usage": "SIGN_VERIFY"},
    "Origin": {"origin": "EXTERNAL"},
    "MultiRegionKeyType": {"multi_region_key_type": "PRIMARY"},
    "PrimaryKey": {"primary_key": KEY},
    "Policy": {"policy": '{"Statement": []}'},
    "SharedPolicy": {"shared": ROOT_ONLY},
    "Grants": {"grants": (GRANT,)},
}
PENDING = {"state": "PendingDeletion"}


def changed(resource: str, change: dict[str, Any]) -> World:
    world = world_on_key()
    if resource == KEY:
        world.keys[KEY].update(change)
    else:
        world.by_name.setdefault(resource, {}).update(change)
    return world


CHANGES = [
    pytest.param(resource, name, change, id=f"{kind} {name} {change.get('state', '')}".strip())
    for kind, resource, table in (
        ("trail", TRAIL, TRAIL_CHANGES),
        ("bucket", BUCKET, BUCKET_CHANGES),
        ("key", KEY, KEY_CHANGES),
    )
    for name, change in (*table.items(), *((("KeyState", PENDING),) if kind == "key" else ()))
]


def moved(plan: Plan, world: World) -> tuple[TrailsealError, str]:
    told = Told()
    with pytest.raises(WorldMoved) as stopped:
        apply(plan, ports_for(world, MemoryJournal(), told=told), name="p", wait=False)
    return stopped.value, f"{stopped.value}\n{told.text}"


@pytest.mark.parametrize(("resource", "name", "change"), CHANGES)
def test_a_changed_fact_stops_it_before_anything_is_changed(
    resource: str, name: str, change: dict[str, Any]
) -> None:
    world = changed(resource, change)

    problem, told = moved(plan_on_key(), world)

    assert (world.calls, problem.exit_code) == ([], 1)
    assert resource in told
    assert name in told or "policy" in told


def test_the_table_changes_every_fact() -> None:
    facts = {ground.resource: set(ground.facts) - {"Arn"} for ground in plan_on_key().rests_on}
    own = {"AWSAccountId"}  # is part of the key's ARN

    assert facts[TRAIL] == set(TRAIL_CHANGES)
    assert facts[BUCKET] == set(BUCKET_CHANGES)
    assert facts[KEY] - own == set(KEY_CHANGES) - {"Policy"}  # which the plan's own step compares


@pytest.mark.parametrize("gone", ["trail", "key"])
def test_what_is_gone_is_said(gone: str) -> None:
    world = world_on_key()
    if gone == "trail":
        world.trails.clear()
    else:
        world.keys.clear()

    _, told = moved(plan_on_key(), world)

    assert "does not exist, and the plan was made when it did" in told
    assert world.calls == []


class NothingLeft:
    """An account in which nothing of the plan is there any more."""

    def __init__(self) -> None:
        self.asked = 0

    def collect(self, scope: SnapshotScope) -> Snapshot:
        self.asked += 1
        return snapshot(trails=(), buckets=(), keys=())


def asked_for_readers(world: World) -> int:
    """How often an apply of a plan about readers asks who there is."""
    collector = NothingLeft()
    ports = structs.replace(ports_for(world, MemoryJournal()), collector=collector)
    with suppress(WorldMoved):
        apply(seal(structs.replace(plan_on_key(), concerns=())), ports, name="p", wait=False)
    return collector.asked


def test_readers_are_decided_anew_where_all_that_the_plan_rests_on_stands() -> None:
    assert asked_for_readers(world_on_key()) == 1


@pytest.mark.parametrize(("resource", "name", "change"), CHANGES)
def test_what_has_moved_is_told_before_anybody_asks_for_readers(
    resource: str, name: str, change: dict[str, Any]
) -> None:
    del name

    assert asked_for_readers(changed(resource, change)) == 0


def test_a_key_that_the_plan_only_points_at_is_compared_with_its_policy() -> None:
    done = plan_on_key()
    after = done.steps[0].after  # type: ignore[union-attr]
    seen = snapshot(keys=(key(policies=structs.replace(key().policies, default=after)),))  # type: ignore[type-var]
    plan = build_plan(seen, Intent(key=KEY), made_at=NOW, tag=TAG)
    world = World()
    world.add_key(KEY, policy=ROOT_ONLY)

    _, told = moved(plan, world)

    assert f"the policy of {KEY}" in told
    assert [type(step).__name__ for step in plan.steps] == ["UpdateTrail"]


def test_a_setting_that_changes_half_way_stops_the_next_step_of_that_resource() -> None:
    world = world_on_key()

    def die(point: str) -> None:
        if point == "after SetKeyRotation":
            world.by_name[TRAIL]["s3_bucket_name"] = "elsewhere"

    with pytest.raises(WorldMoved, match="S3BucketName"):
        apply(plan_on_key(), ports_for(world, MemoryJournal(), die=die), name="p", wait=False)

    assert world.trails[TRAIL] == ""


@pytest.mark.parametrize(
    ("call", "change"),
    [
        ("PutKeyPolicy", lambda w: w.keys[KEY].update(policy='{"Statement": []}')),
        ("PutKeyPolicy", lambda w: w.keys[KEY].update(state="Disabled")),
        ("SetKeyRotation", lambda w: w.keys[KEY].update(days=90)),
        ("UpdateTrail", lambda w: w.trails.update({TRAIL: KEY + "0"})),
        ("UpdateTrail", lambda w: w.by_name[TRAIL].update(s3_bucket_name="elsewhere")),
    ],
    ids=["policy", "state", "rotation", "trail's key", "trail's bucket"],
)
def test_what_does_not_read_back_as_shown_is_not_done(call: str, change: Any) -> None:
    world, journal = world_on_key(), MemoryJournal()
    plan = plan_on_key()

    def die(point: str) -> None:
        if point == f"after {call}":
            change(world)

    with pytest.raises(WorldMoved):
        apply(plan, ports_for(world, journal, die=die), name="p", wait=False)


class Blind(FakeControl):
    """Somebody who may not look at buckets."""

    def bucket_facts(self, name: str) -> Facts:
        return {**super().bucket_facts(name), "Policy": DENIED}


def test_a_fact_that_cannot_be_read_any_more_is_not_taken_to_hold() -> None:
    world = world_on_key()
    ports = ports_for(world, MemoryJournal())
    blind = structs.replace(ports, control=Blind(world, ports.clock))  # type: ignore[arg-type]

    with pytest.raises(Incomplete, match="s3:Something"):
        apply(plan_on_key(), blind, name="p", wait=False)

    assert world.calls == []


RESTS = [(ground.resource, name) for ground in plan_on_key().rests_on for name in ground.facts]
IN_PARTS = {"Policy": "policies", "SharedPolicy": "policies", "Grants": "grants",
            "RotationPeriodInDays": "rotation", "Tag": "tags"}  # fmt: skip
"""The parts of a key that each have a call of their own."""


class BlindTo(FakeControl):
    """Somebody who may not be told one fact of one thing; who asks for it is refused by its own call."""

    def __init__(self, world: World, clock: Any, *, resource: str, name: str) -> None:
        super().__init__(world, clock)
        self._resource, self._name = resource, name

    def _without(self, resource: str, facts: Facts) -> Facts:
        hidden = resource == self._resource and self._name in facts
        return {**facts, self._name: DENIED} if hidden else facts

    def bucket_facts(self, name: str) -> Facts:
        return self._without(name, super().bucket_facts(name))

    def trail_facts(self, trail_arn: str, home_region: str) -> Facts:
        return self._without(trail_arn, super().trail_facts(trail_arn, home_region))

    def read_key(self, reference: str, region: str) -> KmsKey | UnreadKey:
        found = super().read_key(reference, region)
        if found.arn != self._resource or isinstance(found, UnreadKey):
            return found
        part = IN_PARTS.get(self._name)
        return structs.replace(found, **{part: DENIED}) if part else UnreadKey(arn=found.arn, reason=DENIED)


@pytest.mark.parametrize(("resource", "name"), RESTS)
def test_each_fact_that_a_plan_rests_on_stops_it_by_its_action_where_it_is_refused(
    resource: str, name: str
) -> None:
    world = world_on_key()
    ports = ports_for(world, MemoryJournal())
    blind = BlindTo(world, ports.clock, resource=resource, name=name)

    with pytest.raises(Incomplete, match="s3:Something") as refused:
        apply(plan_on_key(), structs.replace(ports, control=blind), name="p", wait=False)  # type: ignore[arg-type]

    assert (world.calls, refused.value.exit_code) == ([], 4)


def test_what_could_not_be_read_when_the_plan_was_made_is_not_compared() -> None:
    seen = snapshot(keys=(key(grants=DENIED),), buckets=(bucket(policy=DENIED, account=OTHER),))
    plan = build_plan(seen, Intent(key=KEY), made_at=NOW, tag=TAG)
    world = World()
    world.add_key(KEY, grants=(GRANT,))
    world.by_name[BUCKET] = {"policy": ROOT_ONLY, "account": OTHER}

    done = apply(plan, ports_for(world, MemoryJournal()), name="p", wait=False)

    assert done.exit_code == 0


def test_a_key_that_is_being_updated_is_waited_for() -> None:
    world, told = world_on_key(), Told()
    world.keys[KEY]["state"] = "Updating"
    ports = ports_for(world, MemoryJournal(), told=told)
    ports.clock.woken.append(lambda _: world.keys[KEY].update(state="Enabled"))  # type: ignore[attr-defined]

    apply(plan_on_key(), ports, name="p", wait=False)

    assert f"not yet: {KEY} is Updating" in told.text


def test_undo_does_not_ask_what_the_plan_rested_on() -> None:
    world, plan = world_on_key(), plan_on_key()
    journal = MemoryJournal()
    apply(plan, ports_for(world, journal), name="p", wait=False)
    world.by_name[BUCKET] = {"policy": ROOT_ONLY}
    world.by_name[TRAIL]["is_logging"] = False
    ports = ports_for(world, journal)

    undo(plan, begin_undo(plan, ports, name="p"), ports)

    assert world.trails[TRAIL] == ""


def test_a_plan_whose_keys_could_not_be_found_again_is_not_applied() -> None:
    plan = seal(structs.replace(plan_of(), tag=""))
    world = World()

    with pytest.raises(UsageProblem, match="has no tag to find it by"):
        apply(plan, ports_for(world, MemoryJournal()), name="p", wait=False)

    assert world.calls == []


@pytest.mark.parametrize("what", ["trail", "key"])
def test_what_stands_is_looked_at(what: str) -> None:
    world, told = world_on_key(), Told()

    def die(point: str) -> None:
        if point == "before UpdateTrail":
            if what == "trail":
                world.trails.clear()
            else:
                world.keys[KEY]["days"] = 0
            raise TrailsealError(message("nobody answers"))

    with pytest.raises(TrailsealError, match="nobody answers"):
        apply(plan_on_key(), ports_for(world, MemoryJournal(), die=die, told=told), name="p", wait=False)

    standing = {"trail": "2 of 3 steps are applied", "key": "1 of 3 steps is applied"}
    assert standing[what] in told.text
    assert "log files keep arriving" not in told.text


def test_what_stands_is_seen_from_another_machine_too() -> None:
    world, plan, told = world_on_key(), plan_on_key(), Told()
    apply(plan, ports_for(world, MemoryJournal()), name="p", wait=False)
    world.by_name[TRAIL]["is_logging"] = False

    with pytest.raises(WorldMoved):
        apply(plan, ports_for(world, MemoryJournal(), told=told), name="p", wait=False)

    assert "3 of 3 steps are applied" in told.text


class Unread(FakeControl):
    """Somebody who may not look at trails."""

    def trail_facts(self, trail_arn: str, home_region: str) -> Facts:
        del trail_arn, home_region
        return {"Arn": DENIED}


def test_where_nobody_answers_nothing_is_said_to_stand() -> None:
    class Gone(FakeControl):
        """An AWS that stops answering half way."""

        def read_key(self, reference: str, region: str) -> KmsKey | UnreadKey:
            if self.world.calls:
                raise TrailsealError(message("nobody answers"))
            return super().read_key(reference, region)

    world, told = world_on_key(), Told()
    ports = ports_for(world, MemoryJournal(), told=told)

    with pytest.raises(TrailsealError, match="nobody answers"):
        apply(plan_on_key(), structs.replace(ports, control=Gone(world, ports.clock)), name="p", wait=False)  # type: ignore[arg-type]

    calls = "kms:PutKeyPolicy, kms:EnableKeyRotation"
    assert f"it is not known whether these are: {calls}" in told.text


def test_what_cannot_be_looked_at_is_not_said_to_stand() -> None:
    world, told = world_on_key(), Told()
    ports = ports_for(world, MemoryJournal(), told=told)
    unread = structs.replace(ports, control=Unread(world, ports.clock))  # type: ignore[arg-type]

    with pytest.raises(Incomplete):
        apply(plan_on_key(), unread, name="p", wait=False)

    assert "0 of 3 steps are applied" in told.text
    assert "it is not known whether these are: cloudtrail:UpdateTrail" in told.text
