"""Who hands out a federated user's session: told of each user, in whatever order they were read."""

from __future__ import annotations

from itertools import permutations

import pytest
from msgspec import structs

from key_policies import ACCOUNT, policy, statement
from story_account import BUCKET, KEY, account, document, person
from trailseal.access.prove.proof import ProofVerdict, WorldAssumption, prove
from trailseal.access.prove.second_look import second_look
from trailseal.access.readers import crowd
from trailseal.access.readers.federated_rows import federated_rows
from trailseal.access.readers.federation import as_made
from trailseal.access.readers.from_snapshot import estate_of, target_of
from trailseal.access.readers.population import population
from trailseal.access.readers.reading import Access, read_all
from trailseal.access.readers.subject import Knowledge, stranger_of
from trailseal.access.readers.subject_kind import SubjectKind

AUDITOR = f"arn:aws:sts::{ACCOUNT}:federated-user/auditor"
READS = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}
ORDERS = tuple(permutations(range(3)))
FROM = {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}
MFA = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}


def user(name):
    return f"arn:aws:iam::{ACCOUNT}:user/{name}"


def makes(condition):
    return {"Effect": "Allow", "Action": "sts:GetFederationToken", "Resource": "*", "Condition": condition}


def look(people, *key, bucket=()):
    snapshot = account(policy(*key), principals=people)
    if bucket:
        changed = structs.replace(snapshot.buckets[0], policy=policy(*bucket))
        snapshot = structs.replace(snapshot, buckets=(changed,))
    trail = snapshot.trails[0]
    return estate_of(snapshot, trail, kms_key=KEY), target_of(snapshot, trail, kms_key=KEY)


CERTAIN = {
    "name": (makes({"StringEquals": {"aws:username": "b"}}),),
    "arn": (makes({"ArnEquals": {"aws:PrincipalArn": user("b")}}),),
    "tag": (makes({"StringEquals": {"aws:PrincipalTag/team": "b"}}),),
    "id": (makes({"StringEquals": {"aws:userid": "AIDAB"}}),),
    "name, or with mfa": (makes({"StringEquals": {"aws:username": "b"}}), makes(MFA)),
    "name, or from a network": (makes({"StringEquals": {"aws:username": "b"}}), makes(FROM)),
}


def people(statements):
    text = document(READS, *statements)
    return tuple(person(name, text, tags={"team": name}) for name in "abc")


@pytest.mark.sweep
@pytest.mark.parametrize("form", CERTAIN)
@pytest.mark.parametrize("order", ORDERS, ids=str)
def test_the_one_who_may_is_found_among_users_whose_policies_are_equal(form, order):
    everyone = people(CERTAIN[form])
    estate, target = look(tuple(everyone[n] for n in order), statement(Principal={"AWS": AUDITOR}))

    session = stranger_of(AUDITOR, SubjectKind.FEDERATED, ACCOUNT, estate)
    found = {one.maker for one in as_made(session, estate) if one.knowledge is Knowledge.READ}
    rows = {r.principal: r.access for r in read_all(estate, target, population(estate, target))}
    proof = prove(estate, target, frozenset(), world=WorldAssumption.CLOSED)

    assert found == {user("b")}
    assert rows[AUDITOR] is Access.READ
    assert proof.verdict is ProofVerdict.REFUTED


@pytest.mark.sweep
@pytest.mark.parametrize("form", CERTAIN)
@pytest.mark.parametrize("order", ORDERS, ids=str)
def test_what_the_one_who_is_listed_hands_out_is_his(form, order):
    everyone = people(CERTAIN[form])
    estate, target = look(tuple(everyone[n] for n in order), statement(Principal={"AWS": AUDITOR}))
    proof = prove(estate, target, frozenset({user("b")}), world=WorldAssumption.CLOSED)

    assert proof.verdict is (ProofVerdict.UNKNOWN if "network" in form else ProofVerdict.PROVEN)


@pytest.mark.parametrize("order", ORDERS, ids=str)
def test_a_session_that_may_do_more_than_one_of_its_makers_has_a_row(order):
    shut: dict[str, object] = {"Effect": "Deny", "Principal": "*", "Action": "s3:GetObject"}
    shut |= {"Resource": f"arn:aws:s3:::{BUCKET}/*", "Condition": {"StringEquals": {"aws:username": "b"}}}
    opens = statement(Principal={"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, Action="kms:*")
    decrypts = {"Effect": "Allow", "Action": "kms:Decrypt", "Resource": "*"}
    text = document(READS, decrypts, makes({}))
    everyone = tuple(person(name, text) for name in "abc")
    estate, target = look(tuple(everyone[n] for n in order), opens, bucket=[shut])

    rows = federated_rows(estate, target, population(estate, target))

    assert [row.arn for row in rows] == [f"arn:aws:sts::{ACCOUNT}:federated-user/*"]


def test_more_classes_of_sessions_than_are_asked_are_told_as_a_row(monkeypatch):
    monkeypatch.setattr(crowd, "MAX_CLASSES", 0)
    everyone = people((makes({}),))
    denied = statement(Effect="Deny", Principal={"AWS": user("a")})
    estate, target = look(everyone, statement(Principal="*"), denied)

    assert federated_rows(estate, target, population(estate, target))


ELSEWHERE = "arn:aws:sts::444455556666:federated-user/auditor"


@pytest.mark.sweep
@pytest.mark.parametrize("world", WorldAssumption)
@pytest.mark.parametrize("session", [AUDITOR, ELSEWHERE])
@pytest.mark.parametrize("named", [(), ("a",), ("b", "c")], ids=str)
def test_a_listed_session_is_no_way_in_whoever_makes_it(session, named, world):
    everyone = people((makes({}),))
    key = statement(Principal={"AWS": [session, *map(user, named)]})
    fetched = {"Principal": {"AWS": session}, "Effect": "Allow", "Action": "s3:GetObject"}
    estate, target = look(everyone, key, bucket=[fetched | {"Resource": f"arn:aws:s3:::{BUCKET}/*"}])
    listed = frozenset({session, *map(user, named)})

    for only in (listed, listed - {session}):
        ways = prove(estate, target, only, world=world).ways
        seconds = [found.way for found in second_look(estate, target, world, only) if found.way]

        assert {way.principal for way in (*ways, *seconds)} == {session} - only


def test_ways_of_one_session_by_two_makers_are_told_by_their_requests():
    text = document(READS, makes({}))
    everyone = (person("a", text), person("b", document(READS, makes({}), READS)))
    estate, target = look(everyone, statement(Principal={"AWS": AUDITOR}))

    ways = [
        w
        for w in prove(estate, target, frozenset(), world=WorldAssumption.CLOSED).ways
        if w.principal == AUDITOR
    ]

    assert [{asked.request.maker for asked in way.requests} for way in ways] == [{user("a")}, {user("b")}]
