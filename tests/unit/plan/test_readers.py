"""What a plan makes of today's readers."""

from __future__ import annotations

import json

import pytest
from msgspec import structs

from key_policies import ACCOUNT, TRAIL, console
from story_account import (
    ADMIN,
    ALICE,
    BUCKET,
    KEY,
    REGION,
    ROLE1,
    ROOT,
    SESSION1,
    USER1,
    document,
    people,
    person,
)
from story_account import delivering_account as account
from trailseal.access.readers.reading import Access
from trailseal.errors import UsageProblem
from trailseal.model.activity import Activity, SeenReader
from trailseal.model.bucket import Replication
from trailseal.model.key import Grant
from trailseal.model.unreadable import Unreadable
from trailseal.plan.concern_facts import Weight
from trailseal.plan.impact import impacts
from trailseal.plan.intent import Intent, WantedReaders, sound
from trailseal.plan.key_policy import KeyUse, least_policy
from trailseal.plan.readers import shape_readers
from trailseal.plan.reading import KeyInQuestion, LacksIn, ReaderOutlook
from trailseal.plan.restriction import READERS
from trailseal.view.reader_changes import missing_statements, reasons_for

LEAST = least_policy(KeyUse(account=ACCOUNT, partition="aws", trail_arns=(TRAIL,)))
EVERYWHERE = document({"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"})
AUDITOR = f"arn:aws:iam::{ACCOUNT}:user/auditor"


def unsealed(*more):
    return account(sealed=False, principals=(*people(), *more))


def shaped(snapshot, *, policy=LEAST, key=f"new:{REGION}", activity=None, intent=None):
    question = KeyInQuestion(key=key, before="", policy=policy, trails=snapshot.trails)
    return shape_readers(activity or {})(question, snapshot, intent or Intent())


def outlooks(found):
    return {i.principal: i.outlook for i in found.readers}


def added(found):
    statements = {s["Sid"]: s for s in json.loads(found.policy)["Statement"]}
    principals = statements.get(READERS, {"Principal": {"AWS": []}})["Principal"]["AWS"]
    return [principals] if isinstance(principals, str) else principals


def wanting(*readers, mode="grant"):
    return Intent(readers=WantedReaders(mode=mode, principals=readers))


def codes(found):
    return sorted({(c.code, c.weight) for c in found.concerns})


def test_those_whose_policies_name_the_bucket_are_kept():
    found = shaped(unsealed())

    assert added(found) == [ALICE, USER1, ROLE1]
    assert set(outlooks(found).values()) == {ReaderOutlook.KEEPS}


def test_a_permission_on_every_bucket_will_break_with_the_statement_to_add():
    snapshot = unsealed(person("auditor", EVERYWHERE))
    new, standing = (
        next(
            i for i in impacts(snapshot.trails[0], snapshot, key=key, policy=LEAST) if i.principal == AUDITOR
        )
        for key in (f"new:{REGION}", KEY)
    )

    assert new.outlook is standing.outlook is ReaderOutlook.BREAKS
    assert (new.lacks, standing.lacks) == (LacksIn.IN_KEY_POLICY, LacksIn.IN_IAM)
    assert json.loads(missing_statements([new], lambda _: f"new:{REGION}")[0].statement)["Principal"] == {
        "AWS": AUDITOR
    }
    assert json.loads(missing_statements([standing], lambda _: KEY)[0].statement) == {
        "Effect": "Allow",
        "Action": "kms:Decrypt",
        "Resource": KEY,
    }


def test_without_delegation_the_statement_is_one_for_the_key():
    snapshot = account(
        console(reader=USER1, cross=USER1), sealed=False, principals=(person("auditor", EVERYWHERE),)
    )
    closed = json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": json.loads(console(reader=USER1, cross=USER1))["Statement"][1:],
        }
    )
    found = impacts(snapshot.trails[0], snapshot, key=f"new:{REGION}", policy=closed)

    assert (found[0].principal, found[0].lacks) == (AUDITOR, LacksIn.IN_KEY_POLICY)


def test_who_was_seen_reading_is_kept_and_the_unseen_are_told():
    seen = Activity(
        trail=TRAIL, sources=("data events",), readers=(SeenReader(principal=AUDITOR, source="data events"),)
    )
    found = shaped(unsealed(person("auditor", EVERYWHERE)), activity={TRAIL: seen})

    assert added(found) == [AUDITOR]
    assert outlooks(found)[AUDITOR] is ReaderOutlook.KEEPS
    assert outlooks(found)[ALICE] is ReaderOutlook.BREAKS


