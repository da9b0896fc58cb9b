"""Several accounts in one snapshot."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from msgspec import structs

from trailseal.errors import UsageProblem
from trailseal.model.bucket import Bucket, UnreadBucket
from trailseal.model.copies import AccessPoint, Copies, LogGroup
from trailseal.model.key import KeyPolicies, KeyState, KmsKey, UnreadKey
from trailseal.model.organization import NoOrganization, Organization
from trailseal.model.passed_over import NamedAfter, PassedOver
from trailseal.model.principal import Inventory
from trailseal.model.snapshot import Delivery, Snapshot
from trailseal.model.unreadable import Unreadable
from trailseal.run.who_accounts import join_accounts, need_principals

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


def test_an_account_that_cannot_count_is_refused() -> None:
    with pytest.raises(UsageProblem, match="aws-cn"):
        join_accounts(seen(OURS), [seen(THEIRS, partition="aws-cn")])
    with pytest.raises(UsageProblem, match="no principals"):
        need_principals([seen(THEIRS), seen(THEIRS, inventories=())])


REFUSED_THERE = Unreadable(call="s3:ListBucket", code="AccessDenied", where="logs")


def lying(region: str = "ap-northeast-1", bucket: str = "logs", **found: Unreadable) -> Delivery:
    return Delivery(bucket=bucket, account=OURS, region=region, **found)


@pytest.mark.parametrize(
    ("own", "other", "joined"),
    [
        ((lying(log_file=REFUSED_THERE),), (lying(), lying("eu-west-1")), (lying(), lying("eu-west-1"))),
        ((lying(digest_file=REFUSED_THERE),), (lying(),), (lying(),)),
        ((lying("", log_file=REFUSED_THERE),), (), (lying("", log_file=REFUSED_THERE),)),
        ((lying(),), (lying("eu-west-1"),), (lying(),)),
        ((lying(),), (lying(bucket="others"),), (lying(),)),
        (
            (lying(bucket="a"), lying(log_file=REFUSED_THERE)),
            (lying(), lying(bucket="a", region="eu-west-1")),
            (lying(bucket="a"), lying()),
        ),
    ],
    ids=["a whole bucket", "one kind", "neither may", "the first may", "another's bucket", "one of two"],
)
def test_what_lies_in_a_bucket_is_told_by_the_account_that_may_look_into_it(
    own: tuple[Delivery, ...], other: tuple[Delivery, ...], joined: tuple[Delivery, ...]
) -> None:
    stray = PassedOver(bucket="logs", folder="AWSLogs/x/", named_after=NamedAfter.ACCOUNT)
    found = join_accounts(seen(OURS, deliveries=own), [seen(THEIRS, deliveries=other, passed_over=(stray,))])

    assert found.deliveries == joined
    assert found.passed_over == ((stray,) if any(d.bucket == "logs" and d not in own for d in joined) else ())


def test_a_log_group_a_replica_and_its_key_are_told_by_the_account_that_owns_them() -> None:
    group, key = f"arn:aws:logs:eu-west-1:{THEIRS}:log-group:trail:*", KmsKey(arn=KEY, state=KeyState.ENABLED)
    not_asked = Unreadable(call="logs:DescribeLogGroups", code="NotAsked", where=group)
    own_point = AccessPoint(arn="arn:aws:s3:eu-west-1:1:accesspoint/own", bucket="logs")
    their_point = AccessPoint(arn="arn:aws:s3:eu-west-1:3:accesspoint/theirs", bucket="logs")
    replica = Bucket(name="replica", region="x", account=THEIRS, policy="{}")
    third = UnreadBucket(name="third", reason=REFUSED)
    first = seen(
        OURS,
        copies=Copies(
            log_groups=(not_asked, LogGroup(arn="own")),
            access_points=(own_point,),
            replicas=(UnreadBucket(name="replica", reason=REFUSED),),
            keys=(UnreadKey(arn=KEY, reason=REFUSED),),
        ),
    )
    theirs = Copies(
        log_groups=(LogGroup(arn=group, kms_key_id=KEY),),
        event_data_stores=(REFUSED,),
        access_points=(own_point, their_point),
        replicas=(replica, third),
        keys=(key, UnreadKey(arn=KEY + "2", reason=REFUSED)),
    )

    assert join_accounts(first, [seen(THEIRS, copies=theirs)]).copies == Copies(
        log_groups=(LogGroup(arn=group, kms_key_id=KEY), LogGroup(arn="own")),
        access_points=(own_point, their_point),
        replicas=(replica, third),
        keys=(key, UnreadKey(arn=KEY + "2", reason=REFUSED)),
    )


def test_copies_that_one_account_was_not_asked_for_are_left_as_they_are() -> None:
    looked = Copies(regions=("eu-west-1",))

    assert join_accounts(seen(OURS), [seen(THEIRS, copies=looked)]).copies is None
    assert join_accounts(seen(OURS, copies=looked), [seen(THEIRS)]).copies == looked
