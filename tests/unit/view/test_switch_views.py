"""Plans, applies, undos, proofs and keys as text."""

from __future__ import annotations

import io
import json
from datetime import timedelta

import msgspec
import pytest

from plan_estate import (
    ACCOUNT,
    BUCKET,
    DENIED,
    HOME,
    KEY,
    NOW,
    ROOT,
    ROOT_ONLY,
    TRAIL,
    key,
    log_file,
    plan_of,
    snapshot,
    trail,
)
from trailseal.access.lint.difference import Change
from trailseal.access.readers.reading import Access
from trailseal.messages import message
from trailseal.model.key import KeyPolicies, KeyState, Rotation
from trailseal.model.log_file import Delivered
from trailseal.plan.key_policy import KeyUse, least_policy
from trailseal.plan.proof import DeliveryProof, Place, SwitchSource, prove
from trailseal.plan.reading import LacksIn, ReaderImpact, ReaderOutlook
from trailseal.plan.step import (
    CreateKey,
    DeleteAlias,
    ImportKeyMaterial,
    Leave,
    PutKeyPolicy,
    ReplicateKey,
    SetKeyRotation,
    Step,
    UpdateTrail,
    new_key,
    undo,
)
from trailseal.run.apply import Applied, StepDone
from trailseal.run.arrivals import Arrival, WatchedArrival
from trailseal.run.flow import FileFlow, FlowSeen
from trailseal.run.key import KeyShown
from trailseal.run.outcome import NotPutBack, Outcome, next_command
from trailseal.run.undo import OnlyUnder, Undone
from trailseal.view.apply import print_applied, print_undone
from trailseal.view.json_document import as_data
from trailseal.view.key import print_key
from trailseal.view.plan import print_plan, show_before, tell_plan
from trailseal.view.steps import change_of, print_step, what
from trailseal.view.terminal import Terminal
from trailseal.view.undo import show_before_undo
from trailseal.view.verify import print_delivered

TURN = UpdateTrail(trail_arn=TRAIL, home_region=HOME, before="", after=KEY)


def text(write, value) -> str:
    out = io.StringIO()
    write(value, Terminal(file=out, width=10_000))
    return out.getvalue()


def test_the_last_line_of_a_plan_is_its_summary() -> None:
    assert text(print_plan, plan_of()).splitlines()[-1] == "Plan: 2 to add, 2 to change, 0 to remove."


def test_an_empty_plan_says_why() -> None:
    sealed = plan_of(snapshot(trails=()))
    refused = plan_of(snapshot(trails=(trail(arn=TRAIL.replace(ACCOUNT, "9" * 12)),)))
    hidden = plan_of(snapshot(buckets=()))

    served = KeyPolicies(default=least_policy(KeyUse(account=ACCOUNT, partition="aws", trail_arns=(TRAIL,))))
    left = snapshot(trails=(trail(kms_key_id=KEY),), keys=(key(policies=served),))

    assert "has no trail" in text(print_plan, sealed)
    assert "management-events has a key that serves already" in text(print_plan, plan_of(left))
    assert "what was asked for holds already" in text(print_plan, plan_of(left, key=KEY))
    assert "refused above" in text(print_plan, refused)
    assert "--accept organization-trail-owner" in text(print_plan, refused)
    assert "not everything could be read" in text(print_plan, hidden)


def test_a_plan_as_json_is_what_apply_takes(capsys) -> None:
    from trailseal.plan.codec import read_plan

    tell_plan(plan_of(), "json", out=None)

    assert read_plan(capsys.readouterr().out.encode(), name="p") == plan_of()


@pytest.mark.parametrize(("out", "said"), [(None, "plan --out FILE"), ("p.json", "trailseal apply p.json")])
def test_a_plan_says_how_to_go_on(out, said, capsys) -> None:
    tell_plan(plan_of(), "text", out=out)

    assert said in capsys.readouterr().err


def test_a_plan_is_shown_on_stderr_before_it_is_done(capsys) -> None:
    show_before(plan_of())

    shown = capsys.readouterr()
    assert (shown.out, "What will be done" in shown.err) == ("", True)


