"""Who loses access by a plan: refused, accepted once with their names, and told last."""

from __future__ import annotations

import io
import json
from itertools import product

import pytest
from msgspec import structs

from key_policies import ACCOUNT, TRAIL
from plan_estate import NOW, TAG, MemoryJournal, World, ports_for
from story_account import ADMIN, ALICE, BUCKET, FETCHING, KEY, ROLE1, ROOT, USER1, document, people, person
from story_account import delivering_account as account
from trailseal.access.readers.reading import Access
from trailseal.errors import UsageProblem
from trailseal.model.activity import Activity, SeenReader
from trailseal.model.bucket import Replication
from trailseal.model.key import KeyPolicies
from trailseal.model.unreadable import Unreadable
from trailseal.plan.build import build_plan
from trailseal.plan.codec import read_plan, write_plan
from trailseal.plan.concern_facts import Code, Weight
from trailseal.plan.intent import Intent, WantedReaders
from trailseal.plan.key_policy import KeyUse, least_policy
from trailseal.plan.losing import losing, see_accepted
from trailseal.plan.plan import Plan
from trailseal.plan.readers import shape_readers
from trailseal.plan.reading import ReaderImpact, ReaderOutlook
from trailseal.plan.restriction import (
    READERS,
    admit,
    is_restricted,
    reader_statement,
    restrict_by_grant,
    restrict_by_perimeter,
)  # fmt: skip
from trailseal.plan.step import PutKeyPolicy
from trailseal.run.apply import apply
from trailseal.view.losing import question
from trailseal.view.plan import print_plan
from trailseal.view.terminal import Terminal
from trailseal.view.words import SHOWN

