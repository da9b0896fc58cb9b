"""
The table of the story, cell by cell: kms:Decrypt with the trail's encryption context.

Source of the rules: https://docs.aws.amazon.com/kms/latest/developerguide/policy-evaluation.html
"""

from __future__ import annotations

import pytest

from key_policies import TRAIL
from story_account import (
    ADMIN,
    ALICE,
    CONSOLE,
    CROSS_NARROWED,
    KEY,
    OTHER,
    PUBLISHED,
    ROLE1,
    ROOT_NARROWED,
    SESSION1,
    USER1,
    account,
)
from trailseal.access.readers.from_snapshot import estate_of, target_of
from trailseal.access.readers.log_object import Sealing
from trailseal.access.readers.population import population
from trailseal.access.readers.questions import decrypt
from trailseal.access.readers.reading import Access, read_all
from trailseal.access.readers.subject import Subject
from trailseal.access.readers.subject_kind import SubjectKind

POLICIES = {
    "console policy": CONSOLE,
    "published restriction": PUBLISHED,
    "cross-account statement narrowed too": CROSS_NARROWED,
    "root delegation narrowed too": ROOT_NARROWED,
}
TABLE = {
    ALICE: (True, True, False, False),
    USER1: (True, True, True, True),
    ADMIN: (True, True, True, False),
    SESSION1: (True, True, True, True),
    ROLE1: (True, True, False, False),
    OTHER: (False, False, False, False),
}
CELLS = [
    pytest.param(text, who, row[n], id=f"{who.partition('::')[2]} under the {name}")
    for n, (name, text) in enumerate(POLICIES.items())
    for who, row in TABLE.items()
]


def situation(text):
    snapshot = account(text)
    trail = snapshot.trails[0]
    return target_of(snapshot, trail, kms_key=KEY), estate_of(snapshot, trail, kms_key=KEY)


def subject(who, target, estate):
    if who == OTHER:
        outsider = Subject(arn=OTHER, asks_as=OTHER, kind=SubjectKind.ROLE, account=OTHER.split(":")[4])
        return outsider.worst_case()
    return next(s for s in population(estate, target) if s.arn == who)


@pytest.mark.parametrize(("text", "who", "allowed"), CELLS)
def test_each_cell_of_the_table(text, who, allowed):
    target, estate = situation(text)

    assert decrypt(estate, target, subject(who, target, estate)).is_allowed is allowed


@pytest.mark.parametrize("text", POLICIES.values(), ids=POLICIES)
def test_alice_opens_nothing_of_another_trails_account_and_nothing_without_context(text):
    target, estate = situation(text)
    alice = subject(ALICE, target, estate)
    elsewhere = type(target)(
        **{
            **{f: getattr(target, f) for f in target.__struct_fields__},
            "trail": TRAIL.replace("123456789012", "210987654321"),
        }
    )

    assert not decrypt(estate, elsewhere, alice).is_allowed
    assert not decrypt(estate, target.sealed(Sealing.COPIED), alice).is_allowed


def test_the_two_statements_that_let_the_account_in_are_the_reasons():
    target, estate = situation(CONSOLE)
    reasons = decrypt(estate, target, subject(ALICE, target, estate)).reasons

    assert [r.statement for r in reasons] == [
        "Allow principals in the account to decrypt log files",
        "Enable cross account log decryption",
    ]


def test_reading_joins_fetching_and_decrypting():
    target, estate = situation(CROSS_NARROWED)
    found = {r.principal: r.access for r in read_all(estate, target, population(estate, target))}

    assert found[ALICE] is Access.FETCH_ONLY
    assert found[USER1] is Access.READ
    assert found[SESSION1] is Access.READ
    assert found[ROLE1] is Access.FETCH_ONLY
