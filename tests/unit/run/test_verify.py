"""Verify: which switch counts, what is looked at, and when it is a pass."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from msgspec import structs

from plan_estate import (
    DENIED,
    HOME,
    KEY,
    NOW,
    TRAIL,
    FakeClock,
    FakeDeliveries,
    MemoryJournal,
    Told,
    World,
    delivery,
    log_file,
    plan_of,
    ports_for,
    snapshot,
    trail,
)
from trailseal.errors import UsageProblem
from trailseal.model.snapshot import Snapshot
from trailseal.model.trail import Trail
from trailseal.model.unreadable import Unreadable
from trailseal.plan.proof import SwitchSource
from trailseal.run.apply import apply
from trailseal.run.verify import VerifyOptions, VerifyPorts, verify, verify_snapshot


class FakeHistory:
    def __init__(self, at: datetime | Unreadable | None = None) -> None:
        self.at = at

    def switched_at(self, trail_arn: str, home_region: str, key: str) -> datetime | Unreadable | None:
        return self.at


@pytest.fixture
def journal():
    return MemoryJournal()


def sealed(**changed: object) -> Trail:
    return trail(kms_key_id=KEY, **changed)


def look(
    journal: MemoryJournal,
    *objects: object,
    seen: Snapshot | None = None,
    history: FakeHistory | None = None,
    clock: FakeClock | None = None,
    deliveries: FakeDeliveries | None = None,
    **asked: object,
):
    deliveries = deliveries or FakeDeliveries()
    deliveries.objects = list(objects)
    ports = VerifyPorts(
        deliveries=deliveries,
        history=history or FakeHistory(),
        journal=journal,
        clock=clock or FakeClock(NOW + timedelta(minutes=20)),
        observe=Told(),
    )
    return verify(seen or snapshot(trails=(sealed(),)), VerifyOptions(**asked), ports)


class Vanishing(FakeDeliveries):
    """Objects of which some are deleted between the listing and the look, or nobody may look at."""

    def __init__(self, *gone: object, refused: bool = False) -> None:
        super().__init__()
        self.gone = gone
        self.refused = refused

    def look(self, bucket, keys):
        self.objects = [each for each in self.objects if each not in self.gone]
        return DENIED if self.refused else super().look(bucket, keys)


@pytest.mark.parametrize("every", [True, False])
@pytest.mark.parametrize("gone", range(4))
def test_what_was_deleted_after_it_was_listed_is_not_counted_as_looked_at(gone, every, journal) -> None:
    objects = [later(number + 1, KEY, number) for number in range(3)]
    proof = look(journal, *objects, deliveries=Vanishing(*objects[:gone]), every=every)

    (told,) = proof.trails
    assert (told.listed, told.looked_at, told.gone) == (3, 3 - gone, gone)
    assert not told.is_sampled
    assert told.is_proven is (gone < 3)


def test_what_nobody_may_look_at_was_not_looked_at(journal) -> None:
    (told,) = look(journal, later(1, KEY), deliveries=Vanishing(refused=True)).trails

    assert (told.listed, told.looked_at, told.gone) == (1, 0, 0)
    assert not told.is_sampled


def later(minutes: float, kms: str = "", number: int = 1):
    return log_file(NOW + timedelta(minutes=minutes), kms=kms, number=number)


def test_the_journal_tells_when_the_switch_was(journal) -> None:
    world = World()
    apply(plan_of(), ports_for(world, journal), name="p", wait=False)
    made = world.trails[TRAIL]

    proof = look(journal, later(5, made), later(-5), seen=snapshot(trails=(trail(kms_key_id=made),)))

    assert (proof.trails[0].source, proof.trails[0].switched_at) == (SwitchSource.JOURNAL, NOW)
    assert proof.exit_code == 0


def test_a_run_that_named_another_key_does_not_count(journal) -> None:
    apply(plan_of(), ports_for(World(), journal), name="p", wait=False)

    assert look(journal, later(5, KEY)).trails[0].source is SwitchSource.OBJECT


def test_without_a_journal_cloudtrails_own_event_tells(journal) -> None:
    history = FakeHistory(NOW + timedelta(minutes=1))

    proof = look(journal, later(5, KEY), later(0.5), history=history)

    assert proof.trails[0].source is SwitchSource.EVENT
    assert proof.exit_code == 0


@pytest.mark.parametrize(
    ("told", "unread", "exit_code"),
    [pytest.param(None, (), 0, id="too old"), pytest.param(DENIED, (DENIED,), 4, id="not allowed")],
)
def test_without_an_event_the_earliest_object_under_the_key_tells(told, unread, exit_code, journal) -> None:
    proof = look(journal, later(5, KEY), later(3), history=FakeHistory(told))

    assert (proof.trails[0].source, proof.trails[0].unreadable) == (SwitchSource.OBJECT, unread)
    assert proof.exit_code == exit_code


def test_a_switch_of_which_nobody_would_tell_is_not_waited_for(journal) -> None:
    proof = look(journal, history=FakeHistory(DENIED), wait=timedelta(minutes=10))

    assert (proof.taken_at, proof.exit_code) == (NOW + timedelta(minutes=20), 4)


def test_a_refused_look_up_does_not_matter_where_the_journal_tells(journal) -> None:
    world = World()
    apply(plan_of(), ports_for(world, journal), name="p", wait=False)
    made = world.trails[TRAIL]
    seen = snapshot(trails=(trail(kms_key_id=made),))

    assert look(journal, later(5, made), seen=seen, history=FakeHistory(DENIED)).exit_code == 0


def test_an_object_beside_the_key_is_exit_3(journal) -> None:
    history = FakeHistory(NOW)

    assert look(journal, later(9, number=2), later(5, KEY), history=history).exit_code == 3


def test_a_trail_on_sse_s3_is_no_pass(journal) -> None:
    assert look(journal, later(-5), seen=snapshot()).exit_code == 3


def test_only_the_trails_asked_for_are_looked_at(journal) -> None:
    with pytest.raises(UsageProblem, match="there is no trail `none`"):
        look(journal, trails=("none",))


def test_digests_of_another_trail_are_not_counted(journal) -> None:
    mine = f"AWSLogs/123456789012/CloudTrail-Digest/{HOME}/2026/11/23/1_CloudTrail-Digest_{HOME}_"
    names = [f"{mine}management-events_{HOME}_1.json.gz", f"{mine}another_{HOME}_1.json.gz"]
    digests = [_named(name) for name in names]

    rows = look(journal, later(5, KEY), *digests, history=FakeHistory(NOW)).trails[0].rows

    assert [(row.kind.value, row.count) for row in rows] == [("digest file", 1), ("log file", 1)]


def _named(name: str):
    import msgspec

    return msgspec.structs.replace(later(6, KEY), key=name)


def test_waiting_looks_again_until_a_delivery_comes(journal) -> None:
    clock = FakeClock(NOW)
    objects = [later(-5)]
    deliveries = FakeDeliveries()
    deliveries.objects = objects
    clock.woken.append(lambda at: objects.append(log_file(at, kms=KEY, number=9)))
    ports = VerifyPorts(
        deliveries=deliveries, history=FakeHistory(NOW), journal=journal, clock=clock, observe=Told()
    )

    proof = verify(snapshot(trails=(sealed(),)), VerifyOptions(wait=timedelta(minutes=10)), ports)

    assert proof.exit_code == 0
    assert clock.now() > NOW


def test_there_is_nothing_to_wait_for_without_a_switch(journal) -> None:
    clock = FakeClock(NOW)

    look(journal, seen=snapshot(), clock=clock, wait=timedelta(minutes=10))

    assert clock.now() == NOW


def test_a_saved_snapshot_shows_the_newest_objects_alone() -> None:
    seen = snapshot(
        trails=(sealed(),),
        deliveries=(
            delivery(log_file=later(5, KEY), digest_file=DENIED),
            delivery(region="us-east-1", log_file=None),
        ),
    )

    proof = verify_snapshot(seen, VerifyOptions())

    assert [row.count for row in proof.trails[0].rows] == [1]
    assert proof.trails[0].unreadable == (DENIED,)
    assert proof.exit_code == 4


@pytest.mark.parametrize(
    ("of_organization", "organization", "exit_code"),
    [(True, DENIED, 4), (True, None, 0), (False, DENIED, 0)],
)
def test_members_that_nobody_would_name_prove_nothing(
    journal, *, of_organization: bool, organization: Unreadable | None, exit_code: int
) -> None:
    one = sealed(is_organization_trail=of_organization)
    seen = structs.replace(snapshot(trails=(one,)), organization=organization)
    proof = look(journal, later(5, KEY), seen=seen)
    unread = (DENIED,) if exit_code else ()

    assert (proof.exit_code, proof.trails[0].unreadable) == (exit_code, unread)
    assert verify_snapshot(seen, VerifyOptions()).trails[0].unreadable == unread
