"""Plans, applies, undos, proofs and keys as text."""

from __future__ import annotations

import io
import json
from datetime import datetime, timedelta
from typing import Any

import msgspec
import pytest
from msgspec import structs
from msgspec.structs import replace

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
from trailseal.locale.language import choose_language
from trailseal.messages import message
from trailseal.model.key import Grant, KeyLastUse, KeyMaterial, KeyPolicies, KeyState, Rotation
from trailseal.model.log_file import Delivered
from trailseal.plan.key_policy import KeyUse, least_policy
from trailseal.plan.plan import Plan
from trailseal.plan.proof import DeliveryProof, Place, SwitchSource, prove
from trailseal.plan.reading import LacksIn, ReaderImpact, ReaderOutlook
from trailseal.plan.step import (
    CancelKeyDeletion,
    CreateAlias,
    CreateKey,
    DeleteAlias,
    EnableKey,
    ImportKeyMaterial,
    Leave,
    PutKeyPolicy,
    ReplicateKey,
    SetKeyRotation,
    Step,
    UpdateTrail,
    new_key,
    roll_back,
    undo,
)
from trailseal.run.apply import Applied, StepDone
from trailseal.run.arrivals import Arrival, WatchedArrival
from trailseal.run.flow import FileFlow, FlowSeen
from trailseal.run.key import KeyShown
from trailseal.run.outcome import NotPutBack, Outcome, next_command
from trailseal.run.policies_now import NotTakenBack
from trailseal.run.runs import RunList, RunShown
from trailseal.run.undo import OnlyUnder, ToUndo, Undone
from trailseal.view.apply import NEXT, print_applied
from trailseal.view.json_document import as_data
from trailseal.view.key import print_key
from trailseal.view.plan import print_plan, show_before, tell_plan
from trailseal.view.runs import print_runs
from trailseal.view.steps import Extent, change_of, print_step, print_steps, what
from trailseal.view.terminal import Terminal
from trailseal.view.undo import show_before_undo
from trailseal.view.undone import print_undone
from trailseal.view.verify import print_delivered
from trailseal.view.words import when

NARROWED = ROOT_ONLY.replace("kms:*", "kms:Get*")
NO_STEPS = {Outcome.NOTHING, Outcome.BLOCKED, Outcome.NOT_READ}
TURN = UpdateTrail(trail_arn=TRAIL, home_region=HOME, before="", after=KEY)


def text(write, value) -> str:
    out = io.StringIO()
    write(value, Terminal(file=out, width=10_000))
    return out.getvalue()


def served():
    policy = least_policy(KeyUse(account=ACCOUNT, partition="aws", trail_arns=(TRAIL,)))
    held = key(policies=KeyPolicies(default=policy))
    return snapshot(trails=(trail(kms_key_id=KEY),), keys=(held,))


def test_the_last_line_of_a_plan_is_its_summary() -> None:
    assert text(print_plan, plan_of()).splitlines()[-1] == "Plan: 2 to add, 2 to change, 0 to remove."


def test_an_empty_plan_says_why() -> None:
    sealed = plan_of(snapshot(trails=()))
    refused = plan_of(snapshot(trails=(trail(arn=TRAIL.replace(ACCOUNT, "9" * 12)),)))
    hidden = plan_of(snapshot(buckets=()))

    left = served()

    assert "has no trail" in text(print_plan, sealed)
    assert "management-events already has a key that works" in text(print_plan, plan_of(left))
    assert text(print_plan, plan_of(left)).splitlines()[-1].startswith("Nothing selected.")
    held = text(print_plan, plan_of(left, key=KEY)).splitlines()[-1]
    assert held == "No changes. Every selected trail already matches the request: management-events."
    assert "is blocked, as said above" in text(print_plan, refused)
    assert "--accept organization-trail-owner" in text(print_plan, refused)
    assert "not everything could be read" in text(print_plan, hidden)


def test_a_plan_as_json_is_what_apply_takes(capsys) -> None:
    from trailseal.plan.codec import read_plan

    tell_plan(plan_of(), "json", out=None)

    assert read_plan(capsys.readouterr().out.encode(), name="p") == plan_of()


