"""What an organization's policies that could not be read make of who reads, who changes it, and a proof."""

from __future__ import annotations

import pytest
from msgspec import structs

from key_policies import ACCOUNT, console, policy, statement
from story_account import (
    ALICE,
    BUCKET,
    CONSOLE,
    EVERYTHING,
    FETCHING,
    ROLE1,
    ROOT_NARROWED,
    SESSION1,
    USER1,
    account,
    document,
    people,
    person,
)
from trailseal.access.decision import Effect
from trailseal.access.prove.proof import ProofVerdict
from trailseal.access.readers.log_object import Sealing
from trailseal.access.readers.reading import Access
from trailseal.access.readers.scope import Openness
from trailseal.access.readers.sureness import Sureness
from trailseal.model.organization import Organization
from trailseal.model.principal import Inventory, Principal, PrincipalKind
from trailseal.model.unreadable import Unreadable
from trailseal.run.who_question import Question, SavedObjects, proof, readers

REFUSED = Unreadable(call="organizations:ListPoliciesForTarget", code="AccessDenied")
LINKED = "aws-service-role/x.amazonaws.com/AWSServiceRoleForX"
OTHER = "210987654321"
SIEM = f"arn:aws:iam::{OTHER}:role/Siem"


def told(snapshot):
    return readers(snapshot, Question(), SavedObjects(snapshot)).trails[0]


def access(snapshot):
    return {r.principal: r.access for r in told(snapshot).readings}


def proven(snapshot, *only):
    return proof(snapshot, Question(only=only)).trails[0].proof


def foreign(snapshot, *, theirs=None, **ours):
    """The account beside another one, whose role Siem may do everything that it is let into."""
    role = Principal(
        arn=SIEM,
        kind=PrincipalKind.ROLE,
        policies=person("x", EVERYTHING).policies,
    )
    other = Inventory(account=OTHER, principals=(role,), guardrails=theirs)
    own = structs.replace(snapshot.inventories[0], **ours)
    return structs.replace(snapshot, inventories=(own, other))


def unread(snapshot):
    return tuple(structs.replace(i, guardrails=REFUSED) for i in snapshot.inventories)


def letting_in(*actions):
    both = {"AWS": [SIEM, ALICE]}
    get = statement("b", Principal=both, Action="s3:GetObject", Resource=f"arn:aws:s3:::{BUCKET}/*")
    return account(
        policy(statement(Principal=both, Action=list(actions))),
        bucket_policy=policy(get),
        principals=(person("alice"),),
    )


def test_whoever_would_read_is_unknown_and_whoever_is_denied_stays_denied():
    snapshot = account(principals=(*people(), person("nobody")), guardrails=REFUSED)
    found = access(snapshot)

    assert {found[who] for who in (ALICE, USER1, ROLE1, SESSION1)} == {Access.UNKNOWN}
    assert found[f"arn:aws:iam::{ACCOUNT}:user/nobody"] is Access.NONE
    assert Access.READ not in found.values()


@pytest.mark.parametrize("guardrails", [None, REFUSED])
def test_over_the_management_account_nothing_is_left_to_be_read(guardrails):
    """Its own DescribeOrganization may be refused while another account's tells which one manages."""
    managed = Organization(organization_id="o-a", management_account=ACCOUNT)
    snapshot = structs.replace(account(guardrails=guardrails), organization=managed)
    alone = told(structs.replace(account(), organization=managed))

    assert told(snapshot) == alone
    assert alone.standing.readers == 5
    assert proven(snapshot, SESSION1).verdict is ProofVerdict.REFUTED


def test_a_half_that_is_unknown_is_no_permission():
    assert access(account(ROOT_NARROWED))[ALICE] is Access.FETCH_ONLY
    assert access(account(ROOT_NARROWED, guardrails=REFUSED))[ALICE] is Access.NONE


def test_the_reasons_name_what_was_not_read():
    alice = next(r for r in told(account(guardrails=REFUSED)).readings if r.principal == ALICE)

    assert alice.fetch.reasons[-1].layer == "scp"
    assert alice.fetch.reasons[-1].detail == "organizations:ListPoliciesForTarget: AccessDenied"
    assert [str(c) for c in alice.conditions] == ["no policy of the organization denies it"]


def test_the_bar_counts_nobody_as_a_reader_and_keeps_what_the_key_policy_says():
    standing = told(account(guardrails=REFUSED)).standing

    assert (standing.readers, standing.unknown, standing.principals) == (0, 5, 5)
    assert standing.scope is Openness.ACCOUNT


