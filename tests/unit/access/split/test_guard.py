"""
No key, operator and caller beside the table: each is split exactly, or left unknown.

The table of keys decides what is asked here, so that a key added to it is held to the same.
"""

from __future__ import annotations

import pytest

from rows import each_row
from trailseal.access.caller import read_caller
from trailseal.access.conditions.families import OPERATORS
from trailseal.access.derived_facts import facts_of
from trailseal.access.facts import Lack
from trailseal.access.keys.key import ConditionKey
from trailseal.access.keys.table import all_keys
from trailseal.access.split import whitelist
from trailseal.access.split.callers import OWN_KEYS
from trailseal.access.split.candidates import CLOCK, DOMAINS, candidates

A = "123456789012"
WANTED = {
    "Bool": "true",
    "Binary": "AA==",
    "Numeric": "5",
    "Date": "2026-01-01",
    "Ip": "10.0.0.0/8",
    "NotIp": "::/0",
    "Arn": f"arn:aws:iam::{A}:role/a*",
}
FITTING = {
    "aws:userid": "AIDAA",
    "aws:principalorgid": "o-a",
    "aws:principalorgpaths": "o-a/r-b/",
    "aws:principalaccount": A,
    "kms:calleraccount": A,
    "aws:sourceaccount": A,
    "aws:calledvia": "athena.amazonaws.com",
    "aws:calledviafirst": "athena.amazonaws.com",
    "aws:calledvialast": "athena.amazonaws.com",
}
"""What a key can hold that does not hold any text: a test on anything else is met by none of its values."""
MEMBERS = (
    (f"arn:aws:iam::{A}:user/a", f"arn:aws:iam::{A}:user/p/b"),
    (f"arn:aws:iam::{A}:role/a", f"arn:aws:iam::{A}:role/p/b"),
    (f"arn:aws:sts::{A}:federated-user/aa", f"arn:aws:sts::{A}:federated-user/bb"),
    (f"arn:aws:iam::{A}:root", "arn:aws:iam::444455556666:root"),
    ("a.amazonaws.com", "b.amazonaws.com"),
)


def name_of(row: ConditionKey) -> str:
    return (f"{row.name}x" if row.family else row.name).lower()


def wanted(key, operator):
    fitting = FITTING.get(key, "a*")
    return next((value for head, value in WANTED.items() if operator.startswith(head)), fitting)


def test_every_key_that_holds_no_other_text_has_a_value_that_fits():
    assert FITTING.keys() == DOMAINS.keys()


@pytest.mark.sweep
@each_row("row", all_keys(), ids=lambda row: row.name)
def test_every_operator_on_every_key_is_split_exactly_or_not_at_all(row):
    key = name_of(row)
    for operator in OPERATORS:
        for qualifier in ("", "ForAnyValue", "ForAllValues"):
            test = whitelist.Test(operator, qualifier, (wanted(key, operator),))
            found = candidates(key, (test,), Lack.UNKNOWN)
            if key in CLOCK or not whitelist.is_split(row, test):
                assert found is None, (key, operator)
                continue
            answers = {OPERATORS[operator].meets(test.values[0], v) for values in found for v in values}
            expected = {False} if no_arn_fits(key, operator) else {True, False}
            assert answers == expected, (key, operator)


def no_arn_fits(key, operator):
    """A user ID, an account, an organization or a service's name is no ARN."""
    return key in DOMAINS and operator.startswith("Arn")


@pytest.mark.parametrize(("one", "other"), MEMBERS)
def test_what_differs_within_a_class_is_split_or_left_open(one, other):
    for action in ("s3:GetObject", "kms:Decrypt"):
        known = [_known(caller, action) for caller in (one, other)]
        differing = {key for key in {**known[0], **known[1]} if known[0].get(key) != known[1].get(key)}
        assert differing <= OWN_KEYS


def _known(caller, action):
    return facts_of(
        read_caller(caller),
        action=action,
        resource="*",
        resource_account=A,
        given={},
        derive=True,
        closed=False,
    ).known
