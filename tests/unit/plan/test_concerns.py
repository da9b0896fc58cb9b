"""What stands against a switch, and what to know first."""

from __future__ import annotations

import json

import pytest

from plan_estate import (
    ACCOUNT,
    BUCKET,
    DENIED,
    HOME,
    KEY,
    OTHER,
    TRAIL,
    bucket,
    codes,
    key,
    plan_of,
    snapshot,
    trail,
)
from trailseal.errors import Incomplete, UsageProblem
from trailseal.model.bucket import Bucket, Replication, ReplicationRule, UnreadBucket
from trailseal.model.key import UnreadKey
from trailseal.model.organization import NoOrganization, Organization
from trailseal.model.trail import ManagedBy, Trail, TrailStatus, UnreadTrail
from trailseal.model.unreadable import Unreadable
from trailseal.plan.concern_facts import Weight

FOREIGN = trail(arn=TRAIL.replace(ACCOUNT, OTHER), is_organization_trail=True)


def organization(**changed: tuple[str, ...]) -> Organization:
    return Organization(organization_id="o-1234567890", management_account=OTHER, **changed)


def stop(region: str = HOME, **changed: object) -> Trail:
    return trail(statuses=(TrailStatus(**{"region": region, "is_logging": False, **changed}),))


@pytest.mark.parametrize(
    ("one", "code"),
    [
        (trail(managed_by=ManagedBy(kind="CloudFormation", name="logs")), "managed-by-cloudformation"),
        (trail(managed_by=ManagedBy(kind="ControlTower")), "managed-by-control-tower"),
        (FOREIGN, "organization-trail-owner"),
    ],
    ids=["CloudFormation", "Control Tower", "another account's"],
)
def test_a_trail_that_others_own_is_refused_unless_taken_on(one: Trail, code: str) -> None:
    seen = snapshot(trails=(one,), organization=organization())

    refused = plan_of(seen)
    taken_on = plan_of(seen, accept=(code,))

    assert (refused.can_apply, refused.exit_code, code in codes(refused)) == (False, 3, True)
    assert taken_on.can_apply
    assert not taken_on.refusals


def test_a_foreign_trail_outside_any_organization_is_refused() -> None:
    plan = plan_of(snapshot(trails=(FOREIGN,), organization=NoOrganization()))

    assert "organization-trail-owner" in codes(plan)


def test_what_is_the_same_for_two_trails_is_told_once() -> None:
    second = trail(arn=TRAIL + "-2")

    plan = plan_of(snapshot(trails=(trail(), second), buckets=(bucket(replication=rule()),)))

    assert [c.code for c in plan.concerns].count("replication-skips-sse-kms") == 1


def test_the_others_are_still_planned_for() -> None:
    managed = trail(arn=TRAIL + "-2", managed_by=ManagedBy(kind="ControlTower"))

    plan = plan_of(snapshot(trails=(trail(), managed)))

    assert [step.trail_arn for step in plan.switches] == [TRAIL]
    assert plan.exit_code == 3


def test_a_delegated_administrator_may_change_the_organizations_trail() -> None:
    allowed = organization(cloudtrail_administrators=(ACCOUNT,))

    assert plan_of(snapshot(trails=(FOREIGN,), organization=allowed)).can_apply


@pytest.mark.parametrize("untold", [DENIED, organization(cloudtrail_administrators=DENIED)])
def test_who_may_not_ask_for_the_administrators_is_not_told_that_it_is_none(
    untold: Organization | Unreadable,
) -> None:
    plan = plan_of(snapshot(trails=(FOREIGN,), organization=untold))

    assert (codes(plan), plan.steps, plan.exit_code) == ({"facts", "organization-members"}, (), 4)


def test_an_organizations_trail_is_told_to_be_verified_everywhere() -> None:
    own = trail(is_organization_trail=True)

    assert "organization-members" in codes(plan_of(snapshot(trails=(own,), organization=NoOrganization())))


