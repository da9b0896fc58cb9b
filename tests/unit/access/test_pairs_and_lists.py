"""Pairs that a request carries, and the key that lists their names: neither is absent beside the other."""

from __future__ import annotations

import pytest
from msgspec import convert

from trailseal.access.caller import read_caller
from trailseal.access.derived_facts import facts_of
from trailseal.access.evaluate import authorize
from trailseal.access.facts import OTHERS, THERE, Facts, Lack, OneOf, Value
from trailseal.access.given_grant import GivenGrant, as_listed
from trailseal.access.request import Policies, Request
from trailseal.model.key import Grant

ACCOUNT = "123456789012"
ALICE = f"arn:aws:iam::{ACCOUNT}:user/alice"
KEY = f"arn:aws:kms:ap-northeast-1:{ACCOUNT}:key/11111111-2222-3333-4444-555555555555"
FAMILIES = [
    ("kms:Decrypt", "kms:EncryptionContext:", "kms:EncryptionContextKeys"),
    ("kms:TagResource", "aws:RequestTag/", "aws:TagKeys"),
    ("sts:AssumeRole", "aws:RequestTag/", "aws:TagKeys"),
    ("s3:PutObject", "s3:RequestObjectTag/", "s3:RequestObjectTagKeys"),
]
families = pytest.mark.parametrize(("action", "head", "names"), FAMILIES)
MODES = [(derive, closed) for derive in (True, False) for closed in (True, False)]
modes = pytest.mark.parametrize(("derive", "closed"), MODES)


def known(action: str, given: dict[str, Value], *, derive: bool = True, closed: bool = False) -> Facts:
    return facts_of(
        read_caller(ALICE),
        action=action,
        resource=KEY,
        resource_account=ACCOUNT,
        given=given,
        derive=derive,
        closed=closed,
    )


@families
@modes
@pytest.mark.parametrize("value", [("1",), THERE])
def test_a_list_is_there_beside_a_pair(action, head, names, derive, closed, value):
    found = known(action, {f"{head}Team": value, f"{head}x": ()}, derive=derive, closed=closed)

    assert found.get(names.lower()) == (("Team",) if derive else Lack.UNKNOWN)


@families
@modes
def test_a_pair_that_may_be_there_leaves_the_list_open(action, head, names, derive, closed):
    one = known(action, {f"{head}a": Lack.UNKNOWN}, derive=derive, closed=closed)
    two = known(action, {f"{head}a": Lack.UNKNOWN, f"{head}b": ("1",)}, derive=derive, closed=closed)

    assert one.get(names.lower()) is Lack.UNKNOWN
    assert two.get(names.lower()) == (OneOf(("*",), among=("b",)) if derive else Lack.UNKNOWN)


@families
@modes
def test_a_list_tells_which_pairs_there_are(action, head, names, derive, closed):
    found = known(action, {names: ("Team", "b")}, derive=derive, closed=closed)

    for name in ("team", "b"):
        assert found.get(head.lower() + name) == (THERE if derive else Lack.UNKNOWN)
    assert found.get(f"{head.lower()}c") is Lack.ABSENT


@families
@modes
@pytest.mark.parametrize("listed", [Lack.UNKNOWN, THERE, OneOf(("*",), among=("a",))])
def test_a_list_that_is_not_known_whole_leaves_other_pairs_open(action, head, names, derive, closed, listed):
    found = known(action, {names: listed, f"{head}b": ("1",)}, derive=derive, closed=closed)

    assert found.get(f"{head.lower()}c") is Lack.UNKNOWN
    assert found.get(f"{head.lower()}b") == ("1",)


@families
@modes
@pytest.mark.parametrize("nothing", [(), Lack.ABSENT])
def test_without_either_both_are_absent(action, head, names, derive, closed, nothing):
    for given in ({}, {f"{head}a": nothing}, {names: nothing}):
        found = known(action, given, derive=derive, closed=closed)

        assert found.get(names.lower()) in {(), Lack.ABSENT}
        assert found.get(f"{head.lower()}a") in {(), Lack.ABSENT}


@modes
@pytest.mark.parametrize("action", ["kms:UntagResource", "iam:UntagRole", "ec2:DeleteTags"])
def test_names_of_tags_to_remove_promise_no_pair(action, derive, closed):
    found = known(action, {"aws:TagKeys": ("a",)}, derive=derive, closed=closed)

    assert found.get("aws:requesttag/a") is Lack.UNKNOWN
    assert found.get("aws:requesttag/b") is Lack.ABSENT


