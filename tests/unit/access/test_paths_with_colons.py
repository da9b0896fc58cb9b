"""Callers whose path holds a colon, which IAM allows: each place that takes an ARN apart still knows them."""

from __future__ import annotations

import pytest
from msgspec import structs

from key_policies import ACCOUNT, policy, statement
from story_account import ALICE, BUCKET, KEY, account, person
from trailseal.access.caller import CallerKind, caller_kind, is_session_of, role_arn, session_arn
from trailseal.access.lint.plain import tell
from trailseal.access.lint.rules import lint
from trailseal.access.lint.written import read_written
from trailseal.access.prove.proof import ProofVerdict, WorldAssumption, prove
from trailseal.access.readers.from_snapshot import estate_of, target_of
from trailseal.access.readers.population import population
from trailseal.access.readers.reading import Access, read_all
from trailseal.model.arn import account_of

FOREIGN = "210987654321"
PATHS = ["a:b/", "a:b/c/", ":/", "user:x/", "x:role/y/", "x:assumed-role/y/", "x:federated-user/", "::::::/"]
WHO = [
    f"arn:aws:iam::{owner}:{kind}/{path}c"
    for owner in (ACCOUNT, FOREIGN)
    for kind in ("user", "role")
    for path in PATHS
]


def seen_by(who):
    fetching = statement(
        "in", Principal={"AWS": who}, Action="s3:GetObject", Resource=f"arn:aws:s3:::{BUCKET}/*"
    )
    snapshot = account(policy(statement(Principal={"AWS": who})), principals=(person("bob"),))
    bucket = structs.replace(snapshot.buckets[0], policy=policy(fetching))
    snapshot = structs.replace(snapshot, buckets=(bucket,))
    trail = snapshot.trails[0]
    return estate_of(snapshot, trail, kms_key=KEY), target_of(snapshot, trail, kms_key=KEY)


@pytest.mark.parametrize("who", WHO)
def test_whoever_both_policies_name_is_listed(who):
    estate, target = seen_by(who)
    found = {r.principal: r.access for r in read_all(estate, target, population(estate, target))}

    assert found[who] in {Access.READ, Access.UNKNOWN}


@pytest.mark.sweep
@pytest.mark.parametrize("who", WHO)
@pytest.mark.parametrize("world", WorldAssumption)
def test_nobody_else_can_read_is_not_proven(who, world):
    estate, target = seen_by(who)
    in_a_closed_account = world is WorldAssumption.CLOSED and account_of(who) == ACCOUNT

    found = prove(estate, target, frozenset({ALICE}), world=world)

    assert found.verdict is (ProofVerdict.PROVEN if in_a_closed_account else ProofVerdict.REFUTED)
    assert in_a_closed_account or found.principal == who


@pytest.mark.sweep
@pytest.mark.parametrize("who", WHO)
def test_it_is_proven_of_everybody_but_the_one_who_is_named(who):
    estate, target = seen_by(who)

    assert prove(estate, target, frozenset({who}), world=WorldAssumption.OPEN).verdict is ProofVerdict.PROVEN


@pytest.mark.parametrize("who", WHO)
def test_kind_and_account_are_those_of_the_arn(who):
    role = who.partition("/")[0].endswith(":role")

    assert caller_kind(who) is (CallerKind.ROLE if role else CallerKind.USER)
    assert account_of(who) in {ACCOUNT, FOREIGN}
    assert role_arn(who) == ""
    assert is_session_of(f"arn:aws:sts::{account_of(who)}:assumed-role/c/s", who) is role


def test_a_session_of_a_role_tells_its_name_and_not_its_path():
    session = session_arn(f"arn:aws:iam::{ACCOUNT}:role/x:role/y/c", "s")

    assert session == f"arn:aws:sts::{ACCOUNT}:assumed-role/c/s"
    assert role_arn(session) == f"arn:aws:iam::{ACCOUNT}:role/c"


@pytest.mark.parametrize("who", WHO)
def test_a_statement_is_told_with_path_and_name(who):
    told = tell(read_written(policy(statement(Principal={"AWS": who}))))[0].who
    name = who.split(":", 5)[5].partition("/")[2]

    assert f" {name} of account {account_of(who)}" in str(told[0])


@pytest.mark.parametrize("who", WHO)
def test_lint_says_the_same_as_of_any_other_path(who):
    def rules(name):
        spared = statement("D", Effect="Deny", Principal=None, NotPrincipal={"AWS": name})
        changing = statement("C", Principal={"AWS": name}, Action="kms:PutKeyPolicy")
        granting = statement("G", Principal={"AWS": name}, Action="kms:CreateGrant")
        text = policy(spared, changing, granting)
        return [(f.rule, f.statement) for f in lint(read_written(text), owner=ACCOUNT)]

    plain = who.split("/")[0] + "/a/c"

    assert rules(who) == rules(plain)