def test_service_linked_roles_are_limited_by_neither():
    linked = person(LINKED, FETCHING, kind="role")
    snapshot = account(principals=(linked,), guardrails=REFUSED)

    assert access(snapshot)[linked.arn] is Access.READ
    assert proven(snapshot, SESSION1).verdict is ProofVerdict.REFUTED


def test_objects_encrypted_otherwise_are_no_surer():
    role = next(r for r in told(account(guardrails=REFUSED)).readings if r.principal == ROLE1)

    assert role.access is Access.UNKNOWN
    assert role.elsewhere == {Sealing.COPIED.value: Access.NONE, Sealing.COPIED_BUCKET_KEY.value: Access.NONE}


def test_a_callers_own_organization_counts_and_the_owners_does_too():
    snapshot = letting_in("kms:Decrypt")

    assert access(foreign(snapshot))[SIEM] is Access.READ
    assert told(foreign(snapshot)).standing.elsewhere == 1
    assert told(foreign(snapshot, theirs=REFUSED)).standing.elsewhere == 0
    assert access(foreign(snapshot, theirs=REFUSED)) == {SIEM: Access.UNKNOWN, ALICE: Access.READ}
    assert access(foreign(snapshot, guardrails=REFUSED)) == {SIEM: Access.UNKNOWN, ALICE: Access.UNKNOWN}


@pytest.mark.parametrize(
    ("place", "left"), [("bucket", Access.DECRYPT_ONLY), ("key", Access.NONE)], ids=["bucket", "key"]
)
def test_an_owners_policies_are_about_what_it_owns(place, left):
    """Siem decrypts and cannot fetch; the unread policies are those of the bucket's or the key's owner."""
    snapshot = account(policy(statement(Principal={"AWS": SIEM}, Action="kms:Decrypt")), principals=())
    away = structs.replace(snapshot.buckets[0], account="333333333333")
    snapshot = foreign(structs.replace(snapshot, buckets=(away,)))
    owner = {"bucket": "333333333333", "key": ACCOUNT}[place]
    unread = Inventory(account=owner, principals=(), guardrails=REFUSED)
    others = tuple(i for i in snapshot.inventories if i.account != owner)

    assert access(structs.replace(snapshot, inventories=(*others, unread)))[SIEM] is left


def test_who_could_change_it_is_no_more_than_possible():
    trusting = policy(statement(Principal={"AWS": ALICE}, Action="sts:AssumeRole", Resource=None))
    snapshot = account(
        console(reader=USER1, cross=USER1),
        principals=(person("alice"), person("Reader", EVERYTHING, kind="role", trust=trusting)),
    )
    known, doubted = told(snapshot), told(structs.replace(snapshot, inventories=unread(snapshot)))

    assert {c.sureness for c in known.chains.found} == {Sureness.OPEN}
    assert {c.sureness for c in doubted.chains.found} == {Sureness.UNKNOWN}
    assert {w.sureness for c in known.changers for w in c.ways} == {Sureness.OPEN}
    assert {w.sureness for c in doubted.changers for w in c.ways} == {Sureness.UNKNOWN}


def test_a_service_linked_role_changes_what_it_could():
    linked = person(LINKED, EVERYTHING, kind="role")
    ways = told(account(principals=(linked,), guardrails=REFUSED)).changers[0].ways

    assert {w.sureness for w in ways} == {Sureness.OPEN}


def test_policies_that_only_take_away_leave_a_proof_standing():
    found = proven(account(ROOT_NARROWED, guardrails=REFUSED), USER1, SESSION1)

    assert found.verdict is ProofVerdict.PROVEN


def test_a_way_in_that_they_may_deny_is_no_refutation():
    found = proven(account(CONSOLE, guardrails=REFUSED), USER1)

    assert found.verdict is ProofVerdict.UNKNOWN
    assert found.way_in == ()
    assert "can read unless a policy of the organization denies it" in str(found.why)


def test_an_unknown_for_another_reason_says_both():
    office = {"Condition": {"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}}}
    reading = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}
    bob = person("bob", document({**reading, **office}))
    found = told(account(principals=(bob,), guardrails=REFUSED)).readings[0]

    assert found.fetch.effect is Effect.UNKNOWN
    assert len(found.fetch.conditions) == len(("the office's", "no policy of the organization"))