def test_readers_are_told_apart() -> None:
    readers = (
        ReaderImpact(
            principal="a",
            outlook=ReaderOutlook.KEEPS,
            before=Access.READ,
            after=Access.READ,
            trails=(),
            known_as="Athena",
        ),
        ReaderImpact(
            principal="b",
            outlook=ReaderOutlook.BREAKS,
            before=Access.READ,
            after=Access.NONE,
            trails=(TRAIL,),
            lacks=LacksIn.IN_IAM,
        ),
    )
    plan = plan_of(snapshot(keys=(key(),)), key=KEY)
    put, *others = plan.steps
    letting = {**ROOT, "Sid": "Readers", "Principal": {"AWS": ["a"]}, "Action": "kms:Decrypt"}
    after = json.dumps({"Statement": [ROOT, letting]})
    steps = (msgspec.structs.replace(put, after=after), *others)

    shown = text(print_plan, msgspec.structs.replace(plan, steps=steps, readers=readers))

    assert "keeps reading  a (Athena)" in shown
    assert "the plan adds Readers" in shown
    assert "WILL BREAK     b" in shown
    assert json.dumps({"Effect": "Allow", "Action": "kms:Decrypt", "Resource": KEY}) in shown


@pytest.mark.parametrize(
    ("step", "change", "said"),
    [
        (TURN, Change.CHANGED, f"management-events: SSE-S3 → {KEY}"),
        (undo(TURN), Change.CHANGED, f"management-events: {KEY} → SSE-S3"),
        (DeleteAlias(alias="alias/a", key=KEY), Change.REMOVED, "the key stays"),
        (SetKeyRotation(key=KEY, before=365, after=0), Change.CHANGED, "every 365 days → no rotation"),
        (ImportKeyMaterial(key=new_key(HOME)), Change.CHANGED, "the steps below wait for it"),
        (Leave(step=ImportKeyMaterial(key=KEY)), Change.SAME, "stays as it is"),
        (
            ReplicateKey(
                key=new_key("eu-west-1"), primary=KEY, region="eu-west-1", description="", policy=""
            ),
            Change.ADDED,
            f"a replica in eu-west-1 of {KEY}",
        ),
        (
            CreateKey(key=KEY, account="", region=HOME, description="", policy="", origin="EXTERNAL"),
            Change.ADDED,
            "for your own key material",
        ),
        (
            CreateKey(key=KEY, account="", region=HOME, description="", policy="", multi_region=True),
            Change.ADDED,
            "a multi-Region key",
        ),
    ],
    ids=["turn", "back", "unname", "rotate", "material", "left", "replica", "own", "multi"],
)
def test_a_step_says_from_what_to_what(step: Step, change: Change, said: str) -> None:
    assert change_of(step) is change
    assert said in str(what(step))


def test_a_changed_policy_is_shown_by_statement() -> None:
    after = ROOT_ONLY.replace("kms:*", "kms:Get*")

    shown = text(
        lambda step, console: print_step(step, 1, console),
        PutKeyPolicy(key=KEY, before=ROOT_ONLY, after=after),
    )

    assert "~ Root" in shown
    assert '-   "Action": "kms:*"' in shown
    assert '+   "Action": "kms:Get*"' in shown


def applied(outcome: Outcome, *arrivals: Arrival, **more: object) -> str:
    place = plan_of().watched[0]
    seen = tuple(
        WatchedArrival(
            place=place,
            arrival=a,
            newest=log_file(NOW, kms=KEY) if a is Arrival.PROVEN else None,
            error="why",
        )
        for a in arrivals
    )
    return text(
        print_applied,
        Applied(run="r", outcome=outcome, steps=(StepDone(step=TURN, was_done=False),), seen=seen, **more),
    )


@pytest.mark.parametrize(
    ("outcome", "said"),
    [
        (Outcome.PROVEN, "Proven"),
        (Outcome.APPLIED, "trailseal verify --wait"),
        (Outcome.UNPROVEN, "not proven yet"),
        (Outcome.WRONG, "not under the key"),
        (Outcome.ROLLED_BACK, "Rolled back"),
        (Outcome.NOT_ROLLED_BACK, "NOT rolled back"),
        (Outcome.CHANGED, "somebody else has changed the trail"),
    ],
    ids=["proven", "applied", "unproven", "wrong", "back", "not back", "changed"],
)
def test_an_apply_ends_with_what_it_came_to(outcome: Outcome, said: str) -> None:
    assert said in applied(outcome).splitlines()[-1]


@pytest.mark.parametrize("flow", FileFlow)
@pytest.mark.parametrize("outcome", sorted(set(Outcome) - {Outcome.PROVEN, Outcome.APPLIED}))
def test_the_last_lines_say_whether_log_files_arrive_and_one_command(
    outcome: Outcome, flow: FileFlow
) -> None:
    files = FlowSeen(flow=flow, trails=(TRAIL,), why="why")
    command = next_command(outcome, files, run="r")
    left = (NotPutBack(trail_arn=TRAIL, why=message("no")),) if outcome is Outcome.NOT_ROLLED_BACK else ()
    shown = applied(outcome, log_files=files, next_command=command, not_put_back=left).splitlines()

    assert shown[-2:] == [str(files.told), f"Next: {command}"]
    assert {"arriving.", "known", "NOT"} & set(shown[-2].split())
    assert len([line for line in shown if "trailseal " in line]) == 1
    assert (f"{TRAIL} could not be put back: no" in shown) == bool(left)