REFUSED = plan_of(snapshot(trails=(trail(arn=TRAIL.replace(ACCOUNT, "9" * 12)),)))
ENDINGS = {
    "saved": (plan_of(), "a b.json", "Next: trailseal apply 'a b.json'"),
    "not saved": (plan_of(), None, "Next: save this plan with --out FILE, then trailseal apply FILE"),
    "refused": (REFUSED, "p", "Next: trailseal explain organization-trail-owner"),
    "not read": (plan_of(snapshot(buckets=())), None, "Next: trailseal permissions plan"),
    "no trail": (plan_of(snapshot(trails=())), None, "Next: trailseal check"),
    "no changes": (plan_of(served(), key=KEY), None, "Next: trailseal verify"),
}


@pytest.mark.parametrize(("plan", "out", "said"), ENDINGS.values(), ids=ENDINGS)
def test_a_plan_ends_with_the_command_to_type_next(plan, out, said, capsys) -> None:
    tell_plan(plan, "text", out=out)

    lines = capsys.readouterr().out.splitlines()
    assert lines[-1] == said
    assert (f"To undo it afterwards: trailseal undo {plan.id}" in lines) == plan.can_apply
    assert ("To go on anyway: --accept organization-trail-owner" in lines) == (plan is REFUSED)


def test_a_plan_is_shown_on_stderr_before_it_is_done_in_short_if_it_was_seen(capsys) -> None:
    sids = ("AllowCloudTrailEncryptLogs", '"Sid": "AllowCloudTrailEncryptLogs"')
    found = []
    for seen, whole in ((False, False), (True, False), (True, True)):
        show_before(plan_of(), seen=seen, whole=whole)
        shown = capsys.readouterr()
        assert shown.out == ""
        assert "cloudtrail:UpdateTrail management-events" in shown.err
        assert shown.err.splitlines()[-1].startswith("Plan: ")
        found.append([sid in shown.err for sid in sids])

    assert found == [[True, True], [False, False], [True, True]]


def test_symbols_are_explained_before_they_are_used_and_only_those_that_are() -> None:
    legends = {
        "+ add   ~ change": plan_of().steps,
        "~ change": (TURN,),
        "+ add   ~ change   - remove": (PutKeyPolicy(key=KEY, before=ROOT_ONLY, after=NARROWED),),
        "- remove": (DeleteAlias(alias="alias/a", key=KEY),),
    }

    for legend, steps in legends.items():
        assert text(print_steps, steps).splitlines()[0].strip() == legend


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

    assert "a (Athena)  Readers, which this plan adds" in shown
    assert "LOSE ACCESS (1)\n    b  needs a statement in its own IAM policies\n" in shown
    assert "add to the IAM policies of b:\n" in shown
    assert json.dumps({"Effect": "Allow", "Action": "kms:Decrypt", "Resource": KEY}) in shown


@pytest.mark.parametrize(
    ("step", "change", "said"),
    [
        (TURN, Change.CHANGED, f"management-events: SSE-S3 → {KEY}"),
        (undo(TURN), Change.CHANGED, f"management-events: {KEY} → SSE-S3"),
        (
            CancelKeyDeletion(key=KEY, before="PendingDeletion"),
            Change.CHANGED,
            f"{KEY}: PendingDeletion → Disabled",
        ),
        (EnableKey(key=KEY, before="PendingDeletion"), Change.CHANGED, f"{KEY}: Disabled → Enabled"),
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
    ids=[
        "turn",
        "back",
        "kept",
        "enabled",
        "unname",
        "rotate",
        "material",
        "left",
        "replica",
        "own",
        "multi",
    ],
)
def test_a_step_says_from_what_to_what(step: Step, change: Change, said: str) -> None:
    assert change_of(step) is change
    assert said in str(what(step))


def test_a_changed_policy_is_shown_by_statement() -> None:
    step = PutKeyPolicy(key=KEY, before=ROOT_ONLY, after=NARROWED)
    short, whole = (
        text(lambda step, console, much=much: print_step(step, 1, console, much), step)
        for much in (Extent.CHANGES, Extent.WHOLE)
    )

    assert [line.strip() for line in short.splitlines()[1:]] == [
        "~ Root",
        "- Action: kms:*",
        "+ Action: kms:Get*",
    ]
    assert '-   "Action": "kms:*"' in whole
    assert '+   "Action": "kms:Get*"' in whole


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
        (Outcome.APPLIED, "Applied."),
        (Outcome.UNPROVEN, "not proven yet"),
        (Outcome.WRONG, "not encrypted with the key"),
        (Outcome.ROLLED_BACK, "Rolled back"),
        (Outcome.NOT_ROLLED_BACK, "NOT rolled back"),
        (Outcome.CHANGED, "somebody else has changed the trail"),
        (Outcome.NOTHING, "needs none"),
        (Outcome.BLOCKED, "is refused"),
        (Outcome.NOT_READ, "could be read"),
    ],
    ids=lambda given: str(given) if isinstance(given, Outcome) else "",
)
def test_an_apply_ends_with_what_it_came_to(outcome: Outcome, said: str) -> None:
    lines = applied(outcome).splitlines()

    assert any(said in line for line in lines[-3:])
    assert lines[-1].startswith("Next: trailseal ") == (outcome in NEXT)
    assert any("Security Hub is on, it looks at CloudTrail.2 again" in x for x in lines) == (
        outcome in {Outcome.PROVEN, Outcome.APPLIED, Outcome.UNPROVEN}
    )