@pytest.mark.parametrize(
    ("one", "code", "weight"),
    [
        (trail(managed_by=DENIED), "managed-by", Weight.UNKNOWN),
        (stop(), "not-logging", Weight.WARNING),
        (stop(is_logging=True, latest_delivery_error="AccessDenied"), "delivery-failing", Weight.WARNING),
        (trail(statuses=(DENIED,)), "trail-status", Weight.UNKNOWN),
    ],
    ids=lambda given: given if isinstance(given, str) else "",
)
def test_a_trail_is_planned_for_and_the_concern_is_told(one: Trail, code: str, weight: Weight) -> None:
    plan = plan_of(snapshot(trails=(one,)))

    found = next(concern for concern in plan.concerns if concern.code == code)
    assert found.weight is weight
    assert plan.can_apply
    assert plan.exit_code == (4 if weight is Weight.UNKNOWN else 3)


def test_a_trail_that_cannot_be_described_makes_the_plan_incomplete() -> None:
    hidden = UnreadTrail(arn=TRAIL, name="x", home_region=HOME, reason=DENIED)

    plan = plan_of(snapshot(trails=(hidden,)))

    assert codes(plan) == {"trail-unreadable"}
    assert plan.exit_code == 4


@pytest.mark.parametrize(
    "buckets",
    [(), (bucket(region=DENIED),), (UnreadBucket(name=BUCKET, reason=DENIED),)],
    ids=["not read", "Region hidden", "bucket hidden"],
)
def test_without_the_buckets_region_nothing_is_planned(buckets: tuple[Bucket, ...]) -> None:
    plan = plan_of(snapshot(buckets=buckets))

    assert not plan.can_apply
    assert plan.exit_code == 4


@pytest.mark.parametrize("code", ["404", "NoSuchBucket"])
def test_a_bucket_that_does_not_exist_is_said_to_be_missing(code: str) -> None:
    missing = UnreadBucket(name=BUCKET, reason=Unreadable(call="s3:ListBucket", code=code))
    plan = plan_of(snapshot(buckets=(missing,)))

    assert codes(plan) == {"bucket-missing"}
    assert not plan.can_apply
    assert plan.exit_code == 3


def rule(**changed: object) -> Replication:
    return Replication(role="r", rules=(ReplicationRule(**{"rule_id": "all", "enabled": True, **changed}),))


def denying(**condition: object) -> str:
    deny = {"Sid": "Only", "Effect": "Deny", "Principal": "*", "Action": "s3:PutObject", "Resource": "*"}
    both = ["s3:PutObject", "s3:GetBucketAcl"]
    allow = {"Effect": "Allow", "Principal": "*", "Action": both, "Resource": "*"}
    return json.dumps({"Version": "2012-10-17", "Statement": [{**deny, "Condition": condition}, allow]})


ALGORITHM = "s3:x-amz-server-side-encryption"
KEY_ID = "s3:x-amz-server-side-encryption-aws-kms-key-id"


@pytest.mark.parametrize(
    ("one", "code"),
    [
        (bucket(account=OTHER), "bucket-in-other-account"),
        (bucket(account=OTHER), "key-not-of-bucket-owner"),
        (bucket(policy=DENIED), "bucket-policy"),
        (bucket(policy=denying(StringNotEquals={ALGORITHM: "AES256"})), "bucket-policy-denies"),
        (bucket(policy=denying(StringEqualz={ALGORITHM: "AES256"})), "bucket-policy-undecided"),
        (bucket(policy=denying(StringNotEquals={"aws:SourceVpce": "vpce-1"})), "bucket-policy-by-network"),
        (bucket(policy=denying(Null={KEY_ID: "true"})), "deliveries-need-the-key"),
        (bucket(policy=""), "bucket-policy-lacks"),
        (bucket(replication=rule()), "replication-skips-sse-kms"),
        (bucket(replication=DENIED), "bucket-replication"),
        (bucket(encryption=DENIED), "bucket-encryption"),
    ],
    ids=lambda given: given if isinstance(given, str) else "",
)
def test_the_bucket_is_looked_at(one: Bucket, code: str) -> None:
    assert code in codes(plan_of(snapshot(buckets=(one,))))


