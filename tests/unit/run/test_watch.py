"""The watch after a switch does not blink: no answer ends it, and none that is missing."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from itertools import count
from typing import Any

import pytest
from msgspec import structs

from plan_estate import (
    ACCOUNT,
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
    not_yet,
    other_trail,
    plan_of,
    ports_for,
    snapshot,
    trail,
)
from trailseal.errors import Incomplete, TrailsealError, UsageProblem
from trailseal.messages import message
from trailseal.model.log_file import StoredObject
from trailseal.model.trail import TrailStatus
from trailseal.model.unreadable import Unreadable
from trailseal.plan.facts import Facts
from trailseal.plan.plan import Plan
from trailseal.run.apply import Applied, Ports, apply
from trailseal.run.arrivals import Arrival
from trailseal.run.deliveries import Folder, TrailSetting
from trailseal.run.flow import FileFlow
from trailseal.run.journal import JournalEntry
from trailseal.run.outcome import Outcome

SECOND = "arn:aws:cloudtrail:ap-northeast-1:123456789012:trail/second"
EXPIRED = TrailsealError(message("the AWS credentials have expired"))
FAULTS: dict[str, Unreadable | TrailsealError] = {
    "denied": DENIED,
    "throttled": Unreadable(call="s3:ListBucket", code="SlowDown"),
    "what is no answer of AWS": Unreadable(call="s3:ListBucket", code="NotAwsAnswer"),
    "credentials that have expired": EXPIRED,
    "nobody answers": Incomplete(message("nobody answers at AWS")),
    "an endpoint that is none": UsageProblem(message("AWS cannot be reached")),
}
CALLS = ["setting", "status", "delivered", "key_state"]
MOMENTS: dict[str, Iterable[int]] = {
    "at the first look": range(2),
    "at looks in the middle": range(3, 9),
    "at every other look": range(0, 1000, 2),
}
faults = pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
calls = pytest.mark.parametrize("call", CALLS)


class Eyes(FakeDeliveries):
    """Deliveries that fail where `faults` says so: by the call, and how often it was asked before."""

    def __init__(self) -> None:
        super().__init__()
        self.faults: dict[str, tuple[Iterable[int], Unreadable | TrailsealError]] = {}
        self.asked = {call: count() for call in CALLS}
        self.errors: dict[str, str] = {}
        self.logging = True
        self.bucket = ""
        self.last_said: datetime | None = None

    def fail(self, call: str, when: Iterable[int], fault: Unreadable | TrailsealError) -> None:
        self.faults[call] = when, fault

    def _fault(self, call: str) -> Unreadable | None:
        when, fault = self.faults.get(call, ((), DENIED))
        if next(self.asked[call]) not in when:
            return None
        if isinstance(fault, TrailsealError):
            raise fault
        return fault

    def delivered(
        self, folder: Folder, *, since: datetime, until: datetime
    ) -> tuple[StoredObject, ...] | Unreadable:
        return self._fault("delivered") or super().delivered(folder, since=since, until=until)

    def status(self, trail_arn: str, region: str) -> TrailStatus | Unreadable:
        return self._fault("status") or TrailStatus(
            region=region,
            is_logging=self.logging,
            latest_delivery_error=self.errors.get(trail_arn, self.error),
            latest_delivery_time=self.last_said,
        )

    def setting(self, trail_arn: str, home_region: str) -> TrailSetting | Unreadable:
        found = self._fault("setting") or super().setting(trail_arn, home_region)
        if isinstance(found, Unreadable):
            return found
        prefix = "p" if trail_arn == SECOND else ""
        return structs.replace(found, bucket=self.bucket or found.bucket, prefix=prefix)


class Stage:
    """One apply up to its watch: what happens at which second is said by `at`."""

    def __init__(self, plan: Plan | None = None) -> None:
        self.world, self.eyes, self.told, self.clock = World(), Eyes(), Told(), FakeClock()
        self.plan = plan or plan_of()
        self.world.trails |= {place.trail_arn: "" for place in self.plan.watched}
        self.world.by_name[SECOND] = {"s3_key_prefix": "p"}
        self.journal: Any = MemoryJournal()

    def at(self, second: float, happen: Callable[[], object]) -> None:
        done: list[object] = []

        def wake(_: datetime) -> None:
            if self.clock.elapsed() >= second and not done:
                done.append(happen())

        self.clock.woken.append(wake)

    def arrives(self, *, under: str | None = None) -> None:
        kms = self.world.trails[TRAIL] if under is None else under
        number = len(self.eyes.objects) + 1
        self.eyes.objects.append(log_file(self.clock.now(), kms=kms, number=number))

    def ports(self) -> Ports:
        made = ports_for(self.world, self.journal, clock=self.clock, deliveries=self.eyes, told=self.told)
        state = made.control.key_state

        def key_state(arn: str) -> str:
            found = self.eyes._fault("key_state")
            if found is not None:
                raise TrailsealError(message("AWS does not allow kms:DescribeKey"))
            return state(arn)

        made.control.key_state = key_state  # type: ignore[method-assign, assignment]
        return made

    def run(self, ports: Ports | None = None, *, minutes: float = 30) -> Applied:
        return apply(self.plan, ports or self.ports(), name="plan.json", timeout=timedelta(minutes=minutes))


@calls
@faults
@pytest.mark.parametrize("when", MOMENTS.values(), ids=MOMENTS)
def test_a_look_that_fails_is_looked_at_again(
    call: str, when: Iterable[int], fault: Unreadable | TrailsealError
) -> None:
    stage = Stage()
    stage.eyes.fail(call, when, fault)
    stage.at(60, stage.arrives)

    done = stage.run()

    assert (done.outcome, done.log_files and done.log_files.flow) == (Outcome.PROVEN, FileFlow.ARRIVING)
    assert "looking again" in stage.told.text
    assert stage.clock.elapsed() < 120


@calls
@faults
def test_what_fails_at_every_look_does_not_end_the_watch_before_its_time(
    call: str, fault: Unreadable | TrailsealError
) -> None:
    stage = Stage()
    stage.eyes.fail(call, range(10_000), fault)

    done = stage.run(minutes=10)

    assert (done.outcome, done.exit_code) == (Outcome.UNPROVEN, 4)
    assert done.log_files is not None
    assert done.log_files.flow is FileFlow.NOT_KNOWN
    assert done.seen[0].unread
    assert stage.clock.elapsed() == pytest.approx(600, abs=3)
    assert next(stage.eyes.asked[call]) > 30


@pytest.mark.sweep
@faults
@pytest.mark.parametrize("other", [*CALLS, ""])
@pytest.mark.parametrize("sign", ["a delivery error", "a disabled key"])
def test_deliveries_that_fail_are_seen_whatever_else_cannot_be_read(
    sign: str, other: str, fault: Unreadable | TrailsealError
) -> None:
    stage = Stage()
    if other and other != {"a delivery error": "status", "a disabled key": "key_state"}[sign]:
        stage.eyes.fail(other, range(10_000), fault)
    if sign == "a delivery error":
        stage.at(30, lambda: setattr(stage.eyes, "error", "AccessDenied"))
    else:
        stage.at(30, lambda: next(iter(stage.world.keys.values())).update(state="Disabled"))

    done = stage.run()

    assert (done.outcome, done.exit_code) == (Outcome.ROLLED_BACK, 1)
    assert stage.world.trails[TRAIL] == ""


@pytest.mark.parametrize("refusals", [1, 5, 40])
@pytest.mark.parametrize("fault", [EXPIRED, not_yet()], ids=["refused", "not yet"])
def test_a_roll_back_that_is_refused_is_tried_until_it_works(refusals: int, fault: TrailsealError) -> None:
    stage = Stage()
    ports = stage.ports()
    stage.at(30, lambda: setattr(stage.eyes, "error", "AccessDenied"))
    stage.at(30, lambda: ports.control.refusals.update(UpdateTrail=[fault] * refusals))  # type: ignore[attr-defined]
    stage.at(1200, lambda: setattr(stage.eyes, "error", ""))

    def recovers() -> None:
        if stage.world.trails[TRAIL] == "":
            stage.arrives(under="")

    for second in range(1300, 1800, 60):
        stage.at(second, recovers)

    done = stage.run(ports)

    assert (done.outcome, done.next_command) == (Outcome.ROLLED_BACK, "trailseal check")
    assert done.log_files is not None
    assert done.log_files.flow is FileFlow.ARRIVING
    assert done.seen[0].arrival is Arrival.RESTORED
    assert stage.told.text.count("fail: rolling it back") == 1


def test_a_roll_back_that_is_refused_to_the_end_is_an_alarm_with_one_command() -> None:
    stage = Stage()
    ports = stage.ports()
    stage.at(30, lambda: setattr(stage.eyes, "error", "AccessDenied"))
    stage.at(30, lambda: ports.control.refusals.update(UpdateTrail=[EXPIRED] * 10_000))  # type: ignore[attr-defined]

    done = stage.run(ports)

    assert (done.outcome, done.exit_code) == (Outcome.NOT_ROLLED_BACK, 1)
    assert done.log_files is not None
    assert str(done.log_files.told) == f"Log files of {TRAIL} are NOT arriving (AccessDenied)."
    assert done.next_command == f"trailseal undo {stage.plan.id}"
    assert [(each.trail_arn, each.why) for each in done.not_put_back] == [(TRAIL, EXPIRED.what)]
    assert len(ports.control.refusals["UpdateTrail"]) < 9_950  # type: ignore[attr-defined]
    assert stage.clock.elapsed() >= 1800


def test_a_roll_back_that_was_refused_is_not_told_once_files_arrive() -> None:
    stage = Stage()
    ports = stage.ports()
    stage.at(30, lambda: setattr(stage.eyes, "error", "AccessDenied"))
    stage.at(30, lambda: ports.control.refusals.update(UpdateTrail=[EXPIRED] * 10_000))  # type: ignore[attr-defined]
    stage.at(300, stage.arrives)

    done = stage.run(ports)

    assert (done.outcome, done.not_put_back) == (Outcome.PROVEN, ())


@pytest.mark.parametrize(
    ("error", "flow"),
    [("AccessDenied", FileFlow.NOT_ARRIVING), ("", FileFlow.NOT_KNOWN)],
    ids=["still", "no more"],
)
def test_after_a_roll_back_nobody_says_that_files_arrive_before_one_has(error: str, flow: FileFlow) -> None:
    stage = Stage()
    stage.at(30, lambda: setattr(stage.eyes, "error", "AccessDenied"))
    stage.at(120, lambda: setattr(stage.eyes, "error", error))

    done = stage.run()

    assert done.outcome is Outcome.ROLLED_BACK
    assert done.log_files is not None
    assert done.log_files.flow is flow


CHANGES: dict[str, tuple[Callable[[Stage], object], Arrival, str]] = {
    "turned back": (lambda s: s.world.trails.update({TRAIL: ""}), Arrival.TURNED, "set to SSE-S3"),
    "another key": (lambda s: s.world.trails.update({TRAIL: KEY}), Arrival.TURNED, f"set to {KEY}"),
    "another bucket": (lambda s: setattr(s.eyes, "bucket", "b"), Arrival.TURNED, "set to s3://b/"),
    "deleted": (lambda s: s.world.trails.pop(TRAIL), Arrival.DELETED, "was deleted"),
    "stopped": (lambda s: setattr(s.eyes, "logging", False), Arrival.STOPPED, "start-logging --name"),
}


@pytest.mark.parametrize(("change", "arrival", "said"), CHANGES.values(), ids=CHANGES)
@pytest.mark.parametrize("fault", [None, *CALLS])
def test_what_somebody_does_to_the_trail_meanwhile_is_told_at_once(
    change: Callable[[Stage], object], arrival: Arrival, said: str, fault: str | None
) -> None:
    stage = Stage()
    if fault and fault != ("status" if arrival is Arrival.STOPPED else "setting"):
        stage.eyes.fail(fault, range(10_000), DENIED)
    stage.at(60, lambda: change(stage))

    done = stage.run()

    assert done.seen[0].arrival is arrival
    assert said in stage.told.text
    assert stage.clock.elapsed() < 120
    assert done.exit_code == (4 if arrival is Arrival.STOPPED else 1)
    assert done.next_command.startswith("aws" if arrival is Arrival.STOPPED else "trailseal plan")
    assert stage.world.calls.count("UpdateTrail") == 1


def test_one_stale_answer_about_the_trail_ends_nothing() -> None:
    stage = Stage()
    stage.at(20, lambda: setattr(stage.eyes, "bucket", "b"))
    stage.at(21, lambda: setattr(stage.eyes, "bucket", ""))
    stage.at(60, stage.arrives)

    assert stage.run().outcome is Outcome.PROVEN


@pytest.mark.parametrize("hours", [-48, -1, 1, 48])
def test_a_clock_that_is_set_meanwhile_changes_nothing_about_the_time_that_is_waited(hours: int) -> None:
    quiet, stage = Stage(), Stage()
    for each in (quiet, stage):
        each.at(30, lambda each=each: setattr(each.clock, "at", each.clock.at + timedelta(hours=hours)))  # type: ignore[misc]
    sent = NOW + timedelta(seconds=90)
    stage.at(90, lambda: stage.eyes.objects.append(log_file(sent, kms=stage.world.trails[TRAIL])))

    assert quiet.run(minutes=10).outcome is Outcome.UNPROVEN
    assert quiet.clock.elapsed() == pytest.approx(600, abs=3)
    assert stage.run().outcome is Outcome.PROVEN


def test_files_that_nobody_may_list_arrive_as_far_as_cloudtrail_says() -> None:
    stage = Stage()
    stage.eyes.fail("delivered", range(10_000), DENIED)
    stage.at(60, lambda: setattr(stage.eyes, "last_said", stage.clock.now()))

    done = stage.run()

    assert (done.outcome, done.exit_code) == (Outcome.UNPROVEN, 4)
    assert done.log_files is not None
    assert done.log_files.flow is FileFlow.ARRIVING
    assert done.next_command == "trailseal verify --wait"


def two_trails() -> Plan:
    lately = log_file(NOW - timedelta(minutes=3))
    seen = snapshot(
        trails=(trail(), other_trail("second", s3_key_prefix="p")),
        deliveries=(
            delivery(),
            delivery(log_file=structs.replace(lately, key=f"p/{lately.key}")),
        ),
    )
    return plan_of(seen)


def test_a_trail_that_is_put_back_leaves_the_other_one_watched() -> None:
    stage = Stage(two_trails())
    stage.at(30, lambda: stage.eyes.errors.update({SECOND: "AccessDenied"}))
    stage.at(300, stage.arrives)

    done = stage.run()
    seen = {each.place.trail_arn: each.arrival for each in done.seen}

    assert seen == {TRAIL: Arrival.PROVEN, SECOND: Arrival.FAILING}
    assert stage.world.trails[TRAIL] == next(iter(stage.world.keys))
    assert stage.world.trails[SECOND] == ""
    assert done.log_files is not None
    assert done.log_files.trails == (SECOND,)


class FullJournal(MemoryJournal):
    """A journal for which there is no room any more once `full`."""

    full = False

    def write(self, entry: JournalEntry) -> None:
        if self.full:
            raise TrailsealError(message("the journal cannot be used: disk full"))
        super().write(entry)


def test_a_journal_that_cannot_be_written_keeps_no_trail_from_being_put_back() -> None:
    stage = Stage()
    stage.journal = FullJournal()
    stage.at(20, lambda: setattr(stage.journal, "full", True))
    stage.at(30, lambda: setattr(stage.eyes, "error", "AccessDenied"))

    done = stage.run()

    assert done.outcome is Outcome.ROLLED_BACK
    assert stage.world.trails[TRAIL] == ""
    assert "not noted" in stage.told.text


def test_a_step_that_fails_after_a_switch_leaves_the_switch_watched() -> None:
    stage = Stage(two_trails())
    ports = stage.ports()
    turn = ports.control.update_trail

    def refused(trail_arn: str, home_region: str, key_arn: str) -> datetime:
        if trail_arn == SECOND:
            raise TrailsealError(message("AWS does not allow cloudtrail:UpdateTrail"))
        return turn(trail_arn, home_region, key_arn)

    ports.control.update_trail = refused  # type: ignore[method-assign, assignment]
    stage.at(30, lambda: setattr(stage.eyes, "error", "AccessDenied"))
    with pytest.raises(TrailsealError, match="does not allow"):
        stage.run(ports)

    assert stage.world.trails == {TRAIL: "", SECOND: ""}
    assert "rolling it back" in stage.told.text
    assert stage.told.text.splitlines()[-1] == f"Log files of {TRAIL} are NOT arriving (AccessDenied)."


def lost_after(stage: Stage, ports: Ports, *, reads: int) -> None:
    """Let UpdateTrail be done and its answer be lost, and the trail not be read so often afterwards."""
    turn, look = ports.control.update_trail, ports.control.trail_facts
    left = [0]

    def lost(trail_arn: str, home_region: str, key_arn: str) -> datetime:
        turn(trail_arn, home_region, key_arn)
        left[0] = reads
        raise TrailsealError(message("the connection was closed"))

    def unread(trail_arn: str, home_region: str) -> Facts:
        left[0] -= 1
        if left[0] >= 0:
            raise EXPIRED
        return look(trail_arn, home_region)

    ports.control.update_trail = lost  # type: ignore[method-assign, assignment]
    ports.control.trail_facts = unread  # type: ignore[method-assign, assignment]


@pytest.mark.parametrize("reads", [0, 1], ids=["and it is read", "and it cannot be read at first"])
def test_a_trail_that_may_have_been_turned_is_watched(reads: int) -> None:
    stage = Stage()
    ports = stage.ports()
    lost_after(stage, ports, reads=reads)
    stage.at(30, lambda: setattr(stage.eyes, "error", "AccessDenied"))
    with pytest.raises(TrailsealError, match="closed"):
        stage.run(ports)

    assert "rolling it back" in stage.told.text


def test_a_switch_that_nobody_can_note_any_more_is_watched() -> None:
    stage = Stage()
    stage.journal = FullJournal()
    ports = stage.ports()
    turn = ports.control.update_trail

    def turn_and_fill(trail_arn: str, home_region: str, key_arn: str) -> datetime:
        stage.journal.full = True
        return turn(trail_arn, home_region, key_arn)

    ports.control.update_trail = turn_and_fill  # type: ignore[method-assign, assignment]
    stage.at(30, lambda: setattr(stage.eyes, "error", "AccessDenied"))
    with pytest.raises(TrailsealError, match="disk full"):
        stage.run(ports)

    assert stage.world.trails[TRAIL] == ""
    assert "rolling it back" in stage.told.text


def test_a_refused_switch_leaves_nothing_to_wait_for() -> None:
    stage = Stage()
    ports = stage.ports()
    ports.control.refusals["UpdateTrail"] = [EXPIRED]  # type: ignore[attr-defined]
    with pytest.raises(TrailsealError):
        stage.run(ports)

    assert stage.clock.elapsed() < 5


def test_a_trail_that_was_perhaps_turned_and_was_not_is_no_change_by_somebody_else() -> None:
    stage = Stage()
    ports = stage.ports()

    def lost(*_: str) -> datetime:
        ports.control.trail_facts = refuse  # type: ignore[method-assign, assignment]
        raise TrailsealError(message("the connection was closed"))

    def refuse(*_: str) -> str:
        raise EXPIRED

    ports.control.update_trail = lost  # type: ignore[method-assign, assignment]
    stage.at(60, lambda: stage.arrives(under=""))
    with pytest.raises(TrailsealError, match="closed"):
        stage.run(ports)

    assert "somebody else" not in stage.told.text
    assert stage.told.text.splitlines()[-1] == "Log files are arriving."
    assert stage.clock.elapsed() < 120


def stopped(stage: Stage, ports: Ports | None = None) -> list[str]:
    with pytest.raises(TrailsealError):
        stage.run(ports)
    return stage.told.text.splitlines()[-2:]


def all_but_the_last(stage: Stage) -> Stage:
    """Return another machine, without that journal, at which somebody else has turned the trail."""
    stage.run(minutes=0.1)
    other = Stage()
    other.world = stage.world
    return other


def test_from_another_machine_what_stands_is_counted_as_it_stands() -> None:
    other = all_but_the_last(Stage())
    other.world.trails[TRAIL] = KEY

    flow, steps = stopped(other)

    assert flow == "CloudTrail says that it logs, and reports no delivery error."
    assert steps.startswith("3 of 4 steps are applied. ")


def test_of_a_deleted_trail_nobody_says_that_its_log_files_arrive() -> None:
    other = all_but_the_last(Stage())
    other.world.trails.pop(TRAIL)
    gone = Unreadable(call="cloudtrail:GetTrailStatus", code="TrailNotFoundException")
    other.eyes.fail("status", range(100), gone)

    flow, steps = stopped(other)

    assert flow == f"Log files of {TRAIL} are NOT arriving (deleted)."
    assert steps.startswith("3 of 4 steps are applied. ")


def test_steps_that_stand_in_the_journal_alone_do_not_stand() -> None:
    stage = Stage()
    stage.run(minutes=0.1)
    next(iter(stage.world.keys.values())).update(tag="")
    stage.world.trails[TRAIL] = KEY

    assert stopped(stage)[1].startswith("0 of 4 steps are applied. ")


STATUSES: dict[str, tuple[Callable[[Eyes], object], str]] = {
    "refused": (lambda e: e.fail("status", range(99), DENIED), "It is not known whether"),
    "nobody answers": (lambda e: e.fail("status", range(99), EXPIRED), "It is not known whether"),
    "stopped": (lambda e: setattr(e, "logging", False), "are NOT arriving (stopped)."),
    "an error": (lambda e: setattr(e, "error", "AccessDenied"), "are arriving (AccessDenied)."),
    "well": (lambda _: None, "CloudTrail says that it logs"),
}


@pytest.mark.parametrize(("happen", "said"), STATUSES.values(), ids=STATUSES)
def test_what_is_said_of_log_files_half_way_was_asked(happen: Callable[[Eyes], object], said: str) -> None:
    stage = Stage()
    happen(stage.eyes)
    ports = stage.ports()
    ports.control.refusals["CreateAlias"] = [EXPIRED]  # type: ignore[attr-defined]

    flow, steps = stopped(stage, ports)

    assert said in flow
    assert steps.startswith("1 of 4 steps is applied. ")


READS = ["alias_target", "read_key", "trail_facts"]
KNOWN = {"alias_target": (0, 4), "read_key": (0, 4), "trail_facts": (3, 1)}
"""Which key is the plan's, its alias and its description tell: all else rests on it."""