@pytest.mark.parametrize("flow", FileFlow)
@pytest.mark.parametrize("outcome", sorted(set(Outcome) - {Outcome.PROVEN, Outcome.APPLIED, *NO_STEPS}))
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
    assert (f"{TRAIL} could not be rolled back: no" in shown) == bool(left)


def test_an_apply_shows_what_arrived_and_what_was_taken_back() -> None:
    shown = applied(Outcome.ROLLED_BACK, *Arrival, rolled_back=(undo(TURN),), keys={new_key(HOME): KEY})

    assert f"New key in {HOME}: {KEY}" in shown
    assert "delivery fails (why)" in shown
    assert "aws:kms" in shown
    assert "Rolled back automatically" in shown


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
            left=(ImportKeyMaterial(key=KEY), CreateAlias(alias="alias/a", key=KEY)),
            only_under=(
                under(1),
                structs.replace(under(1), kind=Delivered.DIGEST_FILE),
                under(2, oldest="a/b", newest="a/c"),
                under(0, unreadable="s3:ListBucket Denied"),
            ),
        ),
    )

    assert (
        f"3 log files in {BUCKET} (r/ {HOME}: 1, r/ {HOME}: 2) can only be decrypted with key {KEY}" in shown
    )
    assert f"1 digest file in {BUCKET} (r/ {HOME}: 1) can only be decrypted with key {KEY}" in shown
    assert "could not be looked at: s3:ListBucket Denied" in shown
    assert f"Stays as it is, because a key is never deleted or disabled: {KEY} (alias/a)" in shown
    assert "kms:" not in shown.replace(KEY, "").replace("aws:kms", "")
    assert shown.splitlines()[-2:] == [
        "Undone: 1 step. No key was deleted or disabled.",
        "Next: trailseal check",
    ]


def test_many_places_of_an_undo_are_counted() -> None:
    found = tuple(structs.replace(under(1000), region=f"r-{number}") for number in range(9))

    shown = text(print_undone, Undone(run="r", steps=(), left=(), only_under=found))

    assert shown.startswith("9,000 log files in ")
    assert ("r-4: 1,000, …)" in shown, "r-5" in shown) == (True, False)


def rescue_plan() -> Plan:
    held = key(state=KeyState.PENDING_DELETION, deletion_date=NOW)
    return plan_of(snapshot(trails=(trail(kms_key_id=KEY),), keys=(held,)))


def test_a_plan_says_when_the_key_would_be_lost_and_that_it_stays_after_an_undo() -> None:
    shown = text(print_plan, rescue_plan())

    assert "and KMS deletes it at 2026-11-23T12:00:00Z: no other key decrypts" in shown
    assert "A key that this plan brings back stays as it is then" in shown
    assert "A key that this plan makes" not in shown


def test_an_undo_leaves_a_key_that_was_brought_back_and_says_how_to_disable_it() -> None:
    left = (
        EnableKey(key=KEY, before="PendingDeletion"),
        CancelKeyDeletion(key=KEY, before="PendingDeletion"),
    )

    shown = text(print_undone, Undone(run="r", steps=(), left=left, only_under=()))

    assert shown.count("aws kms ") == 1
    assert f"aws kms disable-key --key-id {KEY} --region {HOME}" in shown


