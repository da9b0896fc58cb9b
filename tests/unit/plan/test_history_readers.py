from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from trailseal.plan.codec import read_plan, write_plan
from trailseal.plan.difference import readers_let_in
from trailseal.plan.history_readers import plan_readers
from trailseal.plan.plan import Plan
from trailseal.plan.step import PutKeyPolicy

KEY = "arn:aws:kms:us-east-1:210987654321:key/1"
TRAIL = "arn:aws:cloudtrail:us-east-1:123456789012:trail/t"
NOW = datetime(2026, 11, 23, tzinfo=UTC)
ADMIN: dict[str, object] = {
    "Sid": "TrailsealReadersOfTheHistory",
    "Effect": "Allow",
    "Principal": "*",
    "Action": "kms:List*",
}
POLICY = json.dumps({"Version": "2012-10-17", "Statement": [ADMIN]})
NEW: dict[str, object] = {
    "Sid": "TrailsealReadersOfTheHistory",
    "Effect": "Allow",
    "Principal": {"AWS": ["arn:aws:iam::1:role/a", "arn:aws:iam::1:role/b"]},
    "Action": "kms:Decrypt",
    "Resource": "*",
}


def made(*new: dict[str, object], policy: str = POLICY, trail: str = TRAIL) -> Plan:
    return plan_readers(policy, new, key_arn=KEY, trail_arn=trail, made_at=NOW)


def test_statements_are_added_and_none_is_touched() -> None:
    (step,) = made(NEW).steps

    assert isinstance(step, PutKeyPolicy)
    assert (step.key, step.before) == (KEY, POLICY)
    assert json.loads(step.after)["Statement"] == [ADMIN, NEW | {"Sid": "TrailsealReadersOfTheHistory2"}]


def test_the_plan_is_one_that_apply_reads_and_undo_takes_back() -> None:
    plan = made(NEW)

    assert read_plan(write_plan(plan), name="p") == plan
    assert plan.rollback == (PutKeyPolicy(key=KEY, before=plan.steps[0].after, after=POLICY),)  # type: ignore[union-attr]


def test_it_is_for_the_account_that_owns_the_key() -> None:
    assert made(NEW).account == "210987654321"


@pytest.mark.parametrize(("trail", "trails"), [(TRAIL, (TRAIL,)), ("", ())], ids=["trail", "no-trail"])
def test_each_reader_is_told_with_its_statement(trail: str, trails: tuple[str, ...]) -> None:
    everybody: dict[str, object] = NEW | {"Principal": "*"}
    found = made(NEW, everybody, trail=trail)

    assert [(r.principal, r.trails) for r in found.readers] == [
        ("arn:aws:iam::1:role/a", trails),
        ("arn:aws:iam::1:role/b", trails),
        ("*", trails),
    ]
    assert readers_let_in(POLICY, found.steps[0].after) == {
        "arn:aws:iam::1:role/a": "TrailsealReadersOfTheHistory2",
        "arn:aws:iam::1:role/b": "TrailsealReadersOfTheHistory2",
        "*": "TrailsealReadersOfTheHistory3",
    }


def test_nothing_to_add_is_an_empty_plan() -> None:
    assert (made().can_apply, made().concerns, made().readers) == (False, (), ())


def test_a_policy_that_kms_would_not_take_is_refused() -> None:
    plan = made(NEW, policy=json.dumps({"Statement": [ADMIN | {"Resource": "x" * 32_700}]}))

    assert not plan.can_apply
    assert [concern.code for concern in plan.refusals] == ["key-policy-too-long"]