@pytest.mark.parametrize("read", READS)
def test_what_cannot_be_read_is_not_said_to_stand_or_not_to_stand(read: str) -> None:
    other = all_but_the_last(Stage())
    ports = other.ports()

    def refuse(*_: object) -> str:
        raise EXPIRED

    setattr(ports.control, read, refuse)
    done, unknown = KNOWN[read]
    steps = stopped(other, ports)[1]

    assert steps.startswith(f"{done} of 4 steps are applied; it is not known whether these are: ")
    assert steps.partition(". ")[0].count(",") == unknown - 1


def test_where_answers_take_long_whoever_stands_before_an_error_does_not_wait_for_all() -> None:
    other = all_but_the_last(Stage())
    ports = other.ports()
    find = ports.control.alias_target

    def slow(alias: str, region: str) -> str:
        other.clock.sleep(15)
        return find(alias, region)

    ports.control.alias_target = slow  # type: ignore[method-assign, assignment]
    other.world.trails[TRAIL] = KEY

    late = "kms:EnableKeyRotation, cloudtrail:UpdateTrail"
    told = stopped(other, ports)[1]
    assert told.startswith(f"2 of 4 steps are applied; it is not known whether these are: {late}. ")


def test_the_account_and_place_are_those_of_the_story() -> None:
    (seen,) = Stage().run(minutes=0.1).seen

    assert (seen.place.account, seen.place.region) == (ACCOUNT, HOME)