def test_what_aws_would_refuse_to_take_back_is_told_before_and_after(capsys) -> None:
    put = PutKeyPolicy(key=KEY, before=ROOT_ONLY, after=ROOT_ONLY)
    refused = (NotTakenBack(step=put, why=(message("it names nobody"),)),)

    show_before_undo(ToUndo(plan=plan_of(), name="p"), (), refused)
    shown = text(print_undone, Undone(run="r", steps=(), left=(), only_under=(), not_taken_back=refused))

    told = capsys.readouterr().err
    for each in (told, shown):
        assert "Not undone, because AWS would refuse it:" in each
        assert f"kms:PutKeyPolicy on {KEY}" in each
        assert "it names nobody" in each
    assert "already undone" not in told


def test_a_run_that_only_brought_keys_back_has_nothing_to_take_back(capsys) -> None:
    plan = rescue_plan()
    only = plan.steps[:2]

    only_plan = msgspec.structs.replace(plan, steps=only, rollback=roll_back(only))
    show_before_undo(ToUndo(plan=only_plan, name="p"), ())

    assert "has nothing to undo" in capsys.readouterr().err


def test_a_downgrade_is_called_one(capsys) -> None:
    show_before_undo(ToUndo(plan=plan_of(), name="p"), (undo(TURN),))
    show_before_undo(ToUndo(plan=plan_of(), name="p"), ())

    told = capsys.readouterr().err
    assert "This is a downgrade" in told
    assert "is already undone" in told


@pytest.mark.parametrize("changed_at", [None, NOW + timedelta(days=1)])
@pytest.mark.parametrize("steps", [(), (undo(TURN),)], ids=["nothing", "a step"])
def test_an_undo_names_its_run_its_time_and_its_trails_first(changed_at, steps, capsys) -> None:
    show_before_undo(ToUndo(plan=plan_of(), name="p", changed_at=changed_at), steps)

    first, second, *_ = capsys.readouterr().err.splitlines()
    assert (plan_of().id in first, when(changed_at or NOW) in first) == (True, True)
    assert second.strip() == TRAIL


def run_shown(**given) -> RunShown:
    known = {"run": "a1", "begun_at": NOW, "account": ACCOUNT, "endpoint": "", "trails": (TRAIL,)}
    return RunShown(**{**known, "outcome": "proven", "to_undo": 1, "changed_at": NOW, **given})


@pytest.mark.parametrize("outcome", ["", "undone", *sorted(set(Outcome) - NO_STEPS), "of a later version"])
@pytest.mark.parametrize("language", ["en", "ja"])
def test_a_run_is_listed_whole(outcome: str, language: str) -> None:
    elsewhere = run_shown(run="b2", trails=(), endpoint="http://127.0.0.1:4001", outcome=outcome, to_undo=2)
    choose_language(["--lang", language])

    shown = text(print_runs, RunList(runs=(run_shown(), elsewhere)))

    choose_language(["--lang", "en"])
    for part in ("a1", "b2", when(NOW), ACCOUNT, TRAIL, "http://127.0.0.1:4001"):
        assert part in shown
    assert "trailseal undo RUN" in shown.splitlines()[-1]


def test_where_no_run_stands_nothing_can_be_taken_back() -> None:
    assert "no run yet" in text(print_runs, RunList(runs=()))
    shown = text(print_runs, RunList(runs=(run_shown(outcome="undone", to_undo=0),)))
    assert "nothing to undo" in shown.splitlines()[-1]


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
    ("seen", "since", "everything"),
    [
        ({"listed": 1, "looked_at": 1}, NOW, True),
        ({"listed": 20_000, "looked_at": 60, "is_sampled": True}, NOW, False),
        ({"listed": 2, "looked_at": 1, "gone": 1}, NOW, False),
        ({"listed": 1, "looked_at": 1}, NOW + timedelta(seconds=1), False),
        ({}, NOW + timedelta(days=1), False),
    ],
    ids=["all", "a sample", "one that is gone", "the last days", "a saved snapshot"],
)
def test_everything_is_proven_only_where_everything_was_looked_at(
    *, seen: dict[str, Any], since: datetime, everything: bool
) -> None:
    newest = log_file(NOW + timedelta(days=2), kms=KEY)
    place = Place(account=ACCOUNT, region=HOME, kind=Delivered.LOG_FILE, objects=(newest,))
    one = structs.replace(prove(TRAIL, KEY, [place], switch=(NOW, SwitchSource.JOURNAL)), **seen)
    shown = text(print_delivered, DeliveryProof(taken_at=NOW, account=ACCOUNT, since=since, trails=(one,)))

    assert ("PROVEN: everything" in shown, "PROVEN of what was looked at" in shown) == (
        everything,
        not everything,
    )


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