@pytest.mark.parametrize(
    "one",
    [
        bucket(account=""),
        bucket(policy=denying(StringNotEquals={ALGORITHM: "aws:kms"})),
        bucket(replication=rule(replicates_sse_kms=True)),
        bucket(replication=rule(enabled=False)),
    ],
    ids=["owner unknown", "policy asks for aws:kms", "replicates SSE-KMS", "rule off"],
)
def test_a_bucket_that_takes_sse_kms_raises_nothing(one: Bucket) -> None:
    assert codes(plan_of(snapshot(buckets=(one,)))) == {"readers-not-examined"}


def test_a_policy_that_denies_deliveries_keeps_the_trail_out() -> None:
    seen = snapshot(buckets=(bucket(policy=denying(StringNotEquals={ALGORITHM: "AES256"})),))

    assert not plan_of(seen).can_apply


def test_trails_that_nobody_would_list_are_not_known_and_never_nothing_to_do() -> None:
    refused = Unreadable(call="cloudtrail:ListTrails", code="AccessDeniedException", where=HOME)
    hidden = snapshot(trails=(), buckets=(), deliveries=(), unreadable=(refused,))

    plan = plan_of(hidden)

    assert (plan.exit_code, plan.is_complete, plan.can_apply) == (4, False, False)
    assert plan.concerns[0].facts.call == "cloudtrail:ListTrails"


def test_a_trail_is_said_to_be_missing_only_where_the_trails_could_be_listed() -> None:
    refused = Unreadable(call="cloudtrail:ListTrails", code="AccessDeniedException", where=HOME)
    failed = Unreadable(call="cloudtrail:ListTrails", code="InternalFailure", where=HOME)

    with pytest.raises(UsageProblem):
        plan_of(snapshot(), trails=("nope",))
    with pytest.raises(Incomplete, match="cloudtrail:ListTrails"):
        plan_of(snapshot(trails=(), unreadable=(refused,)), trails=("nope",))
    with pytest.raises(Incomplete, match="not read: cloudtrail:ListTrails InternalFailure"):
        plan_of(snapshot(trails=(), unreadable=(failed,)), trails=("nope",))


def test_a_key_that_is_not_there_cannot_be_taken_on() -> None:
    gone = Unreadable(call="kms:DescribeKey", code="NotFoundException", where=KEY)
    seen = snapshot(keys=(UnreadKey(arn=KEY, reason=gone),))

    plan = plan_of(seen, key=KEY, accept=("key-missing",))

    assert (plan.can_apply, plan.exit_code, codes(plan)) == (False, 3, {"key-missing"})
    assert not plan.refusals[0].can_be_taken_on


THEIRS = KEY.replace(ACCOUNT, OTHER)


@pytest.mark.parametrize(
    ("arn", "owner", "told"),
    [
        ("", ACCOUNT, []),
        ("", OTHER, [(OTHER, ACCOUNT)]),
        (KEY, ACCOUNT, []),
        (KEY, OTHER, [(OTHER, ACCOUNT)]),
        (THEIRS, ACCOUNT, [(ACCOUNT, OTHER)]),
        (THEIRS, OTHER, []),
        ("", "", []),
        (THEIRS, "", []),
    ],
    ids=str,
)
def test_where_the_key_lies_beside_the_bucket_is_told_with_what_follows(
    arn: str, owner: str, told: list[tuple[str, str]]
) -> None:
    """UpdateObjectEncryption takes only keys of the bucket owner's account."""
    seen = snapshot(buckets=(bucket(account=owner),), keys=(key(arn=arn),) if arn else ())
    plan = plan_of(seen, **({"key": arn} if arn else {}))
    found = [c for c in plan.concerns if c.code == "key-not-of-bucket-owner"]

    assert [(c.facts.owner, c.facts.account) for c in found] == told
    assert all(c.weight is Weight.NOTE for c in found)
