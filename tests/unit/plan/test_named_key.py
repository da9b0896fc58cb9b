"""Which key a name means, over every form of a name and every account and Region that it may be of."""

from __future__ import annotations

from itertools import product

import pytest

from plan_estate import ACCOUNT, HOME, TRAIL, codes, key, plan_of, snapshot
from rows import each_row
from trailseal.errors import UsageProblem
from trailseal.model.key import KeyPolicies, UnreadKey, unread_key
from trailseal.model.snapshot import Snapshot
from trailseal.model.unreadable import Unreadable
from trailseal.plan.key_policy import KeyUse, least_policy
from trailseal.plan.named_key import find_key

GOOD = least_policy(KeyUse(account=ACCOUNT, partition="aws", trail_arns=(TRAIL,)))
OTHER, AWAY, ALIAS = "444455556666", "eu-west-3", "alias/logs"
ID = "mrk-0123456789abcdef0123456789abcdef"
PLACES = tuple(product((ACCOUNT, OTHER), (HOME, AWAY)))


def arn(account: str, region: str, resource: str) -> str:
    return f"arn:aws:kms:{region}:{account}:{resource}"


def held(account: str, region: str, **more: object) -> object:
    """A multi-Region key: its ID, and here its alias, are the same in every Region and account."""
    return key(**{"arn": arn(account, region, f"key/{ID}"), "aliases": (ALIAS,), **more})


def seen(*places: tuple[str, str]) -> Snapshot:
    return snapshot(keys=tuple(held(*place) for place in places))


@each_row(
    ("account", "region", "resource"), [(*place, name) for place in PLACES for name in (f"key/{ID}", ALIAS)]
)
def test_an_arn_means_the_key_of_its_account_and_region_and_no_other(
    account: str, region: str, resource: str
) -> None:
    name = arn(account, region, resource)
    mine = (account, region)
    others = tuple(place for place in PLACES if place != mine)

    assert find_key(name, HOME, seen(*others, mine)).arn == arn(account, region, f"key/{ID}")
    if resource == ALIAS:
        with pytest.raises(UsageProblem, match=f"there is no key `{name}` in {region}"):
            find_key(name, HOME, seen(*others))
    else:
        assert find_key(name, HOME, seen(*others)) == unread_key(name)


@each_row(("name", "region"), [(name, region) for name in (ID, ALIAS) for region in (HOME, AWAY)])
def test_a_name_without_an_arn_is_of_the_account_and_region_that_are_asked(name: str, region: str) -> None:
    mine = (ACCOUNT, region)
    others = tuple(place for place in PLACES if place != mine)

    assert find_key(name, region, seen(*others, mine)).arn == arn(*mine, f"key/{ID}")
    with pytest.raises(UsageProblem, match=f"there is no key `{name}` in {region}"):
        find_key(name, region, seen(*others))


def test_an_alias_that_could_not_be_asked_about_is_not_known_in_whatever_account_it_is() -> None:
    for account in (ACCOUNT, OTHER):
        name = arn(account, HOME, ALIAS)
        denied = UnreadKey(
            arn=name, reason=Unreadable(call="kms:DescribeKey", code="AccessDeniedException", where=name)
        )

        plan = plan_of(snapshot(keys=(denied,)), key=name, accept=("key-in-other-account",))

        assert not plan.steps
        assert "key-unreadable" in codes(plan)


def test_a_plan_by_the_alias_of_another_region_does_not_take_the_one_at_hand() -> None:
    keys = (held(ACCOUNT, HOME, policies=KeyPolicies(default=GOOD)), held(ACCOUNT, AWAY), held(OTHER, HOME))

    at_hand = plan_of(snapshot(keys=keys), key=ALIAS)
    away = plan_of(snapshot(keys=keys), key=arn(ACCOUNT, AWAY, ALIAS))
    theirs = plan_of(snapshot(keys=keys), key=arn(OTHER, HOME, ALIAS))

    assert [step.after for step in at_hand.steps] == [arn(ACCOUNT, HOME, f"key/{ID}")]  # type: ignore[union-attr]
    assert (away.steps, theirs.steps) == ((), ())
    assert "key-in-other-region" in codes(away)
    assert "key-in-other-account" in codes(theirs)