ETL = f"arn:aws:iam::{ACCOUNT}:role/etl"
DENIED = document(
    {"Effect": "Allow", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{BUCKET}/*"},
    {"Effect": "Deny", "Action": "kms:*", "Resource": "*"},
)
BUT = document(
    {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"},
)
LOSS = "readers-lose-access"
LEAST = least_policy(KeyUse(account=ACCOUNT, partition="aws", trail_arns=(TRAIL,)))


def seen(*readers: str) -> dict[str, Activity]:
    told = tuple(SeenReader(principal=arn, source="data events") for arn in readers)
    return {TRAIL: Activity(trail=TRAIL, sources=("data events",), readers=told)}


def made(snapshot=None, activity=None, **intent) -> Plan:
    snapshot = snapshot or account(sealed=False, principals=(*people(), person("etl", DENIED, kind="role")))
    shape = shape_readers(activity if activity is not None else seen(ETL))
    return build_plan(snapshot, Intent(**intent), made_at=NOW, tag=TAG, shape=shape)


def text(plan: Plan) -> list[str]:
    out = io.StringIO()
    print_plan(plan, Terminal(file=out, width=10_000))
    return out.getvalue().splitlines()


ASKED = {
    "by default": {},
    "grant": {"readers": WantedReaders(principals=(ADMIN,))},
    "perimeter": {"readers": WantedReaders(principals=(ADMIN,), mode="perimeter")},
}


@pytest.mark.parametrize("asked", ASKED.values(), ids=ASKED)
def test_the_loss_of_an_active_reader_is_refused_and_accepted_with_its_name(asked) -> None:
    refused, accepted = made(**asked), made(**asked, accept=(LOSS,))

    assert (refused.can_apply, refused.exit_code) == (False, 3)
    assert {c.code for c in refused.refusals} == {Code.READERS_LOSE_ACCESS}
    assert [(c.facts.reader, c.facts.trail) for c in refused.refusals] == [(ETL, TRAIL)]
    assert accepted.can_apply
    assert [c.facts.reader for c in accepted.concerns if c.code is Code.READERS_LOSE_ACCESS] == [ETL]
    assert (losing(refused).all, losing(accepted).active) == ((), (ETL,))
    see_accepted(accepted, name="p")
    assert read_plan(write_plan(accepted), name="p") == accepted


@pytest.mark.parametrize("asked", ASKED.values(), ids=ASKED)
def test_who_merely_could_read_is_named_and_refuses_nothing(asked) -> None:
    plan = made(activity=seen(ADMIN), **asked)

    assert plan.can_apply
    assert {ALICE, USER1, ROLE1} <= set(losing(plan).idle)
    assert losing(plan).active == ()
    for arn in losing(plan).idle:
        assert arn in text(plan)[-2]
        assert arn in str(question(plan))
    see_accepted(plan, name="p")


def test_the_last_lines_and_the_question_name_each_of_them() -> None:
    plan = made(accept=(LOSS,))
    active, idle, summary = text(plan)[-3:]

    assert active == f"1 reader who reads today loses access, as accepted: {ETL}"
    assert set(idle.partition(": ")[2].split(", ")) == {ALICE, USER1, ROLE1}
    assert summary.startswith("Plan: ")
    assert str(question(plan)).startswith(f"4 readers lose access: {ETL}, ")
    assert str(question(made(activity={}, snapshot=account(sealed=False)))) == "Do this?"


def test_readers_of_whom_it_is_not_known_are_told_as_such_and_many_are_counted() -> None:
    plan = made(activity={}, snapshot=account(sealed=False))
    crowd = tuple(
        ReaderImpact(
            principal=f"arn:aws:iam::{ACCOUNT}:user/{outlook.name}-{n}", outlook=outlook,
            before=Access.READ, after=after, trails=(TRAIL,),
        )
        for n, (outlook, after) in product(
            range(SHOWN + 2),
            [(ReaderOutlook.UNKNOWN, Access.UNKNOWN), (ReaderOutlook.BREAKS, Access.NONE)],
        )
    )  # fmt: skip
    lost, maybe, _ = text(structs.replace(plan, readers=crowd))[-3:]

    assert lost.startswith("32 readers who can read today")
    assert maybe.startswith("32 readers may lose access: ")
    assert lost.endswith(" and 2 more")


@pytest.mark.parametrize("said", ["nothing", "refused", "of another"])
def test_what_nobody_accepted_is_not_applied(said) -> None:
    plan, world, journal = made(accept=(LOSS,)), World(), MemoryJournal()
    (loss,) = (c for c in plan.concerns if c.code is Code.READERS_LOSE_ACCESS)
    concerns = {
        "nothing": (),
        "refused": (structs.replace(loss, weight=Weight.REFUSED, trails=(TRAIL,)),),
        "of another": (structs.replace(loss, facts=structs.replace(loss.facts, reader=ALICE)),),
    }
    twisted = structs.replace(plan, concerns=concerns[said])

    with pytest.raises(UsageProblem, match="nobody has accepted that") as told_of:
        apply(twisted, ports_for(world, journal), name="plan.json")

    assert ETL in str(told_of.value)
    assert "--accept readers-lose-access" in str(told_of.value.hint)
    assert (world.calls, journal.records) == ([], {})


def test_nobody_loses_by_a_plan_that_does_nothing() -> None:
    assert losing(structs.replace(made(accept=(LOSS,)), steps=())).all == ()


RESTRICTED = {
    "grant": restrict_by_grant(LEAST, (USER1,), (TRAIL,)),
    "perimeter": restrict_by_perimeter(LEAST, (USER1,), (TRAIL,)),
}
OPEN = {
    "new": "",
    "least": LEAST,
    "readers admitted": admit(LEAST, (USER1,), (TRAIL,)),
    "somebody's own Deny": json.dumps(
        {"Statement": [*json.loads(LEAST)["Statement"], {"Sid": "D", "Effect": "Deny", "Principal": "*",
                                                         "Action": "kms:Decrypt", "Resource": "*"}]}
    ),
    "somebody's own narrow key": json.dumps(
        {"Statement": [{**reader_statement((USER1,), (TRAIL,)), "Sid": "Mine"}]}
    ),
}  # fmt: skip


@pytest.mark.parametrize("policy", RESTRICTED.values(), ids=RESTRICTED)
def test_what_a_plan_restricted_is_known_again(policy) -> None:
    assert is_restricted(policy)


@pytest.mark.parametrize("policy", OPEN.values(), ids=OPEN)
def test_a_key_that_no_plan_restricted_is_not_taken_for_one(policy) -> None:
    assert not is_restricted(policy)


def left_over(policy: str):
    """The story's account back on SSE-S3, with the key that an undone plan has left."""
    sealed = account(policy)
    trails = tuple(structs.replace(trail, kms_key_id="") for trail in sealed.trails)
    return structs.replace(sealed, trails=trails)


@pytest.mark.parametrize("policy", RESTRICTED.values(), ids=RESTRICTED)
@pytest.mark.parametrize("activity", [{}, seen(ALICE)], ids=["by policy", "seen"])
def test_a_key_that_was_restricted_is_opened_again_only_by_name(policy, activity) -> None:
    plan = made(left_over(policy), activity, key=KEY)
    accepted = made(left_over(policy), activity, key=KEY, accept=(LOSS,))
    everyone = WantedReaders(principals=(USER1, ALICE, ROLE1))
    named = made(left_over(policy), activity, key=KEY, readers=everyone)

    assert ALICE in {c.facts.reader for c in plan.refusals if c.code is Code.READERS_LOSE_ACCESS}
    assert (Code.KEY_RESTRICTED, Weight.WARNING) in {(c.code, c.weight) for c in plan.concerns}
    assert not any(isinstance(step, PutKeyPolicy) for step in accepted.steps)
    assert ALICE in losing(accepted).active
    assert ALICE not in losing(named).all


def test_a_key_that_was_not_restricted_takes_its_readers() -> None:
    plan = made(left_over(LEAST), seen(ALICE), key=KEY)
    (put,) = (step for step in plan.steps if isinstance(step, PutKeyPolicy))

    assert READERS in put.after
    assert ALICE in put.after
    assert Code.KEY_RESTRICTED not in {c.code for c in plan.concerns}


ELSEWHERE = KEY.replace(ACCOUNT, "210987654321")


def with_key_elsewhere(policy: str):
    snapshot = left_over(LEAST)
    (own,) = snapshot.keys
    policies = KeyPolicies(default=policy)
    return structs.replace(snapshot, keys=(structs.replace(own, arn=ELSEWHERE, policies=policies),))


@pytest.mark.parametrize("asked", ASKED.values(), ids=ASKED)
def test_under_a_key_of_another_account_nobody_is_let_in_and_the_loss_is_refused(asked) -> None:
    snapshot = with_key_elsewhere(LEAST)
    accepting = ("key-in-other-account",)
    if asked:
        with pytest.raises(UsageProblem, match="--reader cannot apply"):
            made(snapshot, seen(ALICE), key=ELSEWHERE, accept=accepting, **asked)
        return
    plan = made(snapshot, seen(ALICE), key=ELSEWHERE, accept=accepting, **asked)
    accepted = made(snapshot, seen(ALICE), key=ELSEWHERE, accept=(*accepting, LOSS, "still-open"), **asked)

    assert (Code.READERS_LOSE_ACCESS, ALICE) in {(c.code, c.facts.reader) for c in plan.refusals}
    assert accepted.steps == accepted.switches != ()
    assert losing(accepted).active == (ALICE,)


def test_where_nothing_records_reading_that_is_said() -> None:
    nothing = {TRAIL: Activity(trail=TRAIL)}
    plan = made(account(sealed=False), nothing)
    told = [(c.code, c.weight, c.facts.trail) for c in plan.concerns]

    assert (Code.READERS_BY_POLICY, Weight.NOTE, TRAIL) in told
    assert plan.exit_code == 3
    assert {ALICE, USER1, ROLE1} <= {r.principal for r in plan.readers if r.active}
    assert ROOT not in {r.principal for r in plan.readers if r.active}


def test_a_policy_on_every_bucket_is_no_sign_of_reading() -> None:
    snapshot = account(sealed=False, principals=(*people(), person("a", BUT), person("b", FETCHING)))
    plan = made(snapshot, {})

    assert f"arn:aws:iam::{ACCOUNT}:user/a" in losing(plan).idle
    assert losing(plan).active == ()


SOC = "arn:aws:iam::444455556666:role/soc"
CANONICAL = "79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be"


def person_seen(**told) -> dict[str, Activity]:
    reader = SeenReader(**{"principal": "", "source": "data events", **told})
    return {TRAIL: Activity(trail=TRAIL, sources=("data events",), readers=(reader,))}


@pytest.mark.sweep
@pytest.mark.parametrize(
    ("told", "reader", "account_told"),
    [
        ({"principal": SOC}, SOC, "444455556666"),
        ({"account": "444455556666", "unique_id": "AROAX:s"}, "AROAX:s", "444455556666"),
        ({"account": "444455556666"}, "?", "444455556666"),
        ({"unique_id": CANONICAL, "source": "server access logs"}, CANONICAL, ""),
        ({"unique_id": "AROAOFNOBODY"}, "AROAOFNOBODY", ""),
        ({"principal": "macie.amazonaws.com"}, "macie.amazonaws.com", ""),
    ],
)
@pytest.mark.parametrize("asked", ASKED.values(), ids=ASKED)
def test_who_was_seen_and_is_not_named_is_to_be_clarified(told, reader, account_told, asked) -> None:
    plan = made(account(sealed=False), person_seen(**told), **asked)
    found = [(c.facts.reader, c.facts.account, c.weight) for c in plan.concerns if c.code is NOT_NAMED]

    assert found == [(reader, account_told, Weight.UNKNOWN)]
    assert plan.exit_code == 4
    assert any(f"[{NOT_NAMED}] {reader}" in line for line in text(plan))


NOT_NAMED = Code.READER_NOT_NAMED


@pytest.mark.parametrize(
    ("told", "arn"),
    [
        ({"principal": ALICE}, ALICE),
        ({"account": ACCOUNT, "unique_id": "AIDAALICE"}, ALICE),
        ({"account": ACCOUNT, "unique_id": "AROAROLE1:session"}, ROLE1),
        ({"principal": f"arn:aws:iam::{ACCOUNT}:user/deleted"}, ""),
        ({"account": ACCOUNT, "unique_id": "AIDADELETED"}, ""),
    ],
)
def test_who_is_of_an_account_that_was_read_is_known_or_reads_no_more(told, arn) -> None:
    plan = made(account(sealed=False), person_seen(**told))

    assert NOT_NAMED not in {c.code for c in plan.concerns}
    assert {r.principal for r in plan.readers if r.active} == ({arn} if arn else set())


def test_unsigned_reading_ends_with_the_key_and_that_is_said() -> None:
    anybody = {
        "Effect": "Allow",
        "Principal": "*",
        "Action": "s3:GetObject",
        "Resource": f"arn:aws:s3:::{BUCKET}/*",
    }
    closed = account(sealed=False)
    (held,) = closed.buckets
    document_of = json.loads(str(held.policy))
    policy = json.dumps({**document_of, "Statement": [*document_of["Statement"], anybody]})
    opened = structs.replace(closed, buckets=(structs.replace(held, policy=policy),))
    plans = [made(each, person_seen(principal="anonymous")) for each in (closed, opened)]

    assert all(Code.UNSIGNED_READERS in {c.code for c in plan.concerns} for plan in plans)
    assert {c.facts.reader for c in plans[1].refusals} == {"anonymous"}
    assert plans[0].refusals == ()


UNREAD = Unreadable(call="s3:GetObject", code="AccessDenied", where=BUCKET)
SIEM = f"arn:aws:iam::{ACCOUNT}:role/siem-collector"
COPIER = f"arn:aws:iam::{ACCOUNT}:role/copier"


@pytest.mark.parametrize(
    ("unread", "taken"), [((), {SIEM, COPIER}), ((UNREAD,), {COPIER})], ids=["read", "unread"]
)
def test_where_reading_was_not_read_nobody_is_let_in_for_a_name(unread, taken) -> None:
    consumers = (person("siem-collector", FETCHING, kind="role"), person("copier", FETCHING, kind="role"))
    snapshot = account(sealed=False, principals=(*people(), *consumers))
    (held,) = snapshot.buckets
    replicated = structs.replace(held, replication=Replication(role=COPIER, rules=()))
    activity = {TRAIL: Activity(trail=TRAIL, sources=("data events",), unreadable=unread)}
    plan = made(structs.replace(snapshot, buckets=(replicated,)), activity)

    assert {r.principal for r in plan.readers if r.active} == taken
    assert plan.exit_code == (4 if unread else 3)
