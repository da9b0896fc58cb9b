"""Rules at their edges: nothing given, everything refused, nothing to choose from."""

from __future__ import annotations

from msgspec import structs

from key_policies import policy, statement
from story_account import KEY, account
from trailseal.access.caller import read_caller
from trailseal.access.lint.written import Clause
from trailseal.access.match.principal import named
from trailseal.access.prove import second_look as looking
from trailseal.access.prove.proof import WorldAssumption
from trailseal.access.readers.classes import _conditions
from trailseal.access.readers.from_snapshot import estate_of, key_facts, target_of
from trailseal.access.readers.walls import _has_deny
from trailseal.access.split.choices import choices
from trailseal.access.split.sets import sets
from trailseal.messages import message
from trailseal.model.arn import Arn
from trailseal.model.principal import Principal, PrincipalKind
from trailseal.model.unreadable import Unreadable

ALICE = "arn:aws:iam::123456789012:user/alice"
REFUSED = Unreadable(call="kms:ListAliases", code="AccessDenied")


def test_a_statement_without_a_principal_names_nobody():
    assert named(None, read_caller(ALICE), allows=True, trust=False) == ()


def test_a_condition_that_the_engine_refuses_holds_against_nobody():
    assert _conditions(Clause(operator="StringNope", key="aws:username", values=("a",))) == ()


def test_what_could_not_be_read_of_a_key_is_no_fact():
    key = structs.replace(account().keys[0], tags=REFUSED, aliases=REFUSED)

    assert "kms:ResourceAliases" not in key_facts(key)
    assert not any(name.startswith("aws:ResourceTag/") for name in key_facts(key))


def test_values_that_are_certain_stand_in_every_set():
    found = sets(("a", "b"), lambda value: (value == "a",), among=("a",))

    assert all("a" in each for each in found)
    assert {frozenset(each) for each in found} == {frozenset("a"), frozenset("ab")}


def test_a_fact_of_the_resource_is_not_chosen():
    assert choices("kms:keyspec", [], None) is None


def test_a_deny_in_a_policy_that_several_share_is_one_of_each():
    one = Principal(arn=ALICE, kind=PrincipalKind.USER, shared=("arn:aws:iam::aws:policy/P",))

    assert _has_deny(one, {"arn:aws:iam::aws:policy/P"})
    assert not _has_deny(one, set())


def test_an_arn_without_a_type_has_none():
    assert Arn.parse("arn:aws:s3:::trail-logs").resource_type == ""


def test_a_way_in_whose_requests_cannot_be_completed_is_told_without_them(monkeypatch):
    monkeypatch.setattr(looking, "complete", lambda *_: message("too many"))
    snapshot = account(policy(statement(Principal="*")))
    trail = snapshot.trails[0]
    estate, target = estate_of(snapshot, trail, kms_key=KEY), target_of(snapshot, trail, kms_key=KEY)
    found = list(looking.second_look(estate, target, WorldAssumption.OPEN, frozenset()))

    assert found
    assert not any(each.way for each in found)