GRANT = Grant(
    grant_id="0f1e",
    grantee_principal="arn:aws:iam::111122223333:role/etl",
    operations=("Decrypt",),
    name="nightly",
    retiring_principal="arn:aws:iam::111122223333:role/admin",
    encryption_context_equals={"a": "b"},
    encryption_context_subset={"c": "d"},
    source_arn="arn:aws:s3:::logs",
)
USED = KeyLastUse(operation="GenerateDataKey", at=NOW, tracked_since=NOW, created=NOW)
SHOWN = {
    "grant": ({"key": key(grants=(GRANT,))}, "role/etl; Decrypt; EncryptionContextEquals"),
    "grant's limits": ({"key": key(grants=(GRANT,))}, "SourceArn arn:aws:s3:::logs; retired by"),
    "grant to a service": (
        {"key": key(grants=(Grant(grant_id="1", grantee_principal="", operations=()),))},
        "grant ?;",
    ),
    "replica": (
        {"key": key(multi_region=True, multi_region_key_type="REPLICA", primary_key="arn:P")},
        "replica of arn:P",
    ),
    "primary": ({"key": key(multi_region=True, replica_keys=("arn:R",))}, "primary; replicas: arn:R"),
    "AWS's own": ({"key": key(key_manager="AWS", rotation=None)}, "each year, by AWS"),
    "spec": ({"key": key(key_spec="RSA_2048", rotation=None)}, "none: RSA_2048 for ENCRYPT_DECRYPT"),
    "store": ({"key": key(origin="AWS_CLOUDHSM", rotation=None)}, "custom key store (AWS_CLOUDHSM)"),
    "own material": (
        {"key": key(origin="EXTERNAL", rotation=None)},
        "on demand; bring new material, from a FILE, and rotate to it:",
    ),
    "material": (
        {
            "key": key(),
            "materials": (
                KeyMaterial(material_id="0123456789abcdef", state="CURRENT", valid_to=NOW, rotated=NOW),
            ),
        },
        "0123456789abcdef CURRENT rotated 2026",
    ),
    "materials unread": ({"key": key(), "materials": DENIED}, "material not read: s3:Something"),
    "sense": (
        {"key": key(), "policy_sense": (message("shared through RAM"),)},
        "policy shared through",
    ),
    "not asked": ({"key": key()}, "last used not asked: only the key's own account may"),
    "use unread": ({"key": key(), "last_use": DENIED}, "last used not read: s3:Something"),
    "never used": (
        {"key": key(), "last_use": KeyLastUse(created=NOW, tracked_since=NOW)},
        "last used never",
    ),
    "not since": ({"key": key(), "last_use": KeyLastUse(tracked_since=NOW)}, "not since 2026"),
    "by nobody": ({"key": key(), "last_use": USED}, "(CloudTrail's Event history does not show by whom)"),
    "by a user": ({"key": key(), "last_use": replace(USED, user="arn:u")}, "GenerateDataKey 2026"),
    "by CloudTrail": (
        {"key": key(), "last_use": replace(USED, user="cloudtrail.amazonaws.com")},
        "by cloudtrail.amazonaws.com; the test of UpdateTrail counts too: this proves no delivery",
    ),
    "user unread": (
        {"key": key(), "last_use": replace(USED, user=DENIED)},
        "not read: s3:Something AccessDenied; the test of UpdateTrail counts too: this proves no delivery",
    ),
}


@pytest.mark.parametrize(("shown", "said"), SHOWN.values(), ids=SHOWN)
def test_what_a_key_is_for_is_told(shown: dict[str, Any], said: str) -> None:
    assert said in " ".join(text(print_key, KeyShown(**shown)).split())


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
