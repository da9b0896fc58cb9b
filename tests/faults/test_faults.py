"""Some two hundred courses of the long run, the same ones each time; and the five ends by themselves."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from faults.account import SmallAws, lets_write
from faults.cases import case_of, table
from faults.courses import Case, Start
from faults.ends import End
from faults.night import State, batch, note, report, run
from faults.plans import KINDS, account_of_kind, plan_of_kind
from faults.played import play
from faults.standing import misused
from faults.wire import ALWAYS, Fault, Line, session
from faults.wire import KINDS as FAULTS
from plan_estate import HOME, KEY, ROOT_ONLY, TRAIL
from trailseal.plan.step import CreateKey, UpdateTrail

FROM_TABLE, FROM_SEED = 100, 100
ENDS = {
    End.AS_PLANNED: Start(),
    End.NOTHING_CHANGED: Start(fault=Fault(kind="denied", operation="ListKeys", count=ALWAYS)),
    End.TAKEN_BACK: Start(waits=True, mishap=True),
    End.PART_DONE: Start(fault=Fault(kind="denied", operation="UpdateTrail", count=ALWAYS)),
    End.NOT_KNOWN: Start(fault=Fault(kind="drop", skip=40, count=ALWAYS)),
    End.KILLED: Start(dies=0.6),
}


@pytest.mark.parametrize("number", range(FROM_TABLE))
def test_a_call_that_goes_wrong_leaves_one_of_five_ends(number: int) -> None:
    every = table()
    case = every[number * len(every) // FROM_TABLE]

    assert play(case).wrong == (), case


@pytest.mark.parametrize("number", range(FROM_SEED))
def test_faults_and_kills_in_a_row_leave_one_of_five_ends(number: int) -> None:
    case = case_of(f"suite {number}")

    assert play(case).wrong == (), case


@pytest.mark.parametrize("end", ENDS, ids=lambda end: end.value)
def test_each_end_is_told_from_the_others_by_what_stands(end: End) -> None:
    played = play(Case(kind="a new key", starts=(ENDS[end],)))

    assert (played.ends[0], played.wrong) == (end, ())


@pytest.mark.parametrize("fault", ["html", "cut", "500-after", "dropped-after", "throttle", "slow"])
@pytest.mark.parametrize("operation", ["CreateAlias", "PutKeyPolicy", "EnableKeyRotation", "UpdateTrail"])
def test_a_change_that_goes_wrong_once_is_looked_for_and_done(operation: str, fault: str) -> None:
    once = Start(fault=Fault(kind=fault, operation=operation))
    played = play(Case(kind="an existing key", starts=(once,)))

    assert (played.ends, played.wrong) == ((End.AS_PLANNED, End.AS_PLANNED), ())


@pytest.mark.parametrize("kind", KINDS)
def test_with_no_fault_every_call_through_botocore_ends_as_planned(kind: str) -> None:
    all_through = Fault(kind="", count=ALWAYS)
    played = play(Case(kind=kind, starts=(Start(fault=all_through), Start(verb="undo", fault=all_through))))

    assert (set(played.ends), played.wrong) == ({End.AS_PLANNED}, ())


def test_calls_that_go_well_are_answered_as_botocore_answers_them() -> None:
    aws = account_of_kind("an existing key")
    aws.clock.sleep(150)
    key, bucket = {"KeyId": KEY}, {"Bucket": "aws-cloudtrail-logs"}
    asked = [
        ("sts", "get_caller_identity", {}),
        ("kms", "describe_key", key),
        ("kms", "list_keys", {}),
        ("kms", "get_key_policy", {**key, "PolicyName": "default"}),
        ("kms", "get_key_rotation_status", key),
        ("cloudtrail", "get_trail", {"Name": TRAIL}),
        ("cloudtrail", "get_trail_status", {"Name": TRAIL}),
        ("s3", "get_bucket_policy", bucket),
        ("s3", "list_objects_v2", {**bucket, "Prefix": "AWSLogs/"}),
    ]
    told = []
    for fault in (None, Fault(kind="", count=ALWAYS)):
        wired = session()
        wired.lay(Line(aws, fault))
        found = [getattr(wired.client(service, HOME), method)(**given) for service, method, given in asked]
        told.append(
            [{name: value for name, value in each.items() if name[:8] != "Response"} for each in found]
        )

    assert told[0] == told[1]


def test_whether_cloudtrail_can_write_is_judged_by_the_policy() -> None:
    (made,) = (step for step in plan_of_kind("a new key").steps if isinstance(step, CreateKey))

    assert lets_write(made.policy, TRAIL)
    assert not lets_write(made.policy, TRAIL + "-other")
    assert not lets_write(ROOT_ONLY, TRAIL)


def test_a_trail_that_cannot_be_written_for_is_seen_at_once() -> None:
    aws = account_of_kind("rotation alone")
    aws.answer("PutKeyPolicy", HOME, {"KeyId": KEY, "Policy": ROOT_ONLY})

    assert aws.wrong == [f"after PutKeyPolicy {KEY} no log file of {TRAIL} can be written"]


def strange_key(aws: SmallAws) -> str:
    policy = aws.keys[KEY]["policy"]
    made: str = aws.answer("CreateKey", HOME, {"Policy": policy})["KeyMetadata"]["Arn"]
    return made


def test_another_key_that_is_used_is_seen() -> None:
    kind, case = "an existing key that serves", Case(kind="", starts=())
    aws, plan = account_of_kind(kind), plan_of_kind(kind)
    arn = strange_key(aws)
    aws.answer("UpdateTrail", HOME, {"Name": TRAIL, "KmsKeyId": arn})

    found = list(misused(plan, aws, case))
    assert f"CreateKey of {arn}, which is not the plan's" in found
    assert f"{TRAIL} has a key that is not the plan's" in found


def test_a_long_run_goes_on_where_it_stopped(tmp_path: Path) -> None:
    path = tmp_path / "nightly-faults-7.json"
    before = State(next=3, counts={"cases": 120})
    path.write_bytes(msgspec.json.encode(before))

    assert run(7, 0, tmp_path) == 0
    assert msgspec.json.decode(path.read_bytes() or b"{}", type=State) == before


def test_a_batch_is_counted_and_its_faults_are_told() -> None:
    state, beyond = State(), len(table()) // 40 + 1
    note(state, batch(1, beyond))
    state.faults.append("1 7, a new key: wrong")

    assert (state.next, state.counts["cases"]) == (1, 40)
    assert "  FAULT 1 7, a new key: wrong" in report(1, state)


def test_the_table_holds_each_fault_of_each_verb_and_every_kind_of_plan() -> None:
    every = table()

    assert {case.kind for case in every} == set(KINDS)
    for verb in ("apply", "undo"):
        faults = {
            start.fault.kind for case in every for start in case.starts if start.verb == verb and start.fault
        }
        assert faults == set(FAULTS)
    turning = [kind for kind in KINDS if any(isinstance(s, UpdateTrail) for s in plan_of_kind(kind).steps)]
    assert len(turning) == len(KINDS) - 1