def test_an_apply_shows_what_arrived_and_what_was_taken_back() -> None:
    shown = applied(Outcome.ROLLED_BACK, *Arrival, rolled_back=(undo(TURN),), keys={new_key(HOME): KEY})

    assert "delivery fails (why)" in shown
    assert "aws:kms" in shown
    assert "Put back by itself" in shown


def under(count: int, **more: str) -> OnlyUnder:
    return OnlyUnder(
        key=KEY, bucket=BUCKET, root="r/", region=HOME, kind=Delivered.LOG_FILE, count=count, **more
    )


def test_an_undo_names_what_only_the_key_opens() -> None:
    shown = text(
        print_undone,
        Undone(
            run="r",
            steps=(undo(TURN),),
            left=(ImportKeyMaterial(key=KEY),),
            only_under=(
                under(1),
                under(2, oldest="a/b", newest="a/c"),
                under(0, unreadable="s3:ListBucket Denied"),
            ),
        ),
    )

    assert f"Opens with {KEY} alone: 1 log file" in shown
    assert "2 × log file" in shown
    assert "could not be looked at: s3:ListBucket Denied" in shown
    assert "Left standing" in shown
    assert shown.splitlines()[-1] == "Undone: 1 step taken back. No key was deleted or disabled."


def test_a_downgrade_is_called_one(capsys) -> None:
    show_before_undo(plan_of(), (undo(TURN),))
    show_before_undo(plan_of(), ())

    told = capsys.readouterr().err
    assert "This is a downgrade" in told
    assert "is taken back already" in told


def proof(*objects, key_id: str = KEY, **more) -> str:
    places = [
        Place(account=ACCOUNT, region=HOME, kind=Delivered.LOG_FILE, objects=objects),
        Place(account=ACCOUNT, region="us-east-1", kind=Delivered.LOG_FILE, objects=more.pop("beside", ())),
    ]
    one = prove(TRAIL, key_id, places, switch=(NOW, SwitchSource.JOURNAL) if key_id else None, **more)
    return text(
        print_delivered,
        DeliveryProof(taken_at=NOW, account=ACCOUNT, since=NOW, trails=(one,), unreadable=(DENIED,)),
    )


@pytest.mark.parametrize(
    ("shown", "said"),
    [
        (proof(log_file(NOW + timedelta(1), kms=KEY)), "PROVEN: everything"),
        (proof(log_file(NOW + timedelta(1))), "REFUTED"),
        (proof(log_file(NOW - timedelta(1), kms=KEY + "0")), "NOT KNOWN"),
        (proof(key_id=""), "NOT PROVEN"),
        (proof(beside=DENIED), "not read: s3:Something AccessDenied there"),
        (
            proof(log_file(NOW + timedelta(1)), shared_with=("another",)),
            "another delivers into the same folders",
        ),
    ],
    ids=["proven", "refuted", "not known", "no key", "unread", "shared"],
)
def test_a_proof_says_what_it_proves(shown: str, said: str) -> None:
    assert said in shown


@pytest.mark.parametrize(
    ("held", "said"),
    [
        (key(rotation=Rotation(enabled=True, next_rotation=NOW, past=((NOW, "AUTOMATIC"),))), "AUTOMATIC"),
        (key(rotation=DENIED, aliases=DENIED), "not read: s3:Something AccessDenied"),
        (key(origin="EXTERNAL", rotation=None), "expires never"),
        (key(state=KeyState.PENDING_DELETION, deletion_date=NOW), "NOT usable"),
        (key(grants=DENIED, multi_region=True), "no rotation"),
    ],
    ids=["rotated", "unread", "own material", "going", "multi-Region"],
)
def test_a_key_is_told_line_by_line(held, said: str) -> None:
    assert said in text(print_key, KeyShown(key=held))


@pytest.mark.parametrize(
    "changed",
    [{"aliases": DENIED}, {"policies": DENIED}, {"grants": DENIED}, {"tags": DENIED}, {"rotation": DENIED},
     {"rotation": Rotation(enabled=True, past=DENIED)}],
    ids=["aliases", "policies", "grants", "tags", "rotation", "past rotations"],
)  # fmt: skip
def test_a_part_of_a_key_that_was_not_read_has_a_line_all_the_same(changed) -> None:
    assert text(print_key, KeyShown(key=key(**changed))).count("not read: s3:Something AccessDenied") == 1


def test_a_step_keeps_its_call_in_json() -> None:
    assert as_data(TURN)["call"] == "cloudtrail:UpdateTrail"
