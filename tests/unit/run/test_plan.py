"""Planning on an account: what is read, which keys are looked up, and where the intent comes from."""

from __future__ import annotations

import pytest
from msgspec import structs

from plan_estate import KEY, NOW, FakeClock, FakeControl, World, codes, key, snapshot
from trailseal.errors import UsageProblem
from trailseal.model.key import KeyState, KmsKey, Tags, UnreadKey
from trailseal.model.snapshot import Snapshot
from trailseal.model.unreadable import Unreadable
from trailseal.plan.intent import Intent
from trailseal.plan.scope import TAG
from trailseal.run.intent import gather
from trailseal.run.plan import plan_saved, plan_switch, with_keys
from trailseal.run.ports import SnapshotScope


class FakeCollector:
    def __init__(self, seen: Snapshot) -> None:
        self.seen, self.scopes = seen, list[SnapshotScope]()

    def collect(self, scope: SnapshotScope) -> Snapshot:
        self.scopes.append(scope)
        return self.seen


def keys_of(world: World) -> FakeControl:
    return FakeControl(world, FakeClock())


def test_a_plan_is_made_from_what_was_read_now() -> None:
    collector = FakeCollector(snapshot())

    seen, plan = plan_switch(Intent(), collector, keys_of(World()), FakeClock(), principals=True)

    assert (plan.made_at, plan.can_apply) == (NOW, True)
    assert seen.keys == ()
    assert collector.scopes == [SnapshotScope(hub=False, principals=True, owners=True)]


def test_an_intent_that_cannot_be_reads_nothing() -> None:
    collector = FakeCollector(snapshot())

    with pytest.raises(UsageProblem):
        plan_switch(Intent(key="?"), collector, keys_of(World()), FakeClock())

    assert collector.scopes == []


def test_the_key_of_an_alias_that_would_be_given_is_looked_up() -> None:
    world = World(aliases={"alias/trailseal-cloudtrail": KEY})
    world.add_key(KEY, tag="earlier")

    seen, plan = plan_switch(Intent(), FakeCollector(snapshot()), keys_of(world), FakeClock())

    assert [key.arn for key in seen.keys] == [KEY]
    assert plan.switches[0].after == KEY


def test_a_named_key_is_looked_up_even_when_it_is_missing() -> None:
    seen = with_keys(snapshot(), Intent(key=KEY), keys_of(World()))

    assert [key.arn for key in seen.keys] == [KEY]


def test_a_key_is_listed_once() -> None:
    world = World(aliases={"alias/mine": KEY})
    world.add_key(KEY)
    once = with_keys(snapshot(), Intent(key=KEY), keys_of(world))

    assert with_keys(once, Intent(key="alias/mine"), keys_of(world)).keys == once.keys


def test_a_key_that_cannot_be_used_is_refused() -> None:
    world = World()
    world.add_key(KEY, state=KeyState.PENDING_IMPORT)

    _, plan = plan_switch(Intent(key=KEY), FakeCollector(snapshot()), keys_of(world), FakeClock())

    assert "key-unusable" in codes(plan)


def test_a_saved_snapshot_is_planned_on_as_of_then() -> None:
    plan = plan_saved(Intent(), snapshot())

    assert plan.made_at == NOW
    assert plan.can_apply


def test_the_command_line_stands_above_the_file(tmp_path) -> None:
    file = tmp_path / "trailseal.toml"
    file.write_bytes(
        b'alias = "alias/file"\nrotation_days = 90\n[readers]\nprincipals = ["arn:aws:iam::1:role/a"]'
    )
    given = {
        "alias": "alias/line",
        "rotation_days": None,
        "trails": (),
        "readers": (),
        "reader_mode": "perimeter",
    }

    intent = gather(str(file), given=given)

    assert (intent.alias, intent.rotation_days) == ("alias/line", 90)
    assert (intent.readers.mode, intent.readers.principals) == ("perimeter", ("arn:aws:iam::1:role/a",))


def test_without_a_file_the_command_line_is_all() -> None:
    assert gather("", given={"trails": ("a",), "readers": ("arn:aws:iam::1:role/a",)}).trails == ("a",)


class Reader:
    """One key, or why there is none to see."""

    def __init__(self, key: KmsKey | UnreadKey) -> None:
        self.key = key

    def read_key(self, reference: str, region: str) -> KmsKey | UnreadKey:
        del region
        return structs.replace(self.key, arn=reference) if isinstance(self.key, UnreadKey) else self.key


REFUSED = Unreadable(call="kms:DescribeKey", code="AccessDeniedException")


@pytest.mark.parametrize("wanted", ["create", "alias/mine"])
def test_an_alias_that_may_not_be_looked_at_is_not_known_and_no_key_is_made(wanted: str) -> None:
    reader = Reader(UnreadKey(arn="", reason=REFUSED))

    _, plan = plan_switch(Intent(key=wanted), FakeCollector(snapshot()), reader, FakeClock())

    assert codes(plan) == {"key-unreadable"}
    assert (plan.can_apply, plan.exit_code) == (False, 4)


def test_a_key_whose_aliases_may_not_be_listed_is_still_known_by_the_one_that_led_to_it() -> None:
    hidden = Unreadable(call="kms:ListAliases", code="AccessDeniedException")
    reader = Reader(key(aliases=hidden, tags=Tags(values={TAG: "0123456789abcdef"})))

    _, plan = plan_switch(Intent(), FakeCollector(snapshot()), reader, FakeClock())

    assert [step.after for step in plan.switches] == [KEY]
    assert "kms:CreateKey" not in {str(step.__struct_config__.tag) for step in plan.steps}