UNREAD = (
    Unreadable(call="s3:ListBucket", code="AccessDenied", where="logs-of-logs"),
    Unreadable(call="s3:GetObject", code="InvalidFormat", where="b/one"),
    Unreadable(call="s3:GetObject", code="InvalidFormat", where="b/two"),
)


@pytest.mark.parametrize("wanted", [Intent(), wanting(ALICE)], ids=["kept", "restricted"])
def test_what_tells_of_readers_and_was_not_read_is_unknown_once_for_each_reason(wanted):
    seen = Activity(trail=TRAIL, sources=("data events",), unreadable=UNREAD)
    found = shaped(unsealed(), activity={TRAIL: seen}, intent=wanted)
    told = [c for c in found.concerns if c.code == "readers-not-looked-up"]

    assert {c.weight for c in told} == {Weight.UNKNOWN}
    assert [(c.subject, c.facts.call, c.facts.error) for c in told] == [
        ("logs-of-logs", "s3:ListBucket", "AccessDenied"),
        ("b/one", "s3:GetObject", "InvalidFormat"),
    ]


def test_nobody_is_let_in_for_what_was_not_read():
    found = shaped(unsealed(), activity={TRAIL: Activity(trail=TRAIL, unreadable=UNREAD)})

    assert added(found) == []
    assert found.policy == LEAST
    assert outlooks(found)[ALICE] is ReaderOutlook.BREAKS


def logged(*roles):
    """What a server access log shows: sessions, whose ARNs do not tell their roles' paths."""
    readers = tuple(SeenReader(principal=role, source="server access logs") for role in roles)
    return {TRAIL: Activity(trail=TRAIL, sources=("server access logs",), readers=readers)}


def test_a_role_with_a_path_is_known_again_in_an_access_log():
    snapshot = unsealed(person("audit/Reader", EVERYWHERE, kind="role"))
    found = shaped(snapshot, activity=logged(f"arn:aws:iam::{ACCOUNT}:role/Reader"))

    assert added(found) == [f"arn:aws:iam::{ACCOUNT}:role/audit/Reader"]
    assert found.concerns == ()


@pytest.mark.parametrize("wanted", [Intent(), wanting(ROOT)], ids=["kept", "restricted"])
def test_a_name_that_two_roles_answer_to_is_said(wanted):
    twins = [person(f"{path}/Reader", EVERYWHERE, kind="role") for path in ("a", "b")]
    found = shaped(
        unsealed(*twins), activity=logged(f"arn:aws:iam::{ACCOUNT}:role/Reader", AUDITOR), intent=wanted
    )

    assert ("reader-unclear", Weight.WARNING) in codes(found)
    assert len(found.concerns[0].facts.roles) == len(twins)


def test_known_consumers_are_kept_even_when_they_were_not_seen():
    copier = document({"Effect": "Allow", "Action": "s3:GetObject*", "Resource": f"arn:aws:s3:::{BUCKET}/*"})
    snapshot = unsealed(person("Copier", copier, kind="role"))
    role = f"arn:aws:iam::{ACCOUNT}:role/Copier"
    bucket = structs.replace(snapshot.buckets[0], replication=Replication(role=role, rules=()))
    snapshot = structs.replace(snapshot, buckets=(bucket,))
    found = shaped(snapshot, activity={TRAIL: Activity(trail=TRAIL, sources=("data events",))})

    assert added(found) == [role]
    assert next(i.known_as for i in found.readers if i.principal == role) == "S3 replication"


def test_the_consoles_policy_keeps_everybody_and_adds_nothing():
    found = shaped(unsealed(), policy=console())

    assert added(found) == []
    assert set(outlooks(found).values()) == {ReaderOutlook.KEEPS, ReaderOutlook.NEWLY_ABLE}
    assert outlooks(found)[SESSION1] is ReaderOutlook.NEWLY_ABLE


