"""Several accounts in one snapshot."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from msgspec import structs

from trailseal.errors import UsageProblem
from trailseal.model.bucket import Bucket, UnreadBucket
from trailseal.model.key import KeyPolicies, KeyState, KmsKey, UnreadKey
from trailseal.model.organization import NoOrganization, Organization
from trailseal.model.principal import Inventory
from trailseal.model.snapshot import Snapshot
from trailseal.model.unreadable import Unreadable
from trailseal.run.who_accounts import join_accounts

OURS, THEIRS = "123456789012", "333333333333"
KEY = f"arn:aws:kms:ap-northeast-1:{THEIRS}:key/1"
REFUSED = Unreadable(call="s3:GetBucketPolicy", code="AccessDenied")


def seen(account: str, **more: object) -> Snapshot:
    empty = Snapshot(
        taken_at=datetime(2026, 11, 1, tzinfo=UTC),
        account=account,
        caller_arn=f"arn:aws:iam::{account}:user/operator",
        partition="aws",
        region="ap-northeast-1",
        inventories=(Inventory(account=account, principals=()),),
    )
    return structs.replace(empty, **more)


def accounts(snapshot: Snapshot) -> list[str]:
    return [i.account if isinstance(i, Inventory) else i.where for i in snapshot.inventories]


def test_what_could_not_be_read_comes_from_the_account_that_could() -> None:
    policies = KeyPolicies(default="{}")
    key = KmsKey(arn=KEY, state=KeyState.ENABLED, policies=policies, description="theirs")
    first = seen(
        OURS,
        keys=(structs.replace(key, policies=REFUSED, description="ours"),),
        buckets=(Bucket(name="logs", region="eu-west-1", policy=REFUSED),),
    )
    other = seen(THEIRS, keys=(key,), buckets=(Bucket(name="logs", region="x", account=THEIRS, policy="{}"),))

    joined = join_accounts(first, [other])

    assert joined.keys == (structs.replace(key, description="ours"),)
    assert joined.buckets == (Bucket(name="logs", region="eu-west-1", account=THEIRS, policy="{}"),)
    assert accounts(joined) == [OURS, THEIRS]


def test_what_could_not_be_described_at_all_comes_whole() -> None:
    key, bucket = KmsKey(arn=KEY, state=KeyState.ENABLED), Bucket(name="logs", region="x", account=THEIRS)
    first = seen(
        OURS,
        keys=(UnreadKey(arn=KEY, reason=REFUSED),),
        buckets=(UnreadBucket(name="logs", reason=REFUSED), UnreadBucket(name="else", reason=REFUSED)),
    )
    joined = join_accounts(first, [seen(THEIRS, keys=(key,), buckets=(bucket,)), seen("444444444444")])

    assert joined.keys == (key,)
    assert joined.buckets == (bucket, UnreadBucket(name="else", reason=REFUSED))
    assert accounts(joined) == [OURS, THEIRS, "444444444444"]


def test_principals_that_were_read_are_not_taken_twice_nor_replaced_by_a_refusal() -> None:
    refused = Unreadable(call="iam:GetAccountAuthorizationDetails", code="AccessDenied", where=OURS)
    read = seen(OURS)

    assert join_accounts(read, [seen(OURS, inventories=(refused,))]) == read
    assert join_accounts(seen(OURS, inventories=(refused,)), [read]).inventories == read.inventories


@pytest.mark.parametrize(
    ("own", "other", "members"),
    [("o-1", "o-1", {OURS, THEIRS}), ("o-1", "o-2", set()), ("o-1", "", set()), ("", "o-1", None)],
)
def test_only_members_of_the_same_organization_join_it(
    own: str, other: str, members: set[str] | None
) -> None:
    def organization(name: str) -> Organization | NoOrganization:
        return Organization(organization_id=name, management_account=OURS) if name else NoOrganization()

    joined = join_accounts(
        seen(OURS, organization=organization(own)), [seen(THEIRS, organization=organization(other))]
    )
    found = joined.organization

    assert (set(found.accounts) if isinstance(found, Organization) else None) == members


@pytest.mark.parametrize(
    ("other", "words"),
    [
        (seen(THEIRS, partition="aws-cn"), "aws-cn"),
        (seen(THEIRS, inventories=()), "no principals"),
    ],
)
def test_an_account_that_cannot_count_is_refused(other: Snapshot, words: str) -> None:
    with pytest.raises(UsageProblem, match=words):
        join_accounts(seen(OURS), [other])