@modes
def test_a_request_that_carries_no_pairs_has_no_names_of_any(derive, closed):
    found = known("kms:DescribeKey", {"kms:EncryptionContext:a": ("1",)}, derive=derive, closed=closed)

    assert found.get("kms:encryptioncontextkeys") is Lack.ABSENT


PAIR = "kms:EncryptionContext:"
ALL, SOME, NONE = "allowed", "unknown", "implicitly_denied"


@pytest.mark.parametrize(
    ("context", "subset", "equals"),
    [
        ({f"{PAIR}a": ("1",)}, ALL, ALL),
        ({f"{PAIR}a": ("1",), f"{PAIR}b": Lack.UNKNOWN}, ALL, SOME),
        ({f"{PAIR}a": ("1",), f"{PAIR}b": Lack.ABSENT}, ALL, ALL),
        ({f"{PAIR}a": ("1",), f"{PAIR}b": THERE}, ALL, NONE),
        ({f"{PAIR}Keys": ("a",)}, NONE, NONE),
        ({"kms:EncryptionContextKeys": ("a",)}, SOME, SOME),
        ({"kms:EncryptionContextKeys": ("a", "b")}, SOME, NONE),
        ({"kms:EncryptionContextKeys": ("b",)}, NONE, NONE),
        ({"kms:EncryptionContextKeys": THERE}, SOME, SOME),
        ({"kms:EncryptionContextKeys": THERE, f"{PAIR}a": ("1",)}, ALL, SOME),
        ({"kms:EncryptionContextKeys": THERE, f"{PAIR}b": ("1",)}, SOME, NONE),
    ],
)
def test_a_grant_is_held_against_the_pairs_that_there_are(context, subset, equals):
    for constraint, effect in (("EncryptionContextSubset", subset), ("EncryptionContextEquals", equals)):
        grant = {
            "GrantId": "g1",
            "GranteePrincipal": ALICE,
            "Operations": ["Decrypt"],
            "Constraints": {constraint: {"A": "1"}},
        }
        request = Request(principal=ALICE, action="kms:Decrypt", resource=KEY, context=context)

        assert authorize(request, Policies(grants=(grant,))).effect == effect


@pytest.mark.parametrize("stated", [{}, None])
@pytest.mark.parametrize("pairs", [{}, {f"{PAIR}a": ("1",)}])
def test_an_empty_constraint_is_none_but_where_every_pair_has_to_be_named(stated, pairs):
    for constraint in ("EncryptionContextSubset", "EncryptionContextEquals"):
        open_one = bool(pairs) and stated == {} and constraint == "EncryptionContextEquals"
        grant = Grant(
            grant_id="g1",
            grantee_principal=ALICE,
            operations=("Decrypt",),
            encryption_context_equals=stated if constraint == "EncryptionContextEquals" else None,
        )
        given = {"Operations": ["Decrypt"], "GranteePrincipal": ALICE, "Constraints": {constraint: stated}}
        line = convert(given, GivenGrant).entry()
        request = Request(
            principal=ALICE, action="kms:Decrypt", resource=KEY, context={**pairs, f"{PAIR}{OTHERS}": ()}
        )

        for entry in (as_listed(grant), line):
            effect = authorize(request, Policies(grants=(entry,))).effect
            assert effect == (SOME if open_one else ALL)


def test_a_grant_that_was_read_is_one_of_a_line():
    grant = Grant(
        grant_id="g",
        grantee_principal="",
        grantee_service_principal="rds.amazonaws.com",
        retiring_principal=ALICE,
        operations=("Decrypt",),
        name="n",
        encryption_context_equals={},
        encryption_context_subset={"a": "b"},
        source_arn="arn:aws:rds:*:123456789012:*",
    )
    entry = as_listed(grant)

    assert convert(entry, GivenGrant).entry() == entry
    assert entry == {
        "Operations": ["Decrypt"],
        "GranteeServicePrincipal": "rds.amazonaws.com",
        "RetiringPrincipal": ALICE,
        "Constraints": {
            "EncryptionContextEquals": {},
            "EncryptionContextSubset": {"a": "b"},
            "SourceArn": "arn:aws:rds:*:123456789012:*",
        },
        "GrantId": "g",
        "Name": "n",
    }