def test_a_reader_whose_answer_is_not_known_is_told_so():
    office = document(
        {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"},
        {
            "Effect": "Allow",
            "Action": "kms:Decrypt",
            "Resource": "*",
            "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}},
        },
    )

    assert outlooks(shaped(unsealed(person("auditor", office))))[AUDITOR] is ReaderOutlook.UNKNOWN


def test_without_an_inventory_nobody_looked_at_the_readers():
    snapshot = structs.replace(unsealed(), inventories=())

    assert [c.code for c in shaped(snapshot).concerns] == ["readers-not-examined"]


def test_an_inventory_that_was_refused_is_told_and_not_complete():
    call = "iam:GetAccountAuthorizationDetails"
    refused = Unreadable(call=call, code="AccessDenied", where=ACCOUNT)
    found = shaped(structs.replace(unsealed(), inventories=(refused,)))

    assert codes(found) == [
        ("readers-not-examined", Weight.WARNING),
        ("readers-not-looked-up", Weight.UNKNOWN),
    ]
    assert found.concerns[1].facts.call == call


def test_a_restriction_refuses_to_leave_out_an_active_reader():
    found = shaped(unsealed(), intent=wanting(USER1))

    assert codes(found) == [("readers-lose-access", Weight.REFUSED)]
    assert {c.subject for c in found.concerns} == {ALICE, ROLE1}
    assert outlooks(found)[ALICE] is ReaderOutlook.SHUT_OUT
    assert outlooks(found)[USER1] is ReaderOutlook.KEEPS


def test_a_restriction_to_all_active_readers_refuses_nothing():
    found = shaped(unsealed(), intent=wanting(USER1, ALICE, ROLE1))

    assert found.concerns == ()
    assert outlooks(found)[ADMIN] is ReaderOutlook.SHUT_OUT


def test_a_perimeter_shuts_out_the_root_user_too():
    found = shaped(unsealed(), intent=wanting(USER1, ALICE, ROLE1, mode="perimeter"))

    assert found.concerns == ()
    assert outlooks(found)[ROOT] is ReaderOutlook.SHUT_OUT


def test_a_standing_grant_leaves_the_key_open_and_a_perimeter_does_not():
    grant = Grant(grant_id="g", grantee_principal=ALICE, operations=("Decrypt",))
    snapshot = account(console(), grants=(grant,))
    by_grant = shaped(snapshot, policy=console(), key=KEY, intent=wanting(USER1, ROLE1))
    by_perimeter = shaped(snapshot, policy=console(), key=KEY, intent=wanting(USER1, ROLE1, mode="perimeter"))

    assert ("still-open", Weight.REFUSED) in codes(by_grant)
    assert "still-open" not in {code for code, _ in codes(by_perimeter)}


def test_a_reader_that_only_the_old_policy_names_breaks():
    snapshot = account(console())
    found = {i.principal: i for i in impacts(snapshot.trails[0], snapshot, key=KEY, policy=LEAST)}

    assert found[SESSION1].outlook is ReaderOutlook.BREAKS
    assert found[SESSION1].decided_by == ()
    assert json.loads(missing_statements([found[SESSION1]], lambda _: KEY)[0].statement)["Principal"] == {
        "AWS": SESSION1
    }


def test_nobody_surely_reads_on_while_the_organization_s_policies_are_unread():
    """They may deny what the new key needs; who breaks, breaks all the same."""
    read = unsealed(person("auditor", EVERYWHERE), person("nobody"))
    refused = Unreadable(call="organizations:ListPoliciesForTarget", code="AccessDeniedException")
    unread = structs.replace(
        read, inventories=tuple(structs.replace(i, guardrails=refused) for i in read.inventories)
    )
    surely, doubtfully = shaped(read), shaped(unread)
    keeping = {p for p, found in outlooks(surely).items() if found is not ReaderOutlook.BREAKS}

    assert {outlooks(doubtfully)[p] for p in keeping} == {ReaderOutlook.UNKNOWN}
    assert {p: o for p, o in outlooks(doubtfully).items() if p not in keeping} == {
        p: o for p, o in outlooks(surely).items() if p not in keeping
    }
    assert keeping
    assert doubtfully.policy == surely.policy
    assert [(c.code, c.subject, c.weight) for c in doubtfully.concerns] == [
        ("guardrails-not-read", ACCOUNT, Weight.WARNING)
    ]


def test_a_restriction_tells_of_unread_policies_too():
    refused = Unreadable(call="organizations:ListPoliciesForTarget", code="AccessDeniedException")
    read = account(sealed=False)
    unread = structs.replace(
        read, inventories=tuple(structs.replace(i, guardrails=refused) for i in read.inventories)
    )
    found = shaped(unread, intent=Intent(readers=WantedReaders(principals=(ALICE,))))

    assert outlooks(found)[ALICE] is ReaderOutlook.UNKNOWN
    assert "guardrails-not-read" in {c.code for c in found.concerns}


def test_who_would_be_newly_able_is_told_also_where_a_policy_may_deny_it():
    refused = Unreadable(call="organizations:ListPoliciesForTarget", code="AccessDeniedException")
    read = unsealed()
    unread = structs.replace(
        read, inventories=tuple(structs.replace(i, guardrails=refused) for i in read.inventories)
    )
    newly = next(i for i in shaped(unread, policy=console()).readers if i.principal == SESSION1)

    assert newly.outlook is ReaderOutlook.UNKNOWN
    assert (newly.before, newly.after) == (Access.NONE, Access.UNKNOWN)
    assert "newly able, if no policy of the organization denies it" in reasons_for(newly)


def test_unread_policies_are_told_once_for_two_trails_under_one_key():
    refused = Unreadable(call="organizations:ListPoliciesForTarget", code="AccessDeniedException")
    read = unsealed()
    other = structs.replace(read.trails[0], arn=TRAIL + "2", name="second")
    unread = structs.replace(
        read,
        trails=(*read.trails, other),
        inventories=tuple(structs.replace(i, guardrails=refused) for i in read.inventories),
    )
    told = [c for c in shaped(unread).concerns if c.code == "guardrails-not-read"]

    assert len(set(map(repr, told))) == 1


def also(*readers):
    return Intent(readers=WantedReaders(also=readers))


def test_whom_a_plan_names_beside_the_active_is_let_in_and_nobody_is_shut_out():
    snapshot = unsealed(person("auditor", EVERYWHERE))
    plain, found = shaped(snapshot), shaped(snapshot, intent=also(AUDITOR))

    assert outlooks(plain)[AUDITOR] is ReaderOutlook.BREAKS
    assert added(found) == [*added(plain), AUDITOR]
    assert outlooks(found) == {**outlooks(plain), AUDITOR: ReaderOutlook.KEEPS}


@pytest.mark.parametrize("reader", [AUDITOR, ALICE, "arn:aws:iam::444455556666:role/theirs"])
def test_who_is_let_in_already_is_not_let_in_again(reader):
    snapshot = unsealed(person("auditor", EVERYWHERE))
    first = shaped(snapshot, intent=also(reader))
    again = shaped(snapshot, policy=first.policy, intent=also(reader))

    assert reader in added(first)
    assert again.policy == first.policy


def test_a_restricted_key_is_opened_for_whom_a_plan_names_and_for_nobody_else():
    snapshot = account(sealed=True, principals=people())
    policy = shaped(snapshot, policy=LEAST, key=KEY, intent=wanting(ALICE)).policy
    question = KeyInQuestion(key=KEY, before=policy, policy=policy, trails=snapshot.trails)

    found = shape_readers({})(question, snapshot, also(USER1))

    statements = {s["Sid"]: s["Principal"]["AWS"] for s in json.loads(found.policy)["Statement"][-2:]}
    assert statements == {READERS: ALICE, f"{READERS}2": USER1}


def test_without_an_inventory_whom_a_plan_names_is_let_in_once():
    snapshot = structs.replace(unsealed(), inventories=())
    first = shaped(snapshot, intent=also(ALICE))

    assert added(first) == [ALICE]
    assert shaped(snapshot, policy=first.policy, intent=also(ALICE)).policy == first.policy
    assert ("readers-not-examined", Weight.WARNING) in codes(first)


@pytest.mark.parametrize("intent", [also, wanting])
def test_who_is_named_and_cannot_read_all_the_same_is_told(intent):
    snapshot = unsealed(person("auditor"))

    assert ("reader-cannot-read", Weight.WARNING) in codes(shaped(snapshot, intent=intent(AUDITOR)))
    assert "reader-cannot-read" not in {code for code, _ in codes(shaped(snapshot, intent=intent(ALICE)))}


def test_a_key_of_another_account_lets_nobody_in_by_this_plan():
    snapshot = structs.replace(unsealed(), inventories=())
    question = KeyInQuestion(key=KEY, before=LEAST, policy=LEAST, trails=snapshot.trails, editable=False)

    assert shape_readers({})(question, snapshot, also(ALICE)).policy == LEAST


def test_who_may_read_alone_and_who_may_read_too_are_not_named_together():
    with pytest.raises(UsageProblem, match="without --also-reader"):
        sound(Intent(readers=WantedReaders(principals=(ALICE,), also=(USER1,))))
